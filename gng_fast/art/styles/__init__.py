"""Ways of drawing a graph: graph -> `gng_fast.drawing.Drawing`."""

from gng_fast.art.styles.looks import glass, glow, lowpoly, stipple
from gng_fast.art.styles.mesh import mesh
from gng_fast.art.styles.tone import tone

__all__ = ["glass", "glow", "lowpoly", "mesh", "stipple", "tone"]
