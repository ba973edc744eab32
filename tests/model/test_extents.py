"""Streams that begin at rest, tiny and enormous data, whatever errstate the user has."""

import pickle
import warnings

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((600, 2))


def model(**parameters):
    return GrowingNeuralGas(**{"max_nodes": 30, "lam": 20, "max_age": 10, "random_state": 0, **parameters})


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
