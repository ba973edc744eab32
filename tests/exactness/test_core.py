"""The compiled core against the plain-Python reference, with == after every signal, and against hand computation."""

import numpy as np
import pytest
from samples import DATA

from gng_fast import Network, Signals, available_isas, isa
from gng_fast.graph import Graph
from gng_fast.reference import Generator, ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals


@pytest.fixture(params=available_isas())
def any_isa(request, monkeypatch):
    monkeypatch.setenv("GNG_FAST_ISA", request.param)


def both(X, sampling="order", n_start_nodes=2, **parameters):
    """Return core and reference with their signals, started alike."""
    pairs = []
    for network_class, signals_class in (Network, Signals), (ReferenceNetwork, ReferenceSignals):
        network, signals = network_class(X.shape[1], seed=7, **parameters), signals_class(X, sampling)
        network.draw_start_nodes(signals, n_start_nodes)
        pairs.append((network, signals))
    return pairs


def first_difference(X, n_signals, **options):
    """Return the number of signals after which core and reference first differ, or None."""
    (core, core_signals), (reference, reference_signals) = both(X, **options)
    for signal in range(n_signals):
        core.train(core_signals, 1)
        reference.train(reference_signals, 1)
        if core.graph() != reference.graph():
            return signal + 1
    assert core.take_mean_distance() == reference.take_mean_distance()
    return None


@pytest.mark.usefixtures("any_isa")
@pytest.mark.parametrize("variant", ["fritzke", "neupy"])
@pytest.mark.parametrize("make", DATA)
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_equal_after_every_signal(d, make, variant):
    X = make(np.random.default_rng(d), 400, d).astype(np.float32)
    assert first_difference(X, 600, variant=variant, max_nodes=25, lam=15, max_age=6) is None


@pytest.mark.quick
@pytest.mark.usefixtures("any_isa")
@pytest.mark.parametrize("d", [16, 17, 31, 32, 33, 128])
def test_equal_in_high_dimensions(d):
    X = np.random.default_rng(d).normal(size=(150, d)).astype(np.float32)
    assert first_difference(X, 150, max_nodes=20, lam=8, max_age=20) is None


@pytest.mark.parametrize("sampling", ["epochs", "replacement", "order"])
@pytest.mark.parametrize("min_distance", [0, 0.1])
def test_equal_for_every_sampling(sampling, min_distance):
    X = np.random.default_rng(3).random((101, 2)).astype(np.float32)
    for variant in "fritzke", "neupy":
        assert (
            first_difference(
                X,
                500,
                sampling=sampling,
                min_distance=min_distance,
                variant=variant,
                n_start_nodes=5,
                max_nodes=30,
                lam=10,
                max_age=20,
            )
            is None
        )


@pytest.mark.parametrize(
    "parameters",
    [
        {"decay": 1e-6},
        {"decay": 1},
        {"alpha": 0},
        {"alpha": 1},
        {"eps_b": 1, "eps_n": 1},
        {"eps_n": 0},
        {"max_age": 1},
        {"lam": 1},
        {"max_nodes": 2},
    ],
)
@pytest.mark.parametrize("variant", ["fritzke", "neupy"])
def test_equal_at_the_ends_of_the_ranges(parameters, variant):
    X = np.random.default_rng(4).random((100, 2)).astype(np.float32)
    options = {"max_nodes": 15, "lam": 5, "max_age": 10, "variant": variant, **parameters}
    assert first_difference(X, 250, **options) is None


