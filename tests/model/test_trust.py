"""What a model says is true of the data it was given: labels, streams, tiny data, parameters, copies, distances."""

import copy
import pathlib
import pickle
import re
import sys
import threading
import warnings

import numpy as np
import pytest

import gng_fast
from gng_fast import Graph, GrowingNeuralGas, Signals
from gng_fast.model.fitted import training_state

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((600, 2))
BLOBS = np.concatenate([np.random.default_rng(1).normal(centre, 0.3, size=(200, 2)) for centre in (0, 9, 18)])


def model(**parameters):
    return GrowingNeuralGas(**{"max_nodes": 30, "lam": 20, "max_age": 10, "random_state": 0, **parameters})


# ---- labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("refine", [False, True])
def test_labels_are_those_of_the_data_as_it_was(dtype, refine):
    data = BLOBS.astype(dtype)
    fitted = model(refine=refine).fit(data)
    expected = fitted.predict(data.copy())
    data[:] = 0
    assert np.array_equal(fitted.labels_, expected) and len(set(expected)) > 1
    for again in (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        assert np.array_equal(again(fitted).labels_, expected)


def test_labels_follow_the_edges_but_not_the_nodes(tmp_path):
    fitted = model(clusters="components").fit(BLOBS)
    before = fitted.labels_
    fitted.reconnect(np.linspace(BLOBS.min(axis=0), BLOBS.max(axis=0), 5000))
    assert np.array_equal(fitted.labels_, fitted.predict(BLOBS))
    assert not np.array_equal(fitted.labels_, before)
    fitted.save(tmp_path / "a.npz")
    loaded = GrowingNeuralGas.load(tmp_path / "a.npz").reconnect(BLOBS)
    assert np.array_equal(loaded.labels_, loaded.predict(BLOBS)) and not np.array_equal(loaded.labels_, fitted.labels_)
    fitted.network_.train(gng_fast.Signals(BLOBS), 500)
    assert not hasattr(fitted, "labels_")  # whoever moved the nodes


def test_an_interrupted_fit_has_no_labels_but_one_that_was_ended_has():
    def interrupt(done, total, model):
        raise KeyboardInterrupt

    fitted = model()
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(BLOBS, callback=interrupt)
    assert fitted.graph_.n_nodes > 2 and not hasattr(fitted, "labels_")
    fitted.fit(BLOBS, callback=lambda *_: True)
    assert np.array_equal(fitted.labels_, fitted.predict(BLOBS))


@pytest.mark.parametrize("n_nodes, dtype", [(256, np.uint8), (257, np.uint16)])
def test_winners_take_no_more_bytes_than_they_need(n_nodes, dtype):
    fitted = model(max_nodes=n_nodes, n_epochs=10, lam=5).fit(X)
    assert fitted.graph_.n_nodes == n_nodes
    winners = training_state(fitted).known_winners()
    assert winners.dtype == dtype and np.array_equal(winners, fitted.nearest(X))


# ---- streams that begin at rest, tiny and enormous data -------------------------------------------------------------


def at_rest(scale):
    return np.cumsum(np.random.default_rng(2).normal(0, scale, (2000, 2)), axis=0)


@pytest.mark.parametrize(
    "rest, moves",
    [
        (at_rest(1e-17), 0.1),
        (at_rest(1e-17), 1000),
        (at_rest(1e-20), 0.1),
        (np.array([[0, 0], [1e-12, 0]]), 1e4),
        (np.sin(np.pi * np.arange(2000)).reshape(-1, 2), 1e5),
        (at_rest(1e-17).astype(np.float32), 0.1),
    ],
)
def test_a_stream_may_begin_at_rest(rest, moves):
    moved = np.random.default_rng(3).random((5000, 2)) * moves
    fitted = model(max_nodes=50).partial_fit(rest).partial_fit(moved)
    assert np.isclose(fitted.quantization_error(moved), fitted.history_[-1], rtol=0.5)
    assert fitted.quantization_error(moved) < 0.2 * moves
    distances = np.linalg.norm(moved[:, None] - fitted.graph_.nodes, axis=2).min(axis=1)
    assert np.isclose(fitted.quantization_error(moved), distances.mean(), rtol=1e-5)
    # and as if it had never been so small
    plain = model(max_nodes=50).partial_fit(np.float32([[0, 0], [1, 1]])).partial_fit(moved)
    assert fitted.quantization_error(moved) < 2 * plain.quantization_error(moved)


@pytest.mark.parametrize("method", ["partial_fit", "predict", "transform", "nearest", "score", "reconnect"])
def test_what_lies_too_far_is_refused_in_the_units_of_the_user(method):
    rest = at_rest(1e-40)
    fitted = model().partial_fit(rest)
    before, history = fitted.graph_, fitted.history_
    far = np.array([[0.0, 0.0], [0.0, 123.5]])
    with pytest.raises(
        ValueError, match=r"^X must lie within .*e-18 of 0 in column 1, .*got 123\.5 in row 1: begin with"
    ):
        getattr(fitted, method)(far)
    assert fitted.graph_ is before and np.array_equal(fitted.history_, history)
    assert fitted.partial_fit(rest).history_.shape == (2,)


@pytest.mark.parametrize(
    "dtype, extent",
    [("f4", 1e-22), ("f4", 1e-25), ("f4", 1e-36), ("f8", 1e-40), ("f8", 1e-100), ("f8", 1e-200), ("f8", 1e-305)],
)
@pytest.mark.parametrize("errstate", ["warn", "raise"])
def test_tiny_data_is_as_good_as_any(dtype, extent, errstate):
    data = (X * extent).astype(dtype)
    with np.errstate(all=errstate, under="ignore" if extent < 1e-150 else errstate):
        fitted, plain = model().fit(data), model().fit(X)
        error = fitted.quantization_error(data)
        nodes, distances = fitted.nearest(data, return_distance=True)
        assert np.isclose(error / extent, plain.quantization_error(X), rtol=0.2)
        assert np.allclose(fitted.transform(data).min(axis=1) / extent, distances / extent, rtol=1e-4, atol=1e-7)
    assert distances.dtype == fitted.history_.dtype == np.float64
    assert np.isclose(distances.mean(), error, rtol=1e-6, atol=0) and distances.mean() > 0
    exact = np.linalg.norm((data[:, None].astype(np.float64) - fitted.graph_.nodes) / extent, axis=2)
    assert np.allclose(distances / extent, exact.min(axis=1), rtol=1e-3, atol=1e-6)
    assert np.isclose(fitted.history_[-1] / error, 1, rtol=0.2)
    if extent > 1e-150:
        assert np.isclose(fitted.score(data), -np.square(distances).mean(), rtol=1e-6, atol=0)
    again = pickle.loads(pickle.dumps(fitted))
    assert again.partial_fit(data).graph_ == fitted.partial_fit(data).graph_


def every_look(fitted, data):
    """Whatever a fitted model says about data, as bytes."""
    weights = np.linspace(0, 1e-300, len(data))
    with_weights = [fitted.quantization_error, fitted.topographic_error, fitted.score]
    looks = [
        fitted.predict(data),
        fitted.transform(data),
        *fitted.nearest(data, return_distance=True),
        *[look(data) for look in with_weights],
        *[look(data, sample_weight=weights) for look in with_weights],
        fitted.labels_,
        fitted.history_,
        fitted.graph_.nodes,
        fitted.graph_.errors,
        fitted.graph_.edge_lengths(),
    ]
    return [np.asarray(look).tobytes() for look in looks]


def everything(data, parameters):
    """What a model comes to in fits, streams, copies and look-ups, as bytes."""
    weights = np.linspace(0, 1e-300, len(data))
    fitted = model(n_epochs=2, **parameters).fit(data)
    seen = every_look(fitted, data)
    again = model(n_epochs=1, init=fitted.graph_).fit(data, sample_weight=weights)
    seen += every_look(again, data)
    fitted = pickle.loads(pickle.dumps(fitted)).partial_fit(data).partial_fit(data, sample_weight=weights)
    fitted = fitted.set_params(max_nodes=35).partial_fit(data).reconnect(data)
    return [*seen, fitted.graph_.nodes.tobytes(), fitted.graph_.edges.tobytes(), fitted.history_.tobytes()]


@pytest.mark.parametrize("parameters", [{}, {"variant": "neupy"}, {"refine": True, "jitter": 1e-320}, {"utility": 2.0}])
@pytest.mark.parametrize(
    "dtype, extent",
    [
        *[("f4", extent) for extent in (1e-43, 1e-40, 1e-25, 1, 1e14)],
        *[("f8", extent) for extent in (1e-321, 1e-310, 1e-300, 1e-160, 1e-100, 1e-40, 1, 1e14)],
        *[("f2", extent) for extent in (1e-7, 1, 6e4)],
    ],
)
def test_errstate_of_the_user_does_not_matter(dtype, extent, parameters):
    tiny = np.concatenate([X[:150], X[150:300] * (X[150:300] > 0.5)])  # many zeros
    tiny[7], tiny[8] = 5e-324, 1e-300
    with np.errstate(all="ignore"):
        data = (tiny * extent).astype(dtype)
        expected = everything(data, parameters)
    with np.errstate(all="raise"):
        assert everything(data, parameters) == expected
    with np.errstate(all="warn"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert everything(data, parameters) == expected


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e4000"])
@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "transform", "score", "reconnect", "init"])
def test_what_is_no_number_is_refused_whatever_errstate(dtype, value, method):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy, where a long double is no longer than a float64
        bad = X.astype(dtype)
        bad[3, 1] = np.longdouble(value)
    fitted = model().fit(X * 1e-308)
    with np.errstate(all="raise"):
        name = "init" if method == "init" else "X"
        with pytest.raises(ValueError, match=rf"^{name} must hold finite numbers .*, got .* in row 3, column 1 \("):
            model(init=bad, max_nodes=1000).fit(X) if method == "init" else getattr(fitted, method)(bad)
        with pytest.raises(ValueError, match=r"^nodes must be finite, got (nan|-?inf)$"):
            Graph(bad, [])
        if method not in ("fit", "init"):
            with pytest.raises(ValueError, match="^X must lie within .* of 0 in column 0, .* got 1"):
                getattr(fitted, method)(np.full((2, 2), 1e15))


