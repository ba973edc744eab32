"""What is switched off by default: weights, jitter, annealing, fixed nodes, permanent edges, Hebbian pass and GNG-U.

As in test_core.py: the core against the reference with == after every signal, and against hand computation.
"""

import math

import numpy as np
import pytest
from samples import DATA, uniform

from gng_fast import Graph, GrowingNeuralGas, Network, Signals
from gng_fast.reference import Generator, ReferenceNetwork, alias_table, annealed
from gng_fast.reference import Signals as ReferenceSignals

CLASSES = [(Network, Signals), (ReferenceNetwork, ReferenceSignals)]


def both(X, *, start=None, source=None, anneal=None, **parameters):
    """Return core and reference with their signals, started alike: from `start` (as for Network.start) or data."""
    pairs = []
    for network_class, signals_class in CLASSES:
        network = network_class(X.shape[1], **{"seed": 7, "max_nodes": 25, "lam": 10, "max_age": 8, **parameters})
        signals = signals_class(X, **(source or {}))
        if start:
            network.start(**start)
        else:
            network.draw_start_nodes(signals)
        if anneal:
            network.anneal(*anneal)
        pairs.append((network, signals))
    return pairs


def graphs_after_every_signal(X, n_signals, **options):
    """Yield the graph after every signal, once core and reference agree on it."""
    (core, core_signals), (reference, reference_signals) = both(X, **options)
    for signal in range(n_signals):
        core.train(core_signals, 1)
        reference.train(reference_signals, 1)
        graph = core.graph()
        assert graph == reference.graph(), f"signal {signal + 1}"
        yield graph
    assert core.take_mean_distance() == reference.take_mean_distance()


def last_graph(X, n_signals, **options):
    """Compare after every signal and return the last graph."""
    return list(graphs_after_every_signal(X, n_signals, **options))[-1]


def points(seed, n=200, d=2):
    return np.random.default_rng(seed).random((n, d), dtype=np.float32)


def ring(n, radius=1.0):
    """n nodes on a circle and the edges between one and the next."""
    angle = np.arange(n) * (2 * np.pi / n)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)]), [(i, (i + 1) % n) for i in range(n)]


def disc(seed, n=3000, radius=1.0):
    rng = np.random.default_rng(seed)
    angle, r = rng.random(n) * 2 * np.pi, radius * np.sqrt(rng.random(n))
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)]).astype(np.float32)


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


# ---- annealing ------------------------------------------------------------------------------------------------------


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


def fresh(network_class, **parameters):
    network = network_class(1, lam=10**6, **parameters)
    network.start([[0], [100]])
    return network


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


# ---- GNG-U ----------------------------------------------------------------------------------------------------------


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


# ---- everything together --------------------------------------------------------------------------------------------


def random_options(rng, d):
    """Features switched on at random, and parameters."""
    variant = str(rng.choice(["fritzke", "neupy"]))
    options = {
        "source": {"sampling": str(rng.choice(["epochs", "replacement"])), "jitter": float(rng.choice([0, 0.1, 2]))},
        "variant": variant,
        "seed": int(rng.integers(1000)),
        "max_nodes": int(rng.integers(12, 60)),
        "lam": int(rng.integers(1, 15)),
        "max_age": int(rng.integers(1, 25)),
        "eps_b": float(rng.uniform(0.01, 1)),
        "eps_n": float(rng.choice([0, 0.05, 0.3])),
        "decay": float(rng.uniform(0.5, 1)),
        "alpha": float(rng.random()),
        "min_distance": float(rng.choice([0, 0.05])),
    }
    if variant == "fritzke" and rng.random() < 0.6:
        options["utility"] = float(rng.uniform(1.01, 20))
    if rng.random() < 0.5:
        options["anneal"] = (float(rng.uniform(0.001, 1)), float(rng.choice([0, 0.01])), int(rng.integers(0, 400)))
    if rng.random() < 0.6:
        k, m = int(rng.integers(2, 12)), int(rng.integers(0, 15))
        edges = [tuple(int(end) for end in rng.choice(k, 2, replace=False)) for _ in range(m)]
        options["start"] = {
            "nodes": rng.random((k, d)),
            "edges": edges,
            "fixed": rng.random(k) < rng.random(),
            "permanent": rng.random(m) < rng.random(),
        }
    return options


def test_equal_for_random_combinations():
    rng = np.random.default_rng(12)
    for _ in range(100):
        d = int(rng.choice([1, 2, 3, 5, 16]))
        X = DATA[rng.integers(len(DATA))](rng, 100, d).astype(np.float32)
        options = random_options(rng, d)
        if rng.random() < 0.5:
            options["source"]["weights"] = rng.integers(0, 3, 100) * rng.random(100)
        last_graph(X, 150, **options)


def test_memory_is_taken_only_where_it_is_needed():
    plain = Network(2, max_nodes=1000)
    plain.start([[0, 0], [1, 1]], [(0, 1)])
    fixed, permanent = Network(2, max_nodes=1000), Network(2, max_nodes=1000)
    assert plain.nbytes == fixed.nbytes < Network(2, max_nodes=1000, utility=2).nbytes
    fixed.start([[0, 0], [1, 1]], fixed=[True, False])
    permanent.start([[0, 0], [1, 1]], [(0, 1)], permanent=True)
    assert min(fixed.nbytes, permanent.nbytes) > plain.nbytes


