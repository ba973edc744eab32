"""Others may read a network while it trains: they get their turn between two slices, and the bytes stay the same."""

import threading
import time

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, TrainingStopped

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((20_000, 2), dtype=np.float32)
# Longer than any of this takes: who waits for the end of the training waits in vain.
FOR_EVER = 10**12
PATIENCE = 60


def started():
    network, signals = Network(2, max_nodes=200), Signals(X)
    network.draw_start_nodes(signals)
    return network, signals


def train(network, signals, n=FOR_EVER):
    """Train in a thread of its own, and return that once it has begun."""

    def work():
        try:
            network.train(signals, n)
        except TrainingStopped:
            pass

    thread = threading.Thread(target=work)
    thread.start()
    while network.n_signals == 0:
        time.sleep(0.001)
    return thread


@pytest.mark.parametrize(
    "read",
    [
        lambda network: network.graph(),
        lambda network: network.nearest(X[:5]),
        lambda network: network.two_nearest(X, n_jobs=2),
        lambda network: network.distances(X[:5]),
        lambda network: network.as_arrays(),
    ],
    ids=["graph", "nearest", "two_nearest", "distances", "as_arrays"],
)
def test_whoever_reads_does_not_wait_for_the_end(read):
    network, signals = started()
    training, results = train(network, signals), []
    readers = [threading.Thread(target=lambda: results.append(read(network))) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(PATIENCE)
    network.stop()
    training.join()
    for reader in readers:
        reader.join()
    assert len(results) == 3


def test_what_is_read_is_whole_and_the_bytes_stay_the_same():
    """Whatever a busy machine does: training goes on until three states of the network were read."""
    network, signals = started()
    training, graphs, deadline = train(network, signals), set(), time.monotonic() + PATIENCE
    while len(graphs) < 3 and time.monotonic() < deadline:
        graph = network.graph()
        assert graph.n_edges and graph.edges.max() < graph.n_nodes
        graphs.add(graph)
        network.nearest(X[:3])
    network.stop()
    training.join()
    assert len(graphs) == 3
    again, order = started()
    again.train(order, network.n_signals)
    assert network.graph() == again.graph()


def test_what_changes_it_waits_for_the_end():
    network, signals = started()
    training = train(network, signals, 1_000_000)
    seen = []

    def change():
        network.clear_edges()
        seen.append(network.n_signals)

    threads = [threading.Thread(target=change), threading.Thread(target=train, args=[network, Signals(X), 1000])]
    for thread in threads:
        thread.start()
    for _ in range(20):
        network.graph()  # lets the other readers in, and nobody else
    for thread in [training, *threads]:
        thread.join()
    assert seen[0] >= 1_000_000


def test_a_reader_that_is_interrupted_leaves_the_queue():
    """A look-up that fails lets go of the network, and training goes on."""
    network, signals = started()
    training = train(network, signals)
    for _ in range(5):
        with pytest.raises(ValueError):
            network.nearest(X[:, :1])
    before = network.n_signals
    deadline = time.monotonic() + PATIENCE
    while network.n_signals == before and time.monotonic() < deadline:
        network.graph()
    assert network.n_signals > before
    network.stop()
    training.join()


def test_a_stop_between_two_epochs_is_not_lost():
    calls = []

    def callback(done, total, model):
        calls.append(done)
        model.network_.stop()

    with pytest.raises(TrainingStopped):
        GrowingNeuralGas(50, n_epochs=10, random_state=0).fit(X, callback=callback)
    assert calls == [len(X)]


def test_work_of_several_calls_is_stopped_as_one():
    network, signals = started()
    begun = network.stops
    network.train(signals, 100, stops=begun)
    network.stop()
    assert network.stops == begun + 1
    for method in network.train, network.connect_signals:
        with pytest.raises(TrainingStopped):
            method(signals, 100, stops=begun)
    network.train(signals, 100)
    assert network.n_signals == 200
