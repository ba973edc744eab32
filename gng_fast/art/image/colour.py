"""Colour profiles: what the numbers of a file mean, turned to sRGB, which everything here takes them for."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import PIL.Image

# Modes of Pillow whose profiles are applied, and what comes of them. In one of grey there are no colours to get wrong.
_TARGETS = {"RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB"}


def in_srgb(image: "PIL.Image.Image") -> "PIL.Image.Image":
    """Return a PIL image in sRGB, changed in place where that can be; a profile that is damaged counts as none."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in _TARGETS:
        return image
    try:
        from PIL import ImageCms
    except ImportError:  # Pillow can be built without
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        target, in_place = _TARGETS[image.mode], image.mode in _TARGETS.values()
        changed = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=target, inPlace=in_place
        )
    except (ImageCms.PyCMSError, ImportError, OSError, TypeError, ValueError, SyntaxError):
        return image
    return image if changed is None else changed
