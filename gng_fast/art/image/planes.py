"""From a picture to a grey plane: crop, negative, grey, shrink, blur; and its colours over white.

Pictures can be large. What works on a whole one works in bands of rows, so that `blur` and `shrink` take 8 bytes a
pixel beside the picture, for the plane; the values are those of the whole at once.
"""

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.image.filters import REACH, gaussian
from gng_fast.art.image.picture import Box, ImageError, Picture, Plane, as_picture
from gng_fast.optional import need
from gng_fast.parameters import Range

#: Widest blur in pixels.
MAX_BLUR = 1000
#: What a blur and a number of pixels may be.
BLUR = Range(0, MAX_BLUR)
PIXELS = Range(1, math.inf, integer=True)

# Resampling overshoots a little; a float picture this far outside [0, 1] is clipped and not rescaled.
_OVERSHOOT = 0.1
# Above 1, up to so much: a few such values are highlights, more of them are a range of their own.
_SMALL = 16.0
_HIGHLIGHTS = 0.01
# The greatest numbers of 8, 10, 12 and 16 bits: cameras and scanners put 10 and 12 into files of 16.
_RANGES = 255.0, 1023.0, 4095.0, 65535.0
# Colours turn grey in bands of rows of about this many pixels: float copies of a whole photo would take gigabytes.
_BAND_PIXELS = 1 << 18
#: How bright red, green and blue are, as in skimage.color.rgb2gray.
BRIGHTNESS = np.array([0.2125, 0.7154, 0.0721])


def crop(image: ArrayLike, box: Box) -> Picture:
    """Return the part of the picture in a box, as a view.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
    box : (left, top, width, height)
        In pixels.

    Raises
    ------
    ImageError
        The box is not four whole numbers, or does not lie within the picture.

    Examples
    --------
    >>> crop([[0, 1, 2], [3, 4, 5]], (1, 0, 2, 1)).tolist()
    [[1, 2]]
    """
    picture = as_picture(image)
    try:
        left, top, width, height = (operator.index(number) for number in box)
    except (TypeError, ValueError):
        raise ImageError(f"crop must be four whole numbers (left, top, width, height), got {box!r}") from None
    rows, columns = picture.shape[:2]
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > columns or top + height > rows:
        raise ImageError(
            f"crop (left {left}, top {top}, width {width}, height {height}) does not lie within the picture, "
            f"which is {columns} wide and {rows} high"
        )
    return picture[top : top + height, left : left + width]


def grey(image: ArrayLike) -> Plane:
    """Return the picture in grey, from 0 (black) to 1 (white); a plane that is this already is returned as it is.

    Colours are weighed by skimage.color.rgb2gray. Transparent is paper: alpha is laid over white. bool counts as 0 and
    1, uint8 as 0..255. Every other dtype is judged by its values: within [0, 1] they are taken as they are (up to 0.1
    beyond, and in up to a hundredth of the pixels anything up to 16, is clipped), up to 16 divided by the greatest,
    within the range of 8, 10, 12 or 16 bits divided by the greatest number of so many bits, anything else is stretched
    from its least value (black) to its greatest (white).

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)

    Returns
    -------
    array of shape (h, w), float64
        In [0, 1].

    Raises
    ------
    ImageError
        The array is not a picture.

    Examples
    --------
    >>> grey([[False, True]]).tolist()
    [[0.0, 1.0]]
    """
    picture = as_picture(image)
    black, span = _black_and_span(picture)
    if picture.ndim == 2:
        return _in_unit_interval(picture, black, span)
    result = np.empty(picture.shape[:2])
    for rows in bands(picture.shape[:2], _BAND_PIXELS):
        result[rows] = _luminance(_in_unit_interval(picture[rows], black, span))
    # The weighted sum of a white pixel may round to a little more than 1.
    return np.clip(result, 0.0, 1.0, out=result)


def over_white(image: ArrayLike, max_pixels: int | None = None) -> NDArray[np.float64]:
    """Return the colours of a picture laid over white, scaled down to at most max_pixels pixels.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
        A grey picture has three equal colours.
    max_pixels : int, optional
        As in `shrink`; None leaves the size as it is.

    Returns
    -------
    array of shape (h, w, 3), float64
        In [0, 1], with values as in `grey`.

    Raises
    ------
    ImageError
        The array is not a picture.
    """
    picture = as_picture(image)
    most = picture.size if max_pixels is None else int(PIXELS.check("max_pixels", max_pixels))
    if picture.ndim == 2:
        return np.repeat(shrink(picture, most)[:, :, None], 3, axis=2)
    black, span = _black_and_span(picture)
    # One after the other: in float64 all channels of a large photo would take gigabytes.
    channels = (_channel_over_white(picture, channel, black, span) for channel in range(3))
    return np.stack([_shrunk(plane, plane, most) for plane in channels], axis=2)


