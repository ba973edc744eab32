"""A network while it grows, in the pens and colours of its style: what of a style takes long waits for the drawing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import recipes
from gng_fast.art.drawing.page import PageFit
from gng_fast.art.recipes.base import widths_of
from gng_fast.art.recipes.cmyk import INK_PEN, INKS
from gng_fast.art.styles.cells import cells_of
from gng_fast.art.styles.colours import BLACK, hex_colours
from gng_fast.art.styles.glass import LEAD
from gng_fast.art.styles.glow import GLOW_PEN
from gng_fast.art.styles.stipple import TOUR_PEN
from gng_fast.art.styles.tone import pen_range
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.optional import need
from gng_fast.progress import stoppable
from gng_fast.studio.pictures import Tones
from gng_fast.studio.pieces import Layers, of_sketch
from gng_fast.studio.settings import Settings
from gng_fast.studio.works import Work

#: Points or lines in mm on a page, or in pixels of the picture.
Points = NDArray[np.float64]

# Seconds between two frames. What takes long to show is shown less often: so many times as long is trained at least.
_BETWEEN_FRAMES = 0.06
_TRAINED = 2
# The width of a line of some styles, unless it is given, in mean lengths of the edges.
_PENS = {"glow": GLOW_PEN, "cmyk": INK_PEN, "glass": LEAD}
_THINNEST = 0.05
# Lines wider than so many mean lengths of the edges cover all anyway, and take a browser long.
_WIDEST = 4
# Pens of a tone, and the darkness from which on a line is drawn.
_TONES, _BARE = 12, 0.04
# Steps of each of red, green and blue in which lines glow.
_STEPS = 7


@dataclass(frozen=True)
class Sketch:
    """A page as far as it has grown.

    Attributes
    ----------
    layers : list of (colour, pen, lines)
        Lines in mm, (m, k, 2).
    areas : tuple (colours, outlines)
    background : str or None
    """

    layers: Layers = ()
    areas: tuple[Sequence[str], Sequence[Points]] = ((), ())
    background: str | None = None


@dataclass(frozen=True)
class _Growing:
    """A graph with what its style needs to know."""

    graph: Graph
    fit: PageFit
    find_tones: Callable[[], Tones]
    settings: Settings
    number: int

    @property
    def tones(self) -> Tones:
        """The picture."""
        return self.find_tones()

    @property
    def nodes(self) -> Points:
        """The nodes in pixels."""
        return self.graph.nodes.astype(np.float64)

    @property
    def lines(self) -> Points:
        """The edges in pixels, (m, 2, 2)."""
        return self.nodes[self.graph.edges]

    @property
    def mean(self) -> float:
        """The mean length of the edges in mm."""
        return _mean_length(self.graph, self.fit)

    @property
    def pens(self) -> tuple[float, ...]:
        """The widths that are given."""
        given = self.settings.get("pen")
        return () if given is None else widths_of(given)

    @property
    def pen(self) -> float:
        """The width of a style of one pen."""
        return self.pens[0] if self.pens else max(_THINNEST, _PENS[self.settings.style] * self.mean)


def _mean_length(graph: Graph, fit: PageFit) -> float:
    """The mean length of the edges in mm."""
    return float(graph.edge_lengths().mean()) * fit.scale if graph.n_edges else 1.0


def _lines(grown: _Growing) -> Sketch:
    pen = grown.pens[0] if grown.pens else recipes.defaults(grown.settings.style)["pen"]
    return Sketch([(BLACK, pen, grown.fit(grown.lines, pen))])


def _tone(grown: _Growing) -> Sketch:
    """Lines as wide as it is dark under their middle; the drawing looks at what its lines cover together."""
    widths = np.unique(grown.pens or pen_range(grown.graph, grown.fit.scale, _TONES))
    lines = grown.lines
    dark = grown.tones.at(lines.mean(axis=1))
    chosen = np.searchsorted((widths[1:] + widths[:-1]) / 2, dark * widths[-1])
    chosen[dark < _BARE] = -1
    return Sketch(
        [
            (BLACK, pen, grown.fit(lines[chosen == number], pen))
            for number, pen in enumerate(widths.tolist())
            if (chosen == number).any()
        ]
    )


def _stipple(grown: _Growing) -> Sketch:
    """Dots with as much ink together as the picture has, of one width, or a line's width."""
    inked = grown.tones.mean_darkness * grown.fit.scale**2 * grown.tones.n_pixels / max(grown.graph.n_nodes, 1)
    pen = max(_THINNEST, float(np.sqrt(inked * 4 / np.pi)))
    if grown.settings.get("line"):
        pen = TOUR_PEN
    if grown.pens:
        pen = min(grown.pens, key=lambda each: abs(each - pen))
    return Sketch([(BLACK, pen, grown.fit(grown.nodes, pen)[:, None].repeat(2, axis=1))])


