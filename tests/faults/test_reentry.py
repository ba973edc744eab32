"""Code of the user's that runs in the middle of a call and uses the same network or signals.

It may read what is at rest; everything else is a RuntimeError, and the call goes on as if nothing had been asked.
"""

import gc
import pickle
import signal
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from wholeness import broken, state

from gng_fast import Network, Signals

needs_timer = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no setitimer")

REFUSED = r"^(this network is|these signals are) being .* by this thread: (it|they) cannot be .* before that ends$"


def made(d=8):
    """A network that is growing, its signals and rows to look up. With lam=1 every signal changes the index."""
    X = np.random.default_rng(d).random((6000, d), dtype=np.float32)
    network, signals = Network(d, seed=1, max_nodes=20_000, lam=1), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 400)
    return SimpleNamespace(network=network, signals=signals, X=np.tile(X, (4, 1)), other=Signals(X[:100]))


#: What code in the middle of a call may try. Those of the first table change the network, those of the second read it.
CHANGES = {
    "train": lambda it: it.network.train(it.other, 50),
    "connect_signals": lambda it: it.network.connect_signals(it.other, 5),
    "start": lambda it: it.network.start(it.X[:3], [(0, 1)]),
    "draw_start_nodes": lambda it: it.network.draw_start_nodes(it.other),
    "anneal": lambda it: it.network.anneal(0.1, 0.001, 100),
    "clear_edges": lambda it: it.network.clear_edges(),
    "take_mean_distance": lambda it: it.network.take_mean_distance(),
}
READS = {
    "graph": lambda it: it.network.graph(),
    "components": lambda it: it.network.components(),
    "nearest": lambda it: it.network.nearest(it.X[:600]),
    "nearest in threads": lambda it: it.network.nearest(it.X[:600], n_jobs=2),
    "two_nearest": lambda it: it.network.two_nearest(it.X[:600], n_jobs=2),
    "distances": lambda it: it.network.distances(it.X[:600], n_jobs=2),
    "as_arrays": lambda it: it.network.as_arrays(),
    "pickle": lambda it: pickle.dumps(it.network),
    "pickle of signals": lambda it: pickle.dumps(it.signals),
    "numbers": lambda it: (it.network.n_nodes, it.network.n_edges, it.network.nbytes, it.network.n_changes),
}
#: Calls that go on for so long that signals of the system come in their middle.
LONG = {
    "train": lambda it: it.network.train(it.signals, 4000),
    "connect_signals": lambda it: it.network.connect_signals(it.signals, 20_000),
    "nearest": lambda it: it.network.nearest(it.X),
    "nearest in threads": lambda it: it.network.nearest(it.X, n_jobs=3),
    "two_nearest": lambda it: it.network.two_nearest(it.X, n_jobs=2),
    "distances": lambda it: (it.network.distances(it.X, n_jobs=2),),
}


class Handler:
    """A handler of SIGALRM, which comes again a while after each end of it, and how its action ended each time."""

    def __init__(self, action):
        self.action, self.errors, self.done, self.active = action, [], 0, False

    def __call__(self, *_):
        if not self.active:
            return
        try:
            self.action()
            self.done += 1
        except RuntimeError as error:
            self.errors.append(str(error))
        signal.setitimer(signal.ITIMER_REAL, 0.002)

    def during(self, call):
        before = signal.signal(signal.SIGALRM, self)
        self.active = True
        signal.setitimer(signal.ITIMER_REAL, 0.0005)
        try:
            return call()
        finally:
            self.active = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def equal(one, other):
    if isinstance(one, tuple):
        return all(np.array_equal(*pair) for pair in zip(one, other))
    return one is None and other is None


