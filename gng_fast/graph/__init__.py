"""The finished network as plain arrays, and its way to other libraries."""

from gng_fast.graph.graph import Graph, graph_of_sorted

__all__ = ["Graph", "graph_of_sorted"]
