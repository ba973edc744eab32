"""Styles, one module each: a graph, and for most of them a picture -> `gng_fast.drawing.Drawing`."""

from gng_fast.art.styles.glass import glass
from gng_fast.art.styles.glow import glow
from gng_fast.art.styles.lowpoly import lowpoly
from gng_fast.art.styles.mesh import mesh
from gng_fast.art.styles.stipple import stipple
from gng_fast.art.styles.tone import tone

__all__ = ["glass", "glow", "lowpoly", "mesh", "stipple", "tone"]
