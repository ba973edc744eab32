"""The finished network as plain arrays: what training hands over, and what drawings and files are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_points
from gng_fast.graph import conversions
from gng_fast.graph.backbone import backbone
from gng_fast.graph.lengths import lengths_of
from gng_fast.graph.paths import Neighbours, node_at, node_numbered, path_to, search
from gng_fast.graph.planar import faces, triangles
from gng_fast.graph.preview import preview
from gng_fast.graph.projection import projected
from gng_fast.graph.surface import Surface, surface_of
from gng_fast.graph.validation import Floats, canonical, check_finite, checked_clusters, numbers

if TYPE_CHECKING:
    import networkx
    import pandas
    import scipy.sparse
    from matplotlib.axes import Axes

# Beyond these a notebook picture would be slower and heavier than it is worth.
_PICTURE_MAX_EDGES = 50_000
_PICTURE_MAX_VALUES = 1_000_000
_REPR_MAX_NODES = 100_000

_Array = TypeVar("_Array", bound=NDArray[Any])


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Graph:
    """An undirected graph with positions, immutable.

    The arrays are copied, put in canonical order (each edge as a < b, the edges sorted by a, then b) and made
    read-only.

    Parameters
    ----------
    nodes : array-like of shape (n, d), d >= 1
        Positions. float32 stays float32; any other type of number becomes float64.
    edges : array-like of int, shape (m, 2)
        Pairs of node indices in any order; no pair twice, no node joined to itself.
    ages : array-like of int, shape (m,), optional
        Age of each edge, in the order of `edges`. Default: zeros.
    errors : array-like of shape (n,), optional
        Accumulated error of each node. Default: zeros.
    clusters : array-like of int, shape (n,), optional
        Number of the cluster of each node, from 0, or -1 for none. Default: None, for a graph without clusters.

    Attributes
    ----------
    nodes : ndarray of float32 or float64, shape (n, d)
    edges : ndarray of int64, shape (m, 2)
    ages : ndarray of int64, shape (m,)
    errors : ndarray of float64, shape (n,)
    clusters : ndarray of int64, shape (n,), or None

    Raises
    ------
    TypeError
        An array does not hold numbers of the right kind.
    ValueError
        A shape, an index or a value is out of range.

    Notes
    -----
    In the graph of a picture a node lies at (column, -row): y points up, as in every plot.

    Examples
    --------
    >>> Graph([[0, 0], [3, 4]], [(1, 0)])
    Graph(2 nodes, 1 edge, 2 features, 1 component)
    """

    nodes: Floats
    edges: NDArray[np.int64]
    ages: NDArray[np.int64]
    errors: NDArray[np.float64]
    clusters: NDArray[np.int64] | None

    def __init__(
        self,
        nodes: ArrayLike,
        edges: ArrayLike,
        ages: ArrayLike | None = None,
        errors: ArrayLike | None = None,
        clusters: ArrayLike | None = None,
    ) -> None:
        arrays = canonical(nodes, edges, ages, errors)
        _keep(self, *arrays, None if clusters is None else checked_clusters(clusters, len(arrays[0])))

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
        return int(self.nodes.shape[1])

    @cached_property
    def degrees(self) -> NDArray[np.int64]:
        """Number of edges at each node, shape (n,)."""
        return _read_only(np.bincount(self.edges.ravel(), minlength=self.n_nodes).astype(np.int64))

    @cached_property
    def components(self) -> NDArray[np.int64]:
        """Connected component of each node, shape (n,): numbered 0, 1, ... in order of their lowest node index."""
        roots = _component_roots(self.n_nodes, self.edges)
        is_root = roots == np.arange(self.n_nodes)
        return _read_only((np.cumsum(is_root) - 1)[roots].astype(np.int64))

    @property
    def n_components(self) -> int:
        """Number of connected components; a node without edges is one."""
        return int(self.components.max(initial=-1)) + 1

    def edge_lengths(self) -> NDArray[np.float64]:
        """Return the Euclidean length of each edge.

        Returns
        -------
        ndarray of float64, shape (m,)
        """
        ends = self.nodes.astype(np.float64)[self.edges]
        return lengths_of(ends[:, 1] - ends[:, 0])

    # ---- parts ------------------------------------------------------------------------------------------------------

    def subgraph(self, nodes: ArrayLike) -> "Graph":
        """Return the graph of some of the nodes, in their order here, and of the edges between them.

        Parameters
        ----------
        nodes : array-like of bool, shape (n,), or array-like of int
            Which of the nodes, or their indices.

        Returns
        -------
        Graph

        Raises
        ------
        TypeError, ValueError
            `nodes` is neither, or an index is out of range.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4], [9, 9], [9, 8]], [(0, 1), (2, 3)])
        >>> graph.subgraph(graph.components == 1)
        Graph(2 nodes, 1 edge, 2 features, 1 component)
        """
        chosen: NDArray[Any] = np.asarray(nodes)
        if chosen.dtype != bool or chosen.shape != (self.n_nodes,):
            indices = numbers("nodes", chosen.astype(np.int64) if chosen.shape == (0,) else chosen, "iu")
            outside = indices[(indices < 0) | (indices >= self.n_nodes)]
            if outside.size:
                raise ValueError(f"nodes must hold node indices from 0 to {self.n_nodes - 1}, got {outside[0]}")
            chosen = np.zeros(self.n_nodes, dtype=bool)
            chosen[indices] = True
        number = np.cumsum(chosen) - 1
        kept = chosen[self.edges].all(axis=1)
        clusters = None if self.clusters is None else self.clusters[chosen]
        return Graph(self.nodes[chosen], number[self.edges[kept]], self.ages[kept], self.errors[chosen], clusters)

    def with_clusters(self, clusters: ArrayLike | None) -> "Graph":
        """Return this graph with other clusters.

        Parameters
        ----------
        clusters : array-like of int, shape (n,), or None
            As of `Graph`.

        Returns
        -------
        Graph
            It shares all other arrays with this one.

        Raises
        ------
        TypeError, ValueError
            As `Graph`.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4], [9, 9]], [(0, 1)])
        >>> graph.with_clusters(graph.components).clusters.tolist()
        [0, 0, 1]
        """
        graph = object.__new__(Graph)
        checked = None if clusters is None else checked_clusters(clusters, self.n_nodes)
        _keep(graph, self.nodes, self.edges, self.ages, self.errors, checked)
        return graph

    def triangles(self) -> NDArray[np.int64]:
        """Return all cycles of three nodes.

        Returns
        -------
        ndarray of int64, shape (t, 3)
            Node indices a < b < c of each; the cycles are sorted.

        Examples
        --------
        >>> Graph([[0, 0], [1, 0], [0, 1], [1, 1]], [(0, 1), (0, 2), (1, 2), (1, 3)]).triangles().tolist()
        [[0, 1, 2]]
        """
        return triangles(self.n_nodes, self.edges)

    def faces(self) -> list[NDArray[np.int64]]:
        """Return the bounded faces of a graph in the plane.

        Edges that lead to no cycle are left out. A node comes twice where a face is pinched. What lies unconnected
        within a face is not cut out of it. Where edges cross, which a trained network has few of, faces overlap.

        Returns
        -------
        list of ndarray of int64, shape (k,)
            Node indices of each face, counter-clockwise.

        Raises
        ------
        ValueError
            The graph has not 2 features.

        Examples
        --------
        >>> square = Graph([[0, 0], [1, 0], [1, 1], [0, 1], [2, 2]], [(0, 1), (1, 2), (2, 3), (0, 3), (2, 4)])
        >>> [face.tolist() for face in square.faces()]
        [[0, 1, 2, 3]]
        """
        if self.n_features != 2:
            raise ValueError(f"faces need a graph of 2 features, got {self.n_features}")
        return faces(self.nodes, self.edges)

    def surface(self, *, smooth: bool = True) -> Surface:
        """Return the closed surface in space that the nodes lie on, such as that of a scanned object.

        Every edge of it is in two triangles, and all triangles are wound alike, whatever the nodes; it has the
        topology of the surface where nodes lie closer together than its sheets and bends. The edges of the graph say
        which nodes are neighbours on the surface; where there are none, the nearest nodes are. Where an opening was
        not scanned it is closed. Nodes off the surface are left out.

        Parameters
        ----------
        smooth : bool, default True
            Whether to move each node onto the quadric that fits best to the nodes around it. That takes out noise, and
            rounds sharp edges a little. Otherwise vertices lie where the nodes are.

        Returns
        -------
        Surface
            Its vertices, triangles and normals; `Surface.save` writes .ply, .obj and .stl.

        Raises
        ------
        ValueError
            The graph has not 3 features, or the nodes do not lie on a closed surface.
        ImportError
            SciPy is not installed.

        Notes
        -----
        The surface is the border between tetrahedra of Delaunay that lie outside and those inside, by normals of
        fitted quadrics (see docs/surfaces.md).

        Examples
        --------
        >>> directions = np.random.default_rng(0).normal(size=(200, 3))
        >>> sphere = Graph(directions / np.linalg.norm(directions, axis=1, keepdims=True), [])
        >>> sphere.surface()
        Surface(200 vertices, 396 triangles, Euler characteristic 2)
        """
        return surface_of(self.nodes, self.edges, smooth)

    # ---- paths ------------------------------------------------------------------------------------------------------

    def distances(self, from_nodes: ArrayLike) -> NDArray[np.float64]:
        """Return how far all nodes are from some, over the edges.

        Parameters
        ----------
        from_nodes : int or array-like of int, shape (k,)
            Numbers of nodes.

        Returns
        -------
        ndarray of float64, shape (n,) or (k, n)
            The length of the shortest path to each node, infinity where there is none; one row for each of `from_nodes`
            if there are several.

        Raises
        ------
        TypeError, ValueError
            They are not numbers of nodes.

        Examples
        --------
        >>> Graph([[0, 0], [3, 4], [3, 0], [9, 9]], [(0, 1), (1, 2)]).distances(0).tolist()
        [0.0, 5.0, 9.0, inf]
        """
        given: NDArray[Any] = np.asarray(from_nodes)
        starts = numbers("from_nodes", given.astype(np.int64) if given.shape == (0,) else given, "iu")
        if starts.ndim > 1:
            raise ValueError(f"from_nodes must be a number or have shape (k,), got {starts.shape}")
        rows = [
            search(self._neighbours, [node_numbered(self.n_nodes, "from_nodes", start)])[0]
            for start in starts.ravel().tolist()
        ]
        return np.array(rows, dtype=np.float64).reshape(*starts.shape, self.n_nodes)

    def shortest_path(self, start: ArrayLike, end: ArrayLike) -> tuple[NDArray[np.int64], float]:
        """Return the shortest path over the edges between two nodes.

        Parameters
        ----------
        start, end : int or array-like of shape (d,)
            The number of a node, or a point: that is the node nearest to it.

        Returns
        -------
        path : ndarray of int64, shape (k,)
            The nodes on the path; one if both are the same.
        length : float
            The sum of the Euclidean lengths of its edges.

        Raises
        ------
        ValueError
            There is no such node, a point has the wrong shape or is not finite, or the nodes are in different
            components.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4], [3, 0]], [(0, 1), (1, 2)])
        >>> path, length = graph.shortest_path([0.2, 0.1], [3, 0.5])
        >>> path.tolist(), length
        ([0, 1, 2], 9.0)
        >>> graph.shortest_path(1, 2)[1]
        4.0
        """
        first, last = node_at(self.nodes, "start", start), node_at(self.nodes, "end", end)
        [(path, length)] = self._paths(first, [last])
        if not len(path):
            raise ValueError(f"there is no path from node {first} to node {last}: they are in different components")
        return path, length

    def shortest_paths(self, start: ArrayLike, ends: Sequence[ArrayLike]) -> list[tuple[NDArray[np.int64], float]]:
        """Return the shortest paths over the edges from a node to several others, by one search.

        Parameters
        ----------
        start : int or array-like of shape (d,)
            As of `shortest_path`.
        ends : sequence of int or array-like of shape (d,)
            Each as `start`.

        Returns
        -------
        list of tuple of ndarray of int64 and float
            Nodes and length of each path, as of `shortest_path`; no nodes and infinity where there is none.

        Raises
        ------
        ValueError
            There is no such node, or a point has the wrong shape or is not finite.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4], [3, 0], [9, 9]], [(0, 1), (1, 2)])
        >>> [(path.tolist(), length) for path, length in graph.shortest_paths(0, [2, 1, 3])]
        [([0, 1, 2], 9.0), ([0, 1], 5.0), ([], inf)]
        """
        first = node_at(self.nodes, "start", start)
        return self._paths(first, [node_at(self.nodes, "ends", end) for end in ends])

    def _paths(self, first: int, ends: list[int]) -> list[tuple[NDArray[np.int64], float]]:
        distances, before = search(self._neighbours, [first], targets=ends)
        paths = [path_to(end, before) if distances[end] < np.inf else [] for end in ends]
        return [(np.array(path, dtype=np.int64), distances[end]) for path, end in zip(paths, ends)]

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self.n_nodes, self.edges, self.edge_lengths())

    def project(self, X: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the nearest place of each row on the edges.

        Parameters
        ----------
        X : array-like of shape (k, d)

        Returns
        -------
        edge : ndarray of int64, shape (k,)
            The nearest edge, as its place in `edges`.
        position : ndarray of float64, shape (k,)
            Where along it, from 0 at its first node to 1 at its second.
        distance : ndarray of float64, shape (k,)
            From the row to that place.

        Raises
        ------
        TypeError, ValueError
            X is no table of finite numbers with d columns, or the graph has no edges.

        Examples
        --------
        >>> edge, position, distance = Graph([[0, 0], [4, 0], [4, 3]], [(0, 1), (1, 2)]).project([[1, 2], [5, 3]])
        >>> edge.tolist(), position.tolist(), distance.tolist()
        ([0, 1], [0.25, 1.0], [2.0, 1.0])
        """
        points = as_points(X, dtype=np.float64)
        if points.shape[1] != self.n_features:
            raise ValueError(f"X must have {self.n_features} columns, got {points.shape[1]}")
        if not self.n_edges:
            raise ValueError("project needs a graph with edges")
        return projected(self.nodes, self.edges, points)

    def backbone(self) -> "Graph":
        """Return the principal tree: the longest path, and the branches clearly longer than the data are thick.

        It shows the course of data that branch, such as cells that develop: its `degrees` are 1 at the ends and more
        than 2 at forks, `project` gives the place of a row on it, and `distances` how far along it a node is.

        Returns
        -------
        Graph
            The same nodes with the edges of the tree, one tree for each component. Its `clusters` number the branches,
            each from one end or fork to the next: to which a node belongs, or is nearest if it is not on the tree; -1
            for a node without edges.

        Notes
        -----
        See docs/paths.md for how it is done, and how thick data may be.

        Examples
        --------
        >>> tree = Graph([[0, 0], [1, 0], [2, 0], [2, 1], [1, 0.2], [3, 0]], [(0, 1), (1, 2), (2, 3), (1, 4), (2, 5)])
        >>> tree.backbone().edges.tolist()
        [[0, 1], [1, 2], [2, 3], [2, 5]]
        """
        tree, branches = backbone(self.nodes, self.edges, self.components)
        keys = self.edges @ [self.n_nodes, 1]
        kept = np.searchsorted(keys, np.unique(tree @ [self.n_nodes, 1]))
        return Graph(self.nodes, self.edges[kept], self.ages[kept], self.errors, branches)

    # ---- other libraries --------------------------------------------------------------------------------------------

    def to_networkx(self) -> "networkx.Graph[int]":
        """Convert to networkx.

        Returns
        -------
        networkx.Graph
            Nodes 0 .. n-1 with a number for each coordinate, `x` and `y` (2 features) or `w0`, `w1`, ..., and `error`;
            edges with `age` and `length`. All are plain numbers, which `write_graphml` and `write_gexf` take.

        Raises
        ------
        ImportError
            networkx is not installed.

        Notes
        -----
        Some functions of networkx take the attribute `weight` for a distance (paths), others for a strength (clusters,
        ranks, layouts). No edge has it: say `weight="length"` where a distance is meant. `networkx.draw` takes the
        positions apart from the graph: ``networkx.draw(graph.to_networkx(), dict(enumerate(graph.in_plane())))``.

        Examples
        --------
        >>> Graph([[0, 0], [3, 4]], [(0, 1)]).to_networkx().edges[0, 1]
        {'age': 0, 'length': 5.0}
        """
        return conversions.to_networkx(self.nodes, self.errors, self.edges, self.ages, self.edge_lengths())

    @classmethod
    def from_networkx(
        cls,
        graph: "networkx.Graph[Any]",
        *,
        pos: str | Sequence[str] | None = None,
        dtype: type[np.float32] | type[np.float64] | np.dtype[Any] = np.float64,
    ) -> "Graph":
        """Make a graph from one of networkx: the way back from `to_networkx`, and from files that networkx reads.

        Parameters
        ----------
        graph : networkx.Graph
            Undirected, with at least one node. Its nodes, whatever they are called, get the numbers 0 .. n-1 in their
            order there. What has no `age` or `error` gets 0; lengths are those between the positions.
        pos : str or sequence of str, optional
            The attribute that holds the coordinates of a node, or the attributes that hold one of them each. By
            default `pos`, or else `x` and `y` (and `z`), or else `w0`, `w1`, ..., whichever the first node has.
        dtype : numpy.float32 or numpy.float64, default numpy.float64
            Type of the positions.

        Returns
        -------
        Graph

        Raises
        ------
        ImportError
            networkx is not installed.
        TypeError
            `graph` is not an undirected `networkx.Graph`, or an attribute is not a number.
        ValueError
            A node has no position, or one of another length, or a value is out of range.

        Examples
        --------
        >>> graph = Graph([[0, 0], [3, 4]], [(0, 1)])
        >>> Graph.from_networkx(graph.to_networkx()) == graph
        True
        """
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64, got {np.dtype(dtype)}")
        positions, edges, ages, errors = conversions.from_networkx(graph, pos)
        return cls(numbers("positions", positions, "iuf").astype(dtype), edges, ages, errors)

    def to_igraph(self) -> Any:
        """Convert to igraph.

        Returns
        -------
        igraph.Graph
            Vertices with `pos` (tuple of float) and `error`, edges with `age` and `length`.

        Raises
        ------
        ImportError
            igraph is not installed.
        """
        return conversions.to_igraph(self.nodes, self.errors, self.edges, self.ages, self.edge_lengths())

    def to_scipy(self, weights: ArrayLike | None = None) -> "scipy.sparse.csr_array":
        """Convert to a symmetric sparse matrix.

        Parameters
        ----------
        weights : array-like of shape (m,), optional
            Weight of each edge; by default its length.

        Returns
        -------
        scipy.sparse.csr_array of shape (n, n)
            The weight of edge (a, b) is at [a, b] and at [b, a]. Indices are int32 where they fit, as scikit-learn's
            spectral methods ask for.

        Raises
        ------
        ImportError
            SciPy is not installed.
        ValueError
            There is not one weight for each edge.

        Examples
        --------
        >>> Graph([[0, 0], [3, 4]], [(0, 1)]).to_scipy().toarray().tolist()
        [[0.0, 5.0], [5.0, 0.0]]
        """
        return conversions.to_scipy(self.n_nodes, self.edges, self.edge_lengths() if weights is None else weights)

    def to_pandas(self) -> "pandas.DataFrame":
        """Convert the edges to a table.

        Returns
        -------
        pandas.DataFrame
            One row for each edge, with the columns source, target, age and length.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        return conversions.to_pandas(self.edges, self.ages, self.edge_lengths())

    def plot(self, ax: "Axes | None" = None, *, node_size: float = 0.0, **line_options: Any) -> "Axes":
        """Draw with matplotlib.

        One feature lies along a line, two in the plane, three in space; of more, or of three on axes in the plane, the
        first two principal components are shown.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default axes of a new figure.
        node_size : float, default 0
            Area of a node's dot in points squared.
        **line_options
            Passed to matplotlib's LineCollection, such as `colors` or `linewidths`.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            matplotlib is not installed.
        """
        return conversions.plot(self.nodes, self.in_plane(), self.edges, ax, node_size, line_options)

    def in_plane(self) -> NDArray[np.float64]:
        """Return positions in the plane.

        Returns
        -------
        ndarray of float64, shape (n, 2)
            Two features as they are, one along a line, more on their first two principal components.
        """
        return _in_plane(self.nodes)

    def __repr__(self) -> str:
        counts = [(self.n_nodes, "node"), (self.n_edges, "edge"), (self.n_features, "feature")]
        if self.n_nodes <= _REPR_MAX_NODES:
            counts.append((self.n_components, "component"))
        words = [f"{count} {noun}" if count == 1 else f"{count} {noun}s" for count, noun in counts]
        return f"Graph({', '.join(words)})"

    def __eq__(self, other: object) -> bool:
        """Exact: the same nodes (in value and dtype), edges, ages and errors; what clusters they are in is left out."""
        if not isinstance(other, Graph):
            return NotImplemented
        return self.nodes.dtype == other.nodes.dtype and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("nodes", "edges", "ages", "errors")
        )

    def __hash__(self) -> int:
        """Of the content, as the arrays are read-only: equal graphs have equal hashes."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # 0 is added, because -0.0 equals 0.0
        return hash((str(self.nodes.dtype), self.nodes.shape, (self.nodes + 0).tobytes(), self.edges.tobytes()))

    def __reduce__(self) -> tuple[type["Graph"], tuple[NDArray[Any] | None, ...]]:
        # Through the constructor, because pickled arrays come back writable.
        return Graph, (self.nodes, self.edges, self.ages, self.errors, self.clusters)

    def _repr_svg_(self) -> str | None:
        """The picture notebooks show; None (they show the repr instead) for a very big graph.

        One feature lies along a line; of more than two the first two principal components are shown.
        """
        if self.n_edges > _PICTURE_MAX_EDGES or self.nodes.size > _PICTURE_MAX_VALUES:
            return None
        return preview(self.in_plane(), self.edges)


