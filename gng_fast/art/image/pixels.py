"""From the dark pixels of a picture to the points that a network learns: points, dark_points, and the article's own."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.image.loading import load
from gng_fast.art.image.picture import Box, ImageError, Plane, Source
from gng_fast.art.image.planes import bands, shrink
from gng_fast.art.image.planes import blur as blurred
from gng_fast.art.image.planes import crop as cropped
from gng_fast.art.image.thresholding import is_one_shade
from gng_fast.art.image.thresholding import threshold as ink_of

#: The article's portrait in "astronaut": left, top, width, height.
PORTRAIT_CROP = (150, 30, 150, 150)
#: Standard deviation of the article's blur in pixels.
ARTICLE_BLUR = 0.6
#: What the article adds to Otsu's threshold.
ARTICLE_OFFSET = 0.1

#: With the threshold "auto" larger pictures are shrunk to so many pixels: they have the same ink.
AUTO_PIXELS = 300_000

_BAND_PIXELS = 1 << 18


def points(mask: ArrayLike) -> NDArray[np.float32]:
    """Return the True pixels of a mask, row by row.

    Parameters
    ----------
    mask : array of shape (h, w), bool

    Returns
    -------
    array of shape (n, 2), float32
        (column, -row) in pixels, so that y points up; C-contiguous.

    Raises
    ------
    ImageError
        The mask is not an array of bool of shape (h, w).

    Examples
    --------
    >>> points([[False, True], [True, False]]).tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != bool:
        raise ImageError(f"mask must be a (h, w) array of bool, got {mask.dtype} of shape {mask.shape}")
    result = np.empty((np.count_nonzero(mask), 2), dtype=np.float32)
    done = 0
    # In bands: the indices of all pixels at once take twice the memory of the result.
    for band in bands(mask.shape, _BAND_PIXELS):
        rows, columns = np.nonzero(mask[band])
        result[done : done + len(rows), 0] = columns
        result[done : done + len(rows), 1] = -(rows + band.start)
        done += len(rows)
    return result


def prepare(
    source: Source, *, crop: Box | None = None, blur: float = ARTICLE_BLUR, max_pixels: int | None = None
) -> Plane:
    """Return a picture as the steps before the threshold leave it.

    Parameters
    ----------
    source, crop, blur, max_pixels
        As in `dark_points`.

    Returns
    -------
    array of shape (h, w), float64
        In [0, 1].

    Raises
    ------
    ImageError, TypeError, ValueError, ImportError
        As `dark_points` does.
    """
    picture = load(source)
    # Cropping comes first: the blur then does not see, and the threshold does not weigh, what lies outside.
    if crop is not None:
        picture = cropped(picture, crop)
    if max_pixels is not None:
        picture = shrink(picture, max_pixels)
    return blurred(picture, blur)


def dark_points(
    source: Source,
    *,
    crop: Box | None = None,
    blur: float = ARTICLE_BLUR,
    threshold: str | float = "otsu",
    offset: float | None = None,
    block_size: int = 35,
    classes: int = 3,
    max_pixels: int | None = None,
) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Return the dark pixels of a picture and the size that they were found in.

    Parameters
    ----------
    source : str, path-like, array or PIL image
        Whatever `load` takes.
    crop : (left, top, width, height), optional
        In pixels, as in `crop`.
    blur : float
        In pixels, as in `blur`.
    threshold, offset, block_size, classes
        As in `threshold`. offset is by default the article's 0.1 with "otsu" and 0 otherwise: nearly everything is
        darker than the mean of its surroundings + 0.1.
    max_pixels : int, optional
        The picture is scaled down to so many, as in `shrink`; by default to `AUTO_PIXELS` with "auto", and not at all
        otherwise.

    Returns
    -------
    points : array of shape (n, 2), float32
        (column, -row) in pixels of the cropped and scaled picture.
    shape : (height, width)
        Of the cropped and scaled picture.

    Raises
    ------
    ImageError
        The picture cannot be used, or has fewer than 2 dark pixels.
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        Pillow or scikit-image is missing.

    Examples
    --------
    >>> X, shape = dark_points("astronaut", crop=PORTRAIT_CROP)
    >>> X.shape, shape
    ((11931, 2), (150, 150))
    """
    if offset is None:
        offset = ARTICLE_OFFSET if threshold == "otsu" else 0.0
    if max_pixels is None and threshold == "auto":
        max_pixels = AUTO_PIXELS
    plane = prepare(source, crop=crop, blur=blur, max_pixels=max_pixels)
    mask = ink_of(plane, threshold, offset, block_size, classes)
    n_dark = int(np.count_nonzero(mask))
    if n_dark < 2:
        raise too_little_ink(plane, threshold, offset, n_dark)
    del plane  # as large as the points may be
    height, width = mask.shape
    return points(mask), (height, width)


def too_little_ink(plane: Plane, threshold: str | float, offset: float, n_dark: int = 0) -> ImageError:
    """Return the error for a picture with too few dark pixels, which says what helps.

    Parameters
    ----------
    plane : array of shape (h, w)
        The picture as `prepare` leaves it.
    threshold, offset
        As in `dark_points`.
    n_dark : int
        How many dark pixels there are.

    Returns
    -------
    ImageError
    """
    if plane.size == 1:
        return ImageError(
            "the picture is a single pixel, and two dark ones are needed: give a larger picture, crop or max_pixels"
        )
    if is_one_shade(plane):
        return ImageError(_of_one_shade(float(plane.flat[0])))
    found = "only one dark pixel" if n_dark else "no dark pixels"
    return ImageError(
        f"{found}: raise offset (now {offset:g}) or give a higher number in [0, 1] as threshold (now {threshold})"
    )


def _of_one_shade(shade: float) -> str:
    """What is said of a picture of one shade, in which no offset finds anything."""
    grey = round(shade, 3)
    words: dict[float, str] = {0: "all black", 1: "all white, as transparent pixels are"}
    message = (
        f"the picture is {words.get(grey, f'all of one shade, {grey:g} between black and white')}: nothing in it is "
        "darker than the rest, whatever the threshold finds; give a picture or crop that shows something"
    )
    if grey == 1:
        return f"{message}; what is white on transparent shows with invert"
    return f"{message}, or a number above {grey:g} as threshold, which takes every pixel"


def article_points() -> NDArray[np.float32]:
    """Return the points of the portrait that the article draws.

    Returns
    -------
    array of shape (11931, 2), float32
        (column, -row) x 0.001.

    Examples
    --------
    >>> article_points().shape
    (11931, 2)
    """
    found, _ = dark_points("astronaut", crop=PORTRAIT_CROP)
    return (found.astype(np.float64) * 0.001).astype(np.float32)
