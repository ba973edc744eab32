"""One callback from loading to writing, which may stop the work at any stage; and drawings without files."""

import io
import threading

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, export, recipes, writing
from gng_fast.progress import check, checked, part, report, stoppable, watching

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
    assert watcher.stages == [stage for stage in recipes.STAGES if stage not in ("refining", "clustering")]
    assert all(0 <= fraction <= 1 for _, fraction in watcher.told)
    assert len({fraction for stage, fraction in watcher.told if stage == "training"}) > 50
    # it never goes back
    at = [(recipes.STAGES.index(stage), fraction) for stage, fraction in watcher.told]
    assert at == sorted(at)
    # being watched changes nothing
    assert content == recipes.make(PICTURE, style, nodes=60).to_bytes()


@pytest.mark.parametrize("stage", ["loading", "preparing", "training", "drawing", "planning"])
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
    assert len(calls) > 50 and "training" in watcher.stages


def test_growth_can_be_watched_and_stopped():
    watcher = Watcher("training")
    with pytest.raises(recipes.Stopped):
        recipes.growth(PICTURE, "mesh", 5, nodes=40, progress=watcher)
    assert watcher.stages == ["loading", "preparing", "training"]


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


@pytest.mark.parametrize("stage", recipes.STAGES)
@pytest.mark.parametrize("style", ["mesh", "glass", "cmyk"])
def test_what_the_callback_raises_comes_through(style, stage):
    class Own(Exception):
        pass

    def callback(told, fraction):
        if told == stage:
            raise Own(told)

    artwork = recipes.make(PICTURE, style, nodes=40)
    if stage == "writing":
        for format in export.FORMATS:
            with pytest.raises(Own, match=stage):
                artwork.to_bytes(format, progress=callback)
    elif stage not in ("refining", "clustering"):
        with pytest.raises(Own, match=stage):
            recipes.make(PICTURE, style, nodes=40, progress=callback)


def test_a_call_that_does_not_ask_is_stopped():
    begun, ended = threading.Event(), threading.Event()

    def work():
        begun.set()
        ended.wait(60)

    told = []

    def callback(stage, fraction):
        told.append((stage, fraction, threading.current_thread()))
        return begun.is_set()

    with watching(callback), pytest.raises(recipes.Stopped, match="stopped while drawing"):
        report("drawing", 0.5)
        stoppable(work)
    ended.set()
    assert {(stage, fraction) for stage, fraction, _ in told} == {("drawing", 0.5)}
    assert {thread for *_, thread in told} == {threading.current_thread()}


def test_what_is_told_and_raised_in_the_other_thread_comes_through():
    def work(n, *, error):
        for number in range(n):
            report("planning", number / n)
        if error:
            raise error
        return threading.current_thread()

    watcher = Watcher()
    with watching(watcher):
        with part(0.5, 1):
            assert stoppable(work, 4, error=None) is not threading.current_thread()
        with pytest.raises(KeyError, match="mine"):
            stoppable(work, 0, error=KeyError("mine"))
    assert [told for told in watcher.told if told[0] == "planning"][:4] == [("planning", 0.5 + i / 8) for i in range(4)]
    assert stoppable(work, 2, error=None) is threading.current_thread()  # nobody is watching


def test_work_that_was_stopped_ends_at_its_next_question():
    begun, stopped, ended = threading.Event(), threading.Event(), threading.Event()

    def work():
        begun.set()
        stopped.wait(60)
        try:
            for _ in checked(range(10), 1):
                pass
        finally:
            ended.set()

    with watching(lambda *_: begun.is_set()), pytest.raises(recipes.Stopped):
        stoppable(work)
    stopped.set()
    assert ended.wait(60)


def test_a_loop_asks_as_often_as_it_says():
    watcher = Watcher()
    with watching(watcher):
        assert list(checked(range(10), 3)) == list(range(10))
        check()
    assert len(watcher.told) == 5


def longest_run(monkeypatch, module, work):
    """The most items that the loops of a module work on between two questions, and how many they have in all."""
    runs, total = [0], [0]

    def counted(items, every):
        runs[0] = max(runs[0], every)
        for item in items:
            total[0] += 1
            yield item

    monkeypatch.setattr(module, "checked", counted)
    work()
    return runs[0], total[0]


