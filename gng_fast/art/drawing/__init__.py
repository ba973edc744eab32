"""Strokes in millimetres on a page, and the order in which a plotter draws them best."""

from gng_fast.art.drawing.drawing import (
    PAGES,
    Area,
    Drawing,
    Layer,
    PageFit,
    check_colour,
    check_number,
    check_positive,
    fit_page,
    page_size,
)
from gng_fast.art.drawing.paths import plan

__all__ = [
    "PAGES",
    "Area",
    "Drawing",
    "Layer",
    "PageFit",
    "check_colour",
    "check_number",
    "check_positive",
    "fit_page",
    "page_size",
    "plan",
]
