"""Ways of drawing a graph, one module each: graph -> `gng_fast.drawing.Drawing`."""

from .mesh import mesh

__all__ = ["mesh"]
