"""One callback from loading to writing, which may stop the work at any stage; and drawings without files."""

import io

import numpy as np
import pytest

from gng_fast import export, recipes, writing
from gng_fast.progress import report, watching

pytestmark = pytest.mark.quick
pytest.importorskip("PIL")
pytest.importorskip("skimage")

ROWS, COLUMNS = np.mgrid[:40, :60]
PICTURE = np.stack([ROWS * 5, COLUMNS * 3, 255 - ROWS * 2 - COLUMNS], axis=2).astype(np.uint8)


class Watcher:
    """A callback that keeps what it is told, and asks to stop from some stage on."""

    def __init__(self, stop_at=None):
        self.stop_at, self.told = stop_at, []

    def __call__(self, stage, fraction):
        self.told.append((stage, fraction))
        return stage == self.stop_at

    @property
    def stages(self):
        return list(dict.fromkeys(stage for stage, _ in self.told))


@pytest.mark.parametrize("style", recipes.STYLES)
def test_every_stage_of_every_style_is_told(style):
    watcher = Watcher()
    artwork = recipes.make(PICTURE, style, nodes=60, progress=watcher)
    content = artwork.to_bytes(progress=watcher)
    # what draws nothing but areas has no strokes to write one layer after the other
    expected = [*recipes.STAGES[:4], *(recipes.STAGES[4:] if artwork.drawing.layers else [])]
    assert watcher.stages == [stage for stage in expected if stage != "drawing" or style != "cmyk"]
    assert all(0 <= fraction <= 1 for _, fraction in watcher.told)
    assert sum(stage == "training" for stage, _ in watcher.told) > 50
    # being watched changes nothing
    assert content == recipes.make(PICTURE, style, nodes=60).to_bytes()


@pytest.mark.parametrize("stage", recipes.STAGES[:4])
def test_it_stops_at_once(stage):
    watcher = Watcher(stage)
    with pytest.raises(recipes.Stopped, match=f"stopped while {stage}"):
        recipes.make(PICTURE, "tone", nodes=60, progress=watcher)
    assert [told for told, _ in watcher.told].count(stage) == 1 and watcher.stages[-1] == stage


@pytest.mark.parametrize("format", [".svg", ".png"])
def test_what_is_stopped_is_not_written(format, tmp_path):
    path = tmp_path / f"a{format}"
    path.write_text("as it was")
    artwork = recipes.make(PICTURE, "tone", nodes=60)
    with pytest.raises(recipes.Stopped, match="stopped while writing"):
        artwork.save(path, progress=Watcher("writing"))
    assert path.read_text() == "as it was" and len(list(tmp_path.iterdir())) == 1
    file = io.BytesIO()
    with pytest.raises(recipes.Stopped):
        artwork.save(file, format, progress=Watcher("writing"))
    assert file.getvalue() == b""


def test_a_line_is_stopped_while_it_is_drawn():
    watcher = Watcher()
    recipes.make(PICTURE, "stipple", nodes=400, line=True, progress=watcher)
    drawn = [fraction for stage, fraction in watcher.told if stage == "drawing"]
    assert len(drawn) > 3 and max(drawn) > 0.5

    with pytest.raises(recipes.Stopped, match="stopped while drawing"):
        recipes.make(
            PICTURE,
            "stipple",
            nodes=400,
            line=True,
            progress=lambda stage, done: (stage, done) > ("drawing", 0.3) and stage == "drawing",
        )


def test_nobody_is_watching_afterwards():
    watcher = Watcher("loading")
    for _ in range(2):
        with pytest.raises(recipes.Stopped):
            recipes.make(PICTURE, nodes=20, progress=watcher)
        report("loading", 0)
    assert len(watcher.told) == 2
    outer, inner = Watcher(), Watcher()
    with watching(outer), watching(None):
        report("training", 0.5)
        with watching(inner):
            report("training", 0.6)
    assert (outer.told, inner.told) == ([("training", 0.5)], [("training", 0.6)])


def test_the_callback_of_training_is_called_as_well():
    calls = []
    watcher = Watcher()
    recipes.make(PICTURE, nodes=40, progress=watcher, callback=lambda *_: calls.append(1))
    assert len(calls) == sum(stage == "training" for stage, _ in watcher.told) > 50


def test_growth_can_be_watched_and_stopped():
    watcher = Watcher("training")
    with pytest.raises(recipes.Stopped):
        recipes.growth(PICTURE, "mesh", 5, nodes=40, progress=watcher)
    assert watcher.stages == ["loading", "training"]


@pytest.mark.parametrize("style", recipes.STYLES)
def test_bytes_and_open_files_without_a_name(style, tmp_path):
    artwork = recipes.make(PICTURE, style, nodes=40)
    for format in export.FORMATS:
        content, file = artwork.to_bytes(format), io.BytesIO()
        artwork.save(file, format)
        artwork.save(tmp_path / f"a{format}")
        assert content == file.getvalue() == (tmp_path / f"a{format}").read_bytes() and content
    assert artwork.to_bytes(".png", pixels=50) != artwork.to_bytes(".png")
    with pytest.raises(ValueError, match="format must be given for an open file"):
        artwork.save(io.BytesIO())


def never_falls(told):
    shares = [(recipes.STAGES.index(stage), fraction) for stage, fraction in told]
    return shares == sorted(shares) and all(0 <= fraction <= 1 for _, fraction in told)


def test_finding_words_tells_how_far_it_is_and_stops():
    pytest.importorskip("scipy")
    watcher = Watcher()
    count = writing.find_words("page", crop=(0, 0, 384, 100), progress=watcher).count
    assert watcher.stages == ["loading", "training", "drawing"] and never_falls(watcher.told)
    assert len(watcher.told) > 100 and watcher.told[-1] == ("drawing", 1)
    assert count == writing.find_words("page", crop=(0, 0, 384, 100)).count
    for stage in watcher.stages:
        with pytest.raises(recipes.Stopped, match=f"stopped while {stage}"):
            writing.find_words("page", crop=(0, 0, 384, 100), progress=Watcher(stage))


def test_strokes_tell_how_far_they_are_and_stop():
    pytest.importorskip("scipy")
    sheet = np.ones((80, 120))
    for i in range(8, 72):
        sheet[i - 3 : i + 3, i : i + 6] = sheet[i - 3 : i + 3, 100 - i : 106 - i] = 0
    watcher = Watcher()
    hand = writing.trace_handwriting(sheet, progress=watcher)
    options = {"width": hand.width, "excess": hand.excess, "outline": hand.outline}
    drawing = writing.strokes(hand.graph, **options, progress=watcher)
    assert watcher.stages == ["loading", "training", "drawing", "planning"] and never_falls(watcher.told)
    assert watcher.told[-1] == ("planning", 1)
    assert drawing.n_strokes == writing.strokes(hand.graph, **options).n_strokes == 2
    for stage in watcher.stages[:3]:
        with pytest.raises(recipes.Stopped, match=f"stopped while {stage}"):
            writing.trace_handwriting(sheet, progress=Watcher(stage))
    with pytest.raises(recipes.Stopped, match="stopped while planning"):
        writing.strokes(hand.graph, **options, progress=Watcher("planning"))
