"""Networks, signals and models come and go thousands of times, those that fail half-way too: nothing may stay behind.

python tests/faults/leaks.py           by how much memory is in use (glibc)
bash tests/faults/sanitize.sh --leaks  by what LeakSanitizer finds that was allocated by us and never released
"""

import copy
import ctypes
import gc
import os
import pathlib
import sys
import tempfile

import numpy as np

from gng_fast import GrowingNeuralGas, Network, Signals
from gng_fast.core.network import restored

X = np.random.default_rng(0).random((300, 3))
BYTES_PER_CYCLE = 1024  # more than the interpreter's own tables grow by, less than anything of ours that holds data


def grown(**parameters):
    """A network with everything it can have allocated."""
    network = Network(3, max_nodes=60, lam=3, utility=3, **parameters)
    network.start(X[:20], [(0, k) for k in range(1, 20)], np.arange(20) % 3 == 0, np.arange(19) % 2 == 0)
    network.train(Signals(X, jitter=0.1), 300)
    return network


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except (ValueError, TypeError, MemoryError, OSError):
        return
    raise AssertionError(f"{call} took {arguments} {named}")


def networks():
    for search in "auto", "brute", "grid":
        grown(search=search).two_nearest(X)
    network = Network(40, max_nodes=500, lam=2)
    network.draw_start_nodes(signals := Signals(np.tile(X, (1, 14))[:, :40]))
    network.train(signals, 600)


def copies():
    network = grown()
    about, arrays = network.as_arrays()
    for it in copy.deepcopy(network), copy.copy(network), restored(Network, about, arrays):
        it.train(Signals(X, weights=np.arange(len(X))), 100)
    copy.deepcopy(Signals(X))


def files(folder=tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)):
    path = pathlib.Path(folder, "leaks.npz")
    model = GrowingNeuralGas(20, random_state=0, n_epochs=1).fit(X)
    model.save(path)
    GrowingNeuralGas.load(path).partial_fit(X)
    content = path.read_bytes()
    for damaged in content[:-7], content.replace(b'"eps_b":0.2', b'"eps_b":7.2'):
        path.write_bytes(damaged)
        refused(GrowingNeuralGas.load, path)
    path.unlink()


def failures():
    about, arrays = grown().as_arrays()
    refused(Network, 3, search="leaves")
    refused(Network, 2**20, max_nodes=2**30, utility=2)
    refused(Signals, X, weights=np.full(len(X), np.nan))
    refused(Signals, X, jitter=-1)
    refused(Signals, X, "order", weights=np.ones(len(X)))
    for name in arrays:
        refused(restored, Network, about, {**arrays, name: arrays[name][:-1]})
    network = grown()
    refused(network.start, X, fixed=True)
    refused(network.start, X[:2], [(0, 99)], fixed=True, permanent=True)
    refused(network.train, Signals(X[:, :2]), 5)
    refused(network.draw_start_nodes, Signals(np.zeros((9, 3))))


class Mallinfo(ctypes.Structure):
    """struct mallinfo2 of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "mapped",
            "usmblks",
            "fsmblks",
            "in_arenas",
            "fordblks",
            "keepcost",
        )
    ]


def in_use():
    """Bytes that malloc has given out; None where it does not tell."""
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):
        return None
    mallinfo.restype = Mallinfo
    gc.collect()
    info = mallinfo()
    return info.in_arenas + info.mapped


def main(n_cycles=200):
    if os.environ.get("PYTHONMALLOC") != "malloc":  # pymalloc's arenas would hide what is in use
        os.execve(sys.executable, [sys.executable, "-P", *sys.argv], {**os.environ, "PYTHONMALLOC": "malloc"})
    leaks = 0
    for cycle in networks, copies, files, failures:
        for _ in range(20):
            cycle()
        before = in_use()
        for _ in range(n_cycles):
            cycle()
        more = 0 if before is None else in_use() - before
        leaks += more > BYTES_PER_CYCLE * n_cycles
        print(f"{cycle.__name__}: {n_cycles} cycles, {more} bytes more in use", flush=True)
    return leaks


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
