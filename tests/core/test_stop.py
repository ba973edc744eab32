"""`Network.stop` ends what has begun, from another thread or from the handler of a signal of the system."""

import signal
import threading
import time

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, TrainingStopped

X = np.random.default_rng(0).random((100_000, 2), dtype=np.float32)


def started():
    network, signals = Network(2, max_nodes=100), Signals(X, "order")
    network.draw_start_nodes(signals)
    return network, signals


def stop_soon(network):
    """Stop it, from another thread, once training is under way."""

    def stop():
        while network.n_changes < 3:
            time.sleep(0.001)
        network.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    return thread


@pytest.mark.quick
@pytest.mark.parametrize("method", ["train", "connect_signals"])
def test_another_thread_ends_it(method):
    network, signals = started()
    thread = stop_soon(network)
    with pytest.raises(TrainingStopped, match="^training was stopped$"):
        getattr(network, method)(signals, 10**12)
    thread.join()
    if method == "train":
        again, order = started()
        again.train(order, network.n_signals)
        assert again.graph() == network.graph()


@pytest.mark.quick
def test_fit_ends_too_and_leaves_a_model_as_far_as_it_came():
    model, ended = GrowingNeuralGas(100, n_epochs=1e6), threading.Event()

    def stop(network):
        while not ended.wait(0.01):  # again, in case it came between two epochs
            network.stop()

    threads = []

    def callback(done, total, model):
        if not threads:
            threads.append(threading.Thread(target=stop, args=[model.network_]))
            threads[0].start()

    with pytest.raises(TrainingStopped):
        model.fit(X, callback=callback)
    ended.set()
    threads[0].join()
    assert model.graph_.n_nodes == 100


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
def test_a_handler_ends_it():
    network, signals = started()
    before = signal.signal(signal.SIGALRM, lambda *_: network.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TrainingStopped):
            network.train(signals, 10**12)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.quick
def test_what_waits_for_its_turn_is_ended_too():
    network, signals = started()
    stopped = []

    def train():
        try:
            network.train(signals, 10**12)
        except TrainingStopped as error:
            stopped.append(error)

    threads = [threading.Thread(target=train) for _ in range(2)]
    for thread in threads:
        thread.start()
    while network.n_signals == 0:
        time.sleep(0.001)
    time.sleep(0.05)  # both have begun: one of them waits
    network.stop()
    for thread in threads:
        thread.join()
    assert len(stopped) == 2


@pytest.mark.quick
def test_what_begins_later_is_not():
    network, signals = started()
    network.stop()
    network.train(signals, 10_000)
    network.connect_signals(signals, 100)
    assert network.n_signals == 10_000
