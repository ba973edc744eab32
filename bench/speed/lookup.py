"""How fast are the nearest nodes of many rows found, against scipy's cKDTree?

    python bench/speed/lookup.py [--nodes 10000] [--rows 1000000] [--dimensions 2 3 16] [--jobs 1 2] [--repeats 3]

Both get the nodes of the same settled network and the same rows, in float32 (cKDTree works in float64 and makes its
copy beforehand). Building the tree is not timed. The figure is the median of the repeats, in CPU seconds and in seconds
of the clock on the wall. Data: 2-D an annulus, else 20 Gaussian blobs.
"""

import argparse
import statistics
import time

import numpy as np

from gng_fast import Network, benchmark


def timed(query, repeats):
    """Return the median CPU and wall seconds of a call."""
    cpu, wall = [], []
    for _ in range(repeats):
        start = time.process_time(), time.perf_counter()
        query()
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    return statistics.median(cpu), statistics.median(wall)


def compare(d, n_nodes, n_rows, jobs, repeats):
    """Print a line for every number of threads."""
    rng = np.random.default_rng(0)
    make = benchmark.annulus if d == 2 else lambda n, rng: benchmark.blobs(n, d, rng)
    graph = benchmark.settled(make(200_000, rng), n_nodes, 200_000)
    X = make(n_rows, np.random.default_rng(0))
    network = Network(d, max_nodes=n_nodes)
    network.start(graph.nodes, graph.edges)
    try:
        from scipy.spatial import cKDTree
    except ImportError:
        tree = None
    else:
        tree, points = cKDTree(graph.nodes), X.astype(np.float64)
    for n_jobs in jobs:
        cpu, wall = timed(lambda: network.nearest(X, n_jobs=n_jobs), repeats)
        line = f"{f'{d}-D':>5}{n_jobs:>7}{cpu:>11.3f} /{wall:>7.3f}"
        if tree is not None:
            tree_cpu, tree_wall = timed(lambda: tree.query(points, workers=n_jobs), repeats)
            line += f"{tree_cpu:>13.3f} /{tree_wall:>7.3f}{tree_cpu / cpu:>10.1f} /{tree_wall / wall:>5.1f}"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Speed of look-ups by dimension and number of threads.")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 3, 16])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(benchmark.machine())
    print(
        f"{options.rows:,} rows, {options.nodes:,} nodes; seconds of CPU / wall, and how many times ours cKDTree takes"
    )
    print(f"{'':>5}{'n_jobs':>7}{'nearest':>20}{'cKDTree':>22}{'ratio':>17}")
    for d in options.dimensions:
        compare(d, options.nodes, options.rows, options.jobs, options.repeats)


if __name__ == "__main__":
    main()
