"""Strokes in millimetres on a page, and the order in which a plotter draws them best."""

from gng_fast.art.drawing.drawing import Area, Drawing, Layer, check_colour
from gng_fast.art.drawing.page import PAGES, PageFit, fit_page, millimetres, page_size
from gng_fast.art.drawing.paths import plan

__all__ = [
    "PAGES",
    "Area",
    "Drawing",
    "Layer",
    "PageFit",
    "check_colour",
    "fit_page",
    "millimetres",
    "page_size",
    "plan",
]
