"""Fixed nodes, permanent edges, and the Hebbian pass.

Against the reference with == after every signal, and by hand.
"""

import math

import numpy as np
import pytest
from beside_reference import CLASSES, both, disc, fresh, last_graph, points, ring

from gng_fast import Graph, GrowingNeuralGas, Network, Signals

# ---- fixed nodes and permanent edges --------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["fritzke", "neupy"])
@pytest.mark.parametrize("max_age", [1, 6])
def test_fixed_and_permanent_equal_the_reference(variant, max_age):
    nodes, edges = ring(8, 0.5)
    flags = np.arange(8) % 3 != 0
    for fixed, permanent in (True, True), (True, False), (False, True), (flags, flags), (flags, ~flags):
        start = {"nodes": nodes, "edges": edges, "fixed": fixed, "permanent": permanent}
        graph = last_graph(points(9) - 0.5, 500, start=start, variant=variant, max_age=max_age)
        assert graph.n_nodes > 8


def test_nodes_and_edges_added_later_equal_the_reference():
    """An edge that is there becomes permanent; a second ring of fixed nodes is added between signals."""
    nodes, edges = ring(6)
    graphs = []
    for network_class, signals_class in CLASSES:
        network, signals = network_class(2, max_nodes=90, lam=7, max_age=3), signals_class(disc(1, 300), "order")
        network.start(nodes, edges)
        network.train(signals, 4)
        network.start(
            nodes[:5] * 0.5, [(0, 1), (1, 2), (0, 6), (6, 7)], fixed=True, permanent=[True, False, True, False]
        )
        graphs.append(network.graph())
        network.train(signals, 300)
        network.start([[0, 0]], fixed=[True])
        network.train(signals, 200)
        graphs.append(network.graph())
    assert graphs[0] == graphs[2]
    assert graphs[1] == graphs[3]
    assert graphs[1].ages[graphs[1].edges.tolist().index([0, 1])] == 0


@pytest.mark.quick
def test_fixed_nodes_never_move_and_permanent_edges_never_go():
    """Through removals that close the holes (more than max_nodes / 8 + 64 of them), and growth of the edge pool."""
    nodes, edges = ring(30)
    X = np.random.default_rng(0).normal(size=(5000, 2)).astype(np.float32)
    for variant in "fritzke", "neupy":
        network, signals = Network(2, max_nodes=60, lam=5, max_age=2, variant=variant, seed=1), Signals(X)
        network.start(nodes[:15], fixed=True)
        network.start(nodes[15:], edges, fixed=True, permanent=True)
        network.train(signals, 60_000)
        graph = network.graph()
        assert np.array_equal(graph.nodes[:30], nodes.astype(np.float32))
        lasting = [graph.edges.tolist().index(sorted(edge)) for edge in edges]
        assert (graph.ages[lasting] == 0).all()
        assert np.delete(graph.ages, lasting).max() > 0
        assert not np.array_equal(graph.nodes[30:35], np.zeros((5, 2)))


def test_holes_around_fixed_nodes_are_closed_without_a_trace():
    X = np.random.default_rng(5).random((1000, 4)).astype(np.float32)
    start = {
        "nodes": X[:12],
        "edges": [(i, i + 1) for i in range(11)],
        "fixed": np.arange(12) % 2 == 0,
        "permanent": np.arange(11) % 3 == 0,
    }
    (core, core_signals), (reference, reference_signals) = both(X, start=start, max_nodes=50, max_age=1)
    removed, before = 0, 12
    for _ in range(8000):
        core.train(core_signals, 1)
        reference.train(reference_signals, 1)
        removed += max(0, before - core.n_nodes)
        before = core.n_nodes
    assert removed > 200
    assert core.graph() == reference.graph()


def test_slots_that_fixed_nodes_leave_are_free():
    """Fixed nodes come late, into high slots; when holes are closed they move down, and free nodes take their slots."""
    X = np.random.default_rng(5).random((1000, 4)).astype(np.float32)
    (core, core_signals), (reference, reference_signals) = both(X, max_nodes=60, lam=25, max_age=1)
    for part in range(12):
        for network, signals in (core, core_signals), (reference, reference_signals):
            network.train(signals, 700)
            if network.graph().n_nodes <= 58:
                network.start(X[2 * part : 2 * part + 2], fixed=True)
        assert core.graph() == reference.graph()
    assert np.isin(X[:24, 0], core.graph().nodes[:, 0]).sum() >= 14


def test_edge_pool_grows_with_permanent_edges():
    """Two hubs with 700 edges each outgrow the pool while there are permanent edges."""
    edges = [(hub, leaf) for leaf in range(2, 702) for hub in (0, 1)]
    permanent = np.random.default_rng(0).random(1400) < 0.5
    nodes = np.random.default_rng(1).random((702, 2))
    (core, core_signals), (reference, reference_signals) = both(
        disc(2, 200), start={"nodes": nodes, "edges": edges, "permanent": permanent}, max_nodes=720, max_age=2
    )
    other = Network(2, max_nodes=720)
    other.start(nodes)
    assert core.nbytes > other.nbytes + 700 * 8  # at least a byte for every entry of the new blocks
    core.train(core_signals, 100)
    reference.train(reference_signals, 100)
    assert core.graph() == reference.graph()
    core.clear_edges()
    assert set(map(tuple, core.graph().edges.tolist())) >= {edge for edge, flag in zip(edges, permanent) if flag}