@pytest.mark.skipif(np.finfo(np.longdouble).tiny == 0 or np.finfo(np.longdouble).maxexp <= 1024, reason="is a float64")
def test_what_only_a_long_double_can_hold_is_zero():
    tiny = X.astype(np.longdouble) * np.longdouble("1e-4000")
    tiny[:, 0] = X[:, 0]
    flat = np.column_stack([X[:, 0], np.zeros(len(X))])
    with np.errstate(all="raise"):
        assert model().fit(tiny).graph_ == model().fit(flat).graph_
        assert np.array_equal(Graph(tiny, []).nodes, flat)
        assert model().fit(flat, sample_weight=tiny[:, 1] + (X[:, 0] > 0.5)).graph_.n_nodes == 30


@pytest.mark.parametrize("weight", [5e-324, 1e-310, 1e300, 1.7e308])
def test_weights_of_any_size_whatever_errstate(weight):
    """A stream counts in whole units; everything else compares weights with each other."""
    weights = np.full(600, weight)
    with np.errstate(all="raise"):
        fitted = model(refine=True).fit(X, sample_weight=weights)
        for measure in "quantization_error", "score", "topographic_error":
            assert getattr(fitted, measure)(X, sample_weight=weights) == pytest.approx(getattr(fitted, measure)(X))
        if weight < 1:
            fitted.partial_fit(X, sample_weight=weights)
        else:
            with pytest.raises(ValueError, match="^sample_weight must add up to less than"):
                fitted.partial_fit(X, sample_weight=weights)


