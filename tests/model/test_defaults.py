"""What `fit` chooses where it is not told: nodes, signals, and how the steps end."""

import io
import pickle
import warnings

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, GrowthWarning, Network, Signals
from gng_fast.model.defaults import AUTO_ENDS, NO_GROWTH, SIGNALS_PER_NODE, counted_rows, nodes_for

CONSTANT_STEPS = {"eps_b_end": None, "eps_n_end": None}


def square(n, seed=0):
    return np.random.default_rng(seed).random((n, 2), dtype=np.float32)


def fitted_without_warning(X, sample_weight=None, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return GrowingNeuralGas(random_state=0, **parameters).fit(X, sample_weight=sample_weight)


def signals_of(X, **parameters):
    """How many signals `fit` is going to present."""
    presented = []
    model = GrowingNeuralGas(random_state=0, **parameters)
    model.fit(X, callback=lambda done, total, model: presented.append(total) or True, callback_every=1)
    return presented[0]


def steps_of(model):
    about = model.network_.as_arrays()[0]
    return about["eps_b"], about["eps_n"]


# ---- nodes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "n, n_nodes",
    [(2, 2), (5, 2), (9, 3), (150, 50), (323, 107), (324, 108), (10_000, 600), (111_111, 1999), (10**7, 2000)],
)
def test_nodes_follow_from_the_rows(n, n_nodes):
    assert nodes_for(n, 2) == n_nodes


def test_iris_gets_fifty_nodes_without_an_option():
    datasets = pytest.importorskip("sklearn.datasets")
    model = fitted_without_warning(datasets.load_iris().data)
    assert 48 <= model.graph_.n_nodes <= 50


@pytest.mark.parametrize("X", [square(2), square(3), square(40), np.eye(40), [[0.0], [1.0], [2.0]] * 100])
def test_defaults_never_warn(X):
    assert fitted_without_warning(X).graph_.n_nodes <= nodes_for(len(X), 2)


def test_start_nodes_have_room():
    X = square(300)
    assert fitted_without_warning(X, n_start_nodes=150).network_.parameters["max_nodes"] == 150
    assert fitted_without_warning(X, init=square(120, 1)).network_.parameters["max_nodes"] == 120
    fixed = fitted_without_warning(X, init=fitted_without_warning(X, max_nodes=130).graph_, fixed_init=True)
    assert fixed.graph_.n_nodes == 130
    assert fitted_without_warning(X, init=square(5, 1), fixed_init=True).graph_.n_nodes == nodes_for(300, 5) == 100


def test_weights_count_as_presentations():
    """Rows that are never presented are none, and only ratios of weights matter."""
    X, half = square(600), np.repeat([1.0, 0.0], 300)
    for weights in half, half * 1e-300, half * 1e300:
        assert counted_rows(600, weights) == 300
        assert fitted_without_warning(X, weights).network_.parameters["max_nodes"] == nodes_for(300, 2) == 100
    assert counted_rows(600, np.ones(600)) == counted_rows(600, None) == 600
    assert counted_rows(600, np.r_[1e9, np.ones(599)]) == pytest.approx(1, rel=1e-5)


def test_a_stream_has_room_for_what_it_had_before():
    """1000 nodes in a model of `partial_fit` alone; a fitted model goes on with what it took."""
    X = square(600)
    stream = GrowingNeuralGas(random_state=0).partial_fit(X)
    assert stream.network_.parameters["max_nodes"] == 1000
    model = GrowingNeuralGas(random_state=0).fit(X)
    for _ in range(2):
        assert model.partial_fit(X).network_.parameters["max_nodes"] == nodes_for(600, 2)
        model.set_params(lam=50)
    assert model.partial_fit(X).network_.parameters["lam"] == 50
    assert model.set_params(max_nodes=400).partial_fit(X).network_.parameters["max_nodes"] == 400
    assert model.set_params(max_nodes=None).partial_fit(X).network_.parameters["max_nodes"] == 400


# ---- signals --------------------------------------------------------------------------------------------------------


