"""Ctrl-C at random moments: the state is that after a whole number of signals, and everything goes on from there."""

import random
import signal
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from wholeness import broken, state

from gng_fast import GrowingNeuralGas, Network, Signals

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no setitimer")

TIMES = [20, pytest.param(200, marks=pytest.mark.slow)]

NETWORKS = {
    "2-D": (2, {}),
    "2-D by brute force": (2, {"search": "brute"}),
    "3-D, ages": (3, {"max_age": 5, "lam": 5}),
    "utility": (2, {"utility": 3.0, "lam": 5, "decay": 0.9995}),
    "NeuPy": (2, {"variant": "neupy"}),
    "16-D": (16, {"max_nodes": 600}),
    "16-D by brute force": (16, {"max_nodes": 300, "search": "brute"}),
}


class Interrupts:
    """Raises KeyboardInterrupt in an action after random times, as Ctrl-C does: by a signal of the system."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.left = 0
        self.n = 0

    def handle(self, *_):
        if self.left:
            self.left -= 1
            raise KeyboardInterrupt

    def after(self, longest, action, twice=False):
        """Run `action`, interrupt it within `longest` seconds, and half a millisecond later once more.

        Return whether it was interrupted.
        """
        try:
            try:
                self.left = 1 + twice
                signal.setitimer(signal.ITIMER_REAL, self.rng.uniform(1e-6, longest), 0.0005 * twice)
                action()
                self.left = 0
                return False
            except KeyboardInterrupt:
                self.n += 1
        except KeyboardInterrupt:  # the second on the way out of the first
            pass
        except RuntimeError as error:  # Python's own locks, interrupted twice in a row
            assert isinstance(error.__context__, KeyboardInterrupt)
        finally:
            self.left = 0
            signal.setitimer(signal.ITIMER_REAL, 0)
        return True


@contextmanager
def interrupts(seed):
    given = Interrupts(seed)
    before = signal.signal(signal.SIGALRM, given.handle)
    try:
        yield given
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def data(d, n=5000):
    return np.random.default_rng(d).random((n, d), dtype=np.float32)


def begun(run, sampling="epochs"):
    d, parameters = NETWORKS[run]
    network, signals = Network(d, seed=1, **{"max_nodes": 2000, "lam": 10, **parameters}), Signals(data(d), sampling)
    network.draw_start_nodes(signals)
    return network, signals


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("run", NETWORKS)
def test_training_ends_after_a_whole_number_of_signals(run, times):
    """Each time the state is, byte for byte, that of a network trained on so many signals without interruption."""
    network, signals = begun(run)
    undisturbed, same = begun(run)
    X = signals.X
    with interrupts(run) as ctrl_c:
        while ctrl_c.n < times:
            ctrl_c.after(0.01, lambda: network.train(signals, 100_000))
            undisturbed.train(same, network.n_signals - undisturbed.n_signals)
            assert state(network) == state(undisturbed)
            assert broken(network, X, connected=network.n_signals > 1000) == []
    assert all(np.array_equal(*pair) for pair in zip(signals.__reduce__()[1], same.__reduce__()[1]))


def others_work():
    """CPU seconds of the other threads in the next hundredths of a second."""
    before = time.process_time() - time.thread_time()
    time.sleep(0.03)
    return time.process_time() - time.thread_time() - before


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("n_jobs", [1, 3])
@pytest.mark.parametrize("twice", [False, True])
def test_look_ups_end_before_others_may_change_the_network(n_jobs, twice, times, monkeypatch):
    """However often Ctrl-C is pressed: no thread reads the network any more when the error comes out."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # Ctrl-C in a callback of the pool's
    network, signals = begun("16-D by brute force")
    network.train(signals, 3000)
    X = np.tile(signals.X, (8, 1))
    nodes, distances = network.nearest(X)
    with interrupts(n_jobs) as ctrl_c:
        while ctrl_c.n < times:
            if ctrl_c.after(0.05, lambda: network.nearest(X, n_jobs=n_jobs), twice):
                assert others_work() < 0.002
    again_nodes, again_distances = network.nearest(X, n_jobs=n_jobs)
    assert np.array_equal(nodes, again_nodes) and np.array_equal(distances, again_distances)
    assert broken(network, signals.X) == []


