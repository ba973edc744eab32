"""The finished network as plain arrays: what training hands over, and what drawings and files are made from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gng_fast.graph import conversions
from gng_fast.graph.planar import faces, triangles
from gng_fast.graph.preview import preview

# Beyond these a notebook picture would be slower and heavier than it is worth.
_PICTURE_MAX_EDGES = 50_000
_PICTURE_MAX_VALUES = 1_000_000
_REPR_MAX_NODES = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """An undirected graph with positions, immutable.

    In the graph of a picture a node lies at (column, -row): y points up, as in every plot.

    Parameters
    ----------
    nodes : (n, d) array, d >= 1
        Positions. float32 stays float32; any other type of number becomes float64.
    edges : (m, 2) array of integers
        Pairs of node indices in any order; no pair twice, no node joined to itself.
    ages : (m,) array of integers, optional
        Age of each edge, in the order of `edges`. Default: zeros.
    errors : (n,) array, optional
        Accumulated error of each node. Default: zeros.

    The arrays are copied, put in canonical order (each edge as a < b, edges sorted by a, then b) and made read-only:
    `nodes` float32 or float64, `edges` int64, `ages` int64, `errors` float64.

    Raises
    ------
    TypeError
        An array does not hold numbers of the right kind.
    ValueError
        A shape, an index or a value is out of range.
    """

    nodes: np.ndarray
    edges: np.ndarray
    ages: np.ndarray | None = None
    errors: np.ndarray | None = None

    def __post_init__(self):
        nodes = _checked_nodes(self.nodes)
        edges = _checked_edges(self.edges, len(nodes))
        ages = _checked_ages(self.ages, len(edges))
        errors = _checked_errors(self.errors, len(nodes))
        # One number per edge sorts faster than two columns.
        keys = edges[:, 0] * len(nodes) + edges[:, 1]
        order = np.argsort(keys, kind="stable")
        keys, edges, ages = keys[order], edges[order], ages[order]
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if twice.size:
            raise ValueError(f"edges must not repeat an edge, got {_pair(edges[twice[0]])} more than once")
        for name, array in (("nodes", nodes), ("edges", edges), ("ages", ages), ("errors", errors)):
            object.__setattr__(self, name, _read_only(array))

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edges)

    @property
    def n_features(self) -> int:
        """Number of coordinates of a node."""
        return self.nodes.shape[1]

    @cached_property
    def degrees(self) -> np.ndarray:
        """(n,) int64: number of edges at each node."""
        return _read_only(np.bincount(self.edges.ravel(), minlength=self.n_nodes).astype(np.int64))

    @cached_property
    def components(self) -> np.ndarray:
        """(n,) int64: connected component of each node, numbered 0, 1, ... in order of their lowest node index."""
        roots = _component_roots(self.n_nodes, self.edges)
        is_root = roots == np.arange(self.n_nodes)
        return _read_only((np.cumsum(is_root) - 1)[roots].astype(np.int64))

    @property
    def n_components(self) -> int:
        """Number of connected components; a node without edges is one."""
        return int(self.components.max(initial=-1)) + 1

    def edge_lengths(self) -> np.ndarray:
        """(m,) float64: Euclidean length of each edge."""
        ends = self.nodes.astype(np.float64)[self.edges]
        return np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)

    # ---- parts ---------------------------------------------------------------------------------------------------------

    def subgraph(self, nodes) -> "Graph":
        """The graph of some of the nodes, in their order here, and of the edges between them.

        Parameters
        ----------
        nodes : (n,) array of bool, or array of node indices

        Raises
        ------
        TypeError, ValueError
            If `nodes` is neither, or an index is out of range.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4], [9, 9], [9, 8]], [(0, 1), (2, 3)])
        >>> graph.subgraph(graph.components == 1)
        Graph(2 nodes, 1 edge, 2 features, 1 component)
        """
        chosen = np.asarray(nodes)
        if chosen.dtype != bool or chosen.shape != (self.n_nodes,):
            indices = _numbers("nodes", chosen.astype(np.int64) if chosen.shape == (0,) else chosen, "iu")
            outside = indices[(indices < 0) | (indices >= self.n_nodes)]
            if outside.size:
                raise ValueError(f"nodes must hold node indices from 0 to {self.n_nodes - 1}, got {outside[0]}")
            chosen = np.zeros(self.n_nodes, dtype=bool)
            chosen[indices] = True
        number = np.cumsum(chosen) - 1
        kept = chosen[self.edges].all(axis=1)
        return Graph(self.nodes[chosen], number[self.edges[kept]], self.ages[kept], self.errors[chosen])

    def triangles(self) -> np.ndarray:
        """(t, 3) int64: all cycles of three nodes a < b < c, sorted.

        >>> Graph([[0, 0], [1, 0], [0, 1], [1, 1]], [(0, 1), (0, 2), (1, 2), (1, 3)]).triangles().tolist()
        [[0, 1, 2]]
        """
        return triangles(self.n_nodes, self.edges)

    def faces(self) -> list[np.ndarray]:
        """The bounded faces of a graph in the plane: node indices of each, counter-clockwise.

        Edges that lead to no cycle are left out. A node comes twice where a face is pinched. What lies unconnected within
        a face is not cut out of it. Where edges cross, which a trained network has few of, faces overlap.

        Returns
        -------
        list of (k,) int64 arrays

        Raises
        ------
        ValueError
            If the graph has not 2 features.

        Examples
        --------
        >>> square = Graph([[0, 0], [1, 0], [1, 1], [0, 1], [2, 2]], [(0, 1), (1, 2), (2, 3), (0, 3), (2, 4)])
        >>> [face.tolist() for face in square.faces()]
        [[0, 1, 2, 3]]
        """
        if self.n_features != 2:
            raise ValueError(f"faces need a graph of 2 features, got {self.n_features}")
        return faces(self.nodes, self.edges)

    def shortest_path(self, start, end) -> tuple[np.ndarray, float]:
        """The shortest way over the edges between the nodes nearest to two points.

        Parameters
        ----------
        start, end : (d,) arrays

        Returns
        -------
        path : (k,) int64, the nodes on the way; one if both points have the same nearest node
        length : float, the sum of the Euclidean lengths of its edges

        Raises
        ------
        ValueError
            If a point has the wrong shape or is not finite, or the nodes are in different components.
        ImportError
            If SciPy is not installed.

        Examples
        --------
        >>> path, length = Graph([[0, 0], [3, 4], [3, 0]], [(0, 1), (1, 2)]).shortest_path([0.2, 0.1], [3, 0.5])
        >>> path.tolist(), length
        ([0, 1, 2], 9.0)
        """
        return conversions.shortest_path(self, start, end)

    # ---- other libraries -----------------------------------------------------------------------------------------------

    def to_networkx(self):
        """A `networkx.Graph`: nodes 0 .. n-1 with `pos` (tuple of float) and `error`, edges with `age`.

        Raises ImportError when networkx is not installed.
        """
        return conversions.to_networkx(self)

    def to_igraph(self):
        """An `igraph.Graph`: vertices with `pos` (tuple of float) and `error`, edges with `age` and `length`.

        Raises ImportError when igraph is not installed.
        """
        return conversions.to_igraph(self)

    def to_scipy(self, weights=None):
        """The symmetric (n, n) `scipy.sparse.csr_array` that holds the weight of each edge, both ways.

        weights : (m,) array, optional; by default the lengths of the edges

        Raises ImportError when SciPy is not installed, ValueError for a wrong number of weights.

        >>> Graph([[0, 0], [3, 4]], [(0, 1)]).to_scipy().toarray().tolist()
        [[0.0, 5.0], [5.0, 0.0]]
        """
        return conversions.to_scipy(self, weights)

    def to_pandas(self):
        """The edge list as a `pandas.DataFrame` with the columns source, target, age and length.

        Raises ImportError when pandas is not installed.
        """
        return conversions.to_pandas(self)

    def plot(self, ax=None, *, node_size: float = 0.0, **line_options):
        """Draw with matplotlib.

        One feature lies along a line, two in the plane, three in space; of more, or of three on axes in the plane, the
        first two principal components are shown.

        ax : matplotlib Axes, by default those of a new figure
        node_size : area of a node's dot in points squared
        line_options : passed to matplotlib's LineCollection, as colors or linewidths

        Returns the Axes. Raises ImportError when matplotlib is not installed.
        """
        return conversions.plot(self, ax, node_size=node_size, **line_options)

    def in_plane(self) -> np.ndarray:
        """(n, 2) float64: two features as they are, one along a line, more on their first two principal components."""
        return _in_plane(self.nodes)

    def __repr__(self) -> str:
        counts = [(self.n_nodes, "node"), (self.n_edges, "edge"), (self.n_features, "feature")]
        if self.n_nodes <= _REPR_MAX_NODES:
            counts.append((self.n_components, "component"))
        words = [f"{count} {noun}" if count == 1 else f"{count} {noun}s" for count, noun in counts]
        return f"Graph({', '.join(words)})"

    def __eq__(self, other) -> bool:
        """Exact: the same nodes (in value and dtype), edges, ages and errors."""
        if not isinstance(other, Graph):
            return NotImplemented
        return self.nodes.dtype == other.nodes.dtype and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("nodes", "edges", "ages", "errors")
        )

    def __reduce__(self):
        # Through the constructor, because pickled arrays come back writable.
        return Graph, (self.nodes, self.edges, self.ages, self.errors)

    def _repr_svg_(self) -> str | None:
        """The picture notebooks show; None (they show the repr instead) for a very big graph.

        One feature lies along a line; of more than two the first two principal components are shown.
        """
        if self.n_edges > _PICTURE_MAX_EDGES or self.nodes.size > _PICTURE_MAX_VALUES:
            return None
        return preview(self.in_plane(), self.edges)


def _checked_nodes(nodes):
    nodes = _numbers("nodes", nodes, "iuf")
    if nodes.ndim != 2 or nodes.shape[1] < 1:
        raise ValueError(f"nodes must have shape (n, d) with d >= 1, got {nodes.shape}")
    nodes = np.array(nodes, dtype=np.float32 if nodes.dtype == np.float32 else np.float64, order="C")
    return _finite("nodes", nodes)


def _checked_edges(edges, n_nodes):
    edges = np.asarray(edges)
    if edges.shape == (0,):  # an empty list has no second axis and no integer type
        edges = np.empty((0, 2), dtype=np.int64)
    edges = _numbers("edges", edges, "iu")
    if edges.ndim != 2 or edges.shape[1] != 2:
        raise ValueError(f"edges must have shape (m, 2), got {edges.shape}")
    if len(edges) and not n_nodes:
        raise ValueError(f"edges must be empty when there are no nodes, got {_pair(edges[0])}")
    outside = edges[(edges < 0) | (edges >= n_nodes)]
    if outside.size:
        raise ValueError(f"edges must hold node indices from 0 to {n_nodes - 1}, got {outside[0]}")
    loops = edges[edges[:, 0] == edges[:, 1]]
    if loops.size:
        raise ValueError(f"edges must join two different nodes, got {_pair(loops[0])}")
    return np.sort(edges.astype(np.int64), axis=1)


def _checked_ages(ages, n_edges):
    if ages is None:
        return np.zeros(n_edges, dtype=np.int64)
    ages = np.asarray(ages)
    if ages.shape == (0,):  # an empty list has no integer type
        ages = ages.astype(np.int64)
    ages = _numbers("ages", ages, "iu")
    if ages.shape != (n_edges,):
        raise ValueError(f"ages must have one value per edge, shape ({n_edges},), got {ages.shape}")
    if ages.max(initial=0) > np.iinfo(np.int64).max:
        raise ValueError(f"ages must fit in 64-bit signed integers, got {ages.max()}")
    return ages.astype(np.int64)


def _checked_errors(errors, n_nodes):
    if errors is None:
        return np.zeros(n_nodes)
    errors = _numbers("errors", errors, "iuf")
    if errors.shape != (n_nodes,):
        raise ValueError(f"errors must have one value per node, shape ({n_nodes},), got {errors.shape}")
    return _finite("errors", errors.astype(np.float64))


def _numbers(name, values, kinds):
    array = np.asarray(values)
    if array.dtype.kind not in kinds:
        wanted = "numbers" if "f" in kinds else "integers"
        raise TypeError(f"{name} must be an array of {wanted}, got dtype {array.dtype}")
    return array


def _finite(name, array):
    wrong = array[~np.isfinite(array)]
    if wrong.size:
        raise ValueError(f"{name} must be finite, got {wrong[0]}")
    return array


def _pair(edge):
    return f"({edge[0]}, {edge[1]})"


def _read_only(array):
    array.flags.writeable = False
    return array


def _component_roots(n_nodes, edges):
    """The lowest node index of each node's component, (n,) int64.

    Every round hooks the root of each component below the lowest root it touches, then flattens the chains by pointer
    jumping; both are array operations, so a million nodes take a fraction of a second.
    """
    roots = np.arange(n_nodes)
    a, b = edges.T
    while True:
        root_a, root_b = roots[a], roots[b]
        apart = root_a != root_b
        if not apart.any():
            return roots
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(roots, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while True:
            jumped = roots[roots]
            if np.array_equal(jumped, roots):
                break
            roots = jumped


def _in_plane(nodes):
    nodes = nodes.astype(np.float64)
    if nodes.shape[1] > 2 and len(nodes):
        centred = nodes - nodes.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
        # The SVD leaves the sign of each axis open: make the largest coordinate of each positive.
        largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
        nodes = centred @ (axes * np.where(largest < 0, -1.0, 1.0)).T
    plane = np.zeros((len(nodes), 2))
    used = min(2, nodes.shape[1])
    plane[:, :used] = nodes[:, :used]
    return plane
