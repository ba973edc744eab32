"""What all recipes share: the points of a picture, training on them, and what comes of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gng_fast.art import image
from gng_fast.art.drawing import Drawing
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import check

# Growth ends after nodes * lam signals; a quarter more lets the last nodes settle.
SETTLING = 1.25
#: How often training says how far it is.
CALLS = 1000
#: Larger pictures are shrunk to so many pixels, but for the plain look: more show nothing that so many lines could.
MAX_PIXELS = 1_000_000
#: Training that ends with an even mesh: pixels are squares and not points, and the steps become small.
ANNEALED = {"jitter": 0.5, "eps_b": 0.1, "eps_n": 0.004, "eps_b_end": 0.005, "eps_n_end": 0.0002}


@dataclass(frozen=True)
class Points:
    """The dark pixels of a picture.

    X : (n, 2) float32, (column, -row) in pixels
    extent : (x_min, y_min, x_max, y_max) of the whole picture in the same units, to the outer edges of the pixels
    """

    X: np.ndarray
    extent: tuple[float, float, float, float]

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the picture in pixels."""
        x_min, y_min, x_max, y_max = self.extent
        return round(y_max - y_min), round(x_max - x_min)


@dataclass(frozen=True)
class Artwork:
    """A drawing and what it was made from.

    graph : Graph
    drawing : Drawing, `draw(graph)` unless its strokes were joined since
    error : mean distance of the signals to the nodes at the end, in pixels
    draw : draws a graph of the same picture in the same way, as it was earlier; None if it takes several graphs
    """

    graph: Graph
    drawing: Drawing
    error: float
    draw: Callable[[Graph], Drawing] | None = None

    @classmethod
    def of(cls, model: GrowingNeuralGas, draw: Callable[[Graph], Drawing]) -> "Artwork":
        """The artwork of a trained network."""
        return cls(model.graph_, draw(model.graph_), float(model.history_[-1]), draw)


def points_of(source, *, invert: bool = False, **options) -> Points:
    """Return the dark pixels of a picture.

    source : path, array, PIL image or the name of a built-in picture, as in `gng_fast.image.load`
    invert : the light pixels instead
    options : crop, blur, threshold, offset, block_size, classes, max_pixels, as in `gng_fast.image.dark_points`

    Raises ImageError (a ValueError) where the picture cannot be used, ValueError for an option out of range.
    """
    X, (height, width) = image.dark_points(image.negative(image.load(source)) if invert else source, **options)
    return Points(X, (-0.5, 0.5 - height, width - 0.5, 0.5))


def train(
    points: Points,
    *,
    nodes: int = 2400,
    epochs: float | None = None,
    seed: int | None = 0,
    sample_weight=None,
    callback: Callable | None = None,
    **parameters,
) -> GrowingNeuralGas:
    """Return a network trained on the dark pixels of a picture.

    Parameters
    ----------
    points : Points
    nodes : int
        Where growth stops. There are never more nodes than points, but for those of `init`.
    epochs : float, optional
        Passes over the points; by default as many as it takes to grow all nodes, and a quarter more.
    seed : int, optional
        The same seed gives the same drawing; None takes a new one each time.
    sample_weight : array of shape (n,), optional
        How often each point is presented; by default all are as often.
    callback : callable(done, total, model), optional
        Called `CALLS` times at even steps, the last time at the end; see `GrowingNeuralGas.fit`.
    **parameters
        Further parameters of `GrowingNeuralGas`; eps_n is 0.005 by default as in the article.

    Raises ValueError or TypeError for a parameter out of range.
    """
    n_points = len(points.X)
    init = parameters.get("init")
    max_nodes = max(min(check("nodes", nodes), n_points), 0 if init is None else init.n_nodes)
    model = GrowingNeuralGas(max_nodes, **{"eps_n": 0.005, **parameters})
    model.random_state = None if seed is None else check("seed", seed)
    if epochs is None:
        epochs = SETTLING * max_nodes * check("lam", model.lam) / n_points
    model.n_epochs = check("epochs", epochs)
    return model.fit(
        points.X,
        sample_weight=sample_weight,
        callback=callback,
        callback_every=math.ceil(max(1, epochs * n_points) / CALLS),
    )


def extent_of(plane) -> tuple[float, float, float, float]:
    """Return (x_min, y_min, x_max, y_max) of a (h, w) picture, to the outer edges of its pixels."""
    height, width = np.shape(plane)[:2]
    return -0.5, 0.5 - height, width - 0.5, 0.5


def importance_of(mask, shape, crop=None) -> np.ndarray:
    """Return a mask as factors in [0, 1] for the pixels of a picture of shape (h, w): white counts in full, black not at all.

    mask : whatever `image.load` takes; it is cropped as the picture was, and scaled to its size
    """
    from skimage.transform import resize

    factors = image.load(mask)
    if crop is not None:
        factors = image.crop(factors, crop)
    factors = image.grey(factors)
    if factors.max() == 0:
        raise image.ImageError("the mask is all black: nothing would be drawn")
    return factors if factors.shape == shape else np.clip(resize(factors, shape, order=1), 0, 1)


def shades_at(plane, X) -> np.ndarray:
    """Return the values of a (h, w) picture at the pixels X of `image.points`."""
    return plane[-X[:, 1].astype(int), X[:, 0].astype(int)]