def same_model(a, b):
    """Whether two models are in the same state but for the data they keep, and calls that came to no signal."""
    a_history, b_history = (model.history_[~np.isnan(model.history_)] for model in (a, b))
    return state(a.network_) == state(b.network_) and np.array_equal(a_history, b_history)


@pytest.mark.parametrize("times", TIMES)
def test_a_model_is_whole_after_ctrl_c_in_fit(times, tmp_path):
    """It is the old or the new one, can be saved, and goes on; `history_` knows of every signal."""
    X = data(2)
    model = GrowingNeuralGas(200, lam=10, random_state=0, n_epochs=4, n_jobs=2)
    model.partial_fit(X)
    with interrupts("fit") as ctrl_c:
        while ctrl_c.n < times:
            if not ctrl_c.after(0.03, lambda: model.fit(X)):
                continue
            network, n_signals = model.network_, model.network_.n_signals
            assert broken(network, X, connected=n_signals > 1000) == []
            assert len(model.history_) == -(-n_signals // len(X)) and np.isfinite(model.history_).all()
            assert np.isnan(network.take_mean_distance())  # what it adds up is all in the history
            assert model.graph_ == network.graph() and len(model.predict(X)) == len(X)
            model.save(tmp_path / "model.npz")
            assert same_model(GrowingNeuralGas.load(tmp_path / "model.npz").partial_fit(X), model.partial_fit(X))


@pytest.mark.parametrize("times", TIMES)
def test_a_model_is_whole_after_ctrl_c_in_partial_fit(times):
    """It has trained on the first rows: as many as its network counts."""
    X = data(3, 20_000)
    with interrupts("partial_fit") as ctrl_c:
        while ctrl_c.n < times:
            model = GrowingNeuralGas(200, lam=10, random_state=0).fit(X[:100])
            before = model.network_.n_signals
            if not ctrl_c.after(0.01, lambda: model.partial_fit(X)):
                continue
            n_taken = model.network_.n_signals - before
            same = GrowingNeuralGas(200, lam=10, random_state=0).fit(X[:100])
            if n_taken:
                same.partial_fit(X[:n_taken])
                assert not hasattr(model, "labels_")
            assert same_model(model, same)
            assert same_model(model.partial_fit(X), same.partial_fit(X))


def test_start_nodes_beyond_the_room_are_refused_before_any_is_drawn():
    network, signals = Network(2, max_nodes=100, seed=1), Signals(data(2))
    before, start = state(network), time.perf_counter()
    with pytest.raises(ValueError, match="^nodes must be at most max_nodes = 100, got 1000000000$"):
        network.draw_start_nodes(signals, 10**9)
    assert time.perf_counter() - start < 0.1 and state(network) == before


def test_a_search_for_a_second_start_node_that_finds_none_leaves_the_network_as_it_was():
    network = Network(2, seed=1)
    before = state(network)
    with pytest.raises(ValueError, match="at least 2 distinct points"):
        network.draw_start_nodes(Signals(np.ones((5000, 2))))
    assert state(network) == before


def test_ctrl_c_while_start_nodes_are_added():
    """The network has some of them, is whole and goes on."""
    X = data(2, 400_000)
    with interrupts(1) as ctrl_c:
        network = Network(2, max_nodes=500_000)
        while ctrl_c.n < 5 or not network.n_nodes:  # on a busy machine it comes before the first
            network = Network(2, max_nodes=500_000)
            ctrl_c.after(0.05, lambda network=network: network.start(X))
            assert network.n_nodes == network.graph().n_nodes
    assert broken(network, X, connected=False) == []
    network.train(Signals(X), 1000)
    assert broken(network, X, connected=False) == []
