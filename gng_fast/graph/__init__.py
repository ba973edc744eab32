"""The finished network as plain arrays, and its way to other libraries."""

from gng_fast.graph.graph import Graph

__all__ = ["Graph"]
