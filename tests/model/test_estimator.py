import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals

pytestmark = [pytest.mark.quick, pytest.mark.checkout]

CONSTANT_STEPS = {"eps_b_end": None, "eps_n_end": None}


@pytest.fixture
def X():
    return np.random.default_rng(0).random((1000, 2), dtype=np.float32)


def test_fit_equals_network(X):
    model = GrowingNeuralGas(50, n_epochs=3, random_state=5, **CONSTANT_STEPS).fit(X)
    network, signals = Network(2, seed=5, max_nodes=50), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 3000)
    assert model.graph_ == network.graph()


def test_seed_decides(X):
    graphs = [GrowingNeuralGas(50, random_state=seed).fit(X).graph_ for seed in (1, 1, 2)]
    assert graphs[0] == graphs[1] != graphs[2]
    assert GrowingNeuralGas(50).fit(X).graph_ != GrowingNeuralGas(50).fit(X).graph_
    for make in np.random.default_rng, np.random.RandomState:
        pair = [GrowingNeuralGas(50, random_state=make(3)).fit(X).graph_ for _ in range(2)]
        assert pair[0] == pair[1]


def test_history_is_a_mean_for_each_epoch(X):
    model = GrowingNeuralGas(50, n_epochs=3.5, random_state=0).fit(X)
    assert model.history_.shape == (4,)
    assert (np.diff(model.history_[:3]) < 0).all()
    once = GrowingNeuralGas(50, n_epochs=3.5, random_state=0).fit(X, callback=lambda *_: None, callback_every=77)
    assert np.array_equal(once.history_, model.history_)
    assert once.graph_ == model.graph_


def test_callback_sees_progress_and_may_stop(X):
    seen = []

    def callback(done, total, model):
        seen.append((done, total, model.graph_.n_nodes))
        return done == 1600

    model = GrowingNeuralGas(50, n_epochs=4, random_state=0).fit(X, callback=callback, callback_every=400)
    assert [done for done, _, _ in seen] == [400, 800, 1200, 1600]
    assert all(total == 4000 for _, total, _ in seen)
    assert [nodes for _, _, nodes in seen] == [6, 10, 14, 18]
    assert model.history_.shape == (2,)


def test_callback_exception_leaves_a_usable_model(X):
    def callback(done, total, model):
        raise RuntimeError("enough")

    model = GrowingNeuralGas(50, random_state=0)
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(X, callback=callback, callback_every=500)
    assert model.graph_.n_nodes == 7
    assert model.history_.shape == (1,)


def test_partial_fit_in_chunks_equals_fit_in_order(X):
    whole = GrowingNeuralGas(50, sampling="order", n_epochs=1, random_state=0, **CONSTANT_STEPS).fit(X)
    chunks = GrowingNeuralGas(50, random_state=0)
    for start in range(0, 1000, 130):
        chunks.partial_fit(X[start : start + 130])
    assert chunks.graph_ == whole.graph_
    assert chunks.history_.shape == (8,)


def test_graph_is_a_copy_that_stays(X):
    model = GrowingNeuralGas(50, random_state=0).partial_fit(X)
    before = model.graph_
    nodes = before.nodes.copy()
    assert model.graph_ is before
    model.partial_fit(X)
    assert model.graph_ != before
    assert np.array_equal(before.nodes, nodes)


def test_init_takes_nodes_or_a_graph(X):
    model = GrowingNeuralGas(4, n_epochs=0.001, init=[[0, 0], [1, 1], [0, 1]], eps_b=1e-9, eps_n=0, random_state=0).fit(
        X
    )
    assert model.graph_.nodes.tolist() == [[0, 0], [1, 1], [0, 1]]
    graph = Graph([[0, 0], [1, 1], [0, 1]], [(0, 1), (1, 2)])
    model = GrowingNeuralGas(4, n_epochs=0.001, init=graph, eps_b=1e-9, eps_n=0, random_state=0).fit(X)
    assert {(0, 1), (1, 2)} <= set(map(tuple, model.graph_.edges.tolist()))


def test_start_nodes_differ():
    X = np.zeros((500, 2))
    X[250] = 1
    for seed in range(3):
        for sampling in "epochs", "order":
            model = GrowingNeuralGas(n_epochs=0.002, random_state=seed, sampling=sampling).fit(X)
            assert len(np.unique(model.graph_.nodes, axis=0)) == 2


def test_integer_and_strided_data_are_taken():
    X = np.arange(40).reshape(20, 2)
    graphs = [
        GrowingNeuralGas(5, random_state=0).fit(data).graph_
        for data in (X, X.astype(float), np.asfortranarray(X), X.tolist(), np.repeat(X, 2, 1)[:, ::2], X.astype("f2"))
    ]
    assert all(graph == graphs[0] for graph in graphs)


