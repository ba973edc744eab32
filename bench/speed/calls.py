"""What does one call cost: a single sample, saving, loading?

    python bench/speed/calls.py [--nodes 10000] [--repeats 5]

Median of the repeats, of the wall time of many calls. "Network.train" is given one sample at a time, written into the
data of its Signals as docs/embedding.md shows it; "partial_fit" is given one row.
"""

import argparse
import os
import statistics
import tempfile
import time

import numpy as np

from gng_fast import GrowingNeuralGas, Network, Signals


def seconds(function, repeats):
    """Median wall seconds of calling a function."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def single_samples(n_nodes, repeats, n_calls=20_000):
    """Print the microseconds that one sample takes."""
    X = np.random.default_rng(0).random((n_calls, 2), dtype=np.float32)
    sample = np.zeros((1, 2), np.float32)
    network, one = Network(2, max_nodes=n_nodes, lam=20), Signals(sample, "order")
    network.draw_start_nodes(Signals(X))
    network.train(Signals(X), 30 * n_nodes)
    model = GrowingNeuralGas(n_nodes, lam=20, n_epochs=30 * n_nodes / n_calls, random_state=0).fit(X)
    rows = [X[i : i + 1] for i in range(n_calls)]

    def train():
        for _ in range(n_calls):
            network.train(one, 1)

    def write_and_train():
        for row in rows:
            sample[0] = row
            network.train(one, 1)

    def partial_fit():
        for row in rows:
            model.partial_fit(row)

    sample[0] = X[0]
    for name, function in (
        ("Network.train, the sample is there", train),
        ("Network.train, writing the sample", write_and_train),
        ("GrowingNeuralGas.partial_fit", partial_fit),
    ):
        print(
            f"{name:<40}{network.n_nodes:>7} nodes{seconds(function, repeats) / n_calls * 1e6:>10.3f} us a sample",
            flush=True,
        )


def saving(n_nodes, d, repeats):
    """Print the milliseconds that saving and loading take."""
    X = np.random.default_rng(0).random((50_000, d), dtype=np.float32)
    model = GrowingNeuralGas(n_nodes, lam=10, n_epochs=12 * n_nodes / len(X), random_state=0).fit(X)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.npz")
        network_path = os.path.join(folder, "network.npz")
        for name, function in (
            ("model.save", lambda: model.save(path)),
            ("GrowingNeuralGas.load", lambda: GrowingNeuralGas.load(path)),
            ("network.save", lambda: model.network_.save(network_path)),
            ("Network.load", lambda: Network.load(network_path)),
        ):
            print(
                f"{f'{d}-D {name}':<40}{model.network_.n_nodes:>7} nodes{seconds(function, repeats) * 1e3:>10.2f} ms",
                flush=True,
            )
        print(
            f"{f'{d}-D network file':<40}{model.network_.n_nodes:>7} nodes"
            f"{os.path.getsize(network_path) / 1e6:>10.2f} MB"
        )


def main():
    parser = argparse.ArgumentParser(description="Time of single calls.")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for n_nodes in (100, 1000):
        single_samples(n_nodes, options.repeats)
    for d in (2, 64):
        saving(options.nodes, d, options.repeats)


if __name__ == "__main__":
    main()
