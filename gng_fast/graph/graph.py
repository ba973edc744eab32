"""The finished network as plain arrays: what training hands over, and what drawings and files are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_points
from gng_fast.graph.arrays import keep
from gng_fast.graph.backbone import backbone
from gng_fast.graph.exchange import Exchange
from gng_fast.graph.paths import Neighbours, node_at, node_numbered, path_to, search, search_between
from gng_fast.graph.planar import faces, triangles
from gng_fast.graph.preview import preview
from gng_fast.graph.projection import projected
from gng_fast.graph.surface import Surface, surface_of
from gng_fast.graph.validation import Floats, check_finite, checked_clusters, numbers
from gng_fast.progress import Progress, watching

# Beyond these a notebook picture would be slower and heavier than it is worth.
_PICTURE_MAX_EDGES = 50_000
_PICTURE_MAX_VALUES = 1_000_000


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Graph(Exchange):
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
        keep(graph, self.nodes, self.edges, self.ages, self.errors, checked)
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

    def surface(self, *, smooth: bool = True, progress: Progress | None = None) -> Surface:
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
        progress : callable(stage, fraction), optional
            Called again and again with "drawing" and the share of it that is done; the work stops if it returns True.

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
        Stopped
            The callback returned True.

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
        with watching(progress):
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
        if len(ends) == 1:
            distances, before = search_between(self._neighbours, self.nodes, first, ends[0])
        else:
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
    keep(graph, nodes, edges, ages, errors, None)
    return graph
