"""What all recipes share: the points, colours and tones of a picture, training, and the artwork they return."""

import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.drawing import preview
from gng_fast.art.export import save
from gng_fast.art.image.picture import Box, Extent, Plane, Source
from gng_fast.art.image.planes import coarse
from gng_fast.files import PathOrFile
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.growth import calling_parameters
from gng_fast.optional import need
from gng_fast.parameters import ARTICLE_EPS_N, DRAWING_DEFAULTS, check
from gng_fast.progress import Progress, report, stoppable, watching

#: What training calls with the signals done, all signals, and the network; True ends it. See `GrowingNeuralGas.fit`.
Callback: TypeAlias = Callable[[int, int, GrowingNeuralGas], bool | None]

#: How often training says how far it is.
CALLS = 1000
#: Larger pictures are shrunk to so many pixels, but for the plain style: more show nothing that so many lines could.
ART_LIMIT = 1_000_000
# Growth ends after nodes * lam signals; a quarter more lets the last nodes settle.
_TRAINING_PER_GROWTH = 1.25
# Unless `levels` says where bare paper and solid ink are: at most these shares of the pixels, and of what there is to
# see (the squared slopes), are beyond them, so that a large empty background is bare and a light thing in it is not.
_PAPER, _INK = 0.20, 0.05
_SEEN = 0.05
_LEAST_CONTRAST = 0.25
# Both are found on about so many pixels, where noise shows less, and among so many shades.
_LEVEL_PIXELS = 100_000
_SHADES = 1024
# Longer side of a picture in a notebook.
_SHOWN_PIXELS = 1000
# A page with more ink than this is hardly what is wanted.
_NEARLY_ALL = 0.95


class PageOptions(TypedDict, total=False):
    """The options of `gng_fast.drawing.fit_page`, which every recipe has."""

    size: float
    margin: float
    page: str | None


@dataclass(frozen=True)
class Points:
    """The pixels of a picture that a network learns.

    Attributes
    ----------
    X : array of shape (n, 2), float32
        (column, -row) in pixels.
    extent : (x_min, y_min, x_max, y_max)
        Of the whole picture in the same units, to the outer edges of the pixels.
    """

    X: NDArray[np.float32]
    extent: Extent

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the picture in pixels."""
        x_min, y_min, x_max, y_max = self.extent
        return round(y_max - y_min), round(x_max - x_min)


@dataclass(frozen=True)
class Artwork:
    """A drawing and what it was made from.

    Attributes
    ----------
    graph : Graph
        What was drawn.
    drawing : Drawing
        It is what `draw` makes of the trained network unless its strokes were joined since.
    error : float
        The mean distance of the signals to the nodes at the end, in pixels.
    draw : callable(graph) -> Drawing, optional
        Draws a graph of the network in the same way, such as one of its growth; None if a drawing takes several
        networks.
    """

    graph: Graph
    drawing: Drawing
    error: float
    draw: Callable[[Graph], Drawing] | None = None

    def __repr__(self) -> str:
        return f"<Artwork: {self.drawing!r} of {self.graph!r}, error {self.error:.3g}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What a notebook shows: the drawing, as a picture in pixels if it is large."""
        shown: dict[str, Any] = {"text/plain": repr(self)}
        svg = preview(self.drawing)
        if svg is not None:
            return {**shown, "image/svg+xml": svg}
        return {**shown, "image/png": self.to_bytes(".png", pixels=_SHOWN_PIXELS)}

    @classmethod
    def of(
        cls,
        model: GrowingNeuralGas,
        draw: Callable[[Graph], Drawing],
        prepare: Callable[[Graph], Graph] | None = None,
    ) -> "Artwork":
        """Return the artwork of a trained network.

        Parameters
        ----------
        model : GrowingNeuralGas
        draw : callable(graph) -> Drawing
        prepare : callable(graph) -> Graph, optional
            What is done to a graph of the network before it is drawn.

        Returns
        -------
        Artwork
        """
        report("drawing", 0)
        if prepare is None:
            return cls(model.graph_, stoppable(draw, model.graph_), final_error(model), draw)
        graph = stoppable(prepare, model.graph_)
        return cls(graph, stoppable(draw, graph), final_error(model), lambda each: draw(prepare(each)))

    def save(
        self, path: PathOrFile, format: str | None = None, *, progress: Progress | None = None, **options: Any
    ) -> None:
        """Write the drawing, or the graph, to a file, as `gng_fast.export.save` does.

        Parameters
        ----------
        path : str, path-like or binary file
            An open file needs no name, but the format.
        format : str, optional
            One of `gng_fast.export.FORMATS`, such as ".svg"; by default the ending of the path.
        progress : callable(stage, fraction), optional
            As for `make`; the stage is "writing".
        **options
            Of the writer, as pixels=1200 for .png.

        Raises
        ------
        Stopped
            If the callback returned True. Nothing is written then.
        ValueError, TypeError, ImportError, OSError
            As `gng_fast.export.save` does.
        """
        with watching(progress):
            save(path, graph=self.graph, drawing=self.drawing, format=format, **options)

    def to_bytes(self, format: str = ".svg", *, progress: Progress | None = None, **options: Any) -> bytes:
        """Return what `save` writes.

        Parameters
        ----------
        format, progress, **options
            As for `save`.

        Returns
        -------
        bytes

        Raises
        ------
        Stopped, ValueError, TypeError, ImportError
            As `save` does.
        """
        buffer = io.BytesIO()
        self.save(buffer, format, progress=progress, **options)
        return buffer.getvalue()


