"""What does one call cost: a single sample, a question after it, saving, loading? And a signal of GNG-U?

    python bench/speed/calls.py [--nodes 10000] [--large 100000] [--repeats 5]

Median of the repeats, of the wall time of many calls. "Network.train" is given one sample at a time, written into the
data of its Signals as docs/embedding.md shows it; "partial_fit" is given one row. What is asked after each partial_fit
is timed with it, in a network of `--large` nodes too. GNG-U inserts a node every 3 signals; "few live" is one that
removes most of them again.
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
    model = GrowingNeuralGas(
        n_nodes, lam=20, n_epochs=30 * n_nodes / n_calls, clusters="components", random_state=0
    ).fit(X)
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


def questions(n_nodes, repeats):
    """Print the microseconds that partial_fit of one row takes with a question after it."""
    X = np.random.default_rng(0).random((2 * n_nodes, 2), dtype=np.float32)
    model = GrowingNeuralGas(n_nodes, lam=3, n_epochs=4 * n_nodes / len(X), clusters="components", random_state=0).fit(
        X
    )
    for name, ask, n_calls in (
        ("predict", model.predict, 1000),
        ("graph_", lambda row: model.graph_, 20),
        ("graph_.components", lambda row: model.graph_.components, 20),
    ):
        rows = [X[i : i + 1] for i in range(n_calls)]
        ask(rows[0])

        def ask_after_each(rows=rows, ask=ask):
            for row in rows:
                model.partial_fit(row)
                ask(row)

        print(
            f"{f'partial_fit and {name}':<40}{model.network_.n_nodes:>7} nodes"
            f"{seconds(ask_after_each, repeats) / n_calls * 1e6:>10.1f} us a sample",
            flush=True,
        )


def signals_of_gng_u(max_nodes, repeats, n_signals=9000):
    """Print the nanoseconds of a signal where a node comes every 3 signals and another may go."""
    signals = Signals(np.random.default_rng(0).random((10_000 + 2 * max_nodes, 2), dtype=np.float32))
    few = Network(2, max_nodes=max_nodes, lam=3, utility=1.3)
    few.draw_start_nodes(signals)
    few.train(signals, 100_000)
    full = GrowingNeuralGas(
        max_nodes, lam=3, n_epochs=4 * max_nodes / len(signals), clusters="components", random_state=0
    ).fit(signals.X)
    full = full.set_params(utility=3).partial_fit(signals.X[:3000]).network_
    for name, network in (("few live", few), ("all live", full)):
        spent = seconds(lambda network=network: network.train(signals, n_signals), repeats)
        title = f"GNG-U of {max_nodes}, {name}"
        print(f"{title:<40}{network.n_nodes:>7} nodes{spent / n_signals * 1e9:>10.0f} ns a signal", flush=True)


def saving(n_nodes, d, repeats):
    """Print the milliseconds that saving and loading take."""
    X = np.random.default_rng(0).random((50_000, d), dtype=np.float32)
    model = GrowingNeuralGas(
        n_nodes, lam=10, n_epochs=12 * n_nodes / len(X), clusters="components", random_state=0
    ).fit(X)
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
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for n_nodes in (100, 1000):
        single_samples(n_nodes, options.repeats)
    for n_nodes in (options.nodes, options.large):
        questions(n_nodes, options.repeats)
    for max_nodes in (1000, options.nodes, options.large):
        signals_of_gng_u(max_nodes, options.repeats)
    for d in (2, 64):
        saving(options.nodes, d, options.repeats)


if __name__ == "__main__":
    main()