# ---- parameters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"jitter": 1e30}, ValueError, r"^jitter must be in \[0, 1e\+15\], got 1e\+30$"),
        (
            {"variant": "neupy", "min_distance": 1e200},
            ValueError,
            r"^min_distance must be in \[0, 1e\+150\] with variant=",
        ),
        ({"n_jobs": 0}, ValueError, r"^n_jobs must be -1 or in \[1, 1024\], got 0$"),
        (
            {"fixed_init": True},
            ValueError,
            "^fixed_init=True needs the nodes .*: init must be an array or a Graph, got None$",
        ),
        ({"fixed_init": "yes"}, TypeError, "^fixed_init must be True or False, got 'yes'$"),
        ({"init": "k-means++"}, ValueError, "^init must be None, an array .* or a Graph, got 'k-means.*'$"),
        ({"init": [[0, np.nan]]}, ValueError, "^init must hold finite numbers .* got nan in row 0, column 1"),
        ({"init": 7}, ValueError, r"^init must have 2 dimensions"),
    ],
)
@pytest.mark.parametrize("call", ["fit", "partial_fit", "set_params"])
def test_parameters_that_cannot_be_are_named(parameters, error, message, call, tmp_path):
    if call != "set_params":
        with pytest.raises(error, match=message):
            getattr(model(**parameters), call)(X)
        return
    fitted = model(variant=parameters.get("variant", "fritzke")).partial_fit(X)
    fitted.set_params(**parameters)
    before, history = fitted.graph_, fitted.history_
    for weights in None, np.ones(600):
        with pytest.raises(error, match=message):
            fitted.partial_fit(X, sample_weight=weights)
    assert fitted.graph_ is before and np.array_equal(fitted.history_, history)


