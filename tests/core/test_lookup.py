"""Look-ups: the nearest nodes of rows, by the core, by the plain-Python reference, by SciPy, and by the estimator."""

import os
import signal
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals, available_isas
from gng_fast.reference import ReferenceNetwork

pytestmark = pytest.mark.exactness

# of nodes, for the search to be of the wanted kind
SIZES = {"brute": 30, "grid": 150, "leaves": 300}
KINDS = [(d, search) for d in (1, 2, 3, 5, 17, 40, 128) for search in ("brute", "grid" if d <= 3 else "leaves")]


def awkward(d, n_nodes):
    """Return nodes and rows with ties, duplicates, and rows on nodes, between them and far outside; float32."""
    rng = np.random.default_rng(d)
    nodes = np.concatenate([rng.random((n_nodes // 2, d)), rng.integers(0, 3, (n_nodes - n_nodes // 2, d))])
    nodes[::7] = nodes[3]
    rows = np.concatenate(
        [
            rng.random((60, d)),
            nodes[:20],
            (nodes[:20] + nodes[1:21]) / 2,
            rng.integers(-1, 4, (20, d)),
            rng.normal(size=(10, d)) * 1e6,
            rng.normal(size=(4, d)) * 1e14,
        ]
    )
    return nodes.astype(np.float32), rows.astype(np.float32)


def started(nodes, search="auto", room=0, **parameters):
    network = Network(nodes.shape[1], search=search, max_nodes=max(2, len(nodes) + room), **parameters)
    network.start(nodes)
    return network


def assert_equal(found, expected):
    for got, wanted in zip(found, expected, strict=True):
        assert got.dtype == wanted.dtype and got.shape == wanted.shape
        assert np.array_equal(got, wanted)


@pytest.mark.parametrize("d, search", KINDS)
def test_equals_the_reference(d, search, monkeypatch):
    nodes, rows = awkward(d, SIZES[search])
    reference = ReferenceNetwork(d, max_nodes=len(nodes))
    reference.start(nodes)
    one, two = reference.nearest(rows), reference.two_nearest(rows)
    for isa in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", isa)
        network = started(nodes, search)
        assert_equal(network.nearest(rows), one)
        assert_equal(network.two_nearest(rows), two)


@pytest.mark.parametrize("d", [1, 2, 3, 5, 17, 40, 128])
def test_equals_scipy_up_to_rounding(d):
    spatial = pytest.importorskip("scipy.spatial")
    rng = np.random.default_rng(d)
    nodes, rows = rng.random((2000, d), dtype=np.float32), rng.normal(size=(3000, d)).astype(np.float32)
    expected, _ = spatial.cKDTree(nodes).query(rows, k=2)
    found, distances = started(nodes).two_nearest(rows)
    assert np.allclose(distances, expected, rtol=1e-5, atol=1e-7)
    assert np.allclose(np.linalg.norm(nodes[found] - rows[:, None], axis=2), distances, rtol=1e-5, atol=1e-7)


@pytest.mark.quick
def test_ties_go_to_the_oldest():
    nodes = np.array([[0, 0], [2, 0], [0, 0], [2, 0], [1, 5]])
    found, distances = started(nodes).two_nearest([[1, 0], [0, 0], [2, 0]])
    assert found.tolist() == [[0, 1], [0, 2], [1, 3]]
    assert distances.tolist() == [[1, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("n_nodes", [200, 20_000])
@pytest.mark.parametrize("d", [2, 6])
def test_threads_do_not_matter(d, n_nodes):
    """With 20,000 nodes the cells of a batch are fetched beforehand."""
    rng = np.random.default_rng(0)
    network = started(rng.random((n_nodes, d)))
    X = rng.normal(size=(5001, d))
    expected = network.two_nearest(X)
    for n_jobs in 2, 3, 7, 1024, -1, np.int64(2):
        assert_equal(network.two_nearest(X, n_jobs=n_jobs), expected)
    assert_equal(network.nearest(X, 2), [part[:, 0] for part in expected])
    for n in 1, 255, 256, 257, 513:
        assert_equal(network.two_nearest(X[:n], n_jobs=3), [part[:n] for part in expected])


@pytest.mark.quick
@pytest.mark.parametrize("d, search", [(2, "brute"), (2, "grid"), (3, "grid"), (8, "leaves")])
def test_numbers_are_those_of_the_graph(d, search):
    """Nodes that went leave holes in memory, not in the numbers."""
    X = np.random.default_rng(1).random((4000, d)).astype(np.float32)
    network, signals = Network(d, search=search, max_nodes=600, max_age=1, lam=40), Signals(X, "order")
    network.start(X[:600], [(i, i + 1) for i in range(599)])
    n_fewer = 0
    for _ in range(100):
        n_before = network.n_nodes
        network.train(signals, 30)
        graph = network.graph()
        n_fewer += graph.n_nodes < n_before
        found, distances = network.nearest(graph.nodes)
        assert (distances == 0).all()
        assert np.array_equal(found, np.arange(graph.n_nodes))
    assert n_fewer > 30


@pytest.mark.parametrize("d, search", [(2, "auto"), (3, "grid"), (8, "auto"), (40, "leaves")])
def test_training_goes_on_as_if_nothing_was_looked_up(d, search):
    X = np.random.default_rng(2).random((3000, d)).astype(np.float32)
    networks = []
    for looks_up in False, True:
        network, signals = Network(d, seed=4, search=search, max_nodes=400, lam=7, max_age=20), Signals(X)
        network.draw_start_nodes(signals)
        for _ in range(50):
            network.train(signals, 100)
            if looks_up:
                n_changes = network.n_changes
                network.nearest(X[:600] * 2 - 0.5, n_jobs=2)
                network.two_nearest(X[:40])
                assert network.n_changes == n_changes
        networks.append(network)
    without, with_look_ups = networks
    assert with_look_ups.graph() == without.graph()
    assert with_look_ups.n_signals == without.n_signals
    assert with_look_ups.take_mean_distance() == without.take_mean_distance()


def test_too_few_nodes():
    for network in Network(2), ReferenceNetwork(2):
        with pytest.raises(ValueError, match="a network must have at least 1 node to look up the nearest, got 0"):
            network.nearest([[0, 0]])
        network.start([[3, 4]])
        assert [part.tolist() for part in network.nearest([[0, 0]])] == [[0], [5]]
        with pytest.raises(ValueError, match="a network must have at least 2 nodes to look up the nearest, got 1"):
            network.two_nearest([[0, 0]])


@pytest.mark.quick
@pytest.mark.parametrize(
    "X, n_jobs, error, message",
    [
        ([[0, 0, 0]], 1, ValueError, "X must have 2 columns as at the start, got 3"),
        ([0, 0], 1, ValueError, r"X must have 2 dimensions \(n, d\), got shape \(2,\)"),
        (np.empty((0, 2)), 1, ValueError, "X must have at least one row and one column"),
        ([[0, np.nan]], 1, ValueError, "got nan in row 0, column 1"),
        ([["a", "b"]], 1, TypeError, "X must hold real numbers"),
        ([[0, 0]], 0, ValueError, r"n_jobs must be -1 or in \[1, 1024\], got 0"),
        ([[0, 0]], -2, ValueError, r"n_jobs must be -1 or in \[1, 1024\], got -2"),
        ([[0, 0]], 1025, ValueError, r"n_jobs must be -1 or in \[1, 1024\], got 1025"),
        ([[0, 0]], 1.0, TypeError, r"n_jobs must be an integer, -1 or in \[1, 1024\], got 1.0"),
        ([[0, 0]], True, TypeError, "n_jobs must be an integer"),
        ([[0, 0]], None, TypeError, "n_jobs must be an integer"),
    ],
)
def test_bad_input(X, n_jobs, error, message):
    network = started(np.eye(2))
    for look_up in network.nearest, network.two_nearest:
        with pytest.raises(error, match=message):
            look_up(X, n_jobs=n_jobs)


def test_other_kinds_of_data():
    network = started(np.arange(20).reshape(10, 2))
    X = np.arange(12).reshape(6, 2)
    read_only = X.astype(np.float32)
    read_only.flags.writeable = False
    for data in X, X.tolist(), X.astype(float), np.asfortranarray(X), read_only:
        assert network.nearest(data)[0].tolist() == [0, 1, 2, 3, 4, 5]


# Nodes, and look-ups that take seconds or minutes: in a grid, every row far outside; by tiles; of all distances.
LONG_LOOK_UPS = {
    "grid": ((200_000, 2), "network.nearest(np.full((1_000_000, 2), 1e6), n_jobs={n_jobs})"),
    "tiles": ((20_000, 40), "network.nearest(rng.random((800_000, 40), np.float32), n_jobs={n_jobs})"),
    "distances": ((1000, 1000), "network.distances(rng.random((60_000, 1000), np.float32), n_jobs={n_jobs})"),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["to the main thread", "to another thread"])
@pytest.mark.parametrize("kind", LONG_LOOK_UPS)
def test_ctrl_c_ends_it(kind, n_jobs, elsewhere):
    """A signal that the system gives to another thread does not end a wait of the main thread: it must look itself."""
    shape, look_up = LONG_LOOK_UPS[kind]
    program = f"""
import signal, threading, time
import numpy as np
from gng_fast import Network
if {elsewhere}:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
rng = np.random.default_rng(0)
network = Network({shape[1]}, max_nodes={shape[0]})
network.start(rng.random({shape}))
look_up = lambda: {look_up.format(n_jobs=n_jobs)}
print("ready", flush=True)
try:
    look_up()
except KeyboardInterrupt:
    print(network.nearest(np.zeros((1, {shape[1]})))[0].shape)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        try:
            process.wait(0.8)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=60)[0] == "(1,)\n"
        finally:
            process.kill()


# ---- the estimator --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def X():
    """Two clusters far from each other."""
    X = np.random.default_rng(3).random((2000, 2), dtype=np.float32)
    X[1000:] += 10
    return X


@pytest.fixture(scope="module")
def model(X):
    return GrowingNeuralGas(60, n_epochs=5, random_state=0).fit(X)


@pytest.mark.quick
def test_estimator_nearest(model, X):
    found = model.nearest(X)
    squared = ((X[:, None].astype(float) - model.graph_.nodes) ** 2).sum(axis=2)
    assert found.dtype == np.int64
    assert np.array_equal(found, squared.argmin(axis=1))
    assert np.isclose(model.quantization_error(X), np.sqrt(squared.min(axis=1)).mean(), rtol=1e-6)
    assert np.isclose(model.score(X), -squared.min(axis=1).mean(), rtol=1e-6)
    assert type(model.quantization_error(X)) is type(model.score(X, y=None)) is float


def test_estimator_predicts_components():
    nodes = [[0, 0], [10, 0], [0, 1], [10, 1], [20, 20]]
    model = GrowingNeuralGas(
        5, n_epochs=0.001, init=Graph(nodes, [(0, 2), (1, 3)]), eps_b=1e-9, eps_n=0, clusters="components"
    )
    model.fit([[0, 0.4], [1, 0]])
    labels = model.predict([[0, 2], [20, 19], [9, 0], [-5, 0], [10, 3]])
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 2, 1, 0, 1]


@pytest.mark.parametrize("d, n_nodes", [(1, 5), (3, 40), (40, 40)])
def test_estimator_transform(d, n_nodes):
    X = np.random.default_rng(4).normal(size=(500, d)).astype(np.float32) + 100
    model = GrowingNeuralGas(n_nodes, n_epochs=20, random_state=0).fit(X)
    distances = model.transform(X)
    assert distances.dtype == np.float32 and distances.shape == (500, n_nodes)
    expected = np.linalg.norm(X[:, None].astype(float) - model.graph_.nodes, axis=2)
    assert np.allclose(distances, expected, rtol=1e-5)
    nodes, nearest = model.network_.nearest(X)
    assert np.array_equal(distances.min(axis=1), nearest)
    assert np.array_equal(distances.argmin(axis=1), nodes)


@pytest.mark.quick
def test_estimator_follows_training(X):
    model = GrowingNeuralGas(60, clusters="components", random_state=0).partial_fit(X[:200])
    before = model.quantization_error(X)
    for _ in range(5):
        model.partial_fit(X)
    assert model.quantization_error(X) < before
    assert np.array_equal(model.predict(X), model.graph_.components[model.nearest(X)])


@pytest.mark.parametrize("weighted", [False, True])
def test_one_number_of_many_rows_does_not_depend_on_the_pieces(weighted, model, X, monkeypatch):
    weights = np.random.default_rng(5).integers(0, 3, len(X)) if weighted else None
    measures = model.quantization_error, model.score, model.topographic_error
    whole = [measure(X, sample_weight=weights) for measure in measures]
    assert len(set(whole)) == 3
    monkeypatch.setattr("gng_fast.model.coordinates._VALUES_AT_ONCE", 100)
    assert np.allclose([measure(X, sample_weight=weights) for measure in measures], whole, rtol=1e-12)


def test_one_number_of_many_rows_takes_little_memory(model, monkeypatch):
    """Neither the distances of all rows nor a copy of them is kept."""
    monkeypatch.setattr("gng_fast.model.coordinates._VALUES_AT_ONCE", 2**15)
    X = np.random.default_rng(0).random((400_000, 2))
    for measure in model.quantization_error, model.score, model.topographic_error:
        measure(X[:10])
        tracemalloc.start()
        measure(X)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < len(X) * 4


def test_an_error_names_the_row_of_the_whole(model, monkeypatch):
    monkeypatch.setattr("gng_fast.model.coordinates._VALUES_AT_ONCE", 100)
    X = np.zeros((500, 2), np.float32)
    X[321, 1] = np.nan
    with pytest.raises(ValueError, match="got nan in row 321, column 1"):
        model.score(X)


def test_estimator_n_jobs(X):
    models = [GrowingNeuralGas(60, n_epochs=1, random_state=0, n_jobs=n_jobs).fit(X) for n_jobs in (None, 1, 2, -1)]
    for model in models:
        assert np.array_equal(model.nearest(X), models[0].nearest(X))
        assert model.score(X) == models[0].score(X)
    models[0].n_jobs = 0
    with pytest.raises(ValueError, match=r"n_jobs must be -1 or in \[1, 1024\], got 0"):
        models[0].predict(X)


@pytest.mark.parametrize("method", ["nearest", "predict", "transform", "quantization_error", "score"])
def test_estimator_bad_input(method, model, X):
    with pytest.raises(ValueError, match="X has 3 features, but GrowingNeuralGas is expecting 2 features as input"):
        getattr(model, method)(np.zeros((4, 3)))
    with pytest.raises(AttributeError, match="this GrowingNeuralGas is not fitted yet, call fit or partial_fit first"):
        getattr(GrowingNeuralGas(), method)(X)


def test_no_node_at_a_finite_distance_is_minus_one():
    """Jitter without measure takes the nodes so far away that squared distances overflow."""
    network = Network(8, eps_b=1, eps_n=1, lam=1000)
    signals = Signals(np.random.default_rng(0).random((50, 8)), jitter=1.2e19)
    network.draw_start_nodes(signals)
    network.train(signals, 400)
    X = np.zeros((300, 8), np.float32)
    nodes, distances = network.two_nearest(X)
    assert ((nodes >= -1) & (nodes < network.n_nodes)).all()
    assert (np.isinf(distances) == (nodes == -1)).all()
    assert (nodes == -1).any()
