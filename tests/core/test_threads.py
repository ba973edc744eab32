"""One network used by many threads, many networks at the same time, and forks."""

import copy
import functools
import multiprocessing
import os
import pickle
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals


def data(d=3, n=3000):
    return np.random.default_rng(d).random((n, d), dtype=np.float32)


def network_of(X, **parameters):
    network = Network(X.shape[1], seed=1, **{"max_nodes": 400, "lam": 10, **parameters})
    network.start(X[:2])
    return network


def in_threads(*tasks):
    """Run functions at the same time, each in a thread of its own, and return what they return."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        barrier.wait(60)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(120) for future in [pool.submit(run, task) for task in tasks]]


def repeat(times, function):
    return lambda: [function() for _ in range(times)]


@pytest.mark.parametrize("d, parameters", [(2, {}), (3, {"utility": 2, "max_age": 5}), (20, {})])
def test_one_network_in_many_threads(d, parameters, tmp_path):
    X = data(d)
    network, n_trained, names = network_of(X, **parameters), 40 * 500, iter(range(1000))

    def saved_and_loaded():
        path = tmp_path / f"{next(names)}.npz"
        network.save(path)
        return Network.load(path)

    def looked_up():
        nodes, distances = network.nearest(X, n_jobs=2)
        return nodes.min(), nodes.max(), distances.max()

    trained, more, graphs, seen, loaded, pickled, _ = in_threads(
        *[repeat(20, lambda signals=Signals(X): network.train(signals, 500)) for _ in range(2)],
        repeat(60, network.graph),
        repeat(60, looked_up),
        repeat(20, saved_and_loaded),
        repeat(20, lambda: pickle.loads(pickle.dumps(network))),
        repeat(60, lambda: (network.n_nodes, network.nbytes, network.take_mean_distance())),
    )
    assert network.n_signals == n_trained
    # a Graph checks itself: no edge twice, none to itself or out of range, all numbers finite
    for graph in graphs + [other.graph() for other in loaded + pickled] + [network.graph()]:
        assert isinstance(graph, Graph) and 2 <= graph.n_nodes <= 400
        assert graph.ages.max(initial=0) <= parameters.get("max_age", 50)
    assert all(0 <= lowest and highest < 400 and distance < d for lowest, highest, distance in seen)
    assert network.n_nodes == network.graph().n_nodes and network.n_edges == network.graph().n_edges
    # lists of edges, index and counts agree: it goes on as one that was built from its state alone
    again = pickle.loads(pickle.dumps(network))
    for each in (network, again):
        each.train(Signals(X, "order"), 3000)
    assert network.graph() == again.graph()


@pytest.mark.quick
def test_what_threads_take_turns_at_is_whole():
    """Every copy is the network after a whole number of signals: none sees a signal half-way."""
    X = data(2)
    alone, shared = network_of(X), network_of(X)
    signals = Signals(X, "order")
    states = {0: alone.graph()}
    for _ in range(3000):
        alone.train(signals, 1)
        states[alone.n_signals] = alone.graph()
    own = Signals(X, "order")
    _, copies = in_threads(
        repeat(100, lambda: shared.train(own, 30)), repeat(50, lambda: pickle.loads(pickle.dumps(shared)))
    )
    for restored in copies:
        assert restored.graph() == states[restored.n_signals]
    assert shared.graph() == states[3000]


@pytest.mark.quick
def test_many_networks_at_the_same_time():
    X = data(2)

    def trained(seed):
        network = Network(2, seed=seed, max_nodes=200, lam=10)
        network.start(X[:2])
        for _ in range(10):
            network.train(Signals(X), 1000)
        return network.graph()

    one_after_the_other = [trained(seed) for seed in range(6)]
    assert in_threads(*[lambda seed=seed: trained(seed) for seed in range(6)]) == one_after_the_other


@pytest.mark.parametrize("sampling", ["epochs", "order", "replacement"])
def test_networks_that_share_signals(sampling):
    """They take turns: every row comes as often as if one network took all."""
    X = np.zeros((1000, 1), np.float32)
    signals = Signals(X, sampling, jitter=0.25)
    networks = [network_of(data(1)) for _ in range(4)]
    in_threads(*[repeat(50, lambda network=network: network.train(signals, 80)) for network in networks])
    assert [network.n_signals for network in networks] == [4000] * 4
    _, (_, _, _, _, order, position) = signals.__reduce__()
    assert 0 <= position <= 1000
    if sampling == "epochs":
        assert np.array_equal(np.sort(order), np.arange(1000))


@pytest.mark.quick
def test_models_in_threads():
    X = data(2)
    expected = [GrowingNeuralGas(100, random_state=seed, n_epochs=3).fit(X).graph_ for seed in range(4)]
    fits = [lambda seed=seed: GrowingNeuralGas(100, random_state=seed, n_epochs=3).fit(X).graph_ for seed in range(4)]
    assert in_threads(*fits) == expected
    model = GrowingNeuralGas(100, random_state=0).fit(X)
    for graph, labels, distances in in_threads(*[lambda: (model.graph_, model.predict(X), model.transform(X))] * 4):
        assert graph == model.graph_ and np.array_equal(labels, model.labels_) and distances.shape == (3000, 100)


def test_threads_ask_a_model_for_its_labels_at_the_same_time():
    X = data(2, 20_000)
    for _ in range(5):
        model = GrowingNeuralGas(50, random_state=0, n_epochs=0.1).fit(X)
        assert all(np.array_equal(labels, model.labels_) for labels in in_threads(*[lambda: model.labels_] * 8))


def test_the_graph_of_a_model_is_never_behind():
    """Of a model that another thread trains it is a copy of some moment; afterwards it is that of the network."""
    X = data(2)
    for _ in range(40):
        model = GrowingNeuralGas(1000, lam=2, random_state=0).partial_fit(X[:2000])
        in_threads(lambda: model.partial_fit(X[:10]), lambda: model.graph_, lambda: model.graph_)
        assert model.graph_ == model.network_.graph()


@pytest.mark.parametrize(
    "method",
    [method for method in ("fork", "spawn", "forkserver") if method in multiprocessing.get_all_start_methods()],
)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_models_in_processes(method):
    X = data(2)
    models = [GrowingNeuralGas(100, random_state=seed, n_epochs=2) for seed in range(4)]
    expected = [clone.fit(X).graph_ for clone in map(copy.copy, models)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        fitted = list(pool.map(functools.partial(GrowingNeuralGas.fit, X=X), models))
    assert [model.graph_ for model in fitted] == expected
    again = [model.partial_fit(X).graph_ for model in fitted]
    assert again == [model.fit(X).partial_fit(X).graph_ for model in models]


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_models_in_joblib(backend):
    joblib = pytest.importorskip("joblib")
    X = data(2)
    models = [GrowingNeuralGas(100, random_state=seed, n_epochs=2, n_jobs=2) for seed in range(4)]
    expected = [clone.fit(X).predict(X) for clone in map(copy.copy, models)]
    fitted = joblib.Parallel(2, backend=backend)(joblib.delayed(model.fit)(X) for model in models)
    assert all(np.array_equal(model.predict(X), labels) for model, labels in zip(fitted, expected))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("what", ["network", "signals"])
def test_a_fork_while_another_thread_trains_is_an_error_in_the_child(what):
    """There the thread is gone for ever, in the middle of a signal perhaps. Other networks can be used."""
    X = data(2)
    network, signals, other = network_of(X), Signals(X), network_of(X)
    used = (network, Signals(X)) if what == "network" else (other, signals)
    stopped = threading.Event()

    def train():
        while not stopped.is_set():
            network.train(signals, 20_000)

    thread = threading.Thread(target=train)
    thread.start()
    try:
        for _ in range(10):
            in_child = outcome_in_a_fork(lambda: used[0].train(used[1], 10))
            assert in_child in (
                "RuntimeError: another thread was using this network or these signals when the process was forked",
                "nothing",
            )  # between two calls nobody was
            assert outcome_in_a_fork(lambda: network_of(X).train(Signals(X), 3000)) == "nothing"
    finally:
        stopped.set()
        thread.join()
    network.train(signals, 1000)
    assert network.n_nodes == network.graph().n_nodes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_in_the_middle_of_training():
    """The same, sure to happen: one call trains for as long as the child takes."""
    X = data(2)
    network, signals = network_of(X), Signals(X)
    for use in (
        lambda: network.train(signals, 10),
        network.graph,
        lambda: network.nearest(X),
        lambda: pickle.dumps(network),
    ):
        before = network.n_signals
        thread = threading.Thread(target=lambda: network.train(signals, 3_000_000))
        thread.start()
        while network.n_signals == before:
            time.sleep(0.001)
        assert outcome_in_a_fork(use).startswith("RuntimeError: another thread was using this network")
        thread.join()
    assert network.n_signals == 4 * 3_000_000


def outcome_in_a_fork(action):
    """What `action` raises in a child of this process, as text, or "nothing"."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            action()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.quick
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_is_a_copy():
    X = data(2)
    network, signals = network_of(X), Signals(X)
    network.train(signals, 2000)
    network.nearest(X, n_jobs=2)  # threads of a look-up are gone when it is done
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            network.train(signals, 3000)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(network.graph(), pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    network.train(signals, 3000)
    assert pickle.loads(content) == network.graph()


def test_edges_from_a_generator_that_uses_the_network():
    """What the user gives is taken before the lock: nothing can change the network while nodes are added to it."""
    network = Network(2, max_nodes=20)
    X = np.random.default_rng(0).random((20, 2))

    def edges():
        network.start(X[:18])
        yield 0, 1

    with pytest.raises(ValueError, match="^nodes must be at most max_nodes = 20, got 33$"):
        network.start(X[:15], edges())
    assert network.n_nodes == 18 and network.n_edges == 0


def test_signals_must_be_signals():
    network = Network(2)
    for use in (
        network.draw_start_nodes,
        lambda signals: network.train(signals, 1),
        lambda signals: network.connect_signals(signals, 1),
    ):
        for wrong in (None, [[0.0, 1.0]]):
            with pytest.raises(TypeError, match="signals"):
                use(wrong)


@pytest.mark.quick
def test_numbers_are_read_while_another_thread_trains():
    """They do not wait for it, and each is of some moment between two slices of the training."""
    X = data(2)
    network, seen = network_of(X), []
    thread = threading.Thread(target=lambda: network.train(Signals(X), 3_000_000))
    thread.start()
    while thread.is_alive():
        start = time.perf_counter()
        seen.append((network.n_signals, network.n_changes, network.n_nodes, network.n_edges, network.nbytes))
        assert time.perf_counter() - start < 5
        time.sleep(0.001)
    counted = np.array(seen)
    assert len(np.unique(counted[:, 0])) > 5 and (np.diff(counted[:, :2], axis=0) >= 0).all()
    assert counted[:, 2].min() >= 2 and counted[:, 2].max() <= 400 and counted[:, 4].min() > 0
    graph = network.graph()
    assert (network.n_signals, network.n_nodes, network.n_edges) == (3_000_000, graph.n_nodes, graph.n_edges)