def test_a_refused_chunk_changes_nothing():
    fitted = model().fit(X)
    before, history, labels = fitted.graph_, fitted.history_, fitted.labels_
    bad = np.full((70_000, 2), 0.5, np.float32)
    bad[-1, 1] = np.nan
    for weights in None, np.ones(len(bad)):
        with pytest.raises(ValueError, match="got nan in row 69999, column 1"):
            fitted.partial_fit(bad, sample_weight=weights)
    with pytest.raises(ValueError, match="sample_weight"):
        fitted.partial_fit(X, sample_weight=[1])
    with pytest.raises(ValueError, match="got nan in row 0"):
        fitted.partial_fit(np.float32([[0, np.nan]]))
    assert fitted.graph_ is before and np.array_equal(fitted.history_, history) and fitted.labels_ is labels


@pytest.mark.parametrize(
    "parameters",
    [{"eps_b": 0.01}, {"eps_n": 0}, {"lam": 5}, {"max_age": 2}, {"alpha": 0.9}, {"decay": 0.9}, {"min_distance": 0.05}],
)
def test_parameters_set_in_a_stream_take_effect(parameters):
    fitted, plain = model(max_nodes=60).partial_fit(X), model(max_nodes=60).partial_fit(X)
    fitted.set_params(**parameters).partial_fit(X[:300]).partial_fit(X[300:])
    assert fitted.graph_ != plain.partial_fit(X).graph_
    name, value = next(iter(parameters.items()))
    assert fitted.network_.parameters[name] == value
    # set to what it was, it goes on as if nothing had been set
    same = model(max_nodes=60).partial_fit(X).set_params(**{name: model(max_nodes=60).get_params()[name]}, max_nodes=60)
    assert same.partial_fit(X).graph_ == plain.graph_


def test_max_nodes_grows_in_a_stream_and_the_rest_goes_on_as_it_was():
    fitted = model(max_nodes=10).partial_fit(X)
    assert fitted.graph_.n_nodes == 10
    nodes = fitted.graph_.nodes
    fitted.set_params(max_nodes=25)
    assert np.array_equal(fitted.graph_.nodes, nodes)
    assert fitted.partial_fit(X).graph_.n_nodes == 25
    with pytest.raises(
        ValueError, match="^max_nodes must be at least the 25 nodes that there are .*, got 24: fit starts"
    ):
        fitted.set_params(max_nodes=24).partial_fit(X)
    with pytest.raises(
        ValueError, match="^variant must stay 'fritzke' while training goes on, got 'neupy': fit starts"
    ):
        fitted.set_params(max_nodes=25, variant="neupy").partial_fit(X)
    fitted.set_params(variant="fritzke", utility=1.5).partial_fit(X)
    assert fitted.network_.parameters["utility"] == 1.5
    assert fitted.set_params(utility=None).partial_fit(X).network_.parameters["utility"] is None


def test_what_annealing_reached_stays_until_it_is_set():
    fitted = model(eps_b_end=0.01).fit(X)
    assert fitted.partial_fit(X).network_.as_arrays()[0]["eps_b"] == pytest.approx(0.01)
    fitted.set_params(lam=30).partial_fit(X)
    assert fitted.network_.as_arrays()[0]["eps_b"] == pytest.approx(0.01)
    fitted.set_params(eps_b=0.3).partial_fit(X)
    assert fitted.network_.as_arrays()[0]["eps_b"] == pytest.approx(0.3)


