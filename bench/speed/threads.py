"""How much faster do networks train in threads of their own than one after the other?

    python bench/speed/threads.py [--threads 2] [--nodes 2000] [--signals 2000000] [--dimensions 2 16] [--repeats 3]

Each of the threads trains a network of its own on the same data, drawn at random. The figures are the median wall
seconds of the repeats, taken in turn, and their ratio: as many as there are threads would be perfect. Of the two lines
for each dimension, the second sends the signals in calls of 100, each of which gives the GIL up and takes it back.
"""

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from gng_fast import Network, Signals, benchmark


def prepared(d, n_nodes, seed):
    """A network grown to its full size, and its signals."""
    rng = np.random.default_rng(0)
    X = benchmark.annulus(200_000, rng) if d == 2 else benchmark.blobs(200_000, d, rng)
    network, signals = Network(d, seed=seed, max_nodes=n_nodes), Signals(X, "replacement")
    network.draw_start_nodes(signals)
    network.train(signals, 100 * n_nodes)
    return network, signals


def train(network, signals, n_signals, per_call):
    for _ in range(n_signals // per_call):
        network.train(signals, per_call)


def wall_seconds(runs, n_signals, per_call, pool):
    """Seconds to train all: one after the other, or where there is a pool in its threads."""
    start = time.perf_counter()
    if pool:
        list(pool.map(lambda run: train(*run, n_signals, per_call), runs))
    else:
        for run in runs:
            train(*run, n_signals, per_call)
    return time.perf_counter() - start


def compare(d, options):
    """Print a line for each number of signals in a call."""
    runs = [prepared(d, options.nodes, seed) for seed in range(options.threads)]
    with ThreadPoolExecutor(options.threads) as pool:
        for per_call in (options.signals, 100):
            seconds = {None: [], pool: []}
            for _ in range(options.repeats):
                for where in seconds:
                    seconds[where].append(wall_seconds(runs, options.signals, per_call, where))
            in_turn, in_threads = (statistics.median(times) for times in seconds.values())
            print(
                f"{f'{d}-D':>5}{per_call:>12}{in_turn:>14.3f}{in_threads:>14.3f}{in_turn / in_threads:>9.2f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description="Speed-up of training different networks in threads.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--signals", type=int, default=2_000_000)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[2, 16])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.threads} networks of {options.nodes} nodes, {options.threads} threads, {os.cpu_count()} cores")
    print(f"{'':>5}{'per call':>12}{'in turn, s':>14}{'threads, s':>14}{'faster':>9}")
    for d in options.dimensions:
        compare(d, options)


if __name__ == "__main__":
    main()
