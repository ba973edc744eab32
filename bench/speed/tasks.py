"""What the rows of proof.py have done: networks in their steady state, growth, look-ups, single calls.

A task is prepared in a child process of either build. So only what all builds have is imported at the top; what but one
of them needs, like the other packages, is imported where it is used.
"""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gng_fast import GrowingNeuralGas, Network, Signals, benchmark, image

STEADY = {"eps_b": 0.05, "eps_n": 0.0006, "max_age": 88, "lam": 100, "alpha": 0.5, "decay": 0.995}
GROWTH = {"eps_b": 0.2, "eps_n": 0.006, "max_age": 50, "lam": 100, "alpha": 0.5, "decay": 0.995}
ARTICLE = {
    "eps_b": 0.2,
    "eps_n": 0.005,
    "max_age": 50,
    "max_nodes": 2400,
    "lam": 100,
    "alpha": 0.5,
    "decay": 0.995,
    "min_distance": 0.01,
    "variant": "neupy",
}
ARTICLE_EPOCHS = 20
N_LOOKUPS = 20_000
#: Models that do what models of every build do: their steps are constant, and they make no clusters by density.
AS_BEFORE = {"eps_b_end": None, "eps_n_end": None}
if "clusters" in inspect.signature(GrowingNeuralGas).parameters:
    AS_BEFORE["clusters"] = "components"


class Task(NamedTuple):
    """`run(n)` does n units of `per` signals, rows or calls; `others` makes what does the same in another way."""

    run: Callable[[int], object]
    graph: Callable
    others: Callable[[], dict[str, Callable[[int], object]]] = dict
    per: int = 1


def uniform(n, d):
    rng = np.random.default_rng(0)
    return benchmark.annulus(n, rng) if d == 2 else rng.random((n, d), dtype=np.float32)


def blobs(n, d):
    return benchmark.blobs(n, d, np.random.default_rng(0))


def clustered(n, d):
    """Return n points of 20 Gaussians, whose standard deviations go from 0.001 to 0.3, with centres in [-1, 1]^d."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 20, n)
    spread = np.geomspace(0.001, 0.3, 20)[label, None]
    return (rng.uniform(-1, 1, (20, d))[label] + spread * rng.normal(size=(n, d))).astype(np.float32)


def repeated(call):
    """Return a function that makes the same call n times."""

    def run(n):
        for _ in range(n):
            call()

    return run


def steady_network(d, n_nodes, X):
    """Return a settled network with edges of every age: grown up to 3-D, started on rows of the data above."""
    network, signals = Network(d, max_nodes=n_nodes, **STEADY), Signals(X, "replacement")
    if d <= 3:
        network.draw_start_nodes(signals)
        network.train(signals, (STEADY["lam"] + 20) * n_nodes)
    else:
        network.start(X[:n_nodes])
        network.train(signals, (100 if d < 128 else 30) * n_nodes)
    return network


def plain_numpy(graph, X):
    """Return a function that trains the NumPy version from `graph`, ages included, on X from its first row on."""
    network = benchmark.NumpyNetwork(graph.n_features, max_nodes=graph.n_nodes, **STEADY)
    network.start(graph.nodes)
    network.error[: graph.n_nodes] = graph.errors
    for (a, b), age in zip(graph.edges.tolist(), graph.ages.tolist()):
        network.edges[a][b] = network.edges[b][a] = age
    row = 0

    def train(n_signals):
        nonlocal row
        network.train(X.take(range(row, row + n_signals), axis=0, mode="wrap"))
        row += n_signals

    return train


def steady(d, n_nodes, make=uniform, sampling="order", numpy=False):
    """All nodes in place, the rows in order or, as fit draws them, shuffled once an epoch."""

    def prepare(quick):
        X = make(max(200_000, 10 * n_nodes) if d < 128 else 50_000, d)
        network, signals = steady_network(d, n_nodes, X), Signals(X, sampling)
        start = network.graph()
        return Task(
            lambda n_signals: network.train(signals, n_signals),
            network.graph,
            lambda: {"NumPy": plain_numpy(start, X)} if numpy else {},
        )

    return prepare


def growth(d, n_nodes=1000, n_signals=100_000):
    """A whole run from two nodes, growth included."""

    def prepare(quick):
        X, made = uniform(50_000, d), []

        def run():
            network = Network(d, max_nodes=n_nodes, **GROWTH)
            network.start(X[:2])
            network.train(Signals(X, "order"), n_signals)
            made[:] = [network]

        return Task(repeated(run), lambda: made[0].graph(), per=n_signals)

    return prepare


def article(quick):
    """`fit` as a user calls it, on the points of "Making Art with Growing Neural Gas"; NumPy takes Fritzke's steps."""
    points = image.article_points()
    n_signals = ARTICLE_EPOCHS * len(points)
    model = GrowingNeuralGas(n_epochs=ARTICLE_EPOCHS, **AS_BEFORE, random_state=0, **ARTICLE)

    def numpy():
        rng = np.random.default_rng(0)
        X = np.concatenate([points[rng.permutation(len(points))] for _ in range(ARTICLE_EPOCHS)])
        network = benchmark.NumpyNetwork(2, **ARTICLE)
        network.start(points[[0, 6000]])
        network.train(X)

    return Task(
        repeated(lambda: model.fit(points)),
        lambda: model.graph_,
        lambda: {} if quick else {"NumPy": repeated(numpy)},
        n_signals,
    )


