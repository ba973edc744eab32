"""What a picture is: the arrays that all steps take, their extent, and the error that says what is wrong with one."""

import math
import os
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import PIL.Image

#: A picture as an array: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, of bool, whole or real numbers.
Picture: TypeAlias = NDArray[Any]
#: A grey picture: (h, w), from 0 (black) to 1 (white).
Plane: TypeAlias = NDArray[np.float64]
#: The pixels that are ink: (h, w).
Mask: TypeAlias = NDArray[np.bool_]
#: x_min, y_min, x_max, y_max.
Extent: TypeAlias = tuple[float, float, float, float]
#: Left, top, width and height in pixels.
Box: TypeAlias = tuple[int, int, int, int]
#: What pictures are loaded from.
Source: TypeAlias = "str | os.PathLike[str] | IO[bytes] | bytes | Picture | PIL.Image.Image"


class ImageError(ValueError):
    """A picture that cannot be used; the message is one line that says why."""


def as_picture(image: ArrayLike, name: str = "the array") -> Picture:
    """Return `image` as an array in the byte order of the machine, without a copy where it is one already.

    Parameters
    ----------
    image : array of shape (h, w), (h, w, 3) or (h, w, 4)
        Bool, whole or real numbers.
    name : str
        The subject of the message.

    Raises
    ------
    ImageError
        The array has another shape, no pixels, no numbers, or numbers that are not finite.
    """
    array = np.asarray(image)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ImageError(f"{name} must have the shape (h, w), (h, w, 3) or (h, w, 4), got {array.shape}")
    if array.dtype.kind not in "buif":
        raise ImageError(f"{name} must hold bool, whole or real numbers, got {array.dtype}")
    if array.size == 0:
        raise ImageError(f"{name} has no pixels, its shape is {array.shape}")
    # One sum of the two finds NaN (min and max pass it on), infinities, and spans too wide to compute with.
    if array.dtype.kind == "f" and not math.isfinite(float(array.max()) - float(array.min())):
        raise ImageError(f"{name} must be finite everywhere, got NaN or infinite values")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def extent(shape: tuple[int, ...]) -> Extent:
    """Return the extent of a picture, to the outer edges of its pixels.

    Parameters
    ----------
    shape : tuple of int
        (h, w) or (h, w, channels).

    Returns
    -------
    tuple of float
        (x_min, y_min, x_max, y_max) in the units of `points`: pixels, the centre of each at (column, -row).

    Examples
    --------
    >>> extent((2, 3))
    (-0.5, -1.5, 2.5, 0.5)
    """
    height, width = shape[:2]
    return -0.5, 0.5 - height, width - 0.5, 0.5