def test_signals_follow_from_the_nodes():
    X = square(2000)
    assert signals_of(X) == SIGNALS_PER_NODE * nodes_for(2000, 2)
    assert signals_of(X, max_nodes=50) == SIGNALS_PER_NODE * 50
    assert signals_of(X, max_nodes=50, n_epochs=3) == 6000
    assert signals_of(X, max_nodes=50, lam=1000) == 3 * 1000 * 48
    assert signals_of(X, max_nodes=50, lam=1000, init=square(50, 1)) == SIGNALS_PER_NODE * 50
    assert signals_of(X, max_nodes=50, lam=NO_GROWTH) == SIGNALS_PER_NODE * 2
    # in order, every row is presented at least once
    assert signals_of(square(50_000), max_nodes=50, sampling="order") == 50_000


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"lam": 1},
        {"lam": 700},
        {"alpha": 0.0},
        {"alpha": 1.0, "decay": 1.0},
        {"max_age": 5},
        {"variant": "neupy"},
        {"sampling": "replacement"},
        {"init": square(7, 3)},
        {"init": square(7, 3), "fixed_init": True},
        {"jitter": 0.1},
        {"eps_n": 0.0},
    ],
)
@pytest.mark.parametrize("max_nodes", [10, 90])
def test_an_explicit_number_of_nodes_is_reached(max_nodes, parameters):
    model = fitted_without_warning(square(400), max_nodes=max_nodes, **parameters)
    # edges that age away may take a node along with them at the last moment
    assert max_nodes - model.graph_.n_nodes <= (max_nodes // 20 if parameters.get("max_age") else 0)


def test_more_nodes_than_rows_are_grown_and_warned_of():
    with pytest.warns(GrowthWarning, match="has 100 of max_nodes = 100 nodes, and X has 50 rows: lower max_nodes"):
        assert GrowingNeuralGas(100, random_state=0).fit(square(50)).graph_.n_nodes == 100


def test_a_million_rows_take_no_more_signals_than_their_nodes():
    X = square(1_000_000)
    model = fitted_without_warning(X)
    assert model.graph_.n_nodes == 2000 and model.network_.as_arrays()[0]["n_signals"] == 600_000
    assert model.quantization_error(X) < 0.0087  # 200 rows a node: 0.0101 with constant steps
    assert model.labels_.shape == (1_000_000,)


# ---- steps ----------------------------------------------------------------------------------------------------------


def test_steps_stay_for_a_third_and_go_to_their_ends():
    X = square(500)
    model = fitted_without_warning(X, max_nodes=30, n_epochs=30)
    assert steps_of(model) == pytest.approx(tuple(AUTO_ENDS.values()), rel=0.01)
    network, signals = Network(2, seed=0, max_nodes=30), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 5000)
    network.anneal(*AUTO_ENDS.values(), 10_000)
    network.train(signals, 10_000)
    assert model.graph_ == network.graph()
    in_pieces = GrowingNeuralGas(30, n_epochs=30, random_state=0).fit(X, callback=lambda *_: None, callback_every=77)
    assert in_pieces.graph_ == model.graph_
    # and stay there
    assert steps_of(model.partial_fit(X)) == tuple(map(np.float32, AUTO_ENDS.values()))


def test_steps_stay_while_the_network_grows():
    X = square(500)
    for n_epochs, stays in (5.6, True), (6, False):  # the thirtieth node comes after 2800 signals, 5.6 epochs
        some, others = (
            fitted_without_warning(X, max_nodes=30, n_epochs=n_epochs, **ends).graph_ for ends in ({}, CONSTANT_STEPS)
        )
        assert (some == others) == stays


@pytest.mark.parametrize(
    "parameters",
    [
        CONSTANT_STEPS,
        {"variant": "neupy"},
        {"eps_b": 0.01, "eps_n": 0.00001},
        {"eps_b": 1e-9, "eps_n": 0.0},
        {"variant": "neupy", "eps_b_end": None},
    ],
)
def test_steps_that_stay(parameters):
    X = square(500)
    model = fitted_without_warning(X, max_nodes=30, n_epochs=10, **parameters)
    expected = {"eps_b": 0.2, "eps_n": 0.006} | parameters
    assert steps_of(model) == (np.float32(expected["eps_b"]), np.float32(expected["eps_n"]))
    assert (
        model.graph_ == fitted_without_warning(X, max_nodes=30, n_epochs=10, **{**parameters, **CONSTANT_STEPS}).graph_
    )


