"""Ways of drawing a graph: graph -> `gng_fast.drawing.Drawing`."""

from gng_fast.styles.looks import glass, glow, lowpoly, stipple
from gng_fast.styles.mesh import mesh
from gng_fast.styles.tone import tone

__all__ = ["glass", "glow", "lowpoly", "mesh", "stipple", "tone"]