def test_equal_for_random_parameters():
    rng = np.random.default_rng(11)
    for _ in range(40):
        d, n = int(rng.integers(1, 9)), int(rng.integers(2, 200))
        X = DATA[rng.integers(len(DATA))](rng, max(n, 8) // 4 * 4, d).astype(np.float32)
        if len(np.unique(X, axis=0)) < 2:
            continue
        options = {
            "variant": str(rng.choice(["fritzke", "neupy"])),
            "sampling": str(rng.choice(["epochs", "replacement"])),
            "max_nodes": int(rng.integers(2, 80)),
            "lam": int(rng.integers(1, 20)),
            "max_age": int(rng.integers(1, 40)),
            "eps_b": float(rng.uniform(0.01, 1)),
            "eps_n": float(rng.uniform(0, 0.2)),
            "decay": float(rng.uniform(0.5, 1)),
            "alpha": float(rng.random()),
            "min_distance": float(rng.choice([0, 0.05])),
        }
        assert first_difference(X, 150, **options) is None, (d, n, options)


def test_holes_are_closed_without_a_trace():
    """More nodes are removed than there are spare slots (max_nodes / 8 + 64): the holes are closed several times."""
    X = np.random.default_rng(5).random((1000, 4)).astype(np.float32)
    (core, core_signals), (reference, reference_signals) = both(X, max_nodes=50, lam=10, max_age=1)
    removed, before = 0, 2
    for _ in range(8000):
        core.train(core_signals, 1)
        reference.train(reference_signals, 1)
        removed += max(0, before - core.n_nodes)
        before = core.n_nodes
    assert removed > 300
    assert core.graph() == reference.graph()


def test_edge_pool_grows():
    """A hub with hundreds of edges outgrows its first chunk and the pool."""
    rng = np.random.default_rng(6)
    leaves = rng.normal(size=(700, 40)).astype(np.float32)
    leaves /= np.linalg.norm(leaves, axis=1, keepdims=True)
    X = np.concatenate([leaves * 0.55, leaves * 0.55]).astype(np.float32)
    start = np.concatenate([np.zeros((1, 40)), leaves]).astype(np.float32)
    networks = []
    for network, signals in (
        (Network(40, max_nodes=701), Signals(X, "order")),
        (ReferenceNetwork(40, max_nodes=701), ReferenceSignals(X, "order")),
    ):
        network.start(start)
        network.train(signals, 300)
        networks.append(network.graph())
    assert networks[0] == networks[1]
    assert networks[0].degrees.max() > 100


@pytest.mark.quick
def test_one_signal_by_hand():
    """Nodes at 0, 1 and 4, signal 0.25: by the formulas of the paper, section 2."""
    network = Network(1, eps_b=0.5, eps_n=0.25, decay=0.5, alpha=0.5, lam=100)
    network.start([[0], [1], [4]], [(0, 2)])
    network.train(Signals([[0.25]], "order"), 1)
    graph = network.graph()
    assert graph.nodes.tolist() == [[0.125], [1], [4 - 0.25 * 3.75]]  # the edge to 1 is made after the move
    assert graph.edges.tolist() == [[0, 1], [0, 2]]
    assert graph.ages.tolist() == [0, 1]
    assert graph.errors.tolist() == [0.25**2 * 0.5, 0, 0]
    assert network.take_mean_distance() == 0.25


@pytest.mark.quick
def test_one_signal_of_neupy_by_hand():
    """The same as NeuPy takes it: unsquared error, the new edge ages at once, and its end moves."""
    network = Network(1, eps_b=0.5, eps_n=0.25, decay=0.5, alpha=0.5, lam=100, variant="neupy")
    network.start([[0], [1], [4]], [(0, 2)])
    network.train(Signals([[0.25]], "order"), 1)
    graph = network.graph()
    assert graph.nodes.tolist() == [[0.125], [1 - 0.25 * 0.75], [4 - 0.25 * 3.75]]
    assert graph.ages.tolist() == [1, 1]
    assert graph.errors.tolist() == [0.25 * 0.5, 0, 0]


@pytest.mark.quick
def test_insertion_by_hand():
    """Nodes 0 and 8 joined, signal 2 wins for node 0, then r comes half-way between the moved ends."""
    network = Network(1, eps_b=0.5, eps_n=0.5, decay=1, alpha=0.5, lam=1, max_nodes=3)
    network.start([[0], [8]], [(0, 1)])
    network.train(Signals([[2]], "order"), 1)
    graph = network.graph()
    assert graph.nodes.tolist() == [[1], [5], [3]]
    assert graph.edges.tolist() == [[0, 2], [1, 2]]
    assert graph.ages.tolist() == [0, 0]
    assert graph.errors.tolist() == [2, 0, 2]
    network.train(Signals([[3]], "order"), 1)
    assert network.n_nodes == 3  # max_nodes


@pytest.mark.quick
def test_old_edge_and_lonely_node_go():
    network = Network(1, max_age=2, lam=100)
    network.start([[0], [1], [9]], [(0, 2)])
    signals = Signals([[0]], "order")
    network.train(signals, 2)
    assert network.graph().ages.tolist() == [0, 2]
    network.train(signals, 1)
    assert (network.n_nodes, network.n_edges) == (2, 1)


@pytest.mark.quick
def test_equal_distances_go_to_the_oldest():
    network = Network(1, eps_b=1, eps_n=0)
    network.start([[4], [2], [0], [2]])
    network.train(Signals([[1]], "order"), 1)
    assert network.graph().nodes.ravel().tolist() == [4, 1, 0, 2]
    assert network.graph().edges.tolist() == [[1, 2]]


def test_no_insertion_without_error():
    """All signals lie on a node: every error is 0, and q, the oldest, may have no neighbour."""
    network = Network(1, lam=1)
    network.start([[5], [0], [1]])
    network.train(Signals([[0]], "order"), 3)
    assert network.n_nodes == 3


@pytest.mark.quick
def test_signals_come_once_per_epoch():
    X = np.arange(50, dtype=np.float32)[:, None]
    generator, signals = Generator(0), ReferenceSignals(X)
    epochs = [[float(signals.sample_signal(generator)[0]) for _ in range(50)] for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(50))
    assert epochs[0] != epochs[1]


@pytest.mark.quick
def test_generator_is_splitmix64():
    """The first numbers for seed 1234567 are the published test vector of SplitMix64."""
    generator = Generator(1234567)
    assert [generator.next_random() for _ in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_random_below_is_even():
    generator = Generator(1)
    counts = np.bincount([generator.below(6) for _ in range(12000)], minlength=6)
    assert counts.min() > 1800 and counts.max() < 2200


def test_invariants_after_a_long_run():
    rng = np.random.default_rng(8)
    X = np.concatenate([rng.random((2000, 2)) + 5 * i for i in range(5)]).astype(np.float32)
    network, signals = Network(2, max_nodes=300, lam=20, max_age=30), Signals(X, "order")
    network.draw_start_nodes(signals)
    network.train(signals, 50_000)
    graph = network.graph()
    assert (graph.n_nodes, graph.n_edges) == (network.n_nodes, network.n_edges)
    assert graph.n_nodes <= 300
    assert graph.degrees.min() >= 1
    assert (graph.edges[:, 0] < graph.edges[:, 1]).all()
    assert (graph.errors >= 0).all() and np.isfinite(graph.nodes).all()
    assert graph.ages.min() >= 0 and graph.ages.max() <= 2 * 30
    assert network.n_signals == 50_000


def test_float32_data_is_not_copied():
    X = np.zeros((4, 2), np.float32)
    X.flags.writeable = False
    assert Signals(X).X is X


def test_memory_per_node():
    """160 bytes in 2-D, everything included, once the network is large and full."""
    X = np.random.default_rng(9).random((100_000, 2)).astype(np.float32)
    network, signals = Network(2, max_nodes=10_000, lam=10), Signals(X, "replacement")
    network.draw_start_nodes(signals)
    network.train(signals, 150_000)
    assert network.n_nodes == 10_000
    assert network.nbytes < 160 * 10_000


def test_memory_that_is_not_there_is_an_error():
    with pytest.raises(MemoryError):
        Network(2**20, max_nodes=2**30)


@pytest.mark.quick
def test_isa_can_be_forced(monkeypatch):
    for name in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", name)
        assert isa() == name
    monkeypatch.setenv("GNG_FAST_ISA", "mmx")
    with pytest.raises(ValueError, match="GNG_FAST_ISA must be one of .*portable, got 'mmx'"):
        isa()


@pytest.mark.quick
@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Network(2, eps_b=5), ValueError, r"eps_b must be in \(0, 1\], got 5"),
        (lambda: Network(2, eps_b=float("nan")), ValueError, r"eps_b must be in \(0, 1\], got nan"),
        (lambda: Network(2, eps_n="x"), TypeError, r"eps_n must be a number in \[0, 1\], got 'x'"),
        (lambda: Network(2, max_nodes=1), ValueError, r"max_nodes must be in \[2, 1073741824\], got 1"),
        (lambda: Network(2, max_nodes=2.5), TypeError, "max_nodes must be an integer in .*, got 2.5"),
        (lambda: Network(2, max_nodes=True), TypeError, "max_nodes must be an integer"),
        (lambda: Network(2, variant="x"), ValueError, "variant must be one of 'fritzke', 'neupy', got 'x'"),
        (lambda: Network(2, step=1), TypeError, "step is not a parameter"),
        (lambda: Network(0), ValueError, "n_features must be in"),
        (lambda: Network(2, seed=-1), ValueError, "seed must be in"),
        (lambda: Signals(np.zeros((3, 2)), "x"), ValueError, "sampling must be one of"),
        (lambda: Network(2).train(Signals(np.zeros((3, 2))), 1), ValueError, "at least 2 nodes to train, got 0"),
        (lambda: Network(2).train(Signals(np.zeros((3, 3))), 1), ValueError, "signals must have 2 columns, got 3"),
        (lambda: Network(2).train(Signals(np.zeros((3, 2))), -1), ValueError, "n_signals must be in"),
        (lambda: Network(2).train(Signals(np.zeros((3, 2))), "many"), TypeError, "n_signals must be an integer"),
        (lambda: Network(2).train(None, 1), TypeError, "signals"),
        (lambda: Network(2).start([[0, 0]], [(0, 1)]), ValueError, r"edges must join two different nodes in \[0, 0\]"),
        (lambda: Network(2).start([[0, 0, 0]]), ValueError, "nodes must have 2 columns"),
        (
            lambda: Network(2, max_nodes=2).start(np.zeros((3, 2))),
            ValueError,
            "nodes must be at most max_nodes = 2, got 3",
        ),
        (
            lambda: Network(2).draw_start_nodes(Signals(np.ones((9, 2)))),
            ValueError,
            "at least 2 distinct points, got 1",
        ),
    ],
)
def test_bad_arguments_get_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_data_that_turns_to_nan_does_no_harm():
    """The check happens when Signals is made; what another thread writes later must not crash."""
    X = np.random.default_rng(0).random((100, 2)).astype(np.float32)
    network, signals = Network(2), Signals(X)
    network.draw_start_nodes(signals)
    X[:] = np.nan
    network.train(signals, 200)
    assert network.graph() == Graph(network.graph().nodes, [], errors=[0, 0])
