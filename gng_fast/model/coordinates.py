"""Frame: where the network's float32 coordinates lie in the user's units, and data on its way from one to the other."""

from dataclasses import dataclass

import numpy as np

from gng_fast.checks import as_table, check_values
from gng_fast.graph import Graph

# The verdict whether data lies far off is made on its first rows, so that it costs nothing and does not depend on what
# comes after them: a stream and the same data in one piece get the same frame.
_FIRST_ROWS = 1024

# Data further from the origin than so many times its extent is moved there. Nearer, float32 rounds coordinates to less
# than 2^-21 of the extent.
_FAR = 8

# Extents outside of these, and their squares, would come near the ends of what float32 can hold.
_SMALLEST_EXTENT, _LARGEST_EXTENT = 1e-6, 1e12

# Values converted at a time: 4 MB of float32.
_BLOCK_VALUES = 2**20

# A memory-mapped array of so many values or more (64 MB of float32) is converted on disk, not in memory.
_SPOOL_VALUES = 2**24


@dataclass(frozen=True, eq=False)
class Frame:
    """The network's coordinate is (x - offset) * scale for the user's x, in float32.

    offset : (d,) float64, or None where nothing is moved or scaled: data then goes to the network as it is
    scale : a power of 4, so that scaling rounds nothing, nor does its square root
    """

    offset: np.ndarray | None = None
    scale: float = 1.0

    @classmethod
    def of(cls, table: np.ndarray) -> "Frame":
        """The frame for data that begins with this table of `as_table`.

        float32 data is taken as it is. Any other whose first rows lie further from the origin than 8 times their extent
        (the largest range of a column) is moved by its first row; where their extent is below 1e-6 or above 1e12 it is
        scaled as well.
        """
        if table.dtype == np.float32:
            return cls()
        rows = table[:_FIRST_ROWS].astype(np.float64)
        check_values(rows)
        extent = float(np.ptp(rows, axis=0).max())
        far = float(np.abs(rows).max()) > _FAR * extent
        scale = 1.0
        if extent and not _SMALLEST_EXTENT <= extent <= _LARGEST_EXTENT:
            scale = 4.0 ** min(150, -np.floor(np.log2(extent) / 2))
        if not far and scale == 1:
            return cls()
        return cls(rows[0] if far else np.zeros(rows.shape[1]), float(scale))

    def points(self, table: np.ndarray) -> np.ndarray:
        """A table of `as_table` as C-contiguous float32 in the network's coordinates, (n, d).

        Without a copy where it is that already; its values are then not looked at (the network does). A big
        memory-mapped array is converted into a temporary file and comes back memory-mapped.

        Raises ValueError for a value that `check_values` does not allow, OSError if the file cannot be written.
        """
        if self._takes(table):
            return table
        if isinstance(table, np.memmap) and table.size >= _SPOOL_VALUES:
            return self._spooled(table)
        points = np.empty(table.shape, np.float32)
        for start, block in self._blocks(table):
            points[start : start + len(block)] = block
        return points

    def _takes(self, table):
        return self.offset is None and table.dtype == np.float32 and table.flags.c_contiguous

    def _blocks(self, table):
        rows = max(1, _BLOCK_VALUES // table.shape[1])
        for start in range(0, len(table), rows):
            block = np.asarray(table[start : start + rows])
            check_values(block, first_row=start)
            if self.offset is not None:
                block = np.subtract(block, self.offset, dtype=np.float64)
                block *= self.scale
            yield start, block

    def _spooled(self, table):
        import tempfile  # not needed but here, and slow to import

        # written as a file, because a full disk behind a memory map would end the process
        with tempfile.TemporaryFile() as file:
            for _, block in self._blocks(table):
                file.write(block.astype(np.float32).tobytes())
            file.flush()
            return np.memmap(file, np.float32, "r", shape=table.shape)

    def lengths(self, lengths):
        """Lengths of the network, an array or a number, in the user's units."""
        return lengths if self.scale == 1 else lengths / self.scale

    def graph(self, graph: Graph, variant: str) -> Graph:
        """The network's graph in the user's units: float64 nodes, if they are not its own.

        variant : the network's, which says whether errors are squared lengths ("fritzke") or lengths ("neupy")
        """
        if self.offset is None:
            return graph
        nodes = graph.nodes / np.float64(self.scale) + self.offset
        return Graph(nodes, graph.edges, graph.ages, graph.errors / self.scale ** (2 if variant == "fritzke" else 1))

    def parameters(self, parameters: dict) -> dict:
        """A network's checked parameters in its own units, from those in the user's."""
        # NeuPy compares the plain distance with the square of its threshold
        factor = self.scale if parameters["variant"] == "fritzke" else self.scale**0.5
        return {**parameters, "min_distance": parameters["min_distance"] * factor}

    def start_nodes(self, init) -> tuple[np.ndarray, np.ndarray]:
        """Nodes in the network's coordinates, and edges, of a Graph or an array of nodes in the user's units."""
        nodes, edges = (init.nodes, init.edges) if isinstance(init, Graph) else (as_table(init, "nodes"), ())
        return nodes if self.offset is None else self.points(nodes), edges
