"""Weights of signals, and jitter.

Against the reference with == after every signal, and by hand.
"""

import math

import numpy as np
import pytest
from beside_reference import CLASSES, last_graph, points

from gng_fast import GrowingNeuralGas, Network, Signals
from gng_fast.reference import Generator, alias_table
from gng_fast.reference import Signals as ReferenceSignals

# ---- weights --------------------------------------------------------------------------------------------------------

WEIGHTS = {
    "random": lambda rng, n: rng.random(n),
    "ints": lambda rng, n: rng.integers(0, 4, n),
    "steep": lambda rng, n: 10.0 ** rng.uniform(-30, 30, n),
    "half": lambda rng, n: np.arange(n) % 2,
    "two": lambda rng, n: np.where(np.arange(n) < 2, 1, 0),
    "equal": lambda rng, n: np.ones(n),
    "huge": lambda rng, n: rng.random(n) * 1.7e308,
    "tiny": lambda rng, n: rng.integers(1, 5, n) * 5e-324,
}


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("sampling", ["epochs", "replacement"])
def test_weights_equal_the_reference(name, sampling):
    weights = WEIGHTS[name](np.random.default_rng(1), 200)
    for variant in "fritzke", "neupy":
        last_graph(points(2), 300, source={"weights": weights, "sampling": sampling}, variant=variant)


def stands_for(probability, alias):
    """The share of draws that an alias table gives to each row."""
    share = np.minimum(probability, 1)
    share += np.bincount(alias, np.maximum(1 - np.array(probability), 0), len(alias))
    return share / len(alias)


@pytest.mark.parametrize("name", WEIGHTS)
def test_alias_table_gives_every_row_its_share(name):
    for n in 1, 2, 3, 10, 1000:
        weights = WEIGHTS[name](np.random.default_rng(n), n).astype(float)
        if not weights.any():
            continue
        weights /= weights.max()
        share = stands_for(*alias_table(weights.tolist()))
        assert np.allclose(share, weights / weights.sum(), rtol=1e-9, atol=1e-13)
        assert (share[weights == 0] == 0).all()


@pytest.mark.quick
def test_alias_table_by_hand():
    """Weights 1, 3, 2 of mean 2: row 0 is half itself and half row 1, which then is full."""
    probability, alias = alias_table([1 / 3, 1, 2 / 3])
    assert probability == pytest.approx([0.5, 1, 1])
    assert alias[0] == 1