def test_one_end_that_is_given():
    """A number is for the whole run, and the other step goes with it; with None, the other goes when it would."""
    X = square(500)
    graphs = []
    for ends, first, second in (
        ((0.05, "auto"), 0, (0.05, AUTO_ENDS["eps_n"])),
        (("auto", 0.0), 0, (AUTO_ENDS["eps_b"], 0.0)),
        ((None, "auto"), 5000, (None, AUTO_ENDS["eps_n"])),
        (("auto", None), 5000, (AUTO_ENDS["eps_b"], None)),
    ):
        model = fitted_without_warning(X, max_nodes=30, n_epochs=30, eps_b_end=ends[0], eps_n_end=ends[1])
        network, signals = Network(2, seed=0, max_nodes=30), Signals(X)
        network.draw_start_nodes(signals)
        network.train(signals, first)
        network.anneal(*second, 15_000 - first)
        network.train(signals, 15_000 - first)
        assert model.graph_ == network.graph()
        graphs.append(model.graph_)
    assert all(a != b for i, a in enumerate(graphs) for b in graphs[:i])


def test_a_stream_keeps_its_steps():
    X = square(500)
    stream, constant = (GrowingNeuralGas(30, random_state=0, **ends).partial_fit(X) for ends in ({}, CONSTANT_STEPS))
    assert stream.graph_ == constant.graph_ and steps_of(stream) == (np.float32(0.2), np.float32(0.006))


def test_annealing_brings_nodes_nearer():
    X = square(5000)
    annealed, constant = (
        np.mean([GrowingNeuralGas(random_state=seed, **ends).fit(X).quantization_error(X) for seed in range(3)])
        for ends in ({}, CONSTANT_STEPS)
    )
    assert annealed < 0.99 * constant


@pytest.mark.parametrize(
    "given, error, message",
    [
        ({"eps_b_end": "slow"}, ValueError, r"eps_b_end must be 'auto', None or a number in \(0, 1\], got 'slow'"),
        ({"eps_n_end": 2}, ValueError, r"eps_n_end must be in \[0, 1\], got 2"),
        ({"max_nodes": "auto"}, TypeError, "max_nodes must be an integer"),
        ({"n_epochs": "auto"}, TypeError, "n_epochs must be a number"),
        ({"lam": None}, TypeError, "lam must be an integer"),
    ],
)
def test_what_is_no_default(given, error, message):
    for fit in GrowingNeuralGas(**given).fit, GrowingNeuralGas(**given).partial_fit:
        with pytest.raises(error, match=message):
            fit(square(100))


# ---- what lasts -----------------------------------------------------------------------------------------------------


def test_the_choice_is_made_anew_for_other_data():
    model = GrowingNeuralGas(random_state=0)
    for n in 300, 3000:
        assert model.fit(square(n)).graph_.n_nodes == nodes_for(n, 2)
        assert model.max_nodes is None and model.n_epochs is None and model.eps_b_end == "auto"


def test_a_saved_model_goes_on():
    X = square(600)
    model = GrowingNeuralGas(random_state=0).fit(X)
    file = io.BytesIO()
    model.save(file)
    file.seek(0)
    for other in GrowingNeuralGas.load(file), pickle.loads(pickle.dumps(model)):
        assert other.get_params() == model.get_params() == {**GrowingNeuralGas().get_params(), "random_state": 0}
        assert other.graph_ == model.graph_
        other.partial_fit(X)
        assert other.graph_ == GrowingNeuralGas(random_state=0).fit(X).partial_fit(X).graph_
        assert other.network_.parameters["max_nodes"] == nodes_for(600, 2)


def test_a_search_takes_the_defaults():
    search = pytest.importorskip("sklearn.model_selection").GridSearchCV
    found = search(GrowingNeuralGas(random_state=0), {"eps_b_end": ["auto", None]}, cv=3).fit(square(600))
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert found.best_estimator_.graph_.n_nodes == nodes_for(600, 2)
