"""Where the network's float32 coordinates lie in the units of the data, and data on its way from one to the other."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import LARGEST_COORDINATE, as_table, check_values, whatever_errstate
from gng_fast.graph import Graph, graph_of_sorted
from gng_fast.model.data import Data
from gng_fast.parameters import MOST_SQUARED, check, skip_distance

# The verdict whether data lies far off is made on the first rows that a model is given, so that it costs nothing and
# does not depend on what comes after them. A stream whose first array is shorter is judged by that array alone.
_ROWS_LOOKED_AT = 1024

# Data further from the origin than so many times its extent is moved there. Nearer, float32 rounds coordinates to less
# than 2^-21 of the extent.
_FAR_EXTENTS = 8

# Extents outside of these, and their squares, would come near the ends of what float32 can hold. What is scaled comes
# just inside, and not to 1, so that what follows in a stream may still be 1e21 times larger, or smaller.
_SMALLEST_EXTENT, _LARGEST_EXTENT = 1e-6, 1e12
_SMALLEST_EXPONENT, _LARGEST_EXPONENT = -19, 40  # of these extents: 2^-20 <= 1e-6 and 1e12 < 2^40

# Powers of 4 up to which a scale is a float64, and so is what it is divided into.
_MOST_POWERS = 511

# Values converted at a time: 4 MB of float32.
_VALUES_AT_ONCE = 2**20

# A memory-mapped array of so many values or more (64 MB of float32) is converted on disk, not in memory.
_VALUES_ON_DISK = 2**24


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
    @whatever_errstate
    def of(cls, table: NDArray[Any]) -> Self:
        """The coordinates for data that begins with this table of `as_table`.

        Data whose first rows have an extent (the largest range of a column) below 1e-6 or above 1e12 is scaled. Data
        that is scaled or not float32, and whose first rows lie further from the origin than 8 times their extent, is
        moved by its first row.
        """
        check_values(table[:_ROWS_LOOKED_AT])
        rows = table[:_ROWS_LOOKED_AT].astype(np.float64)
        extent = float(np.ptp(rows, axis=0).max())
        scale = _scale_of(extent)
        if table.dtype == np.float32 and scale == 1:
            return cls()
        far = float(np.abs(rows).max()) > _FAR_EXTENTS * extent
        if not far and scale == 1:
            return cls()
        return cls(rows[0] if far else np.zeros(rows.shape[1]), scale)

    @property
    def reach(self) -> float:
        """How far from the offset the network's coordinates go, in the units of the data."""
        return LARGEST_COORDINATE / self.scale

    def points(self, table: NDArray[Any], name: str = "X") -> NDArray[np.float32]:
        """A table of `as_table` as C-contiguous float32 in the network's coordinates, (n, d).

        Without a copy where it is that already; its values are then not looked at (the network does). A big
        memory-mapped array is converted into a temporary file and comes back memory-mapped.

        Raises ValueError for a value that `check_values` does not allow or that lies beyond what the coordinates hold,
        OSError if the file cannot be written.
        """
        if self.offset is None and table.dtype == np.float32 and table.flags.c_contiguous:
            return table
        return self._made_points(table, name)

    @whatever_errstate
    def _made_points(self, table: NDArray[Any], name: str) -> NDArray[np.float32]:
        """`points` where they are to be made."""
        if isinstance(table, np.memmap) and table.size >= _VALUES_ON_DISK:
            return self._points_on_disk(table)
        points = np.empty(table.shape, np.float32)
        for start, rows in self._converted(table, name):
            points[start : start + len(rows)] = rows
        return points

    def pieces(self, table: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """`points` of some rows after others, each with the number of the first, and all of them checked.

        Whoever goes through them does it within `whatever_errstate`.
        """
        for start, rows in self._converted(table):
            yield start, np.ascontiguousarray(rows, np.float32)

    def _converted(self, table: NDArray[Any], name: str = "X") -> Iterator[tuple[int, NDArray[Any]]]:
        """Some rows after others, each with the number of the first, checked and moved, not yet float32."""
        step = max(1, _VALUES_AT_ONCE // table.shape[1])
        for start in range(0, len(table), step):
            rows = np.asarray(table[start : start + step])
            check_values(rows, name, first_row=start)
            if self.offset is not None:
                moved = np.subtract(rows, self.offset, dtype=np.float64)
                moved *= self.scale
                self._check_reach(moved, rows, start, name)
                rows = moved
            yield start, rows

    def _check_reach(self, moved: NDArray[np.float64], rows: NDArray[Any], first_row: int, name: str) -> None:
        """Raise ValueError, in the units of the data, if rows lie where the network's coordinates do not go."""
        if -LARGEST_COORDINATE <= moved.min() and moved.max() <= LARGEST_COORDINATE:
            return
        offset = np.zeros(rows.shape[1]) if self.offset is None else self.offset
        row, column = np.argwhere(np.abs(moved) > LARGEST_COORDINATE)[0]
        why = "" if self.scale <= 1 else f" and had an extent of about {2.0**_SMALLEST_EXPONENT / self.scale:.0e}"
        raise ValueError(
            f"{name} must lie within {self.reach:g} of {offset[column]:g} in column {column}, since the first rows "
            f"that the model was given lie there{why}, and float32 does not hold both, got {rows[row, column]} in row "
            f"{first_row + row}: begin with rows that are typical of all, or fit anew"
        )

    def _points_on_disk(self, table: NDArray[Any]) -> NDArray[np.float32]:
        """`points` in a temporary file, memory-mapped."""
        import tempfile  # not needed but here, and slow to import

        # written as a file, because a full disk behind a memory map would end the process
        with tempfile.TemporaryFile() as file:
            for _, rows in self._converted(table):
                file.write(rows.astype(np.float32).tobytes())
            file.flush()
            return np.memmap(file, np.float32, "r", shape=table.shape)

    @whatever_errstate
    def lengths(self, lengths: NDArray[Any]) -> NDArray[Any]:
        """Lengths of the network in the units of the data: float64 where they are other ones."""
        return lengths if self.scale == 1 else np.divide(lengths, self.scale, dtype=np.float64)

    def jitter(self, jitter: float) -> float:
        """The jitter in the network's units; raises ValueError if it goes beyond what the coordinates hold."""
        if check("jitter", jitter) > self.reach:
            raise ValueError(f"jitter must be in [0, {self.reach:g}], got {jitter:g}")
        return float(jitter) * self.scale

    @whatever_errstate
    def graph(self, graph: Graph, variant: str) -> Graph:
        """The network's graph in the units of the data: float64 nodes, if they are not its own.

        variant : the network's, which says whether errors are squared lengths ("fritzke") or lengths ("neupy")
        """
        if self.offset is None:
            return graph
        nodes = graph.nodes / np.float64(self.scale) + self.offset
        errors = np.asarray(graph.errors) / self.scale
        if variant == "fritzke":
            errors /= self.scale  # twice, because the square of a scale may be infinite
        return graph_of_sorted(nodes, graph.edges, graph.ages, errors)

    def parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """A network's checked parameters in its own units, from those in the units of the data."""
        # the factor of min_distance that makes the distance below which signals are skipped as many times larger
        root = self.scale**0.5
        factor = root if skip_distance(root, parameters["variant"]) == self.scale else self.scale
        # beyond the largest every signal is skipped anyway
        least = parameters["min_distance"]
        return {**parameters, "min_distance": least if factor == 1 else min(least * factor, MOST_SQUARED)}

    def start_nodes(self, init: Graph | Data, n_features: int) -> tuple[NDArray[Any], Iterable[tuple[int, int]]]:
        """Nodes in the network's coordinates, and edges, of a Graph or an array of nodes in the units of the data.

        Raises ValueError, TypeError if they do not have `n_features` columns, or are no numbers.
        """
        nodes, edges = (init.nodes, init.edges) if isinstance(init, Graph) else (as_table(init, "init"), ())
        if nodes.shape[1] != n_features:
            raise ValueError(f"init must have nodes of {n_features} columns as X, got {nodes.shape[1]}")
        return nodes if self.offset is None else self.points(nodes, "init"), edges


def _scale_of(extent: float) -> float:
    """The power of 4 nearest to 1 that brings an extent to what float32 computes with; 1 for an extent of 0."""
    if not extent or _SMALLEST_EXTENT <= extent <= _LARGEST_EXTENT:
        return 1.0
    exponent = math.frexp(extent)[1]
    if extent < _SMALLEST_EXTENT:
        return 4.0 ** min(_MOST_POWERS, -((exponent - _SMALLEST_EXPONENT) // 2))
    return 4.0 ** -((exponent - _LARGEST_EXPONENT + 1) // 2)