def graph_of_sorted(
    nodes: Floats, edges: NDArray[np.int64], ages: NDArray[np.int64], errors: NDArray[np.float64]
) -> Graph:
    """Return the graph of arrays that are as those of a `Graph`, and nobody else's: they are not copied.

    Parameters
    ----------
    nodes : ndarray of float32 or float64, shape (n, d)
    edges : ndarray of int64, shape (m, 2)
        Each as a < b, sorted by a, then b.
    ages : ndarray of int64, shape (m,)
    errors : ndarray of float64, shape (n,)

    Returns
    -------
    Graph

    Raises
    ------
    ValueError
        If a position or an error is not finite. Nothing else is checked.
    """
    check_finite("nodes", nodes)
    check_finite("errors", errors)
    graph = object.__new__(Graph)
    _keep(graph, nodes, edges, ages, errors, None)
    return graph


def _keep(
    graph: Graph,
    nodes: Floats,
    edges: NDArray[np.int64],
    ages: NDArray[np.int64],
    errors: NDArray[np.float64],
    clusters: NDArray[np.int64] | None,
) -> None:
    """Make these the arrays of a new graph."""
    for name, array in (("nodes", nodes), ("edges", edges), ("ages", ages), ("errors", errors)):
        object.__setattr__(graph, name, _read_only(array))
    object.__setattr__(graph, "clusters", None if clusters is None else _read_only(clusters))


def _read_only(array: _Array) -> _Array:
    array.flags.writeable = False
    return array


def _component_roots(n_nodes: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
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


def _in_plane(positions: Floats) -> NDArray[np.float64]:
    nodes: NDArray[np.float64] = positions.astype(np.float64)
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