def _glow(grown: _Growing) -> Sketch:
    lines, pen = grown.lines, grown.pen
    if not len(lines):
        return Sketch(background=BLACK)
    found = grown.tones.at(lines.mean(axis=1))
    found = np.rint(np.clip(found / max(float(np.quantile(found.max(axis=1), 0.95)), 1e-6), 0, 1) * _STEPS)
    kinds, chosen = np.unique(found @ (1, _STEPS + 1, (_STEPS + 1) ** 2), return_inverse=True)
    means = np.stack([kinds % (_STEPS + 1), kinds // (_STEPS + 1) % (_STEPS + 1), kinds // (_STEPS + 1) ** 2], axis=1)
    # the brightest last, on top
    order, names = np.argsort(means.sum(axis=1), kind="stable"), hex_colours(means / _STEPS)
    layers = [(names[kind], pen, grown.fit(lines[chosen.ravel() == kind], pen)) for kind in order.tolist()]
    return Sketch(layers, background=BLACK)


def _lowpoly(grown: _Growing) -> Sketch:
    corners = need("scipy.spatial", "lowpoly").Delaunay(grown.nodes).simplices
    triangles = grown.nodes[corners]
    return Sketch(areas=(hex_colours(grown.tones.at(triangles.mean(axis=1))), list(grown.fit(triangles))))


def _glass(grown: _Growing) -> Sketch:
    cells, leads, _ = cells_of(grown.nodes, grown.tones.extent)
    areas = hex_colours(grown.tones.at(grown.nodes)), [grown.fit(cell) for cell in cells]
    return Sketch([(BLACK, grown.pen, grown.fit(leads, grown.pen))], areas)


def _cmyk(grown: _Growing) -> Sketch:
    """Lines in the ink of the network: they grow one after the other, in the order of printing."""
    inks = grown.tones.inks
    return Sketch([(INKS[inks[min(grown.number, len(inks) - 1)]], grown.pen, grown.fit(grown.lines, grown.pen))])


_SKETCHES: dict[str, Callable[[_Growing], Sketch]] = {
    "mesh": _lines,
    "shape": _lines,
    "tone": _tone,
    "stipple": _stipple,
    "glow": _glow,
    "lowpoly": _lowpoly,
    "glass": _glass,
    "cmyk": _cmyk,
}


class Growth:
    """The callback of training that shows the page what has grown, as often as can be seen.

    Parameters
    ----------
    fit : PageFit
    find_tones : callable() -> Tones
        The picture, for the tones and colours of lines; not every style asks for it.
    settings : Settings
    work : Work
        It tells the page.
    """

    def __init__(self, fit: PageFit, find_tones: Callable[[], Tones], settings: Settings, work: Work) -> None:
        self._fit, self._find_tones, self._settings, self._work = fit, cache(find_tones), settings, work
        self._next = 0.0
        self._model: GrowingNeuralGas | None = None
        self._before: list[Sketch] = []  # of networks that are ready, where a style has several
        self._last = Sketch()

    def __call__(self, done: int, total: int, model: GrowingNeuralGas) -> bool:
        if model is not self._model:
            if self._model is not None:
                self._before.append(self._last)
            self._model, self._next = model, 0.0
        now = time.perf_counter()
        if now >= self._next and done < total:
            graph = model.graph_
            self._last = stoppable(self._sketched, graph)
            widest = _WIDEST * max(_THINNEST, _mean_length(graph, self._fit))
            layers = [
                (colour, min(pen, widest), lines)
                for sketch in (*self._before, self._last)
                for colour, pen, lines in sketch.layers
            ]
            facts, data = of_sketch(self._fit, layers, *self._last.areas, self._last.background)
            self._work.tell("frame", {**facts, "nodes": graph.n_nodes, "done": done / total}, data)
            self._next = time.perf_counter() + max(_BETWEEN_FRAMES, _TRAINED * (time.perf_counter() - now))
        return False

    def _sketched(self, graph: Graph) -> Sketch:
        return _SKETCHES[self._settings.style](
            _Growing(graph, self._fit, self._find_tones, self._settings, len(self._before))
        )
