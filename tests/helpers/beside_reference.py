"""The core and the reference side by side, compared with == after every signal, and data for both."""

import numpy as np

from gng_fast import Network, Signals
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

CLASSES = [(Network, Signals), (ReferenceNetwork, ReferenceSignals)]


def both(X, *, start=None, source=None, anneal=None, **parameters):
    """Return core and reference with their signals, started alike: from `start` (as for Network.start) or data."""
    pairs = []
    for network_class, signals_class in CLASSES:
        network = network_class(X.shape[1], **{"seed": 7, "max_nodes": 25, "lam": 10, "max_age": 8, **parameters})
        signals = signals_class(X, **(source or {}))
        if start:
            network.start(**start)
        else:
            network.draw_start_nodes(signals)
        if anneal:
            network.anneal(*anneal)
        pairs.append((network, signals))
    return pairs


def graphs_after_every_signal(X, n_signals, **options):
    """Yield the graph after every signal, once core and reference agree on it."""
    (core, core_signals), (reference, reference_signals) = both(X, **options)
    for signal in range(n_signals):
        core.train(core_signals, 1)
        reference.train(reference_signals, 1)
        graph = core.graph()
        assert graph == reference.graph(), f"signal {signal + 1}"
        yield graph
    assert core.take_mean_distance() == reference.take_mean_distance()


def last_graph(X, n_signals, **options):
    """Compare after every signal and return the last graph."""
    return list(graphs_after_every_signal(X, n_signals, **options))[-1]


def points(seed, n=200, d=2):
    return np.random.default_rng(seed).random((n, d), dtype=np.float32)


def ring(n, radius=1.0):
    """n nodes on a circle and the edges between one and the next."""
    angle = np.arange(n) * (2 * np.pi / n)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)]), [(i, (i + 1) % n) for i in range(n)]


def disc(seed, n=3000, radius=1.0):
    rng = np.random.default_rng(seed)
    angle, r = rng.random(n) * 2 * np.pi, radius * np.sqrt(rng.random(n))
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)]).astype(np.float32)


def fresh(network_class, **parameters):
    """A network of two nodes on a line that does not grow."""
    network = network_class(1, lam=10**6, **parameters)
    network.start([[0], [100]])
    return network