def final_error(model: GrowingNeuralGas) -> float:
    """Return the mean distance of the signals to the nodes at the end of the training."""
    return float(model.history_[-1])


def points_of(source: Source, *, invert: bool = False, **options: Any) -> Points:
    """Return the dark pixels of a picture.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    invert : bool
        Whether to take the light pixels instead.
    **options
        crop, blur, threshold, offset, block_size, classes and max_pixels, as in `gng_fast.image.dark_points`.

    Returns
    -------
    Points

    Raises
    ------
    ImageError
        If the picture cannot be used. It is a ValueError.
    ValueError, TypeError
        If an option is out of range.
    """
    X, shape = image.dark_points(image.negative(image.load(source)) if invert else source, **options)
    return Points(X, image.extent(shape))


def train(
    points: Points,
    *,
    nodes: int = DRAWING_DEFAULTS["nodes"],
    epochs: float | None = None,
    seed: int | None = 0,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    callback: Callback | None = None,
    **parameters: Any,
) -> GrowingNeuralGas:
    """Return a network trained on the points of a picture.

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
        Called at most `CALLS` times at even steps, the last time at the end; see `GrowingNeuralGas.fit`.
    **parameters
        Further parameters of `GrowingNeuralGas`; eps_n is 0.005 by default as in the article, and clusters are
        "components".

    Returns
    -------
    GrowingNeuralGas

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range.
    """
    n_points = len(points.X)
    init = parameters.get("init")
    max_nodes = max(min(check("nodes", nodes), n_points), 0 if init is None else init.n_nodes)
    # steps as in the article, and no clusters by density, which take a pass over the points and which nobody asks for
    own = {"eps_n": ARTICLE_EPS_N, "eps_b_end": None, "eps_n_end": None, "clusters": "components"}
    model = GrowingNeuralGas(max_nodes, **{**own, **parameters})
    model.random_state = None if seed is None else check("seed", seed)
    if epochs is None:
        epochs = float(_TRAINING_PER_GROWTH * max_nodes * check("lam", model.lam) / n_points)
    model.n_epochs = check("epochs", epochs)

    with calling_parameters(max_nodes="nodes", n_epochs="epochs"):
        return model.fit(
            points.X,
            sample_weight=sample_weight,
            callback=callback,
            callback_every=math.ceil(max(1, epochs * n_points) / CALLS),
        )


def importance_of(mask: Source, shape: tuple[int, ...], crop: Box | None = None) -> Plane:
    """Return a mask as factors for the pixels of a picture: white counts in full, black not at all.

    Parameters
    ----------
    mask : path, array, PIL image or the name of a built-in picture
        It is cropped as the picture was, and scaled to its size. What is transparent in it counts as black.
    shape : (h, w)
        Of the picture, as cropped and shrunk.
    crop : (left, top, width, height), optional
        What the picture was cropped to.

    Returns
    -------
    array of shape (h, w), float64
        In [0, 1].

    Raises
    ------
    ImageError
        If the mask is all black or transparent, or is not a picture.
    """
    picture = image.load(mask)
    if crop is not None:
        picture = image.crop(picture, crop)
    factors: Plane = image.grey(picture[:, :, :3] if picture.ndim == 3 else picture)
    if picture.ndim == 3 and picture.shape[2] == 4:
        # black laid over white is as dark as it is opaque
        opaque = 1 - image.grey(np.concatenate([np.zeros_like(picture[:, :, :3]), picture[:, :, 3:]], axis=2))
        factors = factors * opaque
    if factors.max() == 0:
        raise image.ImageError("the mask is all black or transparent: nothing would be drawn")
    if factors.shape == shape:
        return factors
    resized: Plane = need("skimage.transform", "a mask").resize(factors, shape, order=1)
    return np.clip(resized, 0, 1)


