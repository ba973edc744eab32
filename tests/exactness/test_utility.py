"""GNG-U: nodes of little utility go.

Against the reference with == after every signal, and by hand.
"""

import numpy as np
import pytest
from beside_reference import CLASSES, both, disc, last_graph, points
from samples import DATA

from gng_fast import GrowingNeuralGas, Network, Signals


@pytest.mark.parametrize("make", DATA)
@pytest.mark.parametrize("utility", [1.01, 3, 50])
def test_utility_equals_the_reference(make, utility):
    for d in 1, 2, 4:
        X = make(np.random.default_rng(d), 400, d).astype(np.float32)
        last_graph(X, 500, source={"sampling": "order"}, utility=utility, lam=5)


@pytest.mark.parametrize("utility, decay", [(1.1, 0.99), (1.3, 0.7), (100, 0.9)])
def test_many_nodes_that_come_and_go_equal_the_reference(utility, decay):
    """Few nodes live at a time, in so many slots that their holes are closed before the slots run out.

    With strong decay the scale of errors and utilities is brought back on the way.
    """
    (core, core_signals), (reference, reference_signals) = both(
        disc(1), max_nodes=20_000, utility=utility, lam=1, max_age=30, decay=decay
    )
    for _ in range(100):
        for network, signals in (core, core_signals), (reference, reference_signals):
            network.train(signals, 50)
        assert core.graph() == reference.graph()
    assert 2 * core.n_nodes + 1024 < 5000  # nodes that came


def test_utility_with_strong_decay_equals_the_reference():
    last_graph(points(1), 400, utility=1.5, lam=3, decay=1e-6)


@pytest.mark.quick
@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_utility_by_hand(network_class, signals_class):
    """Node 0 wins signal 1 with error 1, and would lose 9 - 1 = 8 to the next; node 4 wins 6 with 4, and would lose
    16 - 4.

    Nodes 20 and 21 won nothing: 20, the older, goes, and with it 21, which had no other edge.
    """
    network = network_class(1, eps_b=1e-12, eps_n=0, decay=1, lam=2, max_nodes=4, utility=2)
    network.start([[0], [4], [20], [21]], [(2, 3)])
    network.train(signals_class([[1], [6]], "order"), 2)
    graph = network.graph()
    assert graph.nodes.ravel() == pytest.approx([0, 4, 2])  # r half-way between the two left
    assert graph.errors == pytest.approx([1 * 0.5, 4 * 0.5, 4 * 0.5])


@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_utility_decides_whether_a_node_goes(network_class, signals_class):
    """Node 0 wins signal 1: error 1, utility 9 - 1. Node 4 wins signal 6: error 4, utility 36 - 4. Node 20 wins signal
    14.5: error 30.25, utility 110.25 - 30.25. So the largest error is 30.25 / 8 = 3.78125 times the smallest utility.
    """
    for utility, left in (3.78, [4, 20, 12]), (3.79, [0, 4, 20]):
        network = network_class(1, eps_b=1e-12, eps_n=0, decay=1, lam=3, max_nodes=3, utility=utility)
        network.start([[0], [4], [20]])
        network.train(signals_class([[1], [6], [14.5]], "order"), 3)  # where 0 goes, r comes between 20 and 4
        assert network.graph().nodes.ravel() == pytest.approx(left)


@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_utility_spares_two_nodes_fixed_ones_and_permanent_edges(network_class, signals_class):
    X = [[0], [1]]
    network = network_class(1, lam=1, max_nodes=2, utility=1.01, eps_b=1e-12, eps_n=0)
    network.start([[0], [30]])
    network.train(signals_class(X, "order"), 10)
    assert len(network.graph().nodes) == 2
    network = network_class(1, lam=1, max_nodes=7, utility=1.01, eps_b=1e-12, eps_n=0)
    network.start(
        [[0], [1], [30], [40], [50], [60], [70]], [(3, 4)], fixed=[0, 0, 1, 0, 0, 0, 0] == np.ones(7), permanent=True
    )
    network.train(signals_class([[0.25], [1.25]], "order"), 10)
    left = set(network.graph().nodes.ravel().tolist())
    assert {30, 40, 50} <= left
    assert not {60, 70} & left


@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_utility_never_leaves_fewer_than_two_nodes(network_class, signals_class):
    """With the node of smallest utility its neighbours would go; where that leaves too few, it stays."""
    network = network_class(1, lam=1, max_nodes=3, utility=1.01, eps_b=1e-12, eps_n=0)
    network.start([[30], [0], [1]], [(0, 1), (0, 2)])
    signals = signals_class([[0.25]], "order")
    network.train(signals, 1)
    assert 30 not in network.graph().nodes  # 0 and 1 are joined by the signal and stay
    network = network_class(1, lam=1, max_nodes=3, utility=1.01, eps_b=1e-12, eps_n=0, max_age=1)
    network.start([[0], [1], [30]], [(0, 2)])
    network.train(signals, 1)
    assert len(network.graph().nodes) == 3  # 30 goes, r comes


def test_utility_follows_a_distribution_that_jumps():
    rng = np.random.default_rng(2)
    old, new = rng.random((2000, 2)).astype(np.float32), (rng.random((2000, 2)) + 100).astype(np.float32)
    share = {}
    for utility in None, 3:
        network = Network(2, max_nodes=100, lam=100, utility=utility, seed=4)
        signals = Signals(old)
        network.draw_start_nodes(signals)
        network.train(signals, 20_000)
        assert network.n_nodes > 30
        network.train(Signals(new), 20_000)
        share[utility] = np.mean(network.graph().nodes[:, 0] < 50)
    assert share[None] > 0.5
    assert share[3] <= 0.05


def test_a_new_node_has_no_utility():
    """Nodes are started again and again, in slots that others had, and the least useful one goes."""
    X = points(3, 400)
    (core, core_signals), (reference, reference_signals) = both(X, utility=1.01, lam=8, max_age=2)
    for _ in range(300):
        for network, signals in (core, core_signals), (reference, reference_signals):
            if network.graph().n_nodes <= 22:
                network.start(X[network.n_signals % 300 :][:3])
            network.train(signals, 8)
        assert core.graph() == reference.graph()


def test_utility_of_the_estimator():
    X = points(8, 500)
    parameters = {"max_nodes": 30, "lam": 20, "random_state": 0}
    assert GrowingNeuralGas(utility=1.2, **parameters).fit(X).graph_ != GrowingNeuralGas(**parameters).fit(X).graph_
