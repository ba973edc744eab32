"""How fast does a network of N nodes train in d dimensions, against plain Python, plain NumPy and other packages?

    python bench/speed/training.py [--nodes 100 1000 10000] [--dimensions 2 3 16 128] [--seconds 0.3]

Every implementation starts from the same settled network and takes the same signals in the same order; the figure is
signals per CPU second, the median of three timings. eps 0.2 / 0.006, max_age 50, alpha 0.5, decay 0.995, all nodes in
place. Data: 2-D an annulus, else 20 Gaussian blobs; 200,000 points (20,000 in 128-D).

NeuPy, minigng and MDP are timed where they are installed (pip install --no-deps neupy==0.8.2; minigng==0.1.1
mdp==3.6), each in its own convention: NeuPy as `variant="neupy"`; minigng as "fritzke" in float64; MDP as "fritzke" in
float64, but with unsquared errors and E_r = (E_q + E_f) / 2.
"""

import argparse
import importlib.util
import sys
from pathlib import Path

import numpy as np

from gng_fast import benchmark

sys.path.append(str(Path(__file__).parents[1]))
import peers


def wrapped(X, train):
    return lambda n_signals: train(X.take(range(n_signals), axis=0, mode="wrap"))


def neupy(graph, X):
    network = peers.neupy_network(
        graph.nodes,
        graph.edges,
        step=0.2,
        neighbour_step=0.006,
        max_edge_age=50,
        max_nodes=graph.n_nodes,
        n_iter_before_neuron_added=100,
        after_split_error_decay_rate=0.5,
        error_decay_rate=0.995,
        min_distance_for_update=0,
    )
    return wrapped(X, network.one_training_update)


def minigng(graph, X):
    network = peers.minigng_network(graph.nodes.astype(float), graph.edges, max_units=graph.n_nodes)
    return wrapped(X.astype(float), network.partial_fit)


def mdp(graph, X):
    network = peers.mdp_network(graph.nodes, graph.edges, max_nodes=graph.n_nodes)
    return wrapped(X.astype(float), network.train)


def implementations():
    """Return the trainers by name, ours and the baselines first, then the packages that are installed."""
    found = {"core": benchmark.core, "NumPy": benchmark.plain_numpy, "Python": benchmark.reference}
    if peers.load_neupy():
        found["NeuPy"] = neupy
    if importlib.util.find_spec("minigng"):
        found["minigng"] = minigng
    if peers.load_mdp():
        found["MDP"] = mdp
    return found


def main():
    parser = argparse.ArgumentParser(description="Training speed by number of nodes and dimension.")
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 3, 16, 128])
    parser.add_argument("--seconds", type=float, default=0.3, help="length of one timing")
    options = parser.parse_args()
    made = implementations()
    print(benchmark.machine())
    print(f"signals per CPU second; in brackets, times slower than the core\n{'':>7}{'nodes':>8}", end="")
    print("".join(f"{name:>20}" for name in made))
    for d in options.dimensions:
        rng = np.random.default_rng(0)
        X = benchmark.annulus(200_000, rng) if d == 2 else benchmark.blobs(200_000 if d < 128 else 20_000, d, rng)
        for n_nodes in options.nodes:
            graph = benchmark.settled(X, n_nodes, max(20_000, 3 * n_nodes))
            print(f"{f'{d}-D':>7}{n_nodes:>8}", end="", flush=True)
            core_rate = None
            for make in made.values():
                rate = benchmark.signals_per_second(make(graph, X), options.seconds)
                core_rate = core_rate or rate
                print(f"{f'{rate:,.0f} ({core_rate / rate:,.0f})':>20}", end="", flush=True)
            print()


if __name__ == "__main__":
    main()
