"""Tiny coordinates, and floating-point environments of other libraries and of the user: the same bytes."""

import ctypes
import platform
import shutil
import subprocess
import time

import numpy as np
import pytest
from wholeness import state

from gng_fast import Network, Signals, available_isas
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

SMALLEST = 2.0**-60

SWITCH = """
#include <xmmintrin.h>
unsigned set_floats(unsigned control) { unsigned before = _mm_getcsr(); _mm_setcsr(control); return before; }
"""
#: What other libraries set MXCSR to.
CONTROLS = {"flush to zero": 0x9FC0, "round down": 0x3F80, "round to zero": 0x7F80}


@pytest.fixture(scope="module")
def set_floats(tmp_path_factory):
    """The function that sets the floating-point environment of this thread and returns what it was."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if platform.machine() not in ("x86_64", "AMD64") or compiler is None:
        pytest.skip("needs a C compiler for x86-64")
    folder = tmp_path_factory.mktemp("switch")
    (folder / "switch.c").write_text(SWITCH)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", folder / "switch.so", folder / "switch.c"], check=True, cwd=folder
    )
    function = ctypes.CDLL(str(folder / "switch.so")).set_floats
    function.argtypes, function.restype = [ctypes.c_uint], ctypes.c_uint
    return function


def mostly_zeros(d, n=300):
    """Zeros, what is tiny on both sides of all limits, and now and then something else."""
    rng = np.random.default_rng(d)
    X = np.where(rng.random((n, d)) < 0.4, 10.0 ** rng.uniform(-44, 0, (n, d)), 0) * rng.choice([-1, 1], (n, d))
    return X.astype(np.float32)


def trained(X, **parameters):
    network, signals = (
        Network(X.shape[1], seed=1, **{"max_nodes": 40, "lam": 9, "max_age": 7, **parameters}),
        Signals(X),
    )
    network.draw_start_nodes(signals)
    network.start(X[:2], fixed=True)
    network.train(signals, 3000)
    nodes, distances = network.two_nearest(X, n_jobs=2)
    return state(network), nodes.tobytes(), distances.tobytes()


@pytest.mark.parametrize("search", ["auto", "brute"])
@pytest.mark.parametrize("d", [1, 2, 3, 5, 16, 40])
@pytest.mark.parametrize("control", CONTROLS)
def test_other_environments_give_the_same_bytes(control, d, search, set_floats, monkeypatch):
    X = mostly_zeros(d)
    for name in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", name)
        expected = trained(X, search=search, utility=3.0)
        before = set_floats(CONTROLS[control])
        try:
            got = trained(X, search=search, utility=3.0)
            kept = set_floats(before)
        finally:
            set_floats(before)
        assert got == expected
        assert kept & 0xFFC0 == CONTROLS[control] & 0xFFC0  # the user's own is as it was


@pytest.mark.parametrize("variant", ["fritzke", "neupy"])
@pytest.mark.parametrize("d", [1, 2, 3, 5, 16, 17, 40])
def test_tiny_coordinates_as_in_the_reference(d, variant, monkeypatch):
    X = mostly_zeros(d, 100)
    X[:, 0] *= np.arange(100) < 50  # nodes follow it to 0
    for name in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", name)
        networks = []
        for network_class, signals_class in (Network, Signals), (ReferenceNetwork, ReferenceSignals):
            network = network_class(d, seed=3, max_nodes=12, lam=20, max_age=9, eps_b=0.9, eps_n=0.1, variant=variant)
            signals = signals_class(X, "order")
            network.draw_start_nodes(signals)
            network.start(X[:1], fixed=True)
            networks.append((network, signals))
        for _ in range(40):
            for network, signals in networks:
                network.train(signals, 10)
            (core, _), (reference, _) = networks
            assert core.graph().nodes.tobytes() == reference.graph().nodes.tobytes()
            assert core.graph() == reference.graph()


@pytest.mark.quick
@pytest.mark.parametrize("d", [1, 2, 3, 5, 8, 21])
def test_winners_end_at_zero(d):
    """Two clouds of zeros but for one column: the others come to exactly +0, not to ever smaller numbers."""
    X = np.zeros((60, d), np.float32)
    X[:, -1] = np.arange(60)
    start = -np.ones((2, d), np.float32)
    start[:, -1] = 0, 59
    network = Network(d, max_nodes=2, eps_b=0.5)
    network.start(start)
    network.train(Signals(X), 20_000)
    nodes = network.graph().nodes[:, :-1]
    assert (nodes == 0).all() and not np.signbit(nodes).any()


@pytest.mark.quick
@pytest.mark.parametrize("d", [2, 6])
def test_start_nodes_and_inserted_ones_are_not_tiny(d):
    rows = np.full((3, d), SMALLEST, np.float32) * np.array([[1], [0.999], [-0.999]], np.float32)
    network = Network(d)
    network.start(rows)
    expected = np.where(np.abs(rows) >= SMALLEST, rows, np.float32(0))
    assert network.graph().nodes.tobytes() == expected.astype(np.float32).tobytes()


@pytest.mark.slow
def test_zeros_take_no_more_time_than_other_numbers():
    def seconds(X):
        network, signals = Network(64, max_nodes=200, seed=0), Signals(X)
        network.draw_start_nodes(signals)
        network.train(signals, 60_000)
        start = time.thread_time()
        network.train(signals, 20_000)
        return time.thread_time() - start

    rng = np.random.default_rng(0)
    X = (rng.integers(0, 17, (1800, 64)) * (rng.random((1800, 64)) < 0.5) * (np.arange(64) % 3 > 0)).astype(np.float32)
    X *= np.arange(64) // 8 == rng.integers(0, 8, (1800, 1))
    assert min(seconds(X) for _ in range(3)) < 2.5 * min(seconds(X + 1) for _ in range(3))


@pytest.mark.quick
def test_errstate_of_the_user_does_not_matter():
    X = mostly_zeros(3, 700).astype(np.float64)
    X[0] = 1e-300
    X[1] = 1e15

    def everything():
        signals = Signals(X, weights=np.linspace(0, 1e-300, 700), jitter=1e-30)
        network = Network(3, seed=1, max_nodes=40, lam=9, utility=3.0)
        network.draw_start_nodes(signals)
        network.start(X[:2], [(0, 1)], fixed=True)
        network.anneal(0.01, 0.0, 2000)
        network.train(signals, 3000)
        network.connect_signals(signals, 100)
        network.graph(), network.nearest(X, n_jobs=2), network.take_mean_distance()
        return state(network)

    expected = everything()
    with np.errstate(all="raise"):
        assert everything() == expected
