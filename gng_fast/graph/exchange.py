"""The way of a graph to other libraries and back: the methods of `Graph` for that."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from gng_fast.graph import conversions
from gng_fast.graph.arrays import Arrays
from gng_fast.graph.validation import numbers

if TYPE_CHECKING:
    import networkx
    import pandas
    import scipy.sparse
    from matplotlib.axes import Axes


class Exchange(Arrays):
    """A graph that other libraries can be given; see `Graph`."""

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
        >>> from gng_fast import Graph
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
    ) -> Self:
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
        >>> from gng_fast import Graph
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
        >>> from gng_fast import Graph
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
