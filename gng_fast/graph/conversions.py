"""A Graph in the words of other libraries, each imported only when it is asked for; see the methods of `Graph`."""

from importlib import import_module

import numpy as np

# libraries and what installs them: extras of ours, but for igraph, whose licence (GPL) is for users to choose
_INSTALLED_BY = {
    "networkx": "'gng-fast[art]'",
    "scipy.sparse": "'gng-fast[graph]'",
    "pandas": "'gng-fast[graph]'",
    "matplotlib": "'gng-fast[graph]'",
    "igraph": "igraph",
}


def need(library: str, what: str):
    """Import and return a library; ImportError naming what to install, in one line, where it is missing."""
    try:
        return import_module(library)
    except ImportError as error:
        name = library.partition(".")[0]
        raise ImportError(f"{what} needs {name}: pip install {_INSTALLED_BY[library]}") from error


def to_networkx(graph):
    networkx = need("networkx", "to_networkx")
    result = networkx.Graph()
    for node, (pos, error) in enumerate(zip(graph.nodes.tolist(), graph.errors.tolist())):
        result.add_node(node, pos=tuple(pos), error=error)
    for (a, b), age in zip(graph.edges.tolist(), graph.ages.tolist()):
        result.add_edge(a, b, age=age)
    return result


def to_igraph(graph):
    igraph = need("igraph", "to_igraph")
    return igraph.Graph(
        n=graph.n_nodes,
        edges=graph.edges.tolist(),
        vertex_attrs={"pos": [tuple(pos) for pos in graph.nodes.tolist()], "error": graph.errors.tolist()},
        edge_attrs={"age": graph.ages.tolist(), "length": graph.edge_lengths().tolist()},
    )


def to_scipy(graph, weights=None):
    sparse = need("scipy.sparse", "to_scipy")
    weights = graph.edge_lengths() if weights is None else np.asarray(weights)
    if weights.shape != (graph.n_edges,):
        raise ValueError(f"weights must have one value per edge, shape ({graph.n_edges},), got {weights.shape}")
    a, b = graph.edges.T
    both_ways = np.concatenate([a, b]), np.concatenate([b, a])
    return sparse.csr_array((np.tile(weights, 2), both_ways), shape=(graph.n_nodes, graph.n_nodes))


def to_pandas(graph):
    pandas = need("pandas", "to_pandas")
    source, target = graph.edges.T
    return pandas.DataFrame({"source": source, "target": target, "age": graph.ages, "length": graph.edge_lengths()})


def shortest_path(graph, start, end):
    sparse = need("scipy.sparse", "shortest_path")
    if not graph.n_nodes:
        raise ValueError("shortest_path needs a graph with at least one node")
    first, last = (_nearest_node(graph, name, point) for name, point in (("start", start), ("end", end)))
    lengths, before = sparse.csgraph.dijkstra(to_scipy(graph), indices=first, return_predecessors=True)
    if np.isinf(lengths[last]):
        raise ValueError(f"there is no path from node {first} to node {last}: they are in different components")
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1]), float(lengths[last])


def _nearest_node(graph, name, point):
    point = np.asarray(point, dtype=np.float64)
    if point.shape != (graph.n_features,):
        raise ValueError(f"{name} must be a point of {graph.n_features} coordinates, got shape {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError(f"{name} must be finite, got {point.tolist()}")
    return int(np.square(graph.nodes - point).sum(axis=1).argmin())


def plot(graph, ax=None, *, node_size=0.0, **line_options):
    need("matplotlib", "plot")
    from matplotlib import pyplot
    from matplotlib.collections import LineCollection
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    in_space = graph.n_features == 3 and (ax is None or ax.name == "3d")
    if ax is None:
        ax = pyplot.subplots(subplot_kw={"projection": "3d"} if in_space else {})[1]
    points = graph.nodes.astype(np.float64) if in_space else graph.in_plane()
    options = {"colors": "black", "linewidths": 0.8, **line_options}
    lines = (Line3DCollection if in_space else LineCollection)(points[graph.edges], **options)
    if graph.n_edges:
        ax.add_collection(lines)
    # nodes without edges count for the limits too, drawn or not
    ax.scatter(*points.T, s=node_size, color=lines.get_colors()[:1], linewidths=0)
    ax.set_aspect("equal")
    ax.autoscale_view()
    return ax
