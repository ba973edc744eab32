"""A graph in the words of other libraries, each imported only when asked for; see the methods of `Graph`."""

from collections.abc import Sequence
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


def coordinate_names(n_features: int) -> list[str]:
    """Return the names of the coordinates of a node, as attributes of which each is one number."""
    return ["x", "y"] if n_features == 2 else [f"w{i}" for i in range(n_features)]


def to_networkx(nodes: Floats, errors: Floats, edges: Ints, ages: Ints, lengths: Floats) -> "networkx.Graph[int]":
    """Return a `networkx.Graph`."""
    result: networkx.Graph[int] = need("networkx", "to_networkx").Graph()
    names = coordinate_names(nodes.shape[1])
    for node, (coordinates, error) in enumerate(zip(nodes.tolist(), errors.tolist())):
        result.add_node(node, **dict(zip(names, coordinates)), error=error)
    for (a, b), age, length in zip(edges.tolist(), ages.tolist(), lengths.tolist()):
        result.add_edge(a, b, age=age, length=length)
    return result


def from_networkx(
    graph: "networkx.Graph[Any]", pos: str | Sequence[str] | None
) -> tuple[list[list[Any]], list[tuple[int, int]], list[Any], list[Any]]:
    """Return the nodes, edges, ages and errors of a `networkx.Graph`, with its nodes numbered in their order there."""
    networkx = need("networkx", "from_networkx")
    if not isinstance(graph, networkx.Graph) or graph.is_directed() or graph.is_multigraph():
        raise TypeError(
            f"graph must be an undirected networkx.Graph, got {type(graph).__name__} (networkx.Graph(graph) makes one)"
        )
    if not len(graph):
        raise ValueError("graph must have at least one node, got none")
    positions = _positions(dict(graph.nodes(data=True)), pos)
    number = {node: i for i, node in enumerate(graph)}
    edges = [(number[a], number[b]) for a, b in graph.edges()]
    ages = [age for *_, age in graph.edges(data="age", default=0)]
    errors = [error for _, error in graph.nodes(data="error", default=0.0)]
    return positions, edges, ages, errors


def _positions(attributes: dict[Any, dict[str, Any]], pos: str | Sequence[str] | None) -> list[list[Any]]:
    """The coordinates of each node, from one attribute, or from those that hold one number each."""
    if pos is None:
        pos = _names_of_position(next(iter(attributes.values())))
    names = [pos] if isinstance(pos, str) else list(pos)
    positions: list[list[Any]] = []
    for node, known in attributes.items():
        for name in names:
            if name not in known:
                raise ValueError(f"every node must have the attribute {name!r}, node {node!r} has none")
        position = list(known[pos]) if isinstance(pos, str) and np.ndim(known[pos]) else [known[name] for name in names]
        if positions and len(position) != len(positions[0]):
            raise ValueError(
                f"every node must have {len(positions[0])} coordinates as the first, node {node!r} has {len(position)}"
            )
        positions.append(position)
    return positions


def _names_of_position(known: dict[str, Any]) -> str | list[str]:
    """The attributes that a node's position is in: `pos`, as other tools have it, or the names of `to_networkx`."""
    if "pos" in known:
        return "pos"
    if "x" in known and "y" in known:
        return ["x", "y", "z"] if "z" in known else ["x", "y"]
    names: list[str] = []
    while f"w{len(names)}" in known:
        names.append(f"w{len(names)}")
    if not names:
        raise ValueError("the nodes must have positions in pos, in x and y, or in w0, w1, ...: name them in `pos`")
    return names


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
    # scikit-learn's spectral methods, and some of SciPy's own, take indices of 32 bits only
    index = np.int32 if max(n_nodes, 2 * len(edges)) <= np.iinfo(np.int32).max else np.int64
    both_ways = np.concatenate([a, b]).astype(index), np.concatenate([b, a]).astype(index)
    return sparse.csr_array((np.tile(values, 2), both_ways), shape=(n_nodes, n_nodes))


def to_pandas(edges: Ints, ages: Ints, lengths: Floats) -> "pandas.DataFrame":
    """Return the edges as a table."""
    frame = need("pandas", "to_pandas").DataFrame
    source, target = edges.T
    return frame({"source": source, "target": target, "age": ages, "length": lengths})


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
