"""A graph in the words of other libraries, each imported only when asked for; see the methods of `Graph`."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.graph.validation import Floats
from gng_fast.optional import need

if TYPE_CHECKING:
    import networkx
    import pandas
    import scipy.sparse
    from matplotlib.axes import Axes

Ints = NDArray[np.int64]


def to_networkx(nodes: Floats, errors: Floats, edges: Ints, ages: Ints) -> "networkx.Graph[int]":
    """Return a `networkx.Graph`."""
    result: networkx.Graph[int] = need("networkx", "to_networkx").Graph()
    for node, (pos, error) in enumerate(zip(nodes.tolist(), errors.tolist())):
        result.add_node(node, pos=tuple(pos), error=error)
    for (a, b), age in zip(edges.tolist(), ages.tolist()):
        result.add_edge(a, b, age=age)
    return result


def to_igraph(nodes: Floats, errors: Floats, edges: Ints, ages: Ints, lengths: Floats) -> Any:
    """Return an `igraph.Graph`."""
    return need("igraph", "to_igraph").Graph(
        n=len(nodes),
        edges=edges.tolist(),
        vertex_attrs={"pos": [tuple(pos) for pos in nodes.tolist()], "error": errors.tolist()},
        edge_attrs={"age": ages.tolist(), "length": lengths.tolist()},
    )


def to_scipy(n_nodes: int, edges: Ints, weights: ArrayLike) -> "scipy.sparse.csr_array":
    """Return the symmetric matrix of the weights of the edges."""
    sparse = need("scipy.sparse", "to_scipy", extra="graph")
    values = np.asarray(weights)
    if values.shape != (len(edges),):
        raise ValueError(f"weights must have one value per edge, shape ({len(edges)},), got {values.shape}")
    a, b = edges.T
    both_ways = np.concatenate([a, b]), np.concatenate([b, a])
    return sparse.csr_array((np.tile(values, 2), both_ways), shape=(n_nodes, n_nodes))


def to_pandas(edges: Ints, ages: Ints, lengths: Floats) -> "pandas.DataFrame":
    """Return the edges as a table."""
    frame = need("pandas", "to_pandas").DataFrame
    source, target = edges.T
    return frame({"source": source, "target": target, "age": ages, "length": lengths})


def shortest_path(nodes: Floats, edges: Ints, lengths: Floats, start: ArrayLike, end: ArrayLike) -> tuple[Ints, float]:
    """Return the nodes on the shortest path between the nodes nearest to two points, and its length."""
    csgraph = need("scipy.sparse.csgraph", "shortest_path", extra="graph")
    if not len(nodes):
        raise ValueError("shortest_path needs a graph with at least one node")
    first, last = (_nearest_node(nodes, name, point) for name, point in (("start", start), ("end", end)))
    weights = to_scipy(len(nodes), edges, lengths)
    distances, before = csgraph.dijkstra(weights, indices=first, return_predecessors=True)
    if np.isinf(distances[last]):
        raise ValueError(f"there is no path from node {first} to node {last}: they are in different components")
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], dtype=np.int64), float(distances[last])


def _nearest_node(nodes: Floats, name: str, given: ArrayLike) -> int:
    """The node nearest to a point, the first of equally near ones."""
    point = np.asarray(given, dtype=np.float64)
    if point.shape != (nodes.shape[1],):
        raise ValueError(f"{name} must be a point of {nodes.shape[1]} coordinates, got shape {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError(f"{name} must be finite, got {point.tolist()}")
    return int(np.square(nodes - point).sum(axis=1).argmin())


def plot(
    nodes: Floats, in_plane: Floats, edges: Ints, ax: "Axes | None", node_size: float, line_options: dict[str, Any]
) -> "Axes":
    """Draw on axes of matplotlib, by default new ones, and return them; `in_plane` are the nodes in two dimensions."""
    need("matplotlib", "plot")
    from matplotlib import pyplot
    from matplotlib.collections import LineCollection
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    in_space = nodes.shape[1] == 3 and (ax is None or ax.name == "3d")
    axes: Any = ax  # those in space are of a class of their own
    if axes is None:
        axes = pyplot.subplots(subplot_kw={"projection": "3d"} if in_space else {})[1]
    points: Any = nodes.astype(np.float64) if in_space else in_plane
    options = {"colors": "black", "linewidths": 0.8, **line_options}
    lines = (Line3DCollection if in_space else LineCollection)(points[edges], **options)
    if len(edges):
        axes.add_collection(lines)
    # nodes without edges count for the limits too, drawn or not
    axes.scatter(*points.T, s=node_size, color=lines.get_colors()[:1], linewidths=0)
    axes.set_aspect("equal")
    axes.autoscale_view()
    drawn_on: Axes = axes
    return drawn_on
