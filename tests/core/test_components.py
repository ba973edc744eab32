"""`Network.components` is `graph().components` whatever happened since it was asked for, and costs what has changed."""

import numpy as np
import pytest

from gng_fast import Network, Signals


def clusters(seed, n=4000, d=2, n_clusters=6):
    """Rows around a few points, so far apart that components split and merge."""
    rng = np.random.default_rng(seed)
    centres = rng.random((n_clusters, d))
    return (centres[rng.integers(n_clusters, size=n)] + 0.06 * rng.standard_normal((n, d))).astype(np.float32)


def check(network):
    labels = network.components()
    assert labels.dtype == np.int64 and not labels.flags.writeable
    assert labels.tolist() == network.graph().components.tolist()
    return labels


@pytest.mark.parametrize("options", [
    {"lam": 10, "max_age": 10},
    {"lam": 7, "max_age": 3},
    {"lam": 3, "max_age": 12, "utility": 1.5},
    {"lam": 1, "max_age": 8, "utility": 1.5, "d": 5},
    {"lam": 5, "variant": "neupy", "max_age": 6},
])  # fmt: skip
@pytest.mark.parametrize("most", [3, 40, 900])
def test_labels_follow_every_change(options, most):
    """`most` signals between two questions: for few, changes are followed; for many, there are more than are noted."""
    options = {"d": 2, **options}
    d = options.pop("d")
    rng = np.random.default_rng(most)
    network, signals = Network(d, max_nodes=150, seed=1, **options), Signals(clusters(1, d=d))
    network.draw_start_nodes(signals)
    n_components = set()
    for _ in range(40_000 // (most + 20)):
        network.train(signals, int(rng.integers(1, most)))
        n_components.add(int(check(network).max()) + 1)
    assert len(n_components) > 1


def test_labels_follow_nodes_and_edges_given_by_hand():
    network = Network(1, max_nodes=40)
    assert check(network).tolist() == []
    network.start([[0], [1], [2], [3]])
    assert check(network).tolist() == [0, 1, 2, 3]
    network.start([[4]], [(1, 3)])
    assert check(network).tolist() == [0, 1, 2, 1, 3]
    network.start([[5]], [(5, 4), (0, 1), (0, 3)])
    assert check(network).tolist() == [0, 0, 1, 0, 2, 2]
    network.clear_edges()
    assert check(network).tolist() == [0, 1, 2, 3, 4, 5]
    # a ring longer than the search for another way goes, then an edge of it less
    n = 600
    ring = Network(1, max_nodes=n, max_age=1, eps_b=1e-12, eps_n=0, lam=10**9)
    ring.start(np.arange(n)[:, None], [(i, (i + 1) % n) for i in range(n)])
    assert not check(ring).any()
    for _ in range(3):
        ring.train(Signals(np.full((1, 1), 300.1, np.float32)), 1)
        check(ring)


def test_a_component_loses_its_oldest_node():
    """Then the others may come before it in the order of their oldest nodes."""
    network = Network(1, max_age=1, eps_b=1e-12, eps_n=0, lam=10**9)
    network.start([[0], [10], [11], [1], [1.5]], [(1, 2), (0, 3), (3, 4)])
    assert check(network).tolist() == [0, 1, 1, 0, 0]
    network.train(Signals(np.full((1, 1), 1.2, np.float32)), 2)
    assert network.n_nodes == 4
    assert check(network).tolist() == [0, 0, 1, 1]


def test_components_are_the_same_object_until_one_changes():
    network, signals = Network(2, max_nodes=500, lam=10), Signals(np.random.default_rng(0).random((5000, 2)))
    network.draw_start_nodes(signals)
    network.train(signals, 30_000)
    labels, n_edges, kept = network.components(), [], 0
    for _ in range(300):
        network.train(signals, 3)
        before, labels = labels, network.components()
        n_edges.append(network.n_edges)
        kept += labels is before
    assert kept > 290 and len(set(n_edges)) > 3


def test_labels_of_new_nodes_are_added_to_those_there_are():
    network, signals = Network(2, max_nodes=3000, lam=10), Signals(np.random.default_rng(0).random((5000, 2)))
    network.draw_start_nodes(signals)
    network.train(signals, 10_000)
    labels = network.components()
    network.train(signals, 10)
    assert len(check(network)) == len(labels) + 1 == network.n_nodes
    assert np.shares_memory(network.components(), labels)
