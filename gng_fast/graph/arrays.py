"""The arrays of a graph, and what is counted, measured and compared of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.graph.components import component_roots
from gng_fast.graph.lengths import lengths_of
from gng_fast.graph.plane import in_plane
from gng_fast.graph.validation import Floats, canonical, checked_clusters

# The components of a bigger graph take longer than a repr may.
_REPR_MAX_NODES = 100_000

_Array = TypeVar("_Array", bound=NDArray[Any])


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Arrays:
    """What a `Graph` consists of; see there."""

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
        keep(self, *arrays, None if clusters is None else checked_clusters(clusters, len(arrays[0])))

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
        roots = component_roots(self.n_nodes, self.edges)
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

    def in_plane(self) -> NDArray[np.float64]:
        """Return positions in the plane.

        Returns
        -------
        ndarray of float64, shape (n, 2)
            Two features as they are, one along a line, more on their first two principal components.
        """
        return in_plane(self.nodes)

    def __repr__(self) -> str:
        counts = [(self.n_nodes, "node"), (self.n_edges, "edge"), (self.n_features, "feature")]
        if self.n_nodes <= _REPR_MAX_NODES:
            counts.append((self.n_components, "component"))
        words = [f"{count} {noun}" if count == 1 else f"{count} {noun}s" for count, noun in counts]
        return f"Graph({', '.join(words)})"

    def __eq__(self, other: object) -> bool:
        """Exact: the same nodes (in value and dtype), edges, ages and errors; what clusters they are in is left out."""
        if not isinstance(other, Arrays):
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

    def __reduce__(self) -> tuple[type["Arrays"], tuple[NDArray[Any] | None, ...]]:
        # Through the constructor, because pickled arrays come back writable.
        return type(self), (self.nodes, self.edges, self.ages, self.errors, self.clusters)


def keep(
    graph: Arrays,
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