def test_a_ring_of_fixed_nodes_does_not_stall_growth():
    nodes, edges = ring(100)
    network, signals = Network(2, max_nodes=400, lam=50, seed=1), Signals(disc(3))
    network.start(nodes, edges, fixed=True, permanent=True)
    network.train(signals, 300 * 50)
    graph = network.graph()
    assert graph.n_nodes == 400
    inner = np.linalg.norm(graph.nodes[100:], axis=1)
    assert inner.max() <= 1
    assert len(np.unique(graph.nodes, axis=0)) == 400
    assert np.mean(inner < 0.5) == pytest.approx(0.25, abs=0.08)  # the inner quarter of the disc


@pytest.mark.quick
@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_insertion_at_a_fixed_node_by_hand(network_class, signals_class):
    """Fixed 0 and free 8, joined. Signal 2 is won by 0: r comes to 2, and takes the edge unless that is permanent."""
    for permanent, edges in (False, [[0, 2], [1, 2]]), (True, [[0, 1], [0, 2], [1, 2]]):
        network = network_class(1, eps_b=0.5, eps_n=0.5, decay=1, alpha=0.5, lam=1, max_nodes=3)
        network.start([[0], [8]], [(0, 1)], fixed=[True, False], permanent=permanent)
        network.train(signals_class([[2]], "order"), 1)
        graph = network.graph()
        assert graph.nodes.tolist() == [[0], [5], [2]]
        assert graph.edges.tolist() == edges
        assert graph.ages.tolist() == [0] * len(edges)
        assert graph.errors.tolist() == [2, 0, 2]


@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_a_fixed_node_without_neighbours_gets_one(network_class, signals_class):
    """Signal 1 is won by the node at 2 while fixed 9 has all the error and, since its edge went, no neighbour."""
    network = network_class(1, eps_b=1, eps_n=0, decay=1, alpha=0.5, lam=4, max_nodes=5, max_age=1)
    network.start([[9], [2], [1]], fixed=[True, False, False])
    network.train(signals_class([[6], [2], [2], [2]], "order"), 4)
    graph = network.graph()
    assert graph.nodes.tolist() == [[9], [2], [1], [6]]
    assert graph.edges.tolist() == [[0, 3], [1, 2]]
    assert graph.errors.tolist() == [4.5, 0, 0, 4.5]


@pytest.mark.parametrize("network_class, signals_class", CLASSES)
def test_a_permanent_edge_between_free_nodes_stays_at_an_insertion(network_class, signals_class):
    network = network_class(1, eps_b=0.5, eps_n=0.5, decay=1, alpha=0.5, lam=1, max_nodes=3)
    network.start([[0], [8]], [(0, 1)], permanent=True)
    network.train(signals_class([[2]], "order"), 1)
    assert network.graph().nodes.tolist() == [[1], [5], [3]]
    assert network.graph().edges.tolist() == [[0, 1], [0, 2], [1, 2]]


# ---- the Hebbian pass -----------------------------------------------------------------------------------------------


def test_hebbian_pass_equals_the_reference():
    nodes, edges = ring(10)
    graphs = []
    for network_class, signals_class in CLASSES:
        network, signals = network_class(2, max_nodes=60, lam=10, seed=3), signals_class(disc(4), jitter=0.1)
        network.start(nodes, edges, fixed=True, permanent=np.arange(10) % 2 == 0)
        network.train(signals, 600)
        graphs.append([network.graph()])
        network.clear_edges()
        graphs[-1].append(network.graph())
        for _ in range(100):
            network.connect_signals(signals, 1)
            graphs[-1].append(network.graph())
        network.connect_signals(signals, 300)
        network.train(signals, 50)
        graphs[-1].append(network.graph())
    assert graphs[0] == graphs[1]


def test_hebbian_pass_moves_nothing():
    X = disc(5)
    network, signals = Network(2, max_nodes=200, lam=20, seed=3), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 8000)
    before, n_signals = network.graph(), network.n_signals
    network.take_mean_distance()
    network.clear_edges()
    assert (network.n_edges, network.n_nodes) == (0, before.n_nodes)
    network.connect_signals(signals, 20_000)
    after = network.graph()
    assert np.array_equal(after.nodes, before.nodes)
    assert np.array_equal(after.errors, before.errors)
    assert (after.ages == 0).all()
    assert network.n_signals == n_signals
    assert math.isnan(network.take_mean_distance())
    distances = np.linalg.norm(X[:, None].astype(float) - after.nodes[None], axis=2)
    expected = {tuple(sorted(pair)) for pair in np.argsort(distances, axis=1, kind="stable")[:, :2].tolist()}
    assert set(map(tuple, after.edges.tolist())) == expected  # 20,000 signals are several epochs: every row was seen


def test_hebbian_pass_does_not_advance_annealing():
    networks = []
    for pause in 0, 40:
        network, signals = fresh(Network, eps_b=0.16), Signals(np.array([[1]], np.float32), "order")
        network.anneal(0.01, None, 10)
        network.train(signals, 5)
        network.connect_signals(signals, pause)
        network.train(signals, 3)
        networks.append(network.graph())
    assert networks[0] == networks[1]


@pytest.mark.quick
def test_clear_edges_keeps_permanent_ones():
    network = Network(2)
    nodes, edges = ring(9)
    network.start(nodes, [*edges, (0, 4), (1, 5)], permanent=[*[False] * 9, True, True])
    network.clear_edges()
    assert network.graph() == Graph(nodes.astype(np.float32), [(0, 4), (1, 5)])


def test_estimator_sees_what_is_done_to_its_network():
    X = points(1)
    model = GrowingNeuralGas(20, lam=10, random_state=0).fit(X)
    before = model.graph_
    assert model.graph_ is before
    model.network_.clear_edges()
    assert model.graph_.n_edges == 0
    model.network_.connect_signals(Signals(X), 500)
    assert model.graph_.n_edges > 20
