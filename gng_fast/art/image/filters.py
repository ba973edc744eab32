"""Filters of grey pictures in a few lines of NumPy and SciPy: blur, slopes, and the threshold after Otsu.

scikit-image has them too, with the same values to the last bit; but to import its filters takes longer than most
pictures take to be filtered.
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.picture import Plane
from gng_fast.optional import need

#: A Gaussian filter reaches so many of its sigmas.
REACH = 4.0

# Half the difference across a pixel, along rows and columns, over the mean of 1, 2 and 1 parts beside it.
_ACROSS, _BESIDE = np.array([1.0, 0.0, -1.0]), np.array([1.0, 2.0, 1.0]) / 4


def gaussian(plane: Plane, sigma: float) -> Plane:
    """Return a grey picture after a Gaussian blur, beyond whose border its last pixels go on.

    Parameters
    ----------
    plane : array of shape (h, w)
    sigma : float
        In pixels.

    Returns
    -------
    array of shape (h, w), float64
    """
    filtered = need("scipy.ndimage", "blurring a picture").gaussian_filter
    blurred: Plane = filtered(plane, sigma, mode="nearest", truncate=REACH)
    return blurred


def sobel(plane: Plane) -> Plane:
    """Return how steep a grey picture is at each pixel, by the filter of I. Sobel and G. Feldman (1968).

    Parameters
    ----------
    plane : array of shape (h, w), float64

    Returns
    -------
    array of shape (h, w), float64
        1 is the slope of an edge from black to white, over sqrt 2 along rows and columns.
    """
    convolve = need("scipy.ndimage", "slopes").convolve
    squares = np.zeros(plane.shape)
    for weights in (np.outer(_ACROSS, _BESIDE), np.outer(_BESIDE, _ACROSS)):
        slope = convolve(plane, weights, mode="reflect")
        squares += np.multiply(slope, slope, out=slope)
    steepness = np.sqrt(squares, out=squares)
    steepness /= np.sqrt(2.0)
    return steepness


def otsu(counts: NDArray[np.int64], middles: Plane) -> float:
    """Return the shade that divides others into two classes that differ most (N. Otsu, 1979).

    Parameters
    ----------
    counts : array of shape (n,)
        How many pixels have each of n rising shades; the first and the last have some.
    middles : array of shape (n,)
        The shades.

    Returns
    -------
    float
        The last shade of the dark class.
    """
    numbers = counts.astype(np.float32)  # as scikit-image counts
    n_dark, n_light = np.cumsum(numbers), np.cumsum(numbers[::-1])[::-1]
    mass = numbers * middles
    dark, light = np.cumsum(mass) / n_dark, (np.cumsum(mass[::-1]) / n_light[::-1])[::-1]
    between = n_dark[:-1] * n_light[1:] * (dark[:-1] - light[1:]) ** 2
    return float(middles[np.argmax(between)])