def start(**arguments):
    network = Network(2)
    network.start([[0, 0], [1, 1], [2, 2]], [(0, 1), (1, 2)], **arguments)


X = uniform(np.random.default_rng(0), 4, 2)


@pytest.mark.quick
@pytest.mark.parametrize(
    "call, error, message",
    [
        (
            lambda: Signals(X, weights=[1, 2, 3]),
            ValueError,
            r"^weights must have shape \(4,\), one weight for each row of X, got \(3,\)$",
        ),
        (lambda: Signals(X, weights=[1, 2, [3], 4]), ValueError, r"^weights must have shape \(4,\)"),
        (lambda: Signals(X, weights=[1, 2, -3, 4]), ValueError, r"^weights must be in \[0, inf\), got -3.0 in row 2$"),
        (
            lambda: Signals(X, weights=[1, np.nan, 3, 4]),
            ValueError,
            r"^weights must be in \[0, inf\), got nan in row 1$",
        ),
        (
            lambda: Signals(X, weights=[1, np.inf, 3, 4]),
            ValueError,
            r"^weights must be in \[0, inf\), got inf in row 1$",
        ),
        (lambda: Signals(X, weights=[0, 0, 0, 0]), ValueError, "^weights must not all be 0$"),
        (lambda: Signals(X, weights=list("abcd")), TypeError, "^weights must hold real numbers, got dtype <U1$"),
        (
            lambda: Signals(X, "order", weights=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='order'$",
        ),
        (
            lambda: ReferenceSignals(X, "order", weights=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='o",
        ),
        (lambda: Signals(X, jitter=-1), ValueError, r"^jitter must be in \[0, inf\), got -1$"),
        (lambda: Signals(X, jitter=None), TypeError, r"^jitter must be a number in \[0, inf\), got None$"),
        (lambda: Network(2).anneal(5, 0, 10), ValueError, r"^eps_b_end must be in \(0, 1\], got 5$"),
        (lambda: Network(2).anneal(0, 0, 10), ValueError, r"^eps_b_end must be in \(0, 1\], got 0$"),
        (lambda: Network(2).anneal(0.1, -1, 10), ValueError, r"^eps_n_end must be in \[0, 1\], got -1$"),
        (lambda: Network(2).anneal(0.1, 0, -1), ValueError, "^n_signals must be in"),
        (lambda: Network(2, utility=1), ValueError, r"^utility must be in \(1, inf\), got 1$"),
        (lambda: Network(2, utility="x"), TypeError, r"^utility must be a number in \(1, inf\), got 'x'$"),
        (
            lambda: Network(2, utility=3, variant="neupy"),
            ValueError,
            "^utility can only be used with variant='fritzke', got variant='neupy'$",
        ),
        (lambda: start(fixed=[True]), ValueError, r"^fixed must be one bool or have shape \(3,\), got shape \(1,\)$"),
        (
            lambda: start(permanent=[True] * 3),
            ValueError,
            r"^permanent must be one bool or have shape \(2,\), got shape \(3,\)$",
        ),
        (
            lambda: start(fixed=[1, 0, 1]),
            TypeError,
            r"^fixed must be True, False or an array of bools, got \[1, 0, 1\]$",
        ),
        (lambda: start(permanent=None), TypeError, "^permanent must be True, False or an array of bools, got None$"),
        (lambda: Network(2).connect_signals(Signals(X), 1), ValueError, "at least 2 nodes"),
        (lambda: Network(2).connect_signals(None, 1), TypeError, "signals"),
        (lambda: GrowingNeuralGas(jitter=-1).fit(X), ValueError, r"^jitter must be in \[0, inf\), got -1$"),
        (lambda: GrowingNeuralGas(eps_b_end=5).fit(X), ValueError, r"^eps_b_end must be in \(0, 1\], got 5$"),
        (
            lambda: GrowingNeuralGas(eps_n_end="x").partial_fit(X),
            ValueError,
            "^eps_n_end must be 'auto', None or a number",
        ),
        (lambda: GrowingNeuralGas(utility=0.5).fit(X), ValueError, r"^utility must be in \(1, inf\), got 0.5$"),
        (
            lambda: GrowingNeuralGas().fit(X, sample_weight=[1, 2, -3, 4]),
            ValueError,
            r"^sample_weight must be in \[0, inf\), got -3.0 in row 2$",
        ),
        (
            lambda: GrowingNeuralGas(sampling="order").fit(X, sample_weight=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='order'$",
        ),
    ],
)
def test_bad_arguments_get_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_refused_start_changes_nothing():
    network = Network(2)
    network.start([[0, 0], [1, 1]], [(0, 1)])
    before, n_changes, nbytes = network.graph(), network.n_changes, network.nbytes
    for arguments in {"fixed": [True]}, {"permanent": [True] * 4}:
        with pytest.raises(ValueError, match="must be one bool"):
            network.start([[0, 0], [1, 1], [2, 2]], [(0, 1)], **arguments)
    assert (network.graph(), network.n_changes, network.nbytes) == (before, n_changes, nbytes)
