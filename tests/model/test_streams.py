"""Streams: chunks, iterators, memory-mapped arrays, weights, drifting data, and data far from the origin."""

import tracemalloc

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals, reference
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.fitted import training_state
from gng_fast.model.row_weights import CARRY_AT_START, presentations, repeated_rows

CHUNKINGS = [(1000,), (500, 500), (2, 998), (130, 1, 1, 1, 67, 800)]
FAR = np.array([4.1e6, 4.9e6])


def model(**parameters):
    return GrowingNeuralGas(**{"max_nodes": 60, "lam": 20, "random_state": 0, **parameters})


def ring(n, seed=0):
    """Points around a figure of eight, 800 m wide, to the centimetre."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(0, 2 * np.pi, n)
    return np.round(np.column_stack([400 * np.cos(t), 300 * np.sin(2 * t)]) + rng.normal(scale=20, size=(n, 2)), 2)


def in_chunks(X, lengths, **parameters):
    chunks = model(**parameters)
    for stop, length in zip(np.cumsum(lengths), lengths):
        chunks.partial_fit(X[stop - length : stop])
    return chunks


# ---- chunks ---------------------------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("lengths", CHUNKINGS)
@pytest.mark.parametrize(
    "parameters", [{}, {"jitter": 0.1}, {"utility": 2.0}, {"variant": "neupy", "min_distance": 0.2}]
)
@pytest.mark.parametrize("offset", [0, 1e7])
def test_chunks_give_the_bytes_of_one_fit(lengths, parameters, offset):
    X = np.random.default_rng(1).random((1000, 3)) + offset
    whole = model(sampling="order", n_epochs=1, eps_b_end=None, eps_n_end=None, **parameters).fit(X)
    chunks = in_chunks(X, lengths, **parameters)
    assert chunks.graph_ == whole.graph_
    assert chunks.history_.shape == (len(lengths),)
    assert whole.graph_.nodes.dtype == ("float64" if offset else "float32")
    # and go on as one
    assert chunks.partial_fit(X).graph_ == whole.partial_fit(X).graph_


@pytest.mark.quick
def test_an_iterator_of_chunks():
    X = ring(1000)
    chunks = model().partial_fit(X[start : start + 100] for start in range(0, 1000, 100))
    assert chunks.graph_ == model().partial_fit(X).graph_
    assert chunks.history_.shape == (10,)
    before = chunks.graph_
    for nothing in [], [X[:0], []]:
        with pytest.raises(ValueError, match="^X must give at least one row, got an iterator that gives none$"):
            chunks.partial_fit(iter(nothing))
    assert chunks.graph_ is before and len(chunks.history_) == 10
    with pytest.raises(
        ValueError, match="^sample_weight cannot be used with an iterator: call partial_fit for each of its"
    ):
        chunks.partial_fit(iter([X]), sample_weight=np.ones(1000))
    with pytest.raises(ValueError, match="got nan in row 1, column 0"):
        chunks.partial_fit(iter([X[:10], [[0, 1], [np.nan, 0]]]))
    assert len(chunks.history_) == 11
    with pytest.raises(
        TypeError, match="^fit passes over X several times and needs an array: give an iterator of arrays to"
    ):
        chunks.fit(iter([X]))


def test_one_sample_at_a_time():
    X = ring(300) + FAR
    single = model(jitter=1).partial_fit(X[:2])
    for row in X[2:]:
        single.partial_fit(row[None])
    assert single.graph_ == model(jitter=1).partial_fit(X).graph_
    row = np.float32([[7, 7]])
    exact, moved = (model(jitter=jitter, eps_b=1).partial_fit([[0, 0], [9, 9]]) for jitter in (0, 1))
    for fitted in exact, moved:
        fitted.partial_fit(row)
    assert [7, 7] in exact.graph_.nodes.tolist() and [7, 7] not in moved.graph_.nodes.tolist()
    assert [7, 7] in moved.set_params(jitter=0).partial_fit(row).graph_.nodes.tolist()
    exact.partial_fit(np.float32([[1, 2]]))
    assert row.tolist() == [[7, 7]]
    with pytest.raises(ValueError, match="got nan in row 0, column 1"):
        exact.partial_fit([[0, np.nan]])
    assert np.isfinite(exact.graph_.nodes).all()


def test_an_interrupted_stream_goes_on():
    X = ring(1000)
    stopped = model().partial_fit(X[:300])
    with pytest.raises(ValueError, match="X has 3 features, but GrowingNeuralGas is expecting 2 features as input"):
        stopped.partial_fit(np.zeros((5, 3)))
    assert stopped.partial_fit(X[300:]).graph_ == model().partial_fit(X).graph_


# ---- memory-mapped arrays -------------------------------------------------------------------------------------------


@pytest.fixture
def small_limits(monkeypatch):
    """What is big and how much is converted at a time, small enough for a test."""
    monkeypatch.setattr("gng_fast.model.coordinates._VALUES_ON_DISK", 100_000)
    monkeypatch.setattr("gng_fast.model.coordinates._VALUES_AT_ONCE", 20_000)
    monkeypatch.setattr("gng_fast.model.tally._ROWS_AT_ONCE", 2**13)
    monkeypatch.setattr("gng_fast.model.clusters.clouds._DISTANCES_AT_ONCE", 2**13)


def mapped(path, X, dtype, order="C"):
    np.lib.format.open_memmap(path, "w+", dtype, X.shape, fortran_order=order == "F")[:] = X
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("dtype, order, offset", [("f4", "C", 0), ("f4", "F", 0), ("f8", "C", 0), ("f8", "C", 5000),
                                                  (">f8", "F", 0), ("i4", "C", 5000)])  # fmt: skip
@pytest.mark.parametrize("call", [
    lambda X: model(n_epochs=0.2).fit(X), lambda X: model(n_epochs=0.2, sampling="order").fit(X),
    lambda X: model().partial_fit(X),
])  # fmt: skip
def test_a_mapped_array_is_trained_without_loading_it(tmp_path, small_limits, call, dtype, order, offset):
    """A million numbers take 4 MB in float32; what Python holds of them at once stays below 1 MB."""
    X = np.random.default_rng(0).integers(0, 1000, size=(500_000, 2)) + offset
    X = mapped(tmp_path / "X.npy", X, dtype, order)
    tracemalloc.start()
    fitted = call(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fitted.graph_ == call(np.array(X)).graph_
    assert peak < 1_000_000


@pytest.mark.parametrize("call", ["fit", "partial_fit"])
def test_a_mapped_array_with_weights(tmp_path, small_limits, call):
    X, weights = ring(50_000) + FAR, np.arange(50_000) % 3
    mapped_model = getattr(model(n_epochs=1), call)(mapped(tmp_path / "X.npy", X, "f8"), sample_weight=weights)
    assert mapped_model.graph_ == getattr(model(n_epochs=1), call)(X, sample_weight=weights).graph_


def test_a_mapped_float32_array_is_not_copied(tmp_path):
    X = mapped(tmp_path / "X.npy", ring(1000), "f4")
    coordinates = Coordinates.of(X)
    assert coordinates.points(X) is X
    assert np.shares_memory(Signals(X).X, X)


def test_look_ups_in_a_mapped_array(tmp_path, small_limits):
    X = mapped(tmp_path / "X.npy", ring(100_000) + FAR, "f8")
    fitted = model().partial_fit(X[:5000])
    tracemalloc.start()
    nodes = fitted.nearest(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(nodes, fitted.nearest(np.array(X)))
    assert peak < nodes.nbytes + 100_000 * 4 + 1_200_000


# ---- weights --------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_presentations_by_hand():
    counts, carry = presentations(np.array([1, 0, 3, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5]), CARRY_AT_START)
    assert counts.tolist() == [1, 0, 3, 0, 1, 0, 0, 1, 0]
    assert carry == CARRY_AT_START
    # ten times a tenth is one, in spite of rounding
    assert presentations(np.full(10, 0.1), CARRY_AT_START)[0].sum() == 1
    assert presentations(np.full(10_000, 1 / 3), CARRY_AT_START)[0].sum() == 3333
    with pytest.raises(ValueError, match=r"^sample_weight must add up to less than 1.07374e\+09, got 2e\+09$"):
        presentations(np.array([1e9, 1e9]), CARRY_AT_START)


def test_repeated_rows_in_pieces(monkeypatch):
    monkeypatch.setattr("gng_fast.model.row_weights._REPEATED_AT_ONCE", 4)
    pieces = list(repeated_rows(np.arange(5), np.array([0, 6, 1, 0, 3])))
    assert [len(piece) for piece in pieces] == [4, 4, 2]
    assert np.concatenate(pieces).tolist() == [1] * 6 + [2] + [4] * 3


@pytest.mark.parametrize("n_start_nodes", [2, 5])
def test_a_weight_is_a_number_of_repetitions(n_start_nodes):
    X, weights = ring(1000) + FAR, np.random.default_rng(1).integers(0, 4, 1000)
    repeated = model(n_start_nodes=n_start_nodes).partial_fit(np.repeat(X, weights, axis=0))
    weighted = model(n_start_nodes=n_start_nodes).partial_fit(X, sample_weight=weights)
    assert weighted.graph_ == repeated.graph_
    assert weighted.history_ == repeated.history_
    assert model().partial_fit(X, sample_weight=np.ones(1000)).graph_ == model().partial_fit(X).graph_


@pytest.mark.quick
@pytest.mark.parametrize("lengths", CHUNKINGS)
def test_weighted_chunks_give_the_bytes_of_one(lengths):
    X, weights = ring(1000), np.random.default_rng(1).random(1000) * 2
    chunks, stops = model(), np.cumsum(lengths)
    for stop, length in zip(stops, lengths):
        chunks.partial_fit(X[stop - length : stop], sample_weight=weights[stop - length : stop])
    whole = model().partial_fit(X, sample_weight=weights)
    assert chunks.graph_ == whole.graph_ != model().partial_fit(X).graph_
    assert abs(whole.network_.n_signals - weights.sum()) <= 1


def test_weights_of_zero():
    X = ring(100)
    with pytest.raises(ValueError, match="^sample_weight must not all be zero at the first call$"):
        model().partial_fit(X, sample_weight=np.zeros(100))
    fitted = model().partial_fit(X)
    before = fitted.graph_
    assert fitted.partial_fit(X, sample_weight=np.zeros(100)).graph_ == before
    assert np.isnan(fitted.history_[-1])
    with pytest.raises(ValueError, match="^sample_weight must not all be zero$"):
        model().fit(X, sample_weight=np.zeros(100))
    with pytest.raises(
        ValueError, match=r"^sample_weight must have shape \(100,\), one weight for each row of X, got \(3,\)$"
    ):
        fitted.partial_fit(X, sample_weight=[1, 2, 3])


def test_weights_of_fit_draw_rows_as_often_as_repetitions_would():
    """Two places of equal size, one of weight 4: four nodes in five go there, as with rows repeated four times."""
    X = np.random.default_rng(0).random((2000, 2))
    X[1000:] += 50
    weights = np.repeat([1, 4], 1000)
    shares = []
    for seed in range(5):
        weighted = model(n_epochs=5, random_state=seed).fit(X, sample_weight=weights)
        repeated = model(n_epochs=2, random_state=seed).fit(np.repeat(X, weights, axis=0))
        shares.append([np.mean(fitted.graph_.nodes[:, 0] > 25) for fitted in (weighted, repeated)])
        only = model(n_epochs=1, random_state=seed).fit(X, sample_weight=np.repeat([1, 0], 1000))
        assert (only.graph_.nodes < 2).all()
    assert np.allclose(np.mean(shares, axis=0), 0.5, atol=0.12)
    assert abs(np.diff(np.mean(shares, axis=0))[0]) < 0.05


# ---- drifting data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_jumping_distribution(seed):
    """After 20,000 signals from a new place, GNG-U has no more than 5 % of its nodes at the old one; GNG has most."""
    rng = np.random.default_rng(seed)
    old, new = rng.random((20_000, 2), dtype=np.float32), rng.random((20_000, 2), dtype=np.float32) + np.float32(5)
    left = {}
    for utility in None, 3.0:
        fitted = GrowingNeuralGas(100, utility=utility, random_state=seed).partial_fit(old).partial_fit(new)
        left[utility] = (fitted.graph_.nodes < 3).all(axis=1).mean()
        if utility:
            assert fitted.quantization_error(new) < 0.07
    assert left[None] > 0.5
    assert left[3.0] <= 0.05


# ---- data far from the origin ---------------------------------------------------------------------------------------


def test_the_coordinates_are_chosen_by_the_first_rows():
    near, far = np.array([[0.0, 8], [1, 0]]), np.array([[10.0, 66], [18, 60]])
    assert Coordinates.of(near).offset is None
    assert Coordinates.of(far * 0.5).offset.tolist() == [5, 33]
    assert Coordinates.of(far - [0, 2]).offset is None  # 64 is 8 times the extent
    assert Coordinates.of(far.astype("f4")).offset is None
    assert Coordinates.of(np.array([[100, 100], [101, 101]])).offset.tolist() == [100, 100]
    assert Coordinates.of(np.zeros((5, 2))).offset is None
    long = np.concatenate([np.tile(near, (512, 1)), far * 100])
    assert Coordinates.of(long).offset is None
    tiny = Coordinates.of(near * 2.0**-30)
    assert (tiny.offset.tolist(), tiny.scale) == ([0, 0], 4.0**4)
    assert tiny.points(near * 2.0**-30).tolist() == (near * 2.0**-22).tolist()
    for dtype, extent in ("f4", 2.0**-100), ("f8", 2.0**-1000), ("f8", 2.0**45):
        chosen = Coordinates.of((near / 8 * extent).astype(dtype))
        assert 2.0**-20 <= chosen.scale * extent < 2.0**-18 or 2.0**38 <= chosen.scale * extent < 2.0**40
    constant = np.float32([[1e10, 0], [1e10, 1e-20]])
    assert Coordinates.of(constant).points(constant).max() < 1e-5  # moved too, or it would be too large


def test_far_data_loses_nothing():
    """Map coordinates to the centimetre: all within 0.1 % of a network in float64 that sees the same signals."""
    X = ring(6000) + FAR
    network, signals = reference.ReferenceNetwork(2, max_nodes=60, lam=50, dtype=np.float64), None
    signals = reference.Signals(X, "order", dtype=np.float64)
    network.draw_start_nodes(signals)
    network.train(signals, len(X))
    expected = network.graph()
    fitted = model(lam=50).partial_fit(X)
    graph = fitted.graph_
    assert graph.nodes.dtype == np.float64
    assert np.array_equal(graph.edges, expected.edges) and np.array_equal(graph.ages, expected.ages)
    assert np.allclose(graph.nodes, expected.nodes, rtol=0, atol=0.005)
    assert np.allclose(graph.errors, expected.errors, rtol=1e-3)
    distances = np.linalg.norm(X[:, None] - expected.nodes, axis=2)
    assert np.isclose(fitted.quantization_error(X), distances.min(axis=1).mean(), rtol=1e-3)
    assert np.isclose(fitted.score(X), -np.square(distances.min(axis=1)).mean(), rtol=1e-3)
    assert np.allclose(fitted.transform(X), distances, rtol=1e-3, atol=0.01)
    assert (fitted.nearest(X) == distances.argmin(axis=1)).mean() > 0.999
    assert np.isclose(fitted.history_[0], network.take_mean_distance(), rtol=1e-3)
    # float32 alone has a grid of 25 and 50 cm there
    lost = model(lam=50).partial_fit(X.astype("f4")).graph_
    assert not np.array_equal(lost.edges, expected.edges)


@pytest.mark.quick
@pytest.mark.parametrize("factor", [2.0**-60, 2.0**40])
@pytest.mark.parametrize("variant", ["fritzke", "neupy"])
def test_units_do_not_matter(variant, factor):
    """The same data in another unit gives the same graph in that unit, to the last bit."""
    X = ring(3000).astype("f4").astype("f8")
    given = {"variant": variant, "lam": 50, "n_epochs": 2, "init": X[:3]}
    plain = model(min_distance=16.0, jitter=2.0, **given).fit(X)
    squared = 2 if variant == "fritzke" else 1
    least = 16.0 * factor if variant == "fritzke" else 16.0 * factor**0.5
    scaled = model(min_distance=least, jitter=2.0 * factor, **{**given, "init": X[:3] * factor}).fit(X * factor)
    assert training_state(scaled).coordinates.scale != 1
    assert plain.network_.n_signals == scaled.network_.n_signals < 6000
    assert np.array_equal(scaled.graph_.nodes, plain.graph_.nodes * factor)
    assert np.array_equal(scaled.graph_.edges, plain.graph_.edges)
    assert np.array_equal(scaled.graph_.errors, plain.graph_.errors * factor**squared)
    assert np.array_equal(scaled.history_, plain.history_ * factor)
    assert np.array_equal(scaled.transform(X * factor), plain.transform(X) * np.float32(factor))
    assert scaled.quantization_error(X * factor) == plain.quantization_error(X) * factor


def test_later_data_goes_into_the_first_coordinates():
    X = ring(2000) + FAR
    fitted = model().partial_fit(X[:1000])
    fitted.partial_fit(X[1000:].tolist())
    assert fitted.graph_ == model().partial_fit(X).graph_
    assert abs(fitted.graph_.nodes - FAR).max() < 1000
    assert fitted.quantization_error(X) < 60
    assert np.array_equal(fitted.nearest(X.astype("f4").astype("f8")), fitted.nearest(X.astype("f4")))
    started = model(n_epochs=0.001, init=Graph(X[:3], [(0, 1)]), eps_b=1e-9, eps_n=0).fit(X)
    assert np.allclose(started.graph_.nodes, X[:3], rtol=0, atol=1e-4)
    assert abs(fitted.fit(ring(1000)).graph_.nodes).max() < 1000


def test_near_data_is_what_the_network_sees():
    X = ring(1000)
    network, signals = Network(2, max_nodes=60, lam=20), Signals(X, "order")
    network.draw_start_nodes(signals)
    network.train(signals, 1000)
    for data in X, X.astype("f4"), np.asfortranarray(X), X.tolist():
        assert model().partial_fit(data).graph_ == network.graph()
