"""How fast is it here? The core against the plain-Python reference and a plain NumPy version, in one run."""

import platform
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast import __version__
from gng_fast.core.network import Network, isa
from gng_fast.core.signals import Signals
from gng_fast.graph import Graph
from gng_fast.parameters import network_parameters
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals


class NumpyNetwork:
    """The textbook version in NumPy: distances to all nodes at once, edges in dictionaries.

    Positions are float32, the variant is "fritzke".
    """

    def __init__(self, n_features: int, **parameters: Any) -> None:
        self.given = given = network_parameters(parameters)
        self.w: NDArray[np.float32] = np.empty((given["max_nodes"], n_features), np.float32)
        self.error: NDArray[np.float64] = np.zeros(given["max_nodes"])
        self.edges: list[dict[int, int]] = []
        self.n_signals = 0

    def start(self, nodes: NDArray[np.float32], edges: Iterable[tuple[int, int]] = ()) -> None:
        """Take these nodes, and edges of age 0 between them."""
        self.w[: len(nodes)] = nodes
        self.edges = [{} for _ in nodes]
        for a, b in edges:
            self.edges[a][b] = self.edges[b][a] = 0

    def train(self, X: NDArray[np.float32]) -> None:
        """Present the rows of X in their order."""
        eps_b, eps_n = np.float32(self.given["eps_b"]), np.float32(self.given["eps_n"])
        for x in X:
            n = len(self.edges)
            distances = ((self.w[:n] - x) ** 2).sum(axis=1)
            s1 = int(distances.argmin())
            squared_distance = distances[s1]
            distances[s1] = np.inf
            s2 = int(distances.argmin())
            for neighbour in self.edges[s1]:
                self.edges[s1][neighbour] += 1
                self.edges[neighbour][s1] += 1
            self.error[s1] += squared_distance
            self.w[s1] += eps_b * (x - self.w[s1])
            neighbours = list(self.edges[s1])
            self.w[neighbours] += eps_n * (x - self.w[neighbours])
            self.edges[s1][s2] = self.edges[s2][s1] = 0
            self.remove_old_edges(s1)
            self.n_signals += 1
            if self.n_signals % self.given["lam"] == 0 and len(self.edges) < self.given["max_nodes"]:
                self.insert_node()
            self.error[: len(self.edges)] *= self.given["decay"]

    def remove_old_edges(self, s1: int) -> None:
        """Remove edges of `s1` older than max_age, and nodes that are left without edges."""
        old = [neighbour for neighbour, age in self.edges[s1].items() if age > self.given["max_age"]]
        for neighbour in old:
            del self.edges[s1][neighbour], self.edges[neighbour][s1]
        for node in sorted((neighbour for neighbour in old if not self.edges[neighbour]), reverse=True):
            self.w[node:-1] = self.w[node + 1 :]
            self.error[node:-1] = self.error[node + 1 :]
            del self.edges[node]
            self.edges = [{b - (b > node): age for b, age in ages.items()} for ages in self.edges]

    def insert_node(self) -> None:
        """Insert a node between the node of largest error and its neighbour of largest error."""
        r = len(self.edges)
        q = int(self.error[:r].argmax())
        f = max(sorted(self.edges[q]), key=lambda node: self.error[node])
        self.w[r] = np.float32(0.5) * (self.w[q] + self.w[f])
        del self.edges[q][f], self.edges[f][q]
        self.edges[q][r] = self.edges[f][r] = 0
        self.edges.append({q: 0, f: 0})
        self.error[q] *= self.given["alpha"]
        self.error[f] *= self.given["alpha"]
        self.error[r] = self.error[q]


