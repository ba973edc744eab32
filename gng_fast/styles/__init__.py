"""Ways of drawing a graph, one module each: graph -> `gng_fast.drawing.Drawing`."""

from gng_fast.styles.mesh import mesh
from gng_fast.styles.tone import tone

__all__ = ["mesh", "tone"]
