"""The finished network as plain arrays, and its way to other libraries."""

from gng_fast.graph.graph import Graph, graph_of_sorted
from gng_fast.graph.surface import Surface

__all__ = ["Graph", "Surface", "graph_of_sorted"]
