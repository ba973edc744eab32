"""The same picture as NeuPy 0.8.2, and the same network as minigng 0.1.1, bit for bit."""

import importlib.util

import article
import numpy as np
import pytest
from scripts import script

from gng_fast import GrowingNeuralGas, Network, Signals, available_isas, image
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

peers = script("bench/peers.py")

ARTICLE_SHA256 = "ccd1424d38f9e595c1ed5385420ea27dcd947ea4db8c5893f019177d49aeacbb"

# NeuPy's own log of the article: epoch, mean distance to the winner
NEUPY_LOG = {1: 0.008212, 2: 0.003526, 3: 0.002724, 5: 0.002027, 10: 0.001393, 15: 0.001119, 20: 0.000962}

needs_neupy = pytest.mark.skipif(peers.load_neupy() is None, reason="pip install --no-deps neupy==0.8.2")
needs_minigng = pytest.mark.skipif(importlib.util.find_spec("minigng") is None, reason="pip install minigng==0.1.1")


def train_core(X, start_nodes):
    network = Network(2, **article.PARAMETERS)
    network.start(start_nodes)
    network.train(Signals(X, "order"), len(X))
    return network.graph()


@pytest.mark.quick
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_log_of_the_article_is_reached(seed):
    points = image.article_points()
    assert points.shape == (11931, 2)
    model = GrowingNeuralGas(n_epochs=article.N_EPOCHS, random_state=seed, **article.PARAMETERS).fit(points)
    for epoch, error in NEUPY_LOG.items():
        assert model.history_[epoch - 1] == pytest.approx(error, rel=0.05 if epoch == 1 else 0.02)
    assert model.graph_.n_nodes == pytest.approx(2381, abs=10)
    assert 5850 < model.graph_.n_edges < 6000


@pytest.mark.parametrize("isa", available_isas())
def test_whole_article_run_has_the_pinned_bits(isa, monkeypatch):
    """NeuPy itself gives this hash: see test_neupy_whole_article_run."""
    monkeypatch.setenv("GNG_FAST_ISA", isa)
    X, start_nodes = article.signals_in_order()
    assert len(X) == 238_620
    graph = train_core(X, start_nodes)
    assert article.sha256(graph.nodes, graph.edges, graph.ages) == ARTICLE_SHA256


@needs_neupy
@pytest.mark.parametrize("min_distance", [0, 0.01])
def test_neupy_20000_signals(min_distance):
    X, start_nodes = article.signals_in_order(n_epochs=2)
    X = X[:20_000]
    nodes, edges, errors = peers.train_neupy(
        X, start_nodes, **{**article.NEUPY_PARAMETERS, "min_distance_for_update": min_distance}
    )
    network = Network(2, **{**article.PARAMETERS, "min_distance": min_distance})
    network.start(start_nodes)
    network.train(Signals(X, "order"), len(X))
    graph = network.graph()
    assert np.array_equal(graph.nodes, nodes)
    assert np.array_equal(graph.edges, edges[:, :2])
    assert np.array_equal(graph.ages, edges[:, 2])
    assert np.allclose(graph.errors, errors, rtol=1e-4)  # NeuPy rounds each decay to float32


@needs_neupy
@pytest.mark.slow
def test_neupy_whole_article_run():
    X, start_nodes = article.signals_in_order()
    nodes, edges, _ = peers.train_neupy(X, start_nodes, **article.NEUPY_PARAMETERS)
    assert article.sha256(nodes, edges[:, :2], edges[:, 2]) == ARTICLE_SHA256


@needs_minigng
@pytest.mark.parametrize("n_signals", [20_000, pytest.param(60_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("d", [2, 3])
def test_minigng(d, n_signals):
    rng = np.random.default_rng(d)
    X = (
        rng.random((n_signals, 2))
        if d == 2
        else rng.normal(size=(n_signals, 3)) + 5 * rng.integers(0, 4, (n_signals, 1))
    )
    nodes, edges, errors = peers.train_minigng(X, X[:2], max_units=1000)
    network = ReferenceNetwork(d, dtype=np.float64, max_nodes=1000)
    network.start(X[:2], [(0, 1)])
    network.train(ReferenceSignals(X, "order", dtype=np.float64), n_signals)
    graph = network.graph()
    assert np.array_equal(graph.nodes, nodes)
    assert np.array_equal(graph.edges, edges[:, :2])
    assert np.array_equal(graph.ages, edges[:, 2])
    assert np.allclose(graph.errors, errors, rtol=1e-11)  # minigng multiplies every error by d each time