def lookup(d, n_nodes):
    """The nearest node of 20,000 rows and its distance, in one thread, against packages that are installed."""

    def prepare(quick):
        X = uniform(200_000, d)
        nodes = benchmark.settled(X, n_nodes, 100 * n_nodes if d < 128 else 30 * n_nodes, **STEADY).nodes
        network, rows = Network(d, max_nodes=n_nodes), X[:N_LOOKUPS]
        network.start(nodes)
        return Task(
            repeated(lambda: network.nearest(rows)),
            network.graph,
            lambda: {**with_faiss(nodes, rows), **with_scipy(nodes, rows), **with_sklearn(nodes, rows)},
            N_LOOKUPS,
        )

    return prepare


def with_faiss(nodes, rows):
    try:
        import faiss
    except ImportError:
        return {}
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatL2(nodes.shape[1])
    index.add(np.ascontiguousarray(nodes))
    return {"faiss IndexFlatL2": repeated(lambda: index.search(rows, 1))}


def with_scipy(nodes, rows):
    """Make SciPy's tree; it works in float64, and gets the rows so."""
    try:
        from scipy.spatial import cKDTree
    except ImportError:
        return {}
    tree, points = cKDTree(nodes), rows.astype(np.float64)
    return {"SciPy cKDTree": repeated(lambda: tree.query(points))}


def with_sklearn(nodes, rows):
    try:
        from sklearn.neighbors import NearestNeighbors
    except ImportError:
        return {}
    model = NearestNeighbors(n_neighbors=1).fit(nodes)
    return {"scikit-learn NearestNeighbors": repeated(lambda: model.kneighbors(rows))}


def transform(d, n_nodes, n_rows):
    """The distances of rows to all nodes."""

    def prepare(quick):
        X = uniform(50_000, d)
        model = GrowingNeuralGas(n_nodes, lam=20, n_epochs=1, **AS_BEFORE, random_state=0).fit(X)
        nodes, rows = model.graph_.nodes, X[:n_rows]
        assert len(nodes) == n_nodes, "not grown"

        def others():
            try:
                from sklearn.metrics import euclidean_distances
            except ImportError:
                return {}
            return {"scikit-learn euclidean_distances": repeated(lambda: euclidean_distances(rows, nodes))}

        return Task(repeated(lambda: model.transform(rows)), lambda: model.graph_, others, n_rows)

    return prepare


def gng_u(n_started):
    """GNG-U with room for 100,000 nodes, a node inserted every 3 signals: from so many nodes on."""

    def prepare(quick):
        X = uniform(400_000, 2)
        network, signals = Network(2, max_nodes=100_000, lam=3, utility=3), Signals(X, "order")
        network.start(X[:n_started])
        network.train(signals, 10_000)
        return Task(lambda n_signals: network.train(signals, n_signals), network.graph)

    return prepare


def digits(quick):
    """scikit-learn's digits, 64-D and mostly zeros, against the same data + 1, where nothing can become subnormal."""
    from sklearn.datasets import load_digits

    X = load_digits().data.astype(np.float32)
    model, plus_one = (GrowingNeuralGas(300, n_epochs=20, **AS_BEFORE, random_state=0) for _ in range(2))
    return Task(
        repeated(lambda: model.fit(X)),
        lambda: model.graph_,
        lambda: {"digits + 1": repeated(lambda: plus_one.fit(X + 1))},
        20 * len(X),
    )


def single_rows(n_nodes, per=50):
    """partial_fit of one row and predict of one row, in turn."""

    def prepare(quick):
        X = uniform(200_000, 2)
        model = GrowingNeuralGas(n_nodes, lam=2, n_epochs=3 * n_nodes / len(X), **AS_BEFORE, random_state=0).fit(X)
        rows, i = [X[i : i + 1] for i in range(10_000)], 0

        def call():
            nonlocal i
            model.partial_fit(rows[i])
            model.predict(rows[i])
            i = (i + 1) % len(rows)

        def run(n):
            for _ in range(n * per):
                call()

        return Task(run, lambda: model.graph_, per=per)

    return prepare