def negative(image: ArrayLike) -> Picture:
    """Return the picture with light for dark, for what is light on dark paper; what is transparent stays so.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)

    Returns
    -------
    array of the same shape
        bool and uint8 stay what they are, other dtypes become float64 in [0, 1], with values as in `grey`.

    Raises
    ------
    ImageError
        The array is not a picture.

    Examples
    --------
    >>> negative([[0.0, 0.25]]).tolist()
    [[1.0, 0.75]]
    """
    picture = as_picture(image)
    if picture.dtype not in (bool, np.uint8):
        picture = _in_unit_interval(picture, *_black_and_span(picture))
    result: Picture = np.invert(picture) if picture.dtype.kind in "bu" else 1 - picture
    if picture.ndim == 3:
        result[:, :, 3:] = picture[:, :, 3:]
    return result


def shrink(image: ArrayLike, max_pixels: int) -> Plane:
    """Return the picture in grey, scaled down to at most max_pixels pixels, unchanged if it has no more than that.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
    max_pixels : int
        At least 1.

    Returns
    -------
    array of shape (h, w), float64
        In [0, 1], with the proportions of the picture, to a pixel.

    Raises
    ------
    ImageError
        The array is not a picture.
    TypeError, ValueError
        max_pixels is no number, or out of range.
    """
    most = int(PIXELS.check("max_pixels", max_pixels))
    picture = as_picture(image)
    plane = grey(picture)
    return _shrunk(plane, _own(plane, picture), most)


