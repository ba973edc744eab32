"""Which pixels of a picture are ink: threshold, and level_set, which says how far each is from it."""

import math
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.image.filters import otsu
from gng_fast.art.image.picture import Mask, Plane
from gng_fast.art.image.planes import bands, coarse, grey
from gng_fast.optional import need
from gng_fast.parameters import Range

#: Names of methods that find a threshold.
THRESHOLDS = ("auto", "otsu", "local", "sauvola", "niblack", "multiotsu")

# The threshold of a picture in which nothing is ink.
_NOTHING = -math.inf
# Methods that look at the surroundings of each pixel.
_LOCAL = ("local", "sauvola", "niblack")
#: What thresholds that are numbers, offsets and block sizes may be.
LEVEL = Range(0, 1)
OFFSET = Range(-1, 1)
BLOCK_SIZE = Range(3, math.inf, integer=True)
_CLASSES = Range(2, 5, integer=True)
# Shades closer than this are one shade: far below a 16-bit step (1.5e-5), far above what rounding leaves after a blur.
_SAME_SHADE = 1e-7
# A threshold for the whole picture lies between two of so many shades.
_SHADES = 256
# Of "auto", with n = sqrt(pixels): the blur that keeps what a drawing can show is so many n and pixels wide, two wider
# blurs, found on pixels as large as the smaller of them, are its surroundings, and what differs from these counts so
# many times. Ink is what is darker than this share of the way from the darkest to Otsu's threshold; what is lighter
# than this share of the way from there to the lightest counts as no lighter, or a light thing on light paper would get
# no outline. All were chosen by the metric of bench/quality/photos.py.
_FINEST = 0.0016, 0.4
_SURROUNDINGS = 3.2, 8.0
_EMPHASIS = 8.0
_SHARE_OF_OTSU = 0.9
_LIGHT = 0.4
# A few lamps at night, or craters, are no class of their own: Otsu's threshold is moved to have at least the first of
# these shares of the pixels below it, and at most the second. One in so many pixels is counted.
_SPLIT, _SKIPPED = (0.25, 0.9), 7
# A class whose shades spread by less than this share of the way to the other is paper or a board, and stays whole.
_PLAIN = 0.08
# Local thresholds are found in bands of rows of about this many pixels: they take up to 80 bytes a pixel.
_BAND_PIXELS = 1 << 20


def threshold(
    image: ArrayLike, method: str | float = "otsu", offset: float = 0.0, block_size: int = 35, classes: int = 3
) -> Mask:
    """Return the dark pixels of a picture: grey < threshold + offset.

    A picture of one single shade, white, black or between, has no dark pixels for any named method and any offset:
    nothing in it is darker than the rest. A number is compared as it is, so it does find an all-black picture dark.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
    method : str or float
        Where the threshold comes from.

        - a number in [0, 1]: the same everywhere
        - "auto": what is dark, and what is darker than its surroundings: areas with their outlines, for photos. Its
          lengths go with the picture's size, so that the same picture in more pixels has the same ink (a difference of
          Gaussians added to the tone, after H. Winnemöller, J. Kyprianidis, S. Olsen, XDoG: an eXtended
          difference-of-Gaussians compendium including advanced image stylization, Computers & Graphics 36, 2012)
        - "otsu": one for the whole picture, between its dark and its light pixels (N. Otsu, A threshold selection
          method from gray-level histograms, 1979)
        - "multiotsu": the same with more classes; only the darkest class is ink
        - "local": the mean of each pixel's surroundings, weighed by a Gaussian; flat areas are empty, dark ones too
        - "sauvola": from mean and spread of the surroundings, for writing on uneven paper (J. Sauvola, M. Pietikäinen,
          Adaptive document image binarization, 2000)
        - "niblack": the same without Sauvola's protection of empty paper
    offset : float
        In [-1, 1], added to the threshold; more gives more ink.
    block_size : int
        Width of the surroundings in pixels, odd and >= 3 (local, sauvola, niblack). More than twice the picture counts
        as twice the picture.
    classes : int
        2 to 5 (multiotsu; 5 takes seconds). Fewer are used if the picture has fewer shades.

    Returns
    -------
    array of shape (h, w), bool
        True is ink.

    Raises
    ------
    ImageError
        The array is not a picture.
    TypeError, ValueError
        A parameter is no number, or out of range.
    """
    plane, levels = _levels(image, method, offset, block_size, classes)
    result = np.empty(plane.shape, bool)
    for rows, level in levels:
        np.less(plane[rows], level, out=result[rows])
    return result


def level_set(
    image: ArrayLike, method: str | float = "otsu", offset: float = 0.0, block_size: int = 35, classes: int = 3
) -> Plane:
    """Return how far each pixel is above the threshold: below 0 in the ink, 0 along its outline.

    A threshold for the whole picture is moved to the middle between the two shades it divides, so that the outline of a
    black and white picture runs between its pixels.

    Parameters
    ----------
    image, method, offset, block_size, classes
        As in `threshold`.

    Returns
    -------
    array of shape (h, w), float64

    Raises
    ------
    ImageError, TypeError, ValueError
        As `threshold` does.
    """
    plane, levels = _levels(image, method, offset, block_size, classes)
    result = np.empty(plane.shape)
    for rows, level in levels:
        result[rows] = 1.0 if level is _NOTHING else plane[rows] - level
    return result


def is_one_shade(plane: Plane) -> bool:
    """Whether a grey picture is of one shade, but for rounding: no named method finds anything dark in it."""
    return bool(np.ptp(plane) < _SAME_SHADE)


