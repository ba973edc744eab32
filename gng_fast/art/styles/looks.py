"""Looks in colour: low-poly, stained glass, stipple, and lines in the colours of the picture."""

import numpy as np

from gng_fast.art.drawing import Area, Drawing, Layer, fit_page
from gng_fast.art.styles.coverage import share_of_cells
from gng_fast.graph import Graph

BLACK = "#000000"
# Power of colours in [0, 1] on black.
_BRIGHTEN = 0.75


def lowpoly(graph: Graph, colours: np.ndarray, **page) -> Drawing:
    """Fill the triangles between the nodes of a graph (their Delaunay triangulation), each in its mean colour.

    graph : nodes in pixels of the picture, at (column, -row); its edges do not matter
    colours : (h, w, 3) array in [0, 1], the picture
    page : as in `gng_fast.drawing.fit_page`

    A picture is filled to its border if its corners, half a pixel outside of the corner pixels' centres, are nodes.
    """
    from scipy.spatial import Delaunay

    fit = fit_page(_extent(colours), **page)
    mesh = Delaunay(graph.nodes.astype(np.float64))
    means = _means(
        triangles_at(graph.nodes, mesh.simplices, colours.shape), colours, graph.nodes[mesh.simplices].mean(axis=1)
    )
    outlines = fit(graph.nodes)[mesh.simplices]
    return Drawing(fit.width, fit.height, (), areas=tuple(map(Area, _hex(means), outlines)))


def glass(graph: Graph, colours: np.ndarray, pen: float | None = None, **page) -> Drawing:
    """Fill the cells around the nodes of a graph (their Voronoi cells) in their mean colours, with black leads between.

    pen : width of the leads in mm; by default a twelfth of the mean distance between nodes
    graph, colours, page : as in `lowpoly`
    """
    from scipy.spatial import cKDTree

    fit = fit_page(_extent(colours), **page)
    nodes = graph.nodes.astype(np.float64)
    cells, leads = _cells(nodes, _extent(colours))
    means = _means(cKDTree(nodes).query(_pixel_centres(colours.shape))[1], colours, nodes)
    if pen is None:
        pen = max(0.1, round(np.sqrt(np.prod(colours.shape[:2]) / len(nodes)) * fit.scale / 12, 2))
    areas = tuple(map(Area, _hex(means), [fit(cell) for cell in cells]))
    return Drawing(fit.width, fit.height, (Layer("leads", BLACK, pen, tuple(fit(leads))),), areas=areas)


def stipple(graph: Graph, darkness: np.ndarray, pens=None, **page) -> Drawing:
    """Draw the nodes of a graph as dots, whose ink is the darkness of the picture around them.

    darkness : (h, w) array from 0, paper, to 1, ink
    pens : widths in mm of the dots there are, one layer each; by default eight that suit
    graph, page : as in `lowpoly`
    """
    fit = fit_page(_extent(darkness), **page)
    widths = np.sqrt(share_of_cells(graph.nodes, darkness) * 4 / np.pi) * fit.scale
    if pens is None:
        low, high = np.quantile(widths, (0.05, 0.95)) if len(widths) else (0.3, 0.3)
        pens = np.geomspace(max(low, 0.05), max(high, 0.1), 8).round(2)
    pens = np.unique(pens)
    chosen = np.searchsorted((pens[1:] + pens[:-1]) / 2, widths)
    dots = fit(graph.nodes)[:, None].repeat(2, axis=1)
    layers = [
        Layer(f"dots {pen:.3g} mm", BLACK, float(pen), tuple(dots[chosen == number]))
        for number, pen in enumerate(pens)
        if (chosen == number).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers))


def glow(
    graph: Graph, colours: np.ndarray, pen: float | None = None, n_colours: int = 24, seed: int = 0, **page
) -> Drawing:
    """Draw the edges of a graph in the colours of the picture, brightened as the lines do not cover all, on black.

    n_colours : colours, one layer each: the means of as many groups of edges (k-means)
    pen : width of the lines in mm; by default a quarter of their mean length
    graph, colours, page : as in `lowpoly`
    """
    from scipy.cluster.vq import kmeans2

    fit = fit_page(_extent(colours), **page)
    lines = graph.nodes.astype(np.float64)[graph.edges]
    if not len(lines):
        return Drawing(fit.width, fit.height, (), BLACK)
    if pen is None:
        pen = max(0.1, round(graph.edge_lengths().mean() * fit.scale / 4, 2))
    found = _at(colours, lines.mean(axis=1))
    found = np.clip(found / max(float(np.quantile(found.max(axis=1), 0.95)), 1e-6), 0, 1) ** _BRIGHTEN
    groups = min(n_colours, len(np.unique(found, axis=0)))
    means, chosen = kmeans2(found, groups, minit="++", rng=np.random.default_rng(seed))
    # the brightest last, on top
    order = np.argsort(means @ (0.2125, 0.7154, 0.0721), kind="stable")
    names = _hex(means)
    layers = [
        Layer(names[group], names[group], pen, tuple(fit(lines[chosen == group])))
        for group in order.tolist()
        if (chosen == group).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers), BLACK)