@pytest.mark.parametrize(
    "data, error, message",
    [
        ([[0, 1], [2, np.nan]], ValueError, r"X must hold finite numbers in .*, got nan in row 1, column 1"),
        ([[0, 1], [np.inf, 2]], ValueError, "got inf in row 1, column 0"),
        ([[0, 1], [2, 1e300]], ValueError, "got 1e[+]300 in row 1, column 1"),
        ([[0, 1], [2, 10**400]], ValueError, "X must hold finite numbers in .*, got an integer larger than any float"),
        ([1, 2, 3], ValueError, r"X must have 2 dimensions \(n, d\), got shape \(3,\)"),
        (np.zeros((2, 0)), ValueError, r"at least one row and one column, got shape \(2, 0\)"),
        ([["a", "b"]], TypeError, "X must hold real numbers, got dtype <U1, which is text"),
        ([[1j, 2]], ValueError, "Complex data not supported: X must hold real numbers, got dtype complex128"),
        ([[1, 2], [3]], ValueError, "rows of one length"),
        (None, TypeError, "X must be an array of numbers of shape .*, got None"),
        ([[1, 2]], ValueError, r"at least 2 distinct points, got 1 \(in 1 rows\)"),
        ([[1, 2]] * 9, ValueError, r"at least 2 distinct points, got 1 \(in 9 rows\)"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_bad_data_gets_one_clear_line(data, error, message, method):
    with pytest.raises(error, match=message) as caught:
        getattr(GrowingNeuralGas(), method)(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        ({"eps_b": 5}, ValueError, r"eps_b must be in \(0, 1\], got 5"),
        ({"eps_b": 10**400}, ValueError, r"eps_b must be in \(0, 1\], got 10000"),
        ({"max_nodes": 1}, ValueError, r"max_nodes must be in \[2, 1073741824\], got 1"),
        ({"lam": 0}, ValueError, r"lam must be in \[1, inf\), got 0"),
        ({"decay": 0}, ValueError, r"decay must be in \[1e-06, 1\], got 0"),
        ({"n_epochs": 0}, ValueError, r"n_epochs must be in \(0, inf\), got 0"),
        ({"n_epochs": "x"}, TypeError, "n_epochs must be a number"),
        ({"n_start_nodes": 1}, ValueError, "n_start_nodes must be in"),
        ({"max_nodes": 1000, "n_start_nodes": 2000}, ValueError, "nodes must be at most max_nodes = 1000, got 2000"),
        ({"min_distance": -1}, ValueError, r"min_distance must be in \[0, inf\), got -1"),
        ({"init": [[1, 2, 3]]}, ValueError, "init must have nodes of 2 columns as X, got 3"),
        ({"init": [[1, 2]]}, ValueError, "at least 2 nodes to train, got 1"),
        ({"random_state": -1}, ValueError, "random_state must be in"),
        ({"random_state": "x"}, TypeError, "random_state must be an integer"),
        ({"sampling": 3}, ValueError, "sampling must be one of 'epochs', 'replacement', 'order', got 3"),
    ],
)
def test_bad_parameters_get_one_clear_line(X, parameters, error, message):
    with pytest.raises(error, match=message):
        GrowingNeuralGas(**parameters).fit(X)


def test_numbers_larger_than_can_be_counted(X):
    """No error, though nobody sees the end: growth by insertion, or `fit`, is switched off by such numbers."""
    model = GrowingNeuralGas(lam=10**400, n_epochs=1, random_state=0).fit(X)
    assert model.graph_.n_nodes == 2
    presented = []
    GrowingNeuralGas(n_epochs=1.7e308).fit(X, callback=lambda done, total, model: presented.append(total) or True)
    assert presented == [2**62]


def test_not_fitted():
    with pytest.raises(AttributeError, match="not fitted yet"):
        GrowingNeuralGas().graph_
    assert not hasattr(GrowingNeuralGas(), "graph_")


def test_wrong_number_of_columns_later(X):
    model = GrowingNeuralGas(random_state=0).partial_fit(X)
    with pytest.raises(ValueError, match="X has 3 features, but GrowingNeuralGas is expecting 2 features as input"):
        model.partial_fit(np.zeros((5, 3)))


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_stops_and_leaves_a_usable_graph():
    """Trains for what would be hours, is interrupted from outside, and reports the state it is left in."""
    program = """if True:
        import numpy as np
        from gng_fast import GrowingNeuralGas
        X = np.random.default_rng(0).random((100_000, 8), dtype=np.float32)
        model = GrowingNeuralGas(20_000, n_epochs=10_000, random_state=0)
        try:
            model.fit(X, callback=lambda done, total, model: print("running", flush=True), callback_every=10_000)
        except KeyboardInterrupt:
            graph = model.graph_
            print("stopped", graph.n_nodes > 2 and np.isfinite(graph.nodes).all(), len(model.history_))
    """
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0].splitlines()[-1] == "stopped True 1"
        assert process.returncode == 0


def test_one_network_used_by_two_threads_stays_whole(X):
    network, signals = Network(2, max_nodes=500, lam=10), Signals(X, "order")
    network.draw_start_nodes(signals)
    threads = [threading.Thread(target=network.train, args=(Signals(X, "replacement"), 50_000)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        graph = network.graph()
        assert graph.degrees.sum() == 2 * graph.n_edges
    assert network.n_signals == 100_000
