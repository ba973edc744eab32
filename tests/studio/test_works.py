"""Work that a new setting stops asks often enough whether it is to go on, whatever it does."""

import numpy as np
import pytest

pytest.importorskip("PIL")

from gng_fast.art import drawing
from gng_fast.progress import Stopped, watching
from gng_fast.studio import pieces


def test_a_drawing_of_many_strokes_is_not_made_ready_for_a_page_that_waits_for_another():
    lines = np.arange(12_000.0).reshape(-1, 2, 2)
    made = drawing.Drawing(100, 100, [drawing.Layer("lines", "#000000", 0.3, lines)])
    asked = []

    def second(stage, fraction):
        asked.append(stage)
        return len(asked) == 2

    with watching(second), pytest.raises(Stopped):
        pieces.of_drawing(made)
    assert len(asked) == 2


def test_the_ink_of_strokes_is_that_of_their_steps():
    strokes = [[(0, 0), (3, 4), (3, 5)], [(10, 10), (10, 12)], [(7, 7), (7, 7)]]
    assert drawing.Layer("lines", "#000000", 0.3, strokes).ink_length == 8
    assert drawing.Layer("lines", "#000000", 0.3, []).ink_length == 0