def annulus(n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return n points spread evenly over the ring of radii 0.5 to 1, (n, 2) float32."""
    radius, angle = np.sqrt(rng.uniform(0.25, 1, n)), rng.uniform(0, 2 * np.pi, n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)


def blobs(n: int, d: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return n points of 20 Gaussians with standard deviation 1 and centres in [-10, 10]^d, (n, d) float32."""
    centres = rng.uniform(-10, 10, (20, d))
    return (centres[rng.integers(0, 20, n)] + rng.normal(size=(n, d))).astype(np.float32)


def settled(X: NDArray[np.float32], n_nodes: int, n_signals: int, **parameters: Any) -> Graph:
    """Return a network of n_nodes nodes in its steady state: started on as many rows of X, trained for n_signals."""
    network = Network(X.shape[1], max_nodes=n_nodes, **parameters)
    network.start(X[:n_nodes])
    network.train(Signals(X, "replacement"), n_signals)
    return network.graph()


def core(graph: Graph, X: NDArray[np.float32], **parameters: Any) -> Callable[[int], None]:
    """Return the trainer of the compiled network; `parameters` are those of Network, `search` included."""
    network, signals = Network(X.shape[1], max_nodes=graph.n_nodes, **parameters), Signals(X, "order")
    network.start(graph.nodes, graph.edges)
    return lambda n_signals: network.train(signals, n_signals)


def reference(graph: Graph, X: NDArray[np.float32]) -> Callable[[int], None]:
    """Return the trainer of the plain-Python reference, in Python's own floats."""
    network = ReferenceNetwork(X.shape[1], max_nodes=graph.n_nodes, dtype=np.float64)
    signals = ReferenceSignals(X, "order", dtype=np.float64)
    network.start(graph.nodes, [(a, b) for a, b in graph.edges.tolist()])
    return lambda n_signals: network.train(signals, n_signals)


def plain_numpy(graph: Graph, X: NDArray[np.float32]) -> Callable[[int], None]:
    """Return the trainer of `NumpyNetwork`."""
    network = NumpyNetwork(X.shape[1], max_nodes=graph.n_nodes)
    network.start(graph.nodes, graph.edges)
    return lambda n_signals: network.train(X.take(range(n_signals), axis=0, mode="wrap"))


def signals_per_second(train: Callable[[int], None], seconds: float, repeats: int = 3) -> float:
    """Return the median rate in CPU time of `repeats` timings of about `seconds`; a first one is not counted."""
    n_signals = signals_in(train, seconds)
    return n_signals / statistics.median(cpu_seconds(train, n_signals) for _ in range(repeats))


def signals_in(train: Callable[[int], None], seconds: float) -> int:
    """Return how many signals `train` takes in about so many CPU seconds; it trains for a while to find out."""
    n_signals, spent = 1, 0.0
    while spent < seconds / 4:
        n_signals *= 2
        spent = cpu_seconds(train, n_signals)
    return max(1, int(n_signals * seconds / spent))


def cpu_seconds(train: Callable[[int], None], n_signals: int) -> float:
    """Return the CPU time that `train` takes for so many signals."""
    start = time.process_time()
    train(n_signals)
    return time.process_time() - start


def machine() -> str:
    """Return one line that names the processor, the versions and the kernel."""
    return (
        f"{_processor()}, Python {platform.python_version()}, NumPy {np.__version__}, gng_fast {__version__} ({isa()})"
    )


def _processor() -> str:
    """The name of the processor, as far as the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def quick_comparison(report: Callable[[str], None]) -> None:
    """Compare the three versions at a few sizes in under 20 s, and hand the table to `report` line by line."""
    report(machine())
    report("Signals per CPU second with all nodes in place; every version gets the same nodes, edges and signals.")
    report(f"{'':>14}{'core':>14}{'NumPy':>12}{'Python':>12}{'core/NumPy':>13}{'core/Python':>13}")
    for d, n_nodes in (2, 100), (2, 1000), (3, 1000), (16, 1000):
        rng = np.random.default_rng(0)
        X = annulus(50_000, rng) if d == 2 else blobs(50_000, d, rng)
        graph = settled(X, n_nodes, 50_000)
        fast, numpy, python = (
            signals_per_second(make(graph, X), seconds)
            for make, seconds in ((core, 0.3), (plain_numpy, 0.3), (reference, 0.3))
        )
        report(
            f"{f'{d}-D, {n_nodes} nodes':>14}{fast:>14,.0f}{numpy:>12,.0f}{python:>12,.0f}"
            f"{fast / numpy:>12,.0f}x{fast / python:>12,.0f}x"
        )