def test_loaded_models_check_their_parameters(tmp_path):
    from gng_fast.model import saved_model

    fitted = model().fit(X).set_params(eps_b=5)
    with pytest.raises(ValueError, match="^eps_b must be in"):
        fitted.save(tmp_path / "a.npz")
    saved_model.write_model(tmp_path / "a.npz", {**fitted.get_params(), "eps_b": 0.5}, training_state(fitted))
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    about = arrays["about"].tobytes().replace(b'"eps_b":0.5', b'"eps_b":5.5')
    np.savez(tmp_path / "b.npz", **{**arrays, "about": np.frombuffer(about, np.uint8)})
    with pytest.raises(ValueError, match=r"eps_b must be in \(0, 1\], got 5.5"):
        GrowingNeuralGas.load(tmp_path / "b.npz")
    assert GrowingNeuralGas.load(tmp_path / "a.npz").eps_b == 0.5


def test_a_copy_trains_by_itself():
    fitted = model(random_state=np.random.default_rng(5)).partial_fit(X)
    before, history = fitted.graph_, fitted.history_
    other = copy.copy(fitted)
    assert other.graph_ == before and other.init is fitted.init
    other.partial_fit(X)
    assert fitted.graph_ is before and np.array_equal(fitted.history_, history)
    assert other.graph_ == fitted.partial_fit(X).graph_
    assert copy.copy(fitted).fit(X).graph_ == fitted.fit(X).graph_  # neither draws from the other's generator
    assert copy.copy(model()).get_params() == model().get_params()


def test_subclasses_that_pass_parameters_on():
    class Mine(GrowingNeuralGas):
        def __init__(self, more=1, **kwargs):
            super().__init__(**kwargs)
            self.more = more

    class Unnamed(GrowingNeuralGas):
        def __init__(self, *args):
            super().__init__(*args)

    mine = Mine(more=2, max_nodes=7, lam=5)
    assert mine.get_params() == {**GrowingNeuralGas(7, lam=5).get_params(), "more": 2}
    assert Mine(**mine.get_params()).set_params(lam=6).lam == 6
    base = pytest.importorskip("sklearn.base")
    assert base.clone(mine).get_params() == mine.get_params()
    with pytest.raises(TypeError, match="^Unnamed.__init__ must name its parameters"):
        Unnamed().get_params()


# ---- data of other kinds --------------------------------------------------------------------------------------------


def test_masked_entries_are_refused():
    masked = np.ma.masked_array(X, mask=False)
    assert model().fit(masked).graph_ == model().fit(X).graph_
    masked[3, 1] = np.ma.masked
    for data in masked, list(masked):
        with pytest.raises(
            ValueError, match="^X must not hold masked entries, got one in row 3, column 1: fill them in"
        ):
            model().fit(data)
    with pytest.raises(ValueError, match="^sample_weight must not hold masked entries, got one in row 5"):
        model().fit(X, sample_weight=np.ma.masked_array(np.ones(600), mask=np.arange(600) == 5))


def test_empty_chunks_are_left_out():
    chunks = [X[:0], X[:300], [], X[300:], np.empty((0, 2))]
    whole, one_by_one = model().partial_fit(X), model()
    for chunk in chunks:
        assert one_by_one.partial_fit(chunk) is one_by_one
    for fitted in one_by_one, model().partial_fit(iter(chunks)):
        assert fitted.graph_ == whole.graph_ and len(fitted.history_) == 2
    before = fitted.graph_
    assert fitted.partial_fit(X[:0], sample_weight=[]).graph_ is before
    for wrong in np.empty((0, 5)), iter([np.empty((0, 5))]):
        with pytest.raises(
            ValueError, match="^X has 5 features, but GrowingNeuralGas is expecting 2 features as input"
        ):
            fitted.partial_fit(wrong)
    with pytest.raises(ValueError, match=r"^sample_weight must have shape \(0,\)"):
        fitted.partial_fit(X[:0], sample_weight=[1])
    for wrong in "", np.empty((0, 2, 2)):
        with pytest.raises((TypeError, ValueError), match="^X must "):
            fitted.partial_fit(wrong)
    assert fitted.graph_ is before


def test_an_empty_first_chunk_leaves_a_model_unfitted():
    empty = model().partial_fit(X[:0])
    assert not hasattr(empty, "graph_")
    with pytest.raises(ValueError, match=r"^X must have at least one row and one column, got shape \(0, 2\)"):
        empty.fit(X[:0])
    assert empty.partial_fit(X).graph_ == model().partial_fit(X).graph_


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_empty_frames_are_left_out(library):
    frame = frame_of(library, east=X[:, 0], north=X[:, 1])
    fitted = model().partial_fit(frame[:0]).partial_fit(frame).partial_fit(frame[:0])
    assert fitted.graph_ == model().partial_fit(X).graph_
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.partial_fit(frame_of(library, east=X[:0, 0], south=X[:0, 1]))