def sound(it, twin):
    """The network is whole, and what another one is that nothing disturbed; both go on alike."""
    assert broken(it.network, it.X, connected=False) == []
    assert state(it.network) == state(twin.network)
    for each in it, twin:
        each.network.train(each.signals, 300)
    assert state(it.network) == state(twin.network)
    assert all(np.array_equal(*pair) for pair in zip(it.signals.__reduce__()[1], twin.signals.__reduce__()[1]))


@needs_timer
@pytest.mark.parametrize("within", CHANGES)
@pytest.mark.parametrize("call", LONG)
def test_a_handler_cannot_change_what_is_at_work(call, within):
    it, twin = made(), made()
    handler = Handler(lambda: CHANGES[within](it))
    for _ in range(50):
        got, expected = handler.during(lambda: LONG[call](it)), LONG[call](twin)
        assert handler.done or equal(got, expected)
        if handler.errors:
            break
        if (
            handler.done
        ):  # the only signal came before the call took the lock: it was allowed, and the twin knows nothing
            it, twin = made(), made()
            handler = Handler(lambda it=it: CHANGES[within](it))
    assert handler.errors
    word = "looked up" if "nearest" in call or call == "distances" else "trained"
    assert set(handler.errors) == {
        f"this network is being {word} by this thread: it cannot be changed before that ends"
    }
    assert broken(it.network, it.X, connected=False) == []
    if not handler.done:
        sound(it, twin)


@needs_timer
@pytest.mark.parametrize("within", READS)
@pytest.mark.parametrize("call", LONG)
def test_a_handler_may_read_what_is_at_work(call, within):
    """Nothing is rebuilt, renumbered or resized under the call: it ends as it would have."""
    it, twin = made(), made()
    handler = Handler(lambda: READS[within](it))
    for _ in range(50):
        assert equal(handler.during(lambda: LONG[call](it)), LONG[call](twin))
        if handler.done:
            break
    assert handler.done and not handler.errors
    sound(it, twin)


@needs_timer
def test_what_is_read_in_the_middle_of_training_is_of_one_moment():
    """It goes on as the network did from there, and the signals with it."""
    it, copies = made(2), []
    handler = Handler(lambda: len(copies) < 3 and copies.append(pickle.loads(pickle.dumps((it.network, it.signals)))))
    while len(copies) < 3:
        handler.during(lambda: it.network.train(it.signals, 20_000))
    assert not handler.errors
    for network, signals in copies:
        assert broken(network, it.X[:, :2], connected=False) == []
        network.train(signals, it.network.n_signals - network.n_signals)
        assert network.graph() == it.network.graph()


