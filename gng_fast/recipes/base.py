"""The whole path in one call: picture -> points -> network -> graph -> drawing."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from gng_fast.drawing import Drawing
from gng_fast.estimator import GrowingNeuralGas
from gng_fast.graph import Graph
from gng_fast.image import dark_points
from gng_fast.parameters import check
from gng_fast.styles import mesh

# Growth ends after nodes * lam signals; a quarter more lets the last nodes settle.
SETTLING = 1.25


@dataclass(frozen=True)
class Points:
    """The dark pixels of a picture.

    X : (n, 2) float32, (column, -row) in pixels
    extent : (x_min, y_min, x_max, y_max) of the whole picture in the same units, to the outer edges of the pixels
    """

    X: object
    extent: tuple[float, float, float, float]


def points_of(source, **options) -> Points:
    """Return the dark pixels of a picture.

    source : path, array, PIL image or the name of a built-in picture, as in `gng_fast.image.load`
    options : crop, blur, threshold, offset, block_size, classes, max_pixels, as in `gng_fast.image.dark_points`

    Raises ImageError (a ValueError) where the picture cannot be used, ValueError for an option out of range.
    """
    X, (height, width) = dark_points(source, **options)
    return Points(X, (-0.5, 0.5 - height, width - 0.5, 0.5))


def train(points: Points, *, nodes: int = 2400, epochs: float | None = None, seed: int | None = 0,
          callback: Callable | None = None, calls: int = 100, **parameters) -> GrowingNeuralGas:
    """Return a network trained on the dark pixels of a picture.

    Parameters
    ----------
    points : Points
    nodes : int
        Where growth stops. There are never more nodes than points.
    epochs : float, optional
        Passes over the points; by default as many as it takes to grow all nodes, and a quarter more.
    seed : int, optional
        The same seed gives the same drawing; None takes a new one each time.
    callback : callable(done, total, model), optional
        Called `calls` times at even steps, the last time at the end; see `GrowingNeuralGas.fit`.
    **parameters
        Further parameters of `GrowingNeuralGas`; eps_n is 0.005 by default as in the article.

    Raises ValueError or TypeError for a parameter out of range.
    """
    n_points = len(points.X)
    max_nodes = min(check("nodes", nodes), n_points)
    model = GrowingNeuralGas(max_nodes, **{"eps_n": 0.005, **parameters})
    model.random_state = None if seed is None else check("seed", seed)
    if epochs is None:
        epochs = SETTLING * max_nodes * check("lam", model.lam) / n_points
    model.n_epochs = check("epochs", epochs)
    return model.fit(points.X, callback=callback, callback_every=math.ceil(max(1, epochs * n_points) / calls))


def draw(source, *, nodes: int = 2400, epochs: float | None = None, seed: int | None = 0, size: float = 180.0,
         margin: float = 5.0, pen: float = 0.3, **image_options) -> Drawing:
    """Return the line drawing of a picture.

    The parameters are those of `points_of`, `train` and `gng_fast.styles.mesh`.

    >>> from gng_fast import recipes
    >>> drawing = recipes.draw("horse", nodes=300)
    >>> drawing.width, drawing.n_strokes > 300
    (180.0, True)
    """
    points = points_of(source, **image_options)
    graph = train(points, nodes=nodes, epochs=epochs, seed=seed).graph_
    return mesh(graph, size=size, margin=margin, pen=pen, extent=points.extent)


def growth(points: Points, n_frames: int, **parameters) -> list[Graph]:
    """Return about `n_frames` graphs at even steps of training, the last one at its end.

    points, parameters : as in `train`, but for the callback
    """
    graphs: list[Graph] = []
    train(points, callback=lambda done, total, model: graphs.append(model.graph_), calls=n_frames, **parameters)
    return graphs