def _extent(picture):
    height, width = picture.shape[:2]
    return -0.5, 0.5 - height, width - 0.5, 0.5


def _pixel_centres(shape):
    rows, columns = np.indices(shape[:2])
    return np.stack([columns.ravel(), -rows.ravel()], axis=1).astype(np.float64)


def _at(colours, points):
    rows, columns = np.rint(-points[:, 1]).astype(int), np.rint(points[:, 0]).astype(int)
    return colours[np.clip(rows, 0, colours.shape[0] - 1), np.clip(columns, 0, colours.shape[1] - 1)]


def triangles_at(nodes, triangles, shape):
    """The triangle that the middle of each pixel lies in, row by row, as (h * w,) int64; -1 for none.

    nodes : (n, 2) array, at (column, -row); triangles : (t, 3) integers, which do not overlap; shape : (h, w, ...)
    """
    height, width = shape[:2]
    x, y = nodes.astype(np.float64).T * ((1,), (-1,))
    corners = np.take_along_axis(triangles, np.argsort(y[triangles], axis=1), axis=1)
    # row by row, a triangle lies between the side from its highest to its lowest corner and one of the two others
    top, bottom = np.clip(np.ceil(y[corners[:, [0, 2]]].T), 0, height).astype(np.int64)
    triangle, row = _ranges(top, bottom)
    a, b, c = corners[triangle].T
    upper = row < y[b]
    ends = np.ceil([_crossing(x, y, row, a, c), _crossing(x, y, row, np.where(upper, a, b), np.where(upper, b, c))])
    left, right = np.clip(np.sort(ends, axis=0), 0, width).astype(np.int64)
    span, column = _ranges(left, right)
    result = np.full(height * width, -1)
    result[row[span] * width + column] = triangle[span]
    return result


def _ranges(starts, stops):
    """Number and value of all that np.arange gives for each start and stop, one after the other."""
    counts = np.maximum(stops - starts, 0)
    number = np.repeat(np.arange(len(counts)), counts)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts - starts, counts)


def _crossing(x, y, row, a, b):
    """Where the lines from nodes a down to nodes b cross the rows."""
    return x[a] + (row - y[a]) / (y[b] - y[a]) * (x[b] - x[a])


def _means(cell, colours, middles):
    """Mean colour of the pixels of each cell, -1 being none; of a cell without pixels the colour in its middle."""
    n = len(middles)
    inside = cell >= 0
    count = np.bincount(cell[inside], minlength=n)
    sums = [np.bincount(cell[inside], channel[inside], n) for channel in colours.reshape(-1, 3).T]
    means = np.stack(sums, axis=1) / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, means, _at(colours, middles))


def _hex(colours):
    return [
        "#{:02x}{:02x}{:02x}".format(*colour) for colour in np.rint(np.clip(colours, 0, 1) * 255).astype(int).tolist()
    ]


def _cells(nodes, extent):
    """Voronoi cells of nodes within a frame, as polygons, and the lines between them."""
    from scipy.spatial import Voronoi

    x_min, y_min, x_max, y_max = extent
    # mirrored in the four sides, the nodes have cells that end there
    mirrored = [nodes * (-1, 1) + (2 * x, 0) for x in (x_min, x_max)] + [
        nodes * (1, -1) + (0, 2 * y) for y in (y_min, y_max)
    ]
    diagram = Voronoi(np.concatenate([nodes, *mirrored]))
    corners = np.clip(diagram.vertices, (x_min, y_min), (x_max, y_max))
    cells = [corners[diagram.regions[region]] for region in diagram.point_region[: len(nodes)]]
    between = [
        ends for (a, b), ends in zip(diagram.ridge_points.tolist(), diagram.ridge_vertices) if min(a, b) < len(nodes)
    ]
    return cells, corners[np.array(between)]
