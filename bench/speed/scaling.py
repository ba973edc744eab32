"""What does a signal cost as the network and the dimension grow?

    python bench/speed/scaling.py [--plot docs/scaling.png]

Nanoseconds of CPU time per signal in the steady state, median of three timings, and bytes per node: from 100 to
1,000,000 nodes in 2-D (an annulus, four points per node and at least 200,000), and from 1 to 512 dimensions with 1,000
nodes (20 Gaussian blobs, 20,000 points). Networks start on rows of the data and settle for ten signals a node, at least
300,000 (in the dimensions: 100,000). "brute force" is the same core without its index. eps 0.05 / 0.0006, max_age 88,
rows in their order. Takes about two minutes; the plot needs matplotlib, the tables do not.
"""

import argparse

import numpy as np

from gng_fast import benchmark
from gng_fast.core.network import Network
from gng_fast.core.signals import Signals

STEADY = {"eps_b": 0.05, "eps_n": 0.0006, "max_age": 88}
NODES = (100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
DIMENSIONS = (1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512)


def measure(X, n_nodes, n_signals):
    """Return nanoseconds per signal, the same by brute force, and bytes per node."""
    network = Network(X.shape[1], max_nodes=n_nodes, **STEADY)
    network.start(X[:n_nodes])
    network.train(Signals(X, "replacement"), n_signals)
    signals = Signals(X, "order")
    rate = benchmark.signals_per_second(lambda n: network.train(signals, n), 0.2)
    brute = benchmark.core(network.graph(), X, search="brute", **STEADY)
    return 1e9 / rate, 1e9 / benchmark.signals_per_second(brute, 0.1), network.nbytes / network.n_nodes


def print_row(label, row):
    ns, brute, nbytes = row
    print(f"{label:>12,}{ns:>14,.0f}{brute:>16,.0f}{nbytes:>14,.0f}", flush=True)


def measured(title, labels, data_of):
    """Measure and print a table; return its rows."""
    print(f"\n{title}\n{'':>12}{'ns a signal':>14}{'brute force':>16}{'bytes a node':>14}", flush=True)
    rows = []
    for label in labels:
        rows.append(measure(*data_of(label)))
        print_row(label, rows[-1])
    return rows


def by_nodes(n_nodes):
    X = benchmark.annulus(max(200_000, 4 * n_nodes), np.random.default_rng(0))
    return X, n_nodes, max(300_000, 10 * n_nodes)


def by_dimension(d):
    return benchmark.blobs(20_000, d, np.random.default_rng(0)), 1000, 100_000


def plot(path, nodes, dimensions):
    """Draw both tables on logarithmic axes; say so if matplotlib is missing."""
    try:
        import matplotlib
    except ImportError:
        print(f"\nno plot: {path} needs matplotlib (pip install matplotlib)")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    panels = (("nodes, 2-D annulus", NODES, nodes), ("dimensions d, 1,000 nodes, 20 blobs", DIMENSIONS, dimensions))
    for axis, (label, x, rows) in zip(axes, panels):
        axis.loglog(x, [row[0] for row in rows], "o-", color="#1b5e8c", markersize=4, label="gng_fast")
        axis.loglog(x, [row[1] for row in rows], "s--", color="#b0602a", markersize=3, label="brute force, same core")
        axis.set_xlabel(label)
        axis.grid(alpha=0.3)
        axis.legend(frameon=False)
    axes[0].set_ylabel("CPU time per signal [ns]")
    axes[1].set_xscale("log", base=2)
    axes[1].set_xticks(DIMENSIONS, DIMENSIONS)
    axes[1].minorticks_off()
    axes[1].tick_params(axis="x", which="major", labelsize=8)
    figure.suptitle(benchmark.machine(), fontsize=8, color="grey")
    figure.savefig(path, dpi=120)
    print(f"\nplot: {path}")


def main():
    parser = argparse.ArgumentParser(description="Cost per signal by nodes and by dimension.")
    parser.add_argument("--plot", metavar="FILE", default="docs/scaling.png", help="default: docs/scaling.png")
    options = parser.parse_args()
    print(benchmark.machine())
    nodes = measured("nodes, 2-D", NODES, by_nodes)
    dimensions = measured("dimensions, 1,000 nodes", DIMENSIONS, by_dimension)
    plot(options.plot, nodes, dimensions)


if __name__ == "__main__":
    main()