def test_rounding_never_gives_a_share_to_weight_zero():
    """One row has all the weight and gives it away to many rows of weight 0, with rounding at each."""
    for n in range(2, 400):
        for heavy in {0, n // 2, n - 1}:
            weights = [0.0] * n
            weights[heavy] = 1.0
            weights[heavy - 1] = 0.3
            share = stands_for(*alias_table(weights))
            assert {i for i in range(n) if share[i] > 0} == {heavy, (heavy - 1) % n}


def test_weights_decide_how_often_a_row_is_drawn():
    weights = np.array([0, 1, 5, 0, 0.5, 10, 0.01])
    X = np.arange(7, dtype=np.float32)[:, None]
    generator, signals = Generator(3), ReferenceSignals(X, weights=weights)
    counts = np.bincount([int(signals.sample_signal(generator)[0]) for _ in range(40_000)], minlength=7)
    expected = weights / weights.sum() * 40_000
    assert (counts[weights == 0] == 0).all()
    assert (np.abs(counts - expected) <= 5 * np.sqrt(expected)).all()


def test_the_core_draws_the_weights_too():
    """A node with eps_b = 1 goes to every signal, so the trajectory of the winner tells which rows are drawn."""
    weights = np.array([3.0, 0.0, 1.0])
    X = np.array([[0], [1], [2]], np.float32)
    network, signals = Network(1, eps_b=1, eps_n=0, max_nodes=2), Signals(X, weights=weights)
    network.start([[0], [1000]])
    counts = np.zeros(3)
    for _ in range(8000):
        network.train(signals, 1)
        counts[int(network.graph().nodes[0, 0])] += 1
    assert counts[1] == 0
    assert counts[0] / 8000 == pytest.approx(0.75, abs=0.03)


def test_start_nodes_have_weight():
    X = np.arange(100, dtype=np.float32)[:, None]
    weights = np.zeros(100)
    weights[[20, 70]] = 1, 1e-300  # the second will hardly ever be drawn
    for network_class, signals_class in CLASSES:
        network, signals = network_class(1), signals_class(X, weights=weights)
        network.draw_start_nodes(signals, 5)
        assert network.graph().nodes.ravel()[:2].tolist() == [20, 70]
        assert set(network.graph().nodes.ravel()) == {20, 70}
    weights[70] = 0
    with pytest.raises(ValueError, match="at least 2 distinct points, got 1"):
        Network(1).draw_start_nodes(Signals(X, weights=weights))


def test_start_nodes_equal_the_reference():
    X = np.repeat([[0, 0], [1, 1], [0, 1]], [3000, 1, 1], axis=0).astype(np.float32)
    for sampling in "epochs", "replacement", "order":
        for seed in range(3):
            core, reference = (network_class(2, seed=seed) for network_class, _ in CLASSES)
            core.draw_start_nodes(Signals(X, sampling), 4)
            reference.draw_start_nodes(ReferenceSignals(X, sampling), 4)
            assert core.graph() == reference.graph()
            assert len(np.unique(core.graph().nodes[:2], axis=0)) == 2


def test_sample_weight_of_the_estimator():
    X = points(5, 500)
    weights = np.where(X[:, 0] < 0.5, 1, 0)
    model = GrowingNeuralGas(60, lam=20, n_epochs=10, eps_b_end=None, eps_n_end=None, random_state=0)
    model.fit(X, sample_weight=weights)
    assert model.graph_.n_nodes == 60
    assert model.graph_.nodes[:, 0].max() < 0.5
    assert model.history_.shape == (10,)
    network, signals = Network(2, seed=0, max_nodes=60, lam=20), Signals(X, weights=weights)
    network.draw_start_nodes(signals)
    network.train(signals, 5000)
    assert model.graph_ == network.graph()


# ---- jitter ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("sampling", ["epochs", "replacement", "order"])
def test_jitter_equals_the_reference(d, sampling):
    for variant in "fritzke", "neupy":
        last_graph(points(d, d=d), 250, source={"jitter": 0.3, "sampling": sampling}, variant=variant)


def test_jitter_fills_its_bounds_evenly():
    X = np.array([[0, 100]], np.float32)
    generator, signals = Generator(5), ReferenceSignals(X, jitter=0.5)
    drawn = np.array([signals.sample_signal(generator) for _ in range(4000)]) - X
    assert drawn.min() >= -0.5 and drawn.max() <= 0.5
    assert drawn.min(axis=0) == pytest.approx([-0.5, -0.5], abs=0.005)
    assert drawn.max(axis=0) == pytest.approx([0.5, 0.5], abs=0.005)
    assert drawn.mean(axis=0) == pytest.approx([0, 0], abs=0.025)
    assert drawn.std(axis=0) == pytest.approx([1 / math.sqrt(12)] * 2, abs=0.01)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.06


def test_jitter_of_the_estimator():
    X = np.zeros((100, 2))
    X[50:] = 10
    lattice = GrowingNeuralGas(30, lam=20, n_epochs=20, random_state=0).fit(X).graph_
    model = GrowingNeuralGas(30, lam=20, n_epochs=20, random_state=0, jitter=0.5).fit(X)
    for x, y in model.graph_.nodes:
        assert min(max(abs(x), abs(y)), max(abs(x - 10), abs(y - 10))) <= 0.5 or 0 < x < 10
    assert len(np.unique(model.graph_.nodes, axis=0)) == 30
    assert lattice != model.graph_
    chunk = GrowingNeuralGas(30, random_state=0, jitter=0.5).partial_fit(X[::-1]).graph_
    assert chunk != GrowingNeuralGas(30, random_state=0).partial_fit(X[::-1]).graph_
