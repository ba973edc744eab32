"""The picture of a page, and what of it is ink: found in steps, of which only those are done anew that must be."""

import io
import math
import os
import threading
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image, recipes
from gng_fast.art.drawing import fit_page
from gng_fast.art.drawing.page import PageFit
from gng_fast.art.image.picture import Picture as Pixels
from gng_fast.art.image.picture import Plane
from gng_fast.art.image.planes import shrunk_shape
from gng_fast.art.recipes.base import darkness, importance_of
from gng_fast.art.recipes.cmyk import separated
from gng_fast.art.recipes.networks import BARE
from gng_fast.art.styles.colours import colours_at
from gng_fast.art.writing.ink import find_ink
from gng_fast.optional import need
from gng_fast.studio.settings import Settings
from gng_fast.studio.works import Work

#: While a slider moves the ink is found on so many pixels: that shows what it does, and is done at once.
QUICK_PIXELS = 300_000
#: When it rests on all pixels, unless there are more than these.
EXACT_PIXELS = 4_000_000
#: What is shown of the picture itself, and what thumbnails are made of.
SHOWN_PIXELS, THUMBNAIL_PIXELS = 1_500_000, 40_000
_THUMBNAIL_SIDE = 200
# Thumbnails have so much of the density of a drawing.
_THUMBNAIL_DETAIL = 0.12
_LOCAL = ("local", "sauvola", "niblack")
# Loading sets filters of warnings for a while, which are those of all threads.
_loading = threading.Lock()

T = TypeVar("T")


