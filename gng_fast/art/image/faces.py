"""Where a picture shows faces: they are what a drawing is looked at for."""

import numpy as np

from gng_fast.art.image.picture import Box, Mask, Plane
from gng_fast.art.image.planes import shrink
from gng_fast.optional import need

# Faces are looked for on so many pixels, from this size on, each so many times as large as the one before.
_PIXELS = 20_000
_SMALLEST, _STEP = 24, 1.25
# So many finds nearly at the same place are a face: fewer are mostly none.
_FINDS = 3
# What makes a face lies in an ellipse in the square that is found: its radii in sides of the square.
_RADII = 0.42, 0.5


def faces(plane: Plane) -> list[Box]:
    """Return the boxes of faces that are seen from the front, at least about a sixth as large as the picture.

    The detector is scikit-image's, which comes with what it has learnt (S. Liao, X. Zhu, Z. Lei, L. Zhang, S. Li,
    Learning multi-scale block local binary patterns for face recognition, 2007).

    Parameters
    ----------
    plane : array of shape (h, w)
        A grey picture.

    Returns
    -------
    list of (left, top, width, height)
        In pixels.
    """
    small = np.rint(255 * shrink(plane, _PIXELS)).astype(np.uint8)
    height, width = small.shape[:2]
    if min(height, width) < _SMALLEST:
        return []
    cascade = need("skimage.feature", "finding faces").Cascade(
        need("skimage.data", "finding faces").lbp_frontal_face_cascade_filename()
    )
    found = cascade.detect_multi_scale(
        img=np.repeat(small[:, :, None], 3, axis=2),
        scale_factor=_STEP,
        step_ratio=1,
        min_size=(_SMALLEST, _SMALLEST),
        max_size=(min(height, width),) * 2,
        min_neighbor_number=_FINDS,
    )
    down, right = plane.shape[0] / height, plane.shape[1] / width
    return [
        (int(box["c"] * right), int(box["r"] * down), int(box["width"] * right), int(box["height"] * down))
        for box in found
    ]


def within(boxes: list[Box], shape: tuple[int, ...]) -> Mask:
    """Return the pixels of a picture of shape (h, w) that lie in the ellipses in boxes, as `faces` gives them."""
    inside = np.zeros(shape, bool)
    y, x = np.ogrid[: shape[0], : shape[1]]
    for left, top, width, height in boxes:
        right, down = x + 0.5 - (left + width / 2), y + 0.5 - (top + height / 2)
        inside |= (right / (_RADII[0] * width)) ** 2 + (down / (_RADII[1] * height)) ** 2 < 1
    return inside