def warn_if_all_ink(share: float) -> None:
    """Warn if hardly any of the page would stay bare.

    Parameters
    ----------
    share : float
        Of the page that is ink.
    """
    if share > _NEARLY_ALL:
        warnings.warn(
            f"{share:.0%} of the page is ink: if that is not wanted, invert the picture, crop it, or give another "
            "threshold or other levels",
            stacklevel=3,
        )


def widths_of(pen: float | Sequence[float]) -> tuple[float, ...]:
    """Return one width of a pen, or several, as a tuple."""
    return tuple(np.atleast_1d(pen).tolist())


def shades_at(plane: Plane, X: NDArray[np.float32]) -> Plane:
    """Return the values of a (h, w) picture at the pixels X of `gng_fast.image.points`, (n,) float64."""
    shades: Plane = plane[-X[:, 1].astype(int), X[:, 0].astype(int)]
    return shades


def colours_of(source: Source, crop: Box | None, max_pixels: int | None) -> Plane:
    """Return a picture in colours.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
    crop, max_pixels
        As in `gng_fast.image.dark_points`.

    Returns
    -------
    array of shape (h, w, 3), float64
        In [0, 1]; the three are equal for a grey picture.
    """
    picture = image.load(source)
    if crop is not None:
        picture = image.crop(picture, crop)
    return image.over_white(picture, max_pixels)


def darkness(plane: Plane, levels: tuple[float, float] | None = None) -> Plane:
    """Return how dark a grey picture is.

    Parameters
    ----------
    plane : array of shape (h, w)
        A grey picture.
    levels : (paper, ink), optional
        Darknesses, 1 - grey, that are bare paper and solid ink; by default as suits the picture: at most a fifth of the
        pixels become bare and a twentieth solid, and fewer where more than a twentieth of the contours would be lost.

    Returns
    -------
    array of shape (h, w), float64
        From 0 (paper) to 1 (ink).

    Raises
    ------
    ValueError
        If levels are not two rising numbers in [0, 1].
    """
    dark: Plane = 1.0 - image.grey(plane)
    if levels is None:
        paper, ink = _levels_of(dark)
        missing = max(0.0, _LEAST_CONTRAST - (ink - paper)) / 2
        paper = float(np.clip(paper - missing, 0, 1 - _LEAST_CONTRAST))
        ink = max(ink, paper + _LEAST_CONTRAST)
    else:
        paper, ink = levels
        if not 0 <= paper < ink <= 1:
            raise ValueError(f"levels must be two rising numbers in [0, 1], got {paper:g}, {ink:g}")
    return np.clip((dark - paper) / (ink - paper), 0, 1)


def _levels_of(dark: Plane) -> tuple[float, float]:
    """The darknesses beyond which there are few pixels, and little to see."""
    larger = coarse(dark, max(1, round(math.sqrt(dark.size / _LEVEL_PIXELS))))
    # what is between two pixels is as dark as their mean
    pairs = (larger[1:], larger[:-1]), (larger[:, 1:], larger[:, :-1])
    between = np.concatenate([((a + b) / 2).ravel() for a, b in pairs])
    slopes = np.concatenate([((a - b) ** 2).ravel() for a, b in pairs])
    pixels = larger.ravel()
    papers = _quantile(pixels, np.ones(pixels.shape), _PAPER), _quantile(between, slopes, _SEEN)
    inks = _quantile(pixels, np.ones(pixels.shape), 1 - _INK), _quantile(between, slopes, 1 - _SEEN)
    return (min(papers), max(inks)) if slopes.any() else (papers[0], inks[0])


def _quantile(values: Plane, weights: Plane, share: float) -> float:
    """The value, to one shade in `_SHADES`, below which values in [0, 1] have this share of the weight."""
    counts, edges = np.histogram(values, _SHADES, (0, 1), weights=weights)
    below = np.concatenate([[0.0], np.cumsum(counts)])
    return float(np.interp(share * below[-1], below, edges))