def test_frames_with_text_or_missing_values_name_the_column():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"size": pandas.array([1, 2, None], "Int64"), "more": [1.5, 2.5, 3.5]})
    with pytest.raises(
        ValueError, match="^X must hold finite numbers .*, got (<NA> in row 2, column 'size'|nan in row 2)"
    ):
        model().fit(frame)
    frame = pandas.DataFrame({"size": [1.0, 2.0], "city": ["Rome", "Oslo"]})
    with pytest.raises(TypeError, match="got the text 'Rome' in row 0, column 'city': convert its column to numbers"):
        model().fit(frame)


FRAMES = {
    "pandas": lambda library, columns: library.DataFrame(columns),
    "polars": lambda library, columns: library.DataFrame(columns, strict=False),
    "pyarrow": lambda library, columns: library.table(columns),
}


def frame_of(library, **columns):
    return FRAMES[library](pytest.importorskip(library), columns)


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_frames_are_named_by_row_and_column(library, dtype):
    good = frame_of(library, size=np.array([1, 2, 3, 4], dtype), more=np.array([5, 4, 8, 7], dtype))
    fitted = model().fit(good)
    for value in np.nan, np.inf, 1e30:
        bad = frame_of(library, size=np.array([1, 2, 3, 4], dtype), more=np.array([5, 4, value, 7], dtype))
        message = r"^X must hold finite numbers .*, got (nan|inf|1e\+30|1\.\d+e\+30) in row 2, column 'more' \(no inf"
        calls = [model().fit, model().partial_fit, fitted.predict, fitted.partial_fit, fitted.reconnect, fitted.score]
        for call in [*calls, lambda X: model().partial_fit(iter([X]))]:
            with pytest.raises(ValueError, match=message):
                call(bad)
    with pytest.raises(ValueError, match="^init must hold finite numbers .* in row 2, column 'more'"):
        model(init=bad).fit(X)
    holes = frame_of(library, size=[1, 2, 3, 4], more=[5, None, 6, 7])
    with pytest.raises(ValueError, match="got nan in row 1, column 'more'"):
        model().fit(holes)


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("text", [["1", "2"], ["1", "two"]])
def test_text_of_frames_is_no_number_even_if_it_looks_like_one(library, text):
    message = "^X must hold real numbers, got the text '1' in row 0, column 'city': convert its column to numbers, or"
    for columns in {"size": [1.0, 2.0], "city": text}, {"city": text, "more": text}:
        with pytest.raises(TypeError, match=message):
            model().fit(frame_of(library, **columns))


def test_an_object_of_numpy_with_text_names_row_and_column():
    for text in "b", "4", b"4":
        with pytest.raises(TypeError, match=f"got the text {text!r} in row 1, column 1: convert"):
            model().fit(np.array([[1, 2], [3, text]], dtype=object))
    with pytest.raises(TypeError, match="got the text '1' in row 0: convert"):
        model().fit(np.array(["1", "2"], dtype=object))
    with pytest.raises(
        TypeError, match=r"^X must hold real numbers, got dtype <U1, which is text: convert it, for inst"
    ):
        model().fit([["1", "2"], ["3", "4"]])
    assert model().fit(X.astype(object)).graph_ == model().fit(X.astype("f8")).graph_


@pytest.mark.parametrize(
    "given, message",
    [
        ("data.csv", "a str: load the file first, for instance with np.load or np.loadtxt"),
        (b"data.csv", "a bytes: load the file first, for instance with np.load or np.loadtxt"),
        (pathlib.PurePosixPath("data.csv"), "a PurePosixPath: load the file first, for instance with np.load or"),
        ({"a": [1, 2]}, "a dict: make columns of its values, for instance with np.column_stack(list(X.values()))"),
        (None, "None"),
        ({1, 2}, "a set"),
        (print, "a builtin_function_or_method"),
    ],
)
def test_what_is_no_array_says_what_to_do(given, message):
    fitted = model().fit(X)
    for call in model().fit, model().partial_fit, fitted.partial_fit, fitted.predict, fitted.score, Signals:
        with pytest.raises(
            TypeError, match=f"^X must be an array of numbers of shape \\(n, d\\), got {re.escape(message)}"
        ):
            call(given)


