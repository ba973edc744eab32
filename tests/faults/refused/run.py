"""Refuse the first request for memory, the second, ... until an action is done without one.

test_memory.py runs this with malloc.c preloaded. It prints a line for each action: its name and how many requests were
refused.

    python run.py core|all [ACTION]

core   the requests of the compiled modules, each once and again with all that follow
all    those of Python and NumPy too, each once, from 512 bytes on: without memory for a smaller object, Python and
       NumPy themselves may crash
"""

import ctypes
import gc
import os
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np

import gng_fast.core
from gng_fast import GrowingNeuralGas, Network, Signals

sys.path.append(str(Path(__file__).parents[2] / "helpers"))
from wholeness import broken, state

shim = ctypes.CDLL(None)
shim.fault_all.argtypes = [ctypes.c_size_t]
shim.fault_range.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
X = {d: np.random.default_rng(d).random((3000, d), dtype=np.float32) for d in (2, 3, 16, 40)}
FOLDER = Path(tempfile.mkdtemp())


class Refused:
    """Refuses the n-th request in its block."""

    def __init__(self, n, ever):
        self.n, self.ever = n, ever

    def __enter__(self):
        shim.fault_arm(self.n, self.ever)

    def __exit__(self, *_):
        self.count = shim.fault_disarm()


def network_of(d, **parameters):
    network, signals = Network(d, seed=1, **{"max_nodes": 500, "lam": 4, **parameters}), Signals(X[d])
    network.draw_start_nodes(signals)
    return network, signals


def hub(n_leaves=700):
    """A network before its middle node gets so many edges that the pool has to grow, and the signals for it."""
    leaves = np.random.default_rng(6).normal(size=(n_leaves, 40)).astype(np.float32)
    leaves *= 0.55 / np.linalg.norm(leaves, axis=1, keepdims=True)
    network = Network(40, max_nodes=n_leaves + 1)
    network.start(np.concatenate([np.zeros((1, 40), np.float32), leaves / 0.55]))
    return network, Signals(leaves, "order")


# ---- actions: each makes what it needs anew, and returns (what is tried, what must hold after a refusal) ------------


def making(make):
    def prepare():
        return make, lambda: None

    return prepare


def training(make, n_signals, method="train"):
    """After a refusal the network is as after some signals; with those that are left it comes to the same end."""
    whole, signals = make()
    span = np.concatenate([signals.X, whole.graph().nodes])
    getattr(whole, method)(signals, n_signals)
    expected = state(whole)

    def prepare():
        network, signals = make()

        def check():
            taken = network.n_signals if method == "train" else None
            assert broken(network, span, connected=False) == []
            if taken is not None:
                network.train(signals, n_signals - taken)
                assert state(network) == expected

        return lambda: getattr(network, method)(signals, n_signals), check

    return prepare


def looking(use, d=16):
    """Whatever only looks at a network leaves it as it was."""

    def prepare():
        network, signals = network_of(d)
        network.train(signals, 1500)
        before = state(network)

        def check():
            assert state(network) == before
            assert broken(network, X[d]) == []

        return lambda: use(network), check

    return prepare


def starting(**options):
    """After a refusal the network may have some of the nodes and edges, but it is whole, and trains."""

    def prepare():
        network, signals = network_of(2)
        network.train(signals, 400)
        edges = [(i, j) for i in range(0, 300, 3) for j in (i + 1, i + 2, i + 30)]

        def check():
            assert broken(network, X[2], connected=False) == []
            copy = pickle.loads(pickle.dumps(network))
            for each in (network, copy):
                each.train(Signals(X[2], "order"), 1000)
            assert state(copy) == state(network)

        return lambda: network.start(X[2][:390], edges, **options), check

    return prepare


def saving(kind):
    old, new = (network_of(2)[0] for _ in range(2))
    new.train(Signals(X[2]), 1000)
    if kind == "model":
        old, new = (GrowingNeuralGas(100, random_state=0, n_epochs=n).fit(X[2]) for n in (0.1, 0.5))
    path = FOLDER / f"{kind}.npz"

    def prepare():
        old.save(path)
        before = path.read_bytes()

        def check():
            assert path.read_bytes() == before and os.listdir(FOLDER) == [path.name]

        return lambda: new.save(path), check

    return prepare


