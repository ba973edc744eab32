"""Where the network's float32 coordinates lie in the units of the data, and data on its way from one to the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import as_table, check_values
from gng_fast.graph import Graph
from gng_fast.model.data import Data
from gng_fast.parameters import skip_distance

# The verdict whether data lies far off is made on its first rows, so that it costs nothing and does not depend on what
# comes after them: a stream and the same data in one piece get the same coordinates.
_ROWS_LOOKED_AT = 1024

# Data further from the origin than so many times its extent is moved there. Nearer, float32 rounds coordinates to less
# than 2^-21 of the extent.
_FAR_EXTENTS = 8

# Extents outside of these, and their squares, would come near the ends of what float32 can hold.
_SMALLEST_EXTENT, _LARGEST_EXTENT = 1e-6, 1e12

# Values converted at a time: 4 MB of float32.
_VALUES_AT_ONCE = 2**20

# A memory-mapped array of so many values or more (64 MB of float32) is converted on disk, not in memory.
_VALUES_ON_DISK = 2**24

_Float = TypeVar("_Float", bound=np.floating[Any])


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The network's coordinates: (x - offset) * scale for the user's x, in float32.

    Parameters
    ----------
    offset : ndarray of float64, shape (d,), optional
        None where nothing is moved or scaled: data then goes to the network as it is.
    scale : float, default 1
        A power of 4, so that scaling rounds nothing, nor does its square root.
    """

    offset: NDArray[np.float64] | None = None
    scale: float = 1.0

    @classmethod
    def of(cls, table: NDArray[Any]) -> Self:
        """The coordinates for data that begins with this table of `as_table`.

        float32 data is taken as it is. Any other whose first rows lie further from the origin than 8 times their extent
        (the largest range of a column) is moved by its first row; where their extent is below 1e-6 or above 1e12 it is
        scaled as well.
        """
        if table.dtype == np.float32:
            return cls()
        rows = table[:_ROWS_LOOKED_AT].astype(np.float64)
        check_values(rows)
        extent = float(np.ptp(rows, axis=0).max())
        far = float(np.abs(rows).max()) > _FAR_EXTENTS * extent
        scale = 1.0
        if extent and not _SMALLEST_EXTENT <= extent <= _LARGEST_EXTENT:
            scale = 4.0 ** min(150, -np.floor(np.log2(extent) / 2))
        if not far and scale == 1:
            return cls()
        return cls(rows[0] if far else np.zeros(rows.shape[1]), float(scale))

    def points(self, table: NDArray[Any]) -> NDArray[np.float32]:
        """A table of `as_table` as C-contiguous float32 in the network's coordinates, (n, d).

        Without a copy where it is that already; its values are then not looked at (the network does). A big
        memory-mapped array is converted into a temporary file and comes back memory-mapped.

        Raises ValueError for a value that `check_values` does not allow, OSError if the file cannot be written.
        """
        if self.offset is None and table.dtype == np.float32 and table.flags.c_contiguous:
            return table
        if isinstance(table, np.memmap) and table.size >= _VALUES_ON_DISK:
            return self._points_on_disk(table)
        points = np.empty(table.shape, np.float32)
        for start, rows in self._converted(table):
            points[start : start + len(rows)] = rows
        return points

    def _converted(self, table: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
        """Some rows after others, each with the number of the first, checked and moved, not yet float32."""
        step = max(1, _VALUES_AT_ONCE // table.shape[1])
        for start in range(0, len(table), step):
            rows = np.asarray(table[start : start + step])
            check_values(rows, first_row=start)
            if self.offset is not None:
                rows = np.subtract(rows, self.offset, dtype=np.float64)
                rows *= self.scale
            yield start, rows

    def _points_on_disk(self, table: NDArray[Any]) -> NDArray[np.float32]:
        """`points` in a temporary file, memory-mapped."""
        import tempfile  # not needed but here, and slow to import

        # written as a file, because a full disk behind a memory map would end the process
        with tempfile.TemporaryFile() as file:
            for _, rows in self._converted(table):
                file.write(rows.astype(np.float32).tobytes())
            file.flush()
            return np.memmap(file, np.float32, "r", shape=table.shape)

    def lengths(self, lengths: NDArray[_Float]) -> NDArray[_Float]:
        """Lengths of the network in the units of the data."""
        return lengths if self.scale == 1 else np.divide(lengths, self.scale)

    def graph(self, graph: Graph, variant: str) -> Graph:
        """The network's graph in the units of the data: float64 nodes, if they are not its own.

        variant : the network's, which says whether errors are squared lengths ("fritzke") or lengths ("neupy")
        """
        if self.offset is None:
            return graph
        nodes = graph.nodes / np.float64(self.scale) + self.offset
        errors = np.asarray(graph.errors) / self.scale ** (2 if variant == "fritzke" else 1)
        return Graph(nodes, graph.edges, graph.ages, errors)

    def parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """A network's checked parameters in its own units, from those in the units of the data."""
        # the factor of min_distance that makes the distance below which signals are skipped as many times larger
        root = self.scale**0.5
        factor = root if skip_distance(root, parameters["variant"]) == self.scale else self.scale
        return {**parameters, "min_distance": parameters["min_distance"] * factor}

    def start_nodes(self, init: Graph | Data) -> tuple[NDArray[Any], Iterable[tuple[int, int]]]:
        """Nodes in the network's coordinates, and edges, of a Graph or an array of nodes in the units of the data."""
        nodes, edges = (init.nodes, init.edges) if isinstance(init, Graph) else (as_table(init, "nodes"), ())
        return nodes if self.offset is None else self.points(nodes), edges