class Tensor:
    """Of another library: it has nothing but the protocol."""

    def __init__(self, array, error=None):
        self.array, self.error = array, error

    def __dlpack__(self, **how):
        if self.error:
            raise self.error
        return self.array.__dlpack__(**how)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Lazy:
    def collect(self):
        return X


def test_tensors_and_lazy_frames():
    assert model().fit(Tensor(X)).graph_ == model().fit(X).graph_
    with pytest.raises(TypeError, match="^X must be in the memory of the processor, got a Tensor that is not: copy it"):
        model().fit(Tensor(X, BufferError("on a GPU")))
    with pytest.raises(
        TypeError, match=r"^X must be an array or a data frame, got a Lazy, .*: give what its collect\(\)"
    ):
        model().fit(Lazy())


def test_tables_of_pyarrow_keep_their_names():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"east": X[:, 0], "north": X[:, 1]})
    fitted = model().fit(table)
    assert fitted.feature_names_in_.tolist() == ["east", "north"] and fitted.graph_ == model().fit(X).graph_
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table.select(["north", "east"]))


def test_frames_of_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"east": X[:, 0], "north": X[:, 1]})
    assert model().fit(frame).feature_names_in_.tolist() == ["east", "north"]
    with pytest.raises(TypeError, match=r"got a LazyFrame, .*: give what its collect\(\) returns$"):
        model().fit(frame.lazy())


# ---- growth ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters, n, message",
    [
        ({"max_nodes": 100, "n_epochs": 10}, 200,
         "has .* of max_nodes = 100 nodes after 2000 signals, since one grows every lam = 100: raise n_epochs to 49, "
         "lower lam to 20, or lower max_nodes to 22"),
        ({"max_nodes": 1000, "n_epochs": 10}, 150,
         r"has 17 of max_nodes = 1000 nodes, and X has 150 rows: lower max_nodes, to a fraction of the rows \(with "
         r"these n_epochs and lam, 17 nodes grow\)"),
        ({"max_nodes": 100, "lam": 1}, 50, "has 100 of max_nodes = 100 nodes, and X has 50 rows: lower max_nodes"),
    ],
)  # fmt: skip
def test_growth_that_cannot_be_meant_is_warned_of(parameters, n, message):
    with pytest.warns(gng_fast.GrowthWarning, match=message) as caught:
        GrowingNeuralGas(**parameters, random_state=0).fit(X[:n])
    assert len(caught) == 1 and caught[0].filename == __file__


def test_the_advice_of_the_warning_helps():
    for advice in {"n_epochs": 49}, {"n_epochs": 10, "lam": 20}, {"n_epochs": 10, "max_nodes": 22}:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            GrowingNeuralGas(**{"max_nodes": 100, "random_state": 0, **advice}).fit(X[:200])