def loading(kind):
    path = FOLDER / f"{kind}.npz"

    def prepare():
        thing = network_of(2)[0] if kind == "network" else GrowingNeuralGas(100, random_state=0, n_epochs=0.1).fit(X[2])
        thing.save(path)
        return lambda: type(thing).load(path), path.read_bytes

    return prepare


def fitting():
    """The model is the old or a new one."""
    model = GrowingNeuralGas(300, lam=5, random_state=0, n_epochs=0.5).fit(X[2])

    def check():
        assert broken(model.network_, X[2], connected=False) == []
        assert model.graph_ == model.network_.graph()
        model.predict(X[2])
        model.partial_fit(X[2])
        assert broken(model.network_, X[2]) == []

    return lambda: model.fit(X[2]), check


ACTIONS = {
    "make 2-D": making(lambda: Network(2)),
    "make 16-D, utility": making(lambda: Network(16, utility=2.0)),
    "make signals": making(lambda: Signals(X[2], jitter=0.1)),
    "make weighted signals": making(lambda: Signals(X[2], weights=np.ones(3000))),
    "train 2-D": training(lambda: network_of(2), 4000),
    "train 3-D, max_age 3": training(lambda: network_of(3, max_age=3), 4000),
    "train 16-D": training(lambda: network_of(16), 4000),
    "train 40-D, a hub": training(hub, 700),
    "connect": training(hub, 700, "connect_signals"),
    "start": starting(),
    "start fixed": starting(fixed=True, permanent=True),
    "nearest": looking(lambda network: network.nearest(X[16])),
    "nearest in threads": looking(lambda network: network.nearest(X[16], n_jobs=3)),
    "graph": looking(Network.graph),
    "pickle": looking(lambda network: pickle.loads(pickle.dumps(network))),
    "save network": saving("network"),
    "save model": saving("model"),
    "load network": loading("network"),
    "load model": loading("model"),
    "fit": fitting,
}


def refuse_each(prepare, ever, most):
    """Refuse the first request, the second, ... and return how many there are."""
    n = 0
    while n < most:
        n += 1
        for each in FOLDER.iterdir():
            each.unlink()
        attempt, check = prepare()
        gc.collect()
        refused = Refused(n, ever)
        try:
            with refused:
                attempt()
        except MemoryError:
            pass
        except RuntimeError as error:  # of Python itself
            assert "can't start new thread" in str(error), error
        except SystemError as error:  # of NumPy, where there is no memory for an iterator
            assert "without" in str(error), error
        except ValueError as error:  # a file that cannot be read for the same reason
            assert isinstance(error.__cause__, SystemError), error
        else:
            if not refused.count:
                return n - 1
        check()
    return n


def code_of_the_core():
    """Where the compiled modules have their code in memory: (begin, end) of each mapped part that may be executed."""
    (folder,) = gng_fast.core.__path__
    return [
        tuple(int(end, 16) for end in line.split()[0].split("-"))
        for line in Path("/proc/self/maps").read_text().splitlines()
        if f" {folder}/" in line and " r-xp " in line
    ]


def main(which, *wanted):
    gc.disable()
    shim.fault_all(512)
    if which == "core":
        shim.fault_all(0)
        ranges = code_of_the_core()
        assert ranges, "no compiled module is mapped: without one every request of the process would be refused"
        for begin, end in ranges:
            shim.fault_range(begin, end)
    for name in wanted or ACTIONS:
        if which == "all" and name == "fit":
            continue  # where NumPy has no memory for X[rows] it returns NULL without an exception, and the process ends
        counts = [refuse_each(ACTIONS[name], ever, 3000) for ever in ((0, 1) if which == "core" else (0,))]
        print(f"{name}: {' '.join(map(str, counts))}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