def shrunk_shape(shape: tuple[int, ...], max_pixels: int) -> tuple[int, int]:
    """Return the shape of a picture that `shrink` has scaled down.

    Parameters
    ----------
    shape : (h, w)
        Of the picture.
    max_pixels : int
        At least 1.

    Returns
    -------
    height, width : int
        Those of the picture if it has no more pixels.
    """
    most = int(PIXELS.check("max_pixels", max_pixels))
    rows, columns = shape
    if rows * columns <= most:
        return rows, columns
    scale = math.sqrt(most / (rows * columns))
    height = min(max(1, int(rows * scale)), most)
    return height, max(1, min(int(columns * scale), most // height))


def blur(image: ArrayLike, sigma: float) -> Plane:
    """Return the picture in grey after a Gaussian blur.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
    sigma : float
        Standard deviation of the Gaussian in pixels, in [0, 1000]; 0 leaves the plane as it is.

    Returns
    -------
    array of shape (h, w), float64
        In [0, 1].

    Raises
    ------
    ImageError
        The array is not a picture.
    TypeError, ValueError
        sigma is no number, or out of range.
    """
    width = float(BLUR.check("blur", sigma))
    picture = as_picture(image)
    plane = grey(picture)
    if width == 0:
        return plane
    return _by_bands(plane, _own(plane, picture), _radius(width), lambda part: gaussian(part, width))


def coarse(plane: NDArray[np.floating[Any]], step: int) -> Plane:
    """Return the means of squares of step x step pixels; those at the right and lower border go on as their last pixel.

    Parameters
    ----------
    plane : array of shape (h, w)
    step : int
        At least 1.

    Returns
    -------
    array of shape (ceil(h / step), ceil(w / step)), float64
    """
    height, width = plane.shape
    larger = np.pad(plane, ((0, -height % step), (0, -width % step)), mode="edge")
    means: Plane = larger.reshape(len(larger) // step, step, -1, step).mean(axis=(1, 3), dtype=np.float64)
    return means


# ---- bands of rows --------------------------------------------------------------------------------------------------


def bands(shape: tuple[int, ...], pixels: int) -> Iterator[slice]:
    """Yield slices of rows, one after the other, of about so many pixels of a plane of shape (h, w) each."""
    height = max(1, pixels // shape[1])
    for top in range(0, shape[0], height):
        yield slice(top, min(top + height, shape[0]))


def _radius(sigma: float) -> int:
    """How many rows a Gaussian filter looks at to either side."""
    return int(REACH * sigma + 0.5)


def _own(plane: Plane, picture: Picture) -> Plane:
    """Where the result for a plane goes: into the plane itself, unless it is the caller's."""
    return np.empty_like(plane) if np.may_share_memory(plane, picture) else plane


def _by_bands(plane: Plane, result: Plane, radius: int, filtered: Callable[[Plane], Plane]) -> Plane:
    """The filtered plane, band by band, put into `result`, which may be the plane itself.

    radius : rows to either side of a band that the filter looks at; the values are then those of the whole at once
    """
    # a band is no smaller than what is looked at beside it, or most of the time would go there
    above = plane[:0]
    for rows in bands(plane.shape, max(_BAND_PIXELS, 2 * radius * plane.shape[1])):
        n_above, part = len(above), plane[rows.start : rows.stop + radius]
        if n_above:
            part = np.concatenate([above, part])
        above = part[: n_above + rows.stop - rows.start][-radius:].copy() if radius else plane[:0]
        result[rows] = filtered(part)[n_above : n_above + rows.stop - rows.start]
    return result


def _shrunk(plane: Plane, scratch: Plane, most: int) -> Plane:
    """The plane with at most so many pixels. scratch : overwritten, may be the plane itself"""
    if plane.size <= most:
        return plane
    height, width = shrunk_shape(plane.shape, most)
    low, high = plane.min(), plane.max()
    # What skimage.transform.resize does, but that the blur does not take a plane of its own.
    ndimage = need("scipy.ndimage", "scaling a picture")
    factors = [side / smaller for side, smaller in zip(plane.shape, (height, width))]
    sigmas = [max(0.0, (factor - 1) / 2) for factor in factors]
    smooth = _by_bands(
        plane,
        scratch,
        _radius(sigmas[0]),
        lambda part: ndimage.gaussian_filter(part, sigmas, mode="mirror", truncate=REACH),
    )
    small: Plane = ndimage.zoom(smooth, [1 / factor for factor in factors], order=1, mode="mirror", grid_mode=True)
    return np.clip(small, low, high, out=small)


# ---- values ---------------------------------------------------------------------------------------------------------


def _black_and_span(picture: Picture) -> tuple[float, float]:
    """The value that is black, and how far above it white is."""
    if picture.dtype == bool:
        return 0.0, 1.0
    if picture.dtype == np.uint8:
        return 0.0, 255.0
    low, high = float(picture.min()), float(picture.max())
    if -_OVERSHOOT <= low and high <= 1.0 + _OVERSHOOT:
        return 0.0, 1.0
    if low >= 0.0 and high <= _SMALL:
        return 0.0, 1.0 if np.count_nonzero(picture > 1) <= _HIGHLIGHTS * picture.size else high
    if low >= 0.0 and high <= _RANGES[-1]:
        return 0.0, next(greatest for greatest in _RANGES if high <= greatest)
    return low, (high - low) or 1.0


def _in_unit_interval(picture: Picture, black: float, span: float) -> NDArray[np.float64]:
    """The values of a picture as float64, from 0 for black to 1 for white, clipped."""
    if picture.dtype == np.float64 and span == 1.0 and picture.min() >= 0.0 and picture.max() <= 1.0:
        return picture
    result = picture.astype(np.float64)
    result -= black
    result /= span
    return np.clip(result, 0.0, 1.0, out=result)


def _luminance(colours: NDArray[np.float64]) -> Plane:
    if colours.shape[2] == 4:
        alpha = colours[:, :, 3:]
        colours = np.clip((1 - alpha) + alpha * colours[:, :, :3], 0, 1)
    luminance: Plane = colours @ BRIGHTNESS
    return luminance


def _channel_over_white(picture: Picture, channel: int, black: float, span: float) -> Plane:
    """One colour of a picture in colours, (h, w) float64 in [0, 1], laid over white."""
    result = np.empty(picture.shape[:2])
    for rows in bands(picture.shape[:2], _BAND_PIXELS):
        values = _in_unit_interval(picture[rows, :, channel], black, span)
        if picture.shape[2] == 4:
            alpha = _in_unit_interval(picture[rows, :, 3], black, span)
            values = np.clip((1 - alpha) + alpha * values, 0, 1)
        result[rows] = values
    return result
