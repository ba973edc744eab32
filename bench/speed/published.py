"""Quantisation errors after training from two nodes, beside published ranges and what plain NumPy makes of the signals.

The error is the mean distance of all data to the nearest node, worked out here in NumPy.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tasks

from gng_fast import GrowingNeuralGas, Network, Signals, benchmark, image


class Workload(NamedTuple):
    """A training whose error was published as a range; `control` runs NumPy as well."""

    name: str
    d: int
    n_nodes: int
    n_signals: int
    published: tuple
    make: Callable
    control: bool = True
    slow: bool = False


ARTICLE = "article, 20 epochs, in pixels"
WORKLOADS = (
    Workload("annulus 1k, 100 k signals", 2, 1000, 100_000, (0.0193, 0.0194), tasks.uniform),
    Workload("annulus 1k, 1 M signals", 2, 1000, 1_000_000, (0.0187, 0.0188), tasks.uniform, control=False),
    Workload(
        "annulus 10k, 1 M signals", 2, 10_000, 1_000_000, (0.00572, 0.00574), tasks.uniform, control=False, slow=True
    ),
    Workload("3-D blobs 1k", 3, 1000, 100_000, (0.528, 0.533), tasks.blobs),
    Workload("16-D blobs 1k", 16, 1000, 100_000, (3.337, 3.341), tasks.blobs),
    Workload("128-D blobs 1k", 128, 1000, 100_000, (11.08, 11.09), tasks.blobs, slow=True),
)


def measure_article():
    """Return the error of `fit` on the article's points."""
    points = image.article_points()
    model = GrowingNeuralGas(n_epochs=tasks.ARTICLE_EPOCHS, clusters="components", random_state=0, **tasks.ARTICLE).fit(
        points
    )
    return result(ARTICLE, 1000 * quantisation_error(model.graph_.nodes, points), None, (0.869, 0.872))


def measure(workload, quick):
    """Train from two nodes and return the quantisation error, that of the NumPy version too if that is quick."""
    X = workload.make(200_000 if workload.make is tasks.uniform else 100_000, workload.d)
    network = Network(workload.d, max_nodes=workload.n_nodes, **tasks.GROWTH)
    network.start(X[:2])
    network.train(Signals(X, "order"), workload.n_signals)
    control = None
    if workload.control and not quick:
        numpy = benchmark.NumpyNetwork(workload.d, max_nodes=workload.n_nodes, **tasks.GROWTH)
        numpy.start(X[:2])
        numpy.train(X[: workload.n_signals])
        control = quantisation_error(numpy.w[: len(numpy.edges)], X)
    return result(workload.name, quantisation_error(network.graph().nodes, X), control, workload.published)


def quantisation_error(nodes, X):
    """Return the mean distance of the rows of X to their nearest node, in float64 and without the core's search."""
    nodes, total = nodes.astype(np.float64), 0.0
    half_squares, step = (nodes**2).sum(axis=1) / 2, max(1, 1_000_000 // len(nodes))
    for start in range(0, len(X), step):
        rows = X[start : start + step].astype(np.float64)
        nearest = (rows @ nodes.T - half_squares).argmax(axis=1)
        total += np.linalg.norm(rows - nodes[nearest], axis=1).sum()
    return total / len(X)


def result(name, error, control, published):
    return {
        "workload": name,
        "error": float(error),
        "numpy_error": None if control is None else float(control),
        "published": published,
        "percent_off": 100 * float(error / np.clip(error, *published) - 1),
    }