def test_loops_over_strokes_and_pieces_ask(monkeypatch):
    from gng_fast.art.drawing import paths
    from gng_fast.art.export import raster, svg

    drawing = recipes.make(PICTURE, "glass", nodes=300).drawing
    for module, work in [
        (paths, lambda: paths.plan(drawing)),
        (svg, lambda: svg.to_svg(drawing)),
        (raster, lambda: raster.render(drawing, 300)),
    ]:
        run, total = longest_run(monkeypatch, module, work)
        assert run <= 5000 and total >= len(drawing.areas)


def test_paths_between_odd_points_are_found_a_few_at_a_time(monkeypatch):
    pytest.importorskip("scipy")
    from scipy.sparse import csgraph

    from gng_fast.art.drawing import paths

    drawing = recipes.draw(PICTURE, "mesh", nodes=200)
    expected = paths.plan(drawing, retrace=True)
    asked, sizes, dijkstra = [], [], csgraph.dijkstra

    def counted(graph, directed, *, indices, **options):
        sizes.append(len(indices) * graph.shape[0])
        return dijkstra(graph, directed, indices=indices, **options)

    monkeypatch.setattr(csgraph, "dijkstra", counted)
    monkeypatch.setattr(paths, "_POINTS_AT_ONCE", 1000)
    monkeypatch.setattr(paths, "checked", lambda items, every: (asked.append(every) or item for item in items))
    planned = paths.plan(drawing, retrace=True)
    assert len(sizes) > 3 and max(sizes) <= 1000 and asked.count(1) == len(sizes)
    assert [a.tolist() for a in planned.layers[0].strokes] == [a.tolist() for a in expected.layers[0].strokes]


def test_the_estimator_is_watched_and_stopped_in_the_same_way():
    X = np.random.default_rng(0).random((3000, 2), dtype=np.float32)
    watcher = Watcher()
    with watching(watcher):
        model = GrowingNeuralGas(50, n_epochs=5, refine=True, random_state=0).fit(X)
    assert watcher.stages == ["training", "refining", "clustering"]
    assert len({fraction for stage, fraction in watcher.told if stage == "training"}) > 500
    assert model.graph_ == GrowingNeuralGas(50, n_epochs=5, refine=True, random_state=0).fit(X).graph_
    for stage in watcher.stages:
        with watching(Watcher(stage)), pytest.raises(recipes.Stopped, match=stage):
            GrowingNeuralGas(50, n_epochs=5, refine=True, random_state=0).fit(X)


@pytest.mark.parametrize("method", ["train", "connect_signals"])
def test_long_calls_of_a_network_ask_between_slices(method):
    network, signals = Network(2, max_nodes=100), Signals(np.random.default_rng(0).random((1000, 2), dtype=np.float32))
    network.draw_start_nodes(signals)
    network.train(signals, 20_000)
    watcher = Watcher()
    with watching(watcher):
        getattr(network, method)(signals, 200_000)
        assert len(watcher.told) >= 200_000 // 8192
        network.nearest(np.zeros((100_000, 2), np.float32))
        assert len(watcher.told) > 200_000 // 8192
    before = network.n_signals
    with watching(lambda *_: True), pytest.raises(recipes.Stopped):
        getattr(network, method)(signals, 10**12)
    assert network.n_signals <= before + 8192
    network.train(signals, 10)


def test_work_that_does_not_ask_is_stopped_too(monkeypatch):
    """The ink is not found before the test is over."""
    pytest.importorskip("scipy")
    from gng_fast.art.writing import handwriting, words

    stopped = threading.Event()
    for module in (handwriting, words):
        monkeypatch.setattr(module, "find_ink", lambda *_: stopped.wait())
    try:
        for function in (writing.find_words, writing.trace_handwriting):
            told = []
            with pytest.raises(recipes.Stopped):
                function(PICTURE, progress=lambda *stage, told=told: told.append(stage) or len(told) > 5)
            assert never_falls(told)
    finally:
        stopped.set()
