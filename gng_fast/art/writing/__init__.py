"""Ink on paper: words that are counted, handwriting as continuous strokes."""

from gng_fast.art.writing.handwriting import Handwriting, trace_handwriting
from gng_fast.art.writing.strokes import strokes
from gng_fast.art.writing.words import Words, find_words

__all__ = ["Handwriting", "Words", "find_words", "strokes", "trace_handwriting"]