@needs_timer
@pytest.mark.parametrize("call, d, n_reads", [("nearest", 8, 3), ("train", 8, 3), ("train", 2, 1)])
def test_signals_of_the_system_are_answered_while_an_index_is_built(call, d, n_reads):
    """Handlers read the network meanwhile, and where one raises the index is as before: what follows is the same."""
    X = np.random.default_rng(d).random((150_000, d), dtype=np.float32)
    it, twin = (SimpleNamespace(network=Network(d, max_nodes=len(X)), signals=Signals(X[:1000]), X=X) for _ in range(2))
    for each in it, twin:
        # of full size, with an index that was built for half as many nodes: the next call builds it anew
        each.network.start(X[: len(X) // 2])
        each.network.nearest(X[:1])
        each.network.start(X[len(X) // 2 :])
    seen = []

    class Stopped(Exception):
        pass

    def read():
        seen.append((it.network.graph() == twin.network.graph(), it.network.nearest(X[:9])[0].tolist()))
        if len(seen) == n_reads:
            raise Stopped

    calls = {"nearest": lambda: it.network.nearest(X[:1]), "train": lambda: it.network.train(it.signals, 1)}
    # with one row or signal to do, only the building takes long enough for a signal of the system
    with pytest.raises(Stopped):
        Handler(read).during(calls[call])
    assert seen == [(True, list(range(9)))] * n_reads
    assert it.network.n_signals == 0
    sound(it, twin)


@needs_timer
def test_a_handler_may_end_the_adding_of_edges():
    """The network is whole, and has some of them."""
    X = np.random.default_rng(0).random((500, 2))
    edges = [(i, j) for i in range(500) for j in range(i)]
    network = Network(2, max_nodes=500)

    refused = []

    class Stopped(Exception):
        pass

    def stop():
        try:
            network.graph()  # while the edges are read the network is not locked
        except RuntimeError as error:
            refused.append(str(error))
        if len(refused) == 3:  # the first can come before there is an edge
            raise Stopped(refused[-1])

    with pytest.raises(
        Stopped, match="^this network is being changed by this thread: it cannot be read before that ends"
    ):
        Handler(stop).during(lambda: network.start(X, edges))
    assert network.n_nodes == 500 and network.n_edges < len(edges)
    assert broken(network, X, connected=False) == []
    network.train(Signals(X), 500)
    assert broken(network, X, connected=False) == []


@needs_timer
def test_signals_that_are_drawn_from_are_drawn_from_by_nobody_else():
    it, twin = made(2), made(2)
    other = made(2).network
    handler = Handler(lambda: other.train(it.signals, 10))
    while not handler.errors:
        handler.during(lambda: it.network.train(it.signals, 20_000))
        twin.network.train(twin.signals, 20_000)
    assert set(handler.errors) == {
        "these signals are being drawn from by this thread: they cannot be drawn from before that ends"
    }
    assert broken(other, it.X, connected=False) == []
    if not handler.done:
        sound(it, twin)


class Finalized:
    """Garbage in a cycle, whose finalizer does something with the network."""

    def __init__(self, action):
        self.action, self.cycle = action, self

    def __del__(self):
        self.action()


@pytest.mark.parametrize("within", [*CHANGES, *READS])
@pytest.mark.parametrize(
    "call",
    [
        lambda it: it.network.graph(),
        lambda it: pickle.dumps(it.network),
        lambda it: it.network.nearest(it.X[:1500]),
        lambda it: it.network.nearest(it.X[:1500], n_jobs=3),
        lambda it: it.network.distances(it.X[:600], n_jobs=2),
        lambda it: it.network.start(it.X[:40], [(i, i + 1) for i in range(40)]),
        lambda it: it.network.draw_start_nodes(it.signals, 40),
        lambda it: it.network.train(it.signals, 100),
    ],
    ids=["graph", "pickle", "nearest", "nearest in threads", "distances", "start", "draw_start_nodes", "train"],
)
def test_finalizers(call, within):
    """The garbage collector runs them anywhere, in threads of look-ups too: nothing breaks or waits for ever."""
    it, ended = made(), []
    action = {**CHANGES, **READS}[within]

    def finalize():
        try:
            action(it)
            ended.append("done")
        except (RuntimeError, ValueError) as error:
            ended.append(str(error))

    garbage_before, threshold = gc.isenabled(), gc.get_threshold()
    try:
        gc.set_threshold(1, 1, 1)
        for _ in range(6):
            Finalized(finalize)
            call(it)
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert garbage_before and len(ended) == 6
    it.network.train(it.signals, 500)
    assert broken(it.network, it.X, connected=False) == []


class Number(int):
    """An integer, or what stands for one, that uses the network when it is asked for its value."""

    def __new__(cls, value, action):
        self = super().__new__(cls, value)
        self.action = action
        return self

    def __int__(self):
        self.action()
        return int.__index__(self)

    __index__ = __int__


class Array:
    """Data that uses the network when it is asked for its values."""

    def __init__(self, array, action):
        self.array, self.action = array, action

    def __array__(self, dtype=None, copy=None):
        self.action()
        return np.asarray(self.array, dtype)

    def __len__(self):
        self.action()
        return len(self.array)


def edges_of(action):
    for pair in [(0, 1), (1, 2)]:
        action()
        yield pair


ARGUMENTS = {
    "edges": lambda net, it, act: net.start(it.X[:3], edges_of(act)),
    "ends of edges": lambda net, it, act: net.start(it.X[:3], [(Number(0, act), Number(1, act))]),
    "nodes": lambda net, it, act: net.start(Array(it.X[:3], act)),
    "fixed": lambda net, it, act: net.start(it.X[:3], fixed=Array(np.ones(3, bool), act)),
    "permanent": lambda net, it, act: net.start(it.X[:3], [(0, 1)], permanent=Array(np.ones(1, bool), act)),
    "n_signals": lambda net, it, act: net.train(it.signals, Number(20, act)),
    "n_signals to connect": lambda net, it, act: net.connect_signals(it.signals, Number(20, act)),
    "n_start_nodes": lambda net, it, act: net.draw_start_nodes(it.signals, Number(2, act)),
    "X": lambda net, it, act: net.nearest(Array(it.X[:20], act)),
    "n_jobs": lambda net, it, act: net.nearest(it.X[:600], n_jobs=Number(2, act)),
    "X of distances": lambda net, it, act: net.distances(Array(it.X[:20], act)),
    "length of the run": lambda net, it, act: net.anneal(0.1, 0.01, Number(20, act)),
    "data of signals": lambda net, it, act: net.train(Signals(Array(it.X, act)), 20),
    "weights": lambda net, it, act: net.train(Signals(it.X, weights=Array(np.ones(len(it.X)), act)), 20),
}


@pytest.mark.parametrize("within", [*CHANGES, *READS])
@pytest.mark.parametrize("argument", ARGUMENTS)
def test_arguments_that_use_the_network(argument, within):
    """They are asked before the call takes the lock: it is as if they had used the network before the call."""
    it, twin, asked = made(), made(), []
    action = {**CHANGES, **READS}[within]

    def act():
        asked.append(True)
        action(it)

    ARGUMENTS[argument](it.network, it, act)
    assert asked
    for _ in asked:
        action(twin)
    ARGUMENTS[argument](twin.network, twin, lambda: None)
    sound(it, twin)


@pytest.mark.quick
def test_room_that_an_argument_takes_away():
    """What was free when the call began is counted when the nodes are added."""
    for use in (
        lambda net, X, act: net.start(X[:6], edges_of(act)),
        lambda net, X, act: net.start(X[:6], [(Number(0, act), 1)]),
        lambda net, X, act: net.draw_start_nodes(Signals(X), Number(6, act)),
    ):
        net, X = Network(2, max_nodes=10), np.random.default_rng(0).random((20, 2))
        with pytest.raises(ValueError, match="^nodes must be at most max_nodes = 10, got 1"):
            use(net, X, lambda net=net, X=X: net.n_nodes or net.start(X[:9]))
        assert net.n_nodes == 9 and net.graph().n_nodes == 9


@pytest.mark.quick
def test_arrays_that_an_argument_changes():
    """Nodes are copied before other arguments are asked: nothing that was not checked gets in."""
    network, nodes = Network(2), np.zeros((3, 2), np.float32)
    network.start(nodes, edges_of(lambda: nodes.fill(np.nan)))
    assert (network.graph().nodes == 0).all()


@pytest.mark.quick
def test_results_are_written_to_plain_arrays_only():
    it = made()
    n, X = len(it.X), it.X.view()
    whole = np.empty((2, n, 2), np.int64)
    numbers, distances = np.empty((n, 2), np.int64), np.empty((n, 2), np.float32)
    expected = it.network.two_nearest(X)
    assert it.network.two_nearest(X, out=(numbers, distances))[0] is numbers
    assert np.array_equal(numbers, expected[0]) and np.array_equal(distances, expected[1])
    read_only = distances.copy()
    read_only.flags.writeable = False
    shared = whole[0].view(np.float32).reshape(n, 4)[:, :2]
    for out, error in (
        ((numbers, distances.astype(np.float64)), TypeError),
        ((numbers.astype(np.int32), distances), TypeError),
        ((numbers, Array(distances, lambda: None)), TypeError),
        ((numbers, distances.view(np.ma.MaskedArray)), TypeError),
        ((numbers[:-1], distances), ValueError),
        ((numbers, shared), ValueError),
        ((np.asfortranarray(numbers), distances), ValueError),
        ((numbers, read_only), ValueError),
        ((numbers, X.reshape(-1)[: 2 * n].reshape(n, 2)), ValueError),
        ((numbers, numbers.reshape(-1)[:n].view(np.float32).reshape(n, 2)), ValueError),
        ((numbers,), ValueError),
    ):
        before = X.copy()
        with pytest.raises(error, match="^out must be "):
            it.network.two_nearest(X, out=out)
        assert np.array_equal(X, before)


class Meddler(Network):
    """A subclass with methods that happen to have names that the core could use, and use the network."""

    def _meddle(self, *arguments, **options):
        raise AssertionError("the core has called a method of a subclass")

    _nodes = _edges = _arrays = _look_up = _look_up_rows = _share = _take = _present = _join = number = start_at = (
        _meddle
    )


@pytest.mark.quick
def test_a_subclass_cannot_step_in():
    X = np.random.default_rng(0).random((700, 2))
    network = Meddler(2)
    network.draw_start_nodes(Signals(X))
    network.train(Signals(X), 500)
    network.graph(), network.nearest(X, n_jobs=2), pickle.loads(pickle.dumps(network)).graph()


class Smaller(Network):
    """Makes another network than it was told to."""

    def __new__(cls, n_features, **parameters):
        return super().__new__(cls, n_features, **{**parameters, "max_nodes": 2})


class Begun(Network):
    """Is not without nodes when it is new."""

    def __init__(self, n_features, **parameters):
        self.start(np.ones((2, n_features)))


@pytest.mark.quick
@pytest.mark.parametrize("wrong", [Smaller, Begun])
def test_a_subclass_that_makes_another_network_is_refused(wrong):
    plain = made(2).network
    about, arrays = plain.as_arrays()
    restored = plain.__reduce__()[0]
    with pytest.raises(TypeError, match="^a subclass of Network must make a network of the parameters it is given"):
        restored(wrong, about, arrays)
    with pytest.raises(TypeError, match="must be gng_fast.Network or a subclass of it"):
        restored(lambda *_, **__: object(), about, arrays)


@pytest.mark.quick
def test_threads_of_a_look_up_cannot_wait_for_it():
    """A finalizer in such a thread that uses the network would wait for the look-up, which waits for the thread."""
    it, ended = made(), []

    def finalize():
        in_thread = threading.current_thread() is not threading.main_thread()
        try:
            it.network.graph()
        except RuntimeError as error:
            ended.append((in_thread, str(error)))

    threshold = gc.get_threshold()
    try:
        gc.set_threshold(1, 1, 1)
        for _ in range(20):
            Finalized(finalize)
            it.network.nearest(it.X[:2000], n_jobs=3)
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert all(
        in_thread and said == "this network is being looked up by this thread: it cannot be read before that ends"
        for in_thread, said in ended
    )


@pytest.mark.quick
def test_an_error_in_a_thread_of_a_look_up_comes_out(monkeypatch):
    from gng_fast.core import lock

    class NoPlace:
        """Where a thread cannot note whom it helps, which is the first that it does."""

        def __setattr__(self, name, value):
            raise ZeroDivisionError(threading.current_thread() is threading.main_thread())

    it = made()
    for look_up in it.network.nearest, it.network.distances:
        with monkeypatch.context() as patch:
            patch.setattr(lock, "_helping", NoPlace())
            with pytest.raises(ZeroDivisionError, match="False"):
                look_up(it.X[:600], n_jobs=3)
        look_up(it.X[:600], n_jobs=3)