def _levels(
    image: ArrayLike, method: str | float, offset: float, block_size: int, classes: int
) -> tuple[Plane, Iterator[tuple[slice, float | Plane]]]:
    """The picture in grey, and the threshold for each of its bands of rows: a number or an array."""
    number = _checked(method, offset, block_size, classes)
    plane = grey(image)
    return plane, _levels_of(plane, method if number is None else number, float(offset), block_size, classes)


def _levels_of(
    plane: Plane, method: str | float, offset: float, block_size: int, classes: int
) -> Iterator[tuple[slice, float | Plane]]:
    everything = slice(0, len(plane))
    if isinstance(method, str) and is_one_shade(plane):
        yield everything, _NOTHING
    elif method == "auto":
        yield everything, plane - _above_ink(plane) + offset
    elif method in _LOCAL:
        size = min(block_size, 2 * max(plane.shape) + 1)
        for rows in bands(plane.shape, max(_BAND_PIXELS, size * plane.shape[1])):
            # so many rows to either side belong to the surroundings of those in between
            first = max(0, rows.start - size)
            levels = _local_levels(plane[first : rows.stop + size], str(method), size)
            # Empty paper equals its own mean but for rounding, which must not become ink.
            yield rows, levels[rows.start - first :][: rows.stop - rows.start] - _SAME_SHADE + offset
    else:
        level = (_level(plane, method, classes) if isinstance(method, str) else method) + offset
        yield everything, _in_the_middle(plane, level)


def _above_ink(plane: Plane) -> Plane:
    """How far each pixel of a photo is above what is ink: its tone, with what differs from the surroundings raised."""
    gaussian_filter = need("scipy.ndimage", "a threshold").gaussian_filter
    n = math.sqrt(plane.size)
    sigma = _FINEST[0] * n + _FINEST[1]
    tone: Plane = gaussian_filter(plane, sigma)
    darkest, level, lightest = float(tone.min()), _level_of_photo(tone), float(tone.max())
    around = _surroundings(plane, [factor * sigma for factor in _SURROUNDINGS])
    raised: Plane = np.minimum(tone, level + _LIGHT * (lightest - level)) + _EMPHASIS * (tone - around)
    return raised - (darkest + _SHARE_OF_OTSU * (level - darkest))


def _level_of_photo(tone: Plane) -> float:
    """Otsu's threshold of a photo in tones, moved into a class of many shades that has nearly all of the pixels."""
    level, sample = _level(tone, "otsu", 2), tone.ravel()[::_SKIPPED]
    dark, light = sample[sample <= level], sample[sample > level]
    if not (dark.size and light.size):
        return level
    least, most = np.quantile(sample, _SPLIT)
    plain = _PLAIN * (light.mean() - dark.mean())
    if light.std() > plain:
        level = max(level, float(least))
    if dark.std() > plain:
        level = min(level, float(most))
    return level


def _surroundings(plane: Plane, sigmas: list[float]) -> Plane:
    """The mean of Gaussian blurs of a plane, found on larger pixels where nothing is lost by it: that is far faster."""
    ndimage = need("scipy.ndimage", "a threshold")
    step = max(1, int(min(sigmas)))
    larger = coarse(plane, step)
    blurred: Plane = sum(ndimage.gaussian_filter(larger, sigma / step) for sigma in sigmas) / len(sigmas)
    if step == 1:
        return blurred
    full: Plane = ndimage.zoom(blurred, step, order=1, mode="nearest", grid_mode=True)
    return full[: plane.shape[0], : plane.shape[1]]


def _in_the_middle(plane: Plane, level: float) -> float:
    """The middle between the two shades of a plane that a level divides; the level itself if all lie on one side."""
    dark = plane < level
    if not dark.any() or dark.all():
        return level
    below = np.max(plane, where=dark, initial=-math.inf)
    return float(below + np.min(plane, where=~dark, initial=math.inf)) / 2


def _level(plane: Plane, method: str, classes: int) -> float:
    """The threshold for the whole of a plane."""
    # scikit-image would count as well, but copy the plane
    counts, edges = np.histogram(plane, bins=_SHADES)
    middles = (edges[:-1] + edges[1:]) / 2
    if method == "otsu":
        return otsu(counts, middles)
    classes = min(classes, int(np.count_nonzero(counts)))
    filters = need("skimage.filters", "a threshold")
    return float(filters.threshold_multiotsu(classes=classes, hist=(counts / counts.sum(), middles))[0])


def _local_levels(plane: Plane, method: str, block_size: int) -> NDArray[np.float64]:
    """The threshold for each pixel of a plane."""
    # Sauvola's R is half the range of the shades, 128 of 256; scikit-image would take twice that for floats.
    options = {"r": 0.5} if method == "sauvola" else {}
    find = getattr(need("skimage.filters", "a threshold"), f"threshold_{method}")
    levels: NDArray[np.float64] = find(plane, block_size, **options)
    return levels


def _checked(method: Any, offset: Any, block_size: Any, classes: Any) -> float | None:
    """The threshold if it is a number, None if it is a name; raises for a parameter out of range."""
    named = isinstance(method, str)
    if method not in THRESHOLDS if named else isinstance(method, bool) or not isinstance(method, numbers.Real):
        raise ValueError(f"threshold must be a number or one of {', '.join(THRESHOLDS)}, got {method!r}")
    number = None if named else float(LEVEL.check("threshold", method))
    OFFSET.check("offset", offset)
    if BLOCK_SIZE.check("block_size", block_size) % 2 == 0:
        raise ValueError(f"block_size must be odd, got {block_size}")
    _CLASSES.check("classes", classes)
    return number
