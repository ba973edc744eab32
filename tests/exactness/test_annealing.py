"""Annealing: eps_b and eps_n that fall.

Against the reference with == after every signal, and by hand.
"""

import math

import numpy as np
import pytest
from beside_reference import CLASSES, both, fresh, last_graph, points

from gng_fast import GrowingNeuralGas, Network, Signals
from gng_fast.reference import annealed


def steps_taken(network, signals_class, n_signals):
    """Present a signal at 1 to a winner at 0, again and again from a copy, and return how far it went."""
    signals = signals_class(np.array([[1]], np.float32), "order")
    steps = []
    for _ in range(n_signals):
        before = network.graph().nodes[0, 0]
        network.train(signals, 1)
        after = network.graph().nodes[0, 0]
        steps.append((after - before) / (1 - before))
    return steps


@pytest.mark.quick
@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_annealing_has_start_middle_and_end(network_class, signals_class):
    network = fresh(network_class, eps_b=0.04, eps_n=0)
    network.anneal(0.01, None, 10)
    steps = steps_taken(network, signals_class, 13)
    assert steps[0] == pytest.approx(0.04, rel=1e-4)
    assert steps[5] == pytest.approx(0.02, rel=1e-4)  # the geometric middle
    assert steps[9] == pytest.approx(0.04 * 0.25**0.9, rel=1e-3)
    assert steps[10:] == pytest.approx([0.01] * 3, rel=1e-3)


def test_annealed_is_the_power_it_stands_for():
    for stage in 0, 1, 2, 3, 1000, 2047, 2048, 4095, 4096:
        assert annealed(0.2, 0.003, stage) == pytest.approx(0.2 * (0.003 / 0.2) ** (stage / 4096), rel=1e-12)
        assert annealed(0.002, 0.3, stage) == pytest.approx(0.002 * 150 ** (stage / 4096), rel=1e-12)
        assert annealed(0.0, 0.4, stage) == pytest.approx(0.4 * stage / 4096)
        assert annealed(0.4, 0.0, stage) == pytest.approx(0.4 * (1 - stage / 4096))
    assert annealed(0.2, 0.05, 2048) == 0.2 * math.sqrt(0.05 / 0.2)
    assert annealed(0.2, 0.003, 0) == 0.2
    assert annealed(0.2, 0.003, 4096) == 0.003


@pytest.mark.parametrize("n_signals", [0, 1, 2, 3, 100, 299, 300, 4095, 4096, 4097, 12289, 10**6, 2**63 - 1])
def test_annealing_equals_the_reference(n_signals):
    for variant in "fritzke", "neupy":
        last_graph(points(1), 320, anneal=(0.01, 0.05, n_signals), eps_b=0.5, eps_n=0.001, variant=variant)


def test_annealing_over_many_stages_equals_the_reference():
    """All at once, so that the core has to find the ends of its stages itself."""
    for n_signals in 4096, 5000, 9001:
        (core, core_signals), (reference, reference_signals) = both(points(3), anneal=(0.01, 0, n_signals), eps_b=0.5)
        core.train(core_signals, 4000)
        core.train(core_signals, 5500)
        reference.train(reference_signals, 9500)
        assert core.graph() == reference.graph()


@pytest.mark.quick
@pytest.mark.parametrize("ends", [(None, 0.1), (0.02, None), (0.02, 0), (None, None), (1, 1)])
def test_annealing_one_or_both(ends):
    annealing = last_graph(points(4), 200, anneal=(*ends, 150), eps_n=0.01)
    assert (annealing == last_graph(points(4), 200, eps_n=0.01)) == (ends == (None, None))


def test_a_second_annealing_starts_where_the_first_one_is():
    graphs = []
    for network_class, signals_class in CLASSES:
        network = fresh(network_class, eps_b=0.16)
        network.anneal(0.01, None, 8)
        steps_taken(network, signals_class, 4)
        network.anneal(0.02, None, 4)
        steps = steps_taken(network, signals_class, 6)
        assert steps[0] == pytest.approx(0.16 / 16 ** (3 / 8), rel=1e-3)
        assert steps[4:] == pytest.approx([0.02, 0.02], rel=1e-3)
        graphs.append(network.graph())
    assert graphs[0] == graphs[1]


def test_annealing_of_the_estimator():
    X = points(6, 400)
    parameters = {"max_nodes": 30, "lam": 20, "n_epochs": 3.5, "random_state": 1}
    model = GrowingNeuralGas(eps_b_end=0.01, eps_n_end=0.0001, **parameters).fit(X)
    in_pieces = GrowingNeuralGas(eps_b_end=0.01, eps_n_end=0.0001, **parameters)
    in_pieces.fit(X, callback=lambda *_: None, callback_every=77)
    assert model.graph_ == in_pieces.graph_
    network, signals = Network(2, seed=1, max_nodes=30, lam=20), Signals(X)
    network.draw_start_nodes(signals)
    network.anneal(0.01, 0.0001, 1400)
    network.train(signals, 1400)
    assert (
        model.graph_ == network.graph() != GrowingNeuralGas(eps_b_end=None, eps_n_end=None, **parameters).fit(X).graph_
    )
    chunk = GrowingNeuralGas(eps_b_end=0.01, **parameters).partial_fit(X).graph_
    assert chunk == GrowingNeuralGas(**parameters).partial_fit(X).graph_