class Picture:
    """A picture that a page has opened.

    Parameters
    ----------
    name : str
        What a command line calls it.
    pixels : array
        As `gng_fast.image.load` returns it.
    """

    def __init__(self, name: str, pixels: Pixels) -> None:
        self.name = name
        self.pixels = pixels
        self._steps: dict[str, tuple[Hashable, Any]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def shown(self) -> bytes:
        """Return the picture for the page to show, as JPEG, or as PNG if something is transparent."""
        pil = need("PIL.Image", "the studio")
        colours = np.rint(image.over_white(self.pixels, SHOWN_PIXELS) * 255).astype(np.uint8)
        return _encoded(pil.fromarray(colours), "JPEG", quality=88)

    def ink(self, settings: Settings, mask: Pixels | None, exact: bool, work: Work) -> tuple[bytes, float]:
        """Return a picture of what is ink for these settings, and its share of the page.

        exact : as the drawing is made of it; otherwise at once, on fewer pixels
        """
        largest = EXACT_PIXELS if exact else QUICK_PIXELS
        most = min(math.prod(self.drawn_shape(settings)), largest)
        if settings.mode == "draw" and not {"threshold", "levels"} & recipes.defaults(settings.style).keys():
            return self._in_colours(settings, most), 1.0
        dark = self._wanted(settings, mask, most, work)
        pil = need("PIL.Image", "the studio")
        shades = np.rint((1 - dark) * 255).astype(np.uint8)
        return _encoded(pil.fromarray(shades), "PNG", compress_level=1), float(dark.mean())

    def is_exact(self, settings: Settings) -> bool:
        """Whether the ink that is shown at once is found on all pixels already."""
        return math.prod(self.drawn_shape(settings)) <= QUICK_PIXELS

    def drawn_shape(self, settings: Settings) -> tuple[int, int]:
        """Return (height, width) of the pixels that a drawing is made of."""
        crop = settings.get("crop")
        shape = self.shape if crop is None else (crop[3], crop[2])
        if settings.mode != "draw":
            return shape
        most = settings.get("max_pixels")
        if most is None and settings.get("threshold") == "auto" and settings.style == "mesh":
            most = image.AUTO_PIXELS
        return shape if most is None else shrunk_shape(shape, most)

    def fit(self, settings: Settings) -> PageFit:
        """Return where the picture lies on the page."""
        return fit_page(image.extent(self.drawn_shape(settings)), **settings.page)

    def tones(self, settings: Settings, mask: Pixels | None, work: Work) -> "Tones":
        """Return what a growing network is shown in the tones and colours of."""
        shape = self.drawn_shape(settings)
        most = min(math.prod(shape), QUICK_PIXELS)
        if "levels" in recipes.defaults(settings.style):
            return Tones(shape, self._wanted(settings, mask, most, work))
        key = (bool(settings.options.get("invert")), settings.get("crop"), most)
        return Tones(shape, self._step("tones", key, lambda: image.over_white(self._source(settings), most)))

    def thumbnail(self, style: str, settings: Settings, work: Work) -> bytes:
        """Return a small drawing of the picture in a style, as PNG."""
        options = {name: settings.options[name] for name in ("invert",) if name in settings.options}
        crop = settings.get("crop")
        small = self._step("thumbnail", (crop,), lambda: self._small(crop))
        artwork = recipes.make(small, style, detail=_THUMBNAIL_DETAIL, progress=work.asked, **options)
        return artwork.to_bytes(".png", pixels=_THUMBNAIL_SIDE)

    def _small(self, crop: Any) -> NDArray[np.uint8]:
        """The picture in few pixels, with its colours."""
        part = self.pixels if crop is None else image.crop(self.pixels, crop)
        return np.rint(image.over_white(part, THUMBNAIL_PIXELS) * 255).astype(np.uint8)

    # ---- the steps ----

    def _step(self, name: str, key: Hashable, make: Callable[[], T]) -> T:
        """What a step found last if it is for the same key; else it is done anew."""
        known = self._steps.get(name)
        if known is not None and known[0] == key:
            found: T = known[1]
            return found
        found = make()
        self._steps[name] = (key, found)
        return found

    def _source(self, settings: Settings) -> Pixels:
        """The picture or its negative, cropped."""
        invert, crop = bool(settings.options.get("invert")), settings.get("crop")

        def make() -> Pixels:
            part = self.pixels if crop is None else image.crop(self.pixels, crop)
            return image.negative(part) if invert else part

        return self._step("source", (invert, crop), make)

    def _in_colours(self, settings: Settings, most: int) -> bytes:
        """What styles in colours are made of."""

        def make() -> bytes:
            colours = image.over_white(self._source(settings), most)
            return _encoded(need("PIL.Image", "the studio").fromarray(np.rint(colours * 255).astype(np.uint8)), "JPEG")

        key = (bool(settings.options.get("invert")), settings.get("crop"), most)
        return self._step("colours", key, make)

    def _wanted(self, settings: Settings, mask: Pixels | None, most: int, work: Work) -> Plane:
        """How dark what is drawn is, from 0 to 1, where the mask lets it be drawn. most : pixels"""
        dark = self._darkness(settings, most, work)
        if mask is None or not settings.masked:
            return dark
        wanted: Plane = dark * importance_of(mask, dark.shape, settings.get("crop"))
        return wanted

    def _darkness(self, settings: Settings, most: int, work: Work) -> Plane:
        """How dark what is drawn is, from 0 to 1."""
        # of its pixels to those that the options are about
        scale = math.sqrt(most / math.prod(self.drawn_shape(settings)))
        if settings.mode != "draw":
            found = self._step("writing", settings.get("crop"), lambda: find_ink(self.pixels, settings.get("crop")))
            ink: Plane = found.mask.astype(float)
            return ink
        key: tuple[Hashable, ...] = (bool(settings.options.get("invert")), settings.get("crop"), most)
        plane = self._step("plane", key, lambda: image.shrink(self._source(settings), most))
        work.check()
        blur = settings.get("blur")
        blurred = self._step("blurred", (*key, blur), lambda: image.blur(plane, blur * scale))
        work.check()
        if "levels" in recipes.defaults(settings.style):
            return darkness(blurred, settings.get("levels"))
        return self._ink(blurred, settings, (*key, blur), scale)

    def _ink(self, plane: Plane, settings: Settings, key: tuple[Hashable, ...], scale: float) -> Plane:
        """The pixels that a threshold takes."""
        method, offset = settings.get("threshold"), settings.get("offset")
        if offset is None:
            offset = image.ARTICLE_OFFSET if method == "otsu" else 0.0
        size = max(3, _odd(round(settings.get("block_size") * scale)))
        if method == "auto" or method in _LOCAL:
            # the surroundings take the time: with another offset they are the same
            levels = self._step("levels", (*key, method, size), lambda: image.level_set(plane, method, 0.0, size))
            below: Plane = (levels < offset).astype(float)
            return below
        ink: Plane = image.threshold(plane, method, offset).astype(float)
        return ink


class Tones:
    """A picture, perhaps smaller, that is looked at in the pixels of a drawing.

    Parameters
    ----------
    shape : (height, width)
        Of the picture of which the drawing is made.
    plane : array of shape (h, w) or (h, w, 3)
        The darkness from 0 to 1, or colours.
    """

    def __init__(self, shape: tuple[int, int], plane: Plane) -> None:
        self.n_pixels = math.prod(shape)
        #: As `gng_fast.image.extent`.
        self.extent = image.extent(shape)
        self._plane = plane
        self._scale = np.array([plane.shape[1] / shape[1], plane.shape[0] / shape[0]])
        #: Of the whole picture; 0 for one in colours.
        self.mean_darkness = float(plane.mean()) if plane.ndim == 2 else 0.0

    @cached_property
    def inks(self) -> list[str]:
        """The names of the inks of the colours, in the order of printing; black alone for a picture in grey."""
        every = max(1, math.isqrt(self._plane[:, :, 0].size // THUMBNAIL_PIXELS))
        return [name for name, ink in separated(self._plane[::every, ::every]).items() if (ink > BARE).any()] or [
            "black"
        ]

    def at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the darkness or the colours at (n, 2) points in pixels, at (column, -row)."""
        return colours_at(self._plane, (points + (0.5, -0.5)) * self._scale - (0.5, -0.5))


def load(source: str | bytes, name: str) -> Picture:
    """Return a picture of a file, of a built-in picture, or of what was uploaded, under the limits of `image.load`.

    source : its path or name, or its bytes
    name : what it is called
    """
    with _loading:
        if isinstance(source, str):
            return Picture(name, image.load(source))
        file = io.BytesIO(source)
        file.name = name
        return Picture(name, image.load(file))


def load_mask(data: bytes) -> Pixels:
    """Return a mask that was uploaded."""
    return load(data, "the mask").pixels


def plain_name(name: str) -> str:
    """Return the name of a file without its folders, and without what cannot be printed."""
    base = os.path.basename(name.replace("\\", "/"))
    plain = "".join(letter for letter in base if letter.isprintable()).lstrip("-").strip()
    return plain[:100] or "picture.png"


def _odd(number: int) -> int:
    """The number, or the next one if it is even."""
    return number | 1


def _encoded(picture: Any, format: str, **options: Any) -> bytes:
    """A PIL image as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()
