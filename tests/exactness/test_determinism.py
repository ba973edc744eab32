"""The same data, parameters and seed give the same bytes: for every search, instruction set, thread count and machine.

The data is made of integers by the library's own generator: the pinned hashes depend on nothing but the library.
"""

import hashlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, available_isas
from gng_fast.reference import Generator

N = 6000

# (dimension, seed): SHA-256 of the graph that `grown` makes
PINS = {
    (2, 0): "459b0f9db2167163a6ec6f2b9a1427522e41068f9da9fdd80874d40e0d9577dc",
    (2, 2**64 - 1): "ff64da4492379fe29d717e46fa0c2cfa19075e687cff92672535df552d0a4770",
    (3, 1): "a04db0ddf34babc7a460e625fe8b6342d167243501facb45d14e8620bd10bb79",
    (16, 2): "e93ae4c30aaa65281eb7f679a6fe61b2c0c37e8f0006d5789d5d557438d5b209",
    (64, 3): "88d161bdf01a72d06b0e8f6d55603e0f4a89ab3ee4c1ef265e7cccbc641ca60b",
}

# the same, of everything that can be switched on, and of the numbers and distances of look-ups
PIN_OF_EXTRAS = "e96a486e8e7162d42f87a8c15dd8b8bcbdb756f91edd8f9757f8c5b87f052b1c"
PIN_OF_NEUPY = "f9475987102a8b2952c55cb30f3183504414e5a41774f519de325af4bc9b3ce0"
PIN_OF_LOOK_UPS = "d80a61a7237cea2a62e903a43e6d2291eeef6ee3a9309e80679adb2e6830c92d"


def points(n, d, seed):
    """Points in clusters, in [0, 16): multiples of 2^-12, exact in float32."""
    generator = Generator(seed)
    bits = np.array([generator.next_random() for _ in range(n * d)], np.uint64).reshape(n, d)
    centres = (bits[:, :1] >> np.uint64(40)) % np.uint64(4) * np.arange(1, d + 1, dtype=np.uint64) % np.uint64(13)
    inside = (bits >> np.uint64(20)) % np.uint64(2**12)
    return (centres.astype(np.float32) + inside.astype(np.float32) * np.float32(2**-12)).astype(np.float32)


def sha256(*arrays):
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.asarray(array, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def sha256_of_graph(graph):
    return sha256(graph.nodes, graph.edges, graph.ages, graph.errors)


def grown(d, seed, search="auto", **parameters):
    signals = Signals(points(N, d, seed), jitter=parameters.pop("jitter", 0))
    network = Network(d, seed=seed, search=search, **{"max_nodes": 600, "lam": 20, **parameters})
    network.draw_start_nodes(signals)
    network.train(signals, 3 * N)
    return network


@pytest.mark.parametrize("d, seed", PINS)
def test_pinned_graphs(d, seed, monkeypatch):
    for search in ("auto", "brute", "grid" if d <= 3 else "leaves"):
        for name in available_isas():
            monkeypatch.setenv("GNG_FAST_ISA", name)
            network = grown(d, seed, search)
            assert (sha256_of_graph(network.graph()), network.n_nodes) == (PINS[d, seed], 600), (search, name)


@pytest.mark.quick
def test_pinned_extras():
    """Jitter, annealing, GNG-U, fixed nodes and permanent edges."""
    X = points(N, 3, 4)
    network = Network(3, seed=4, max_nodes=600, lam=20, utility=4, max_age=20)
    network.start(X[:6], [(0, 1), (1, 2), (2, 3)], fixed=np.arange(6) < 2, permanent=[True, False, False])
    network.anneal(0.01, 0.0005, 2 * N)
    network.train(Signals(X, "replacement", weights=np.arange(N) % 7, jitter=2**-8), 3 * N)
    assert sha256_of_graph(network.graph()) == PIN_OF_EXTRAS


@pytest.mark.quick
def test_pinned_neupy():
    assert sha256_of_graph(grown(2, 5, variant="neupy", min_distance=2**-5).graph()) == PIN_OF_NEUPY


def test_pinned_look_ups_for_every_number_of_threads(monkeypatch):
    X = points(N, 5, 6)
    for name in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", name)
        network = grown(5, 6)
        for n_jobs in (1, 2, 3, 7, -1):
            assert sha256(*network.two_nearest(X, n_jobs=n_jobs)) == PIN_OF_LOOK_UPS, (name, n_jobs)


@pytest.mark.quick
def test_the_estimator_gives_the_pinned_graph():
    """Its seed, start nodes and signals are those of the network."""
    model = GrowingNeuralGas(600, lam=20, n_epochs=3, eps_b_end=None, eps_n_end=None, random_state=0, n_jobs=2).fit(
        points(N, 2, 0)
    )
    assert sha256_of_graph(model.graph_) == PINS[2, 0]


@pytest.mark.parametrize("name", available_isas())
def test_in_another_process(name):
    """The variable is read where it is set before the start, and nothing depends on Python's own random hashes."""
    script = (
        "import runpy, sys; it = runpy.run_path(sys.argv[1]); from gng_fast import isa;"
        "print(isa(), it['sha256_of_graph'](it['grown'](16, 2).graph()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, __file__],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GNG_FAST_ISA": name, "PYTHONHASHSEED": "1"},
    )
    assert done.stdout.split() == [name, PINS[16, 2]]


def test_pins_are_hashes_of_different_graphs():
    pins = [*PINS.values(), PIN_OF_EXTRAS, PIN_OF_NEUPY, PIN_OF_LOOK_UPS]
    assert len(set(pins)) == len(pins) and all(re.fullmatch("[0-9a-f]{64}", pin) for pin in pins)
