"""What a model says is true of the data it was given: labels, parameters, growth, distances, copies."""

import copy
import pickle
import sys
import threading
import warnings

import numpy as np
import pytest

import gng_fast
from gng_fast import Graph, GrowingNeuralGas
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