@pytest.mark.parametrize(
    "fit",
    [
        lambda: model().fit(X),
        lambda: model(max_nodes=1000).partial_fit(X),
        lambda: model(max_nodes=500, lam=2**40).fit(X),
        lambda: model(max_nodes=500, utility=2.0, n_epochs=1).fit(X),
        lambda: model(max_nodes=500, n_epochs=1).fit(X, callback=lambda *_: True),
        lambda: model(max_nodes=500, lam=10, n_epochs=10, min_distance=0.3).fit(X),
    ],
)
def test_no_warning_where_nothing_is_wrong(fit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit()


# ---- distances and errors -------------------------------------------------------------------------------------------


def test_distances_of_rows():
    fitted = model().fit(X + 1e7)
    nodes, distances = fitted.nearest(X + 1e7, return_distance=True)
    assert np.array_equal(nodes, fitted.nearest(X + 1e7)) and distances.dtype == np.float64
    assert np.allclose(distances, np.linalg.norm(X + 1e7 - fitted.graph_.nodes[nodes], axis=1), atol=1e-6)
    assert np.isclose(distances.mean(), fitted.quantization_error(X + 1e7), rtol=1e-12)
    with pytest.raises(TypeError, match="^return_distance must be True or False, got 'yes'$"):
        fitted.nearest(X, return_distance="yes")


def test_topographic_error_by_hand():
    line = Graph([[0, 0], [1, 0], [2, 0], [3, 0]], [(0, 1), (1, 2)])
    fitted = GrowingNeuralGas(4, n_epochs=1e-3, lam=2**40, init=line, fixed_init=True, random_state=0).fit(
        [[0.4, 0], [0.6, 0]]
    )
    rows = [[0.4, 0], [1.4, 0], [2.4, 0], [2.6, 0]]
    assert fitted.topographic_error(rows) == 0.5
    assert fitted.topographic_error(rows, sample_weight=[3, 3, 1, 1]) == pytest.approx(0.25)


@pytest.mark.parametrize("measure", ["quantization_error", "score", "topographic_error"])
def test_weights_of_rows_are_repetitions(measure):
    fitted, weights = model(n_epochs=1).fit(X), np.arange(600) % 4
    repeated = getattr(fitted, measure)(np.repeat(X, weights, axis=0))
    assert getattr(fitted, measure)(X, sample_weight=weights) == pytest.approx(repeated, rel=1e-12)
    assert getattr(fitted, measure)(X, sample_weight=np.ones(600)) == pytest.approx(getattr(fitted, measure)(X))
    with pytest.raises(ValueError, match="^sample_weight must not all be 0$"):
        getattr(fitted, measure)(X, sample_weight=np.zeros(600))


def test_a_search_hands_weights_on_to_score():
    sklearn = pytest.importorskip("sklearn", minversion="1.6")
    from sklearn.pipeline import make_pipeline

    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(model().set_score_request(sample_weight=True)).fit(X)
        weights = np.arange(600) % 4
        assert pipeline.score(X, sample_weight=weights) == pipeline[-1].score(X, sample_weight=weights)


# ---- threads --------------------------------------------------------------------------------------------------------


def test_whatever_is_read_is_of_one_moment():
    """Nodes come and go meanwhile (GNG-U), a fit starts again and again, and what is read belongs together."""
    jumping = np.concatenate([X[:300] + place for place in (0, 5, 0, 9)])
    fitted = model(max_nodes=200, lam=2, utility=1.5, n_epochs=1).fit(jumping)
    done, errors = threading.Event(), []

    def read(look):
        while not done.is_set():
            try:
                look()
            except AttributeError as error:
                if "labels_" not in str(error):
                    errors.append(error)
            except BaseException as error:
                errors.append(error)

    looks = [
        lambda: fitted.predict(jumping),
        lambda: fitted.labels_,
        lambda: fitted.history_.sum(),  # there is none before the first epoch of a fit has ended
        lambda: fitted.graph_.components,
        lambda: fitted.topographic_error(jumping),
        lambda: fitted.transform(jumping[:50]).shape,
        lambda: copy.copy(fitted).partial_fit(jumping[:10]),
        lambda: pickle.loads(pickle.dumps(fitted)).graph_,
    ]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=read, args=(look,)) for look in looks]
    try:
        for thread in threads:
            thread.start()
        for _ in range(3):
            fitted.fit(jumping)
            for start in range(0, 400, 10):
                fitted.partial_fit(jumping[start : start + 10])
    finally:
        done.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(switching)
    assert not errors, errors[0]


def test_a_copy_has_nothing_that_another_thread_may_be_working_out():
    """What is made when it is asked for would change the dictionary that is being copied."""
    fitted = model().fit(X)
    assert len(fitted.labels_) == len(X)
    known = training_state(fitted).clusters
    assert known.of_nodes.shape == (fitted.graph_.n_nodes,) and "of_nodes" in vars(known)
    for other in copy.deepcopy(known), pickle.loads(pickle.dumps(known)):
        assert set(vars(known)) - set(vars(other)) >= {"of_nodes"}
        np.testing.assert_array_equal(other.of_nodes, known.of_nodes)


def test_a_pickle_has_all_distances_or_those_before():
    fitted, pickles, done = model().partial_fit(X[:10]), [], threading.Event()

    def keep():
        while not done.is_set():
            pickles.append(pickle.dumps(fitted))

    thread = threading.Thread(target=keep)
    thread.start()
    for start in range(10, 600, 10):
        fitted.partial_fit(X[start : start + 10])
    done.set()
    thread.join()
    for kept in map(pickle.loads, pickles):
        assert kept.network_.n_signals == 10 * len(kept.history_)
        assert np.array_equal(kept.history_, fitted.history_[: len(kept.history_)])
