"""Does a network stay whole and as fast as it was over billions of signals?

    python tests/faults/soak.py [steady] [ageing] [drift] [--signals N] [--nodes 10000] [--checks 20]

steady   uniform 2-D, 2e9 signals by default: counters, the scale of the errors, ages, memory, speed
ageing   the same with max_age 3, 2e8 signals: edges and nodes go all the time, slots and blocks are used again
drift    GNG-U on data that jumps to another place every 500,000 signals, 2e8 signals: whole regions go and grow again

After each part of the run the network is checked by `broken`, a twin made from its saved state must go on as it does,
bit for bit, and a line of figures is printed: signals, CPU nanoseconds a signal, nodes and edges, nodes that went (at
least), the oldest edge, log2 of the scale of the errors, the quantisation error, memory of the network and of the
process. The process ends with 1 if anything was found. Time: about 10 minutes for the first, 2 for each of the others.
"""

import argparse
import pickle
import sys
import time
from pathlib import Path

import numpy as np

from gng_fast import Network, Signals

sys.path.append(str(Path(__file__).parents[1] / "helpers"))
from wholeness import SAMPLE, broken, state

TWIN = 20_000  # signals that the twin is trained on
JUMP = 500_000  # signals of the drift in one place

# signals, signals in a call, parameters; nodes that go and come again within a call are not counted
RUNS = {
    "steady": (2_000_000_000, 10_000, {}),
    "ageing": (200_000_000, 50, {"max_age": 3, "lam": 100}),
    "drift": (200_000_000, 50, {"utility": 30.0, "lam": 20, "decay": 0.99999}),
}


def resident():
    """Bytes of memory of the process, 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def places(name):
    """Data: of the drift in two places, of the others in one."""
    X = np.random.default_rng(0).random((1_000_000, 2), dtype=np.float32)
    return [X, X + 2] if name == "drift" else [X]


def trained(network, sources, n_signals, per_call):
    """Train in short calls, and return how many nodes went at least and the CPU seconds."""
    gone = 0
    start = time.process_time()
    for done in range(0, n_signals, per_call):
        before = network.n_nodes
        network.train(sources[network.n_signals // JUMP % len(sources)], min(per_call, n_signals - done))
        gone += max(0, before - network.n_nodes)
    return gone, time.process_time() - start


def soak(name, n_nodes, n_signals, n_checks):
    """Run one of `RUNS`; return what was found."""
    _, per_call, parameters = RUNS[name]
    X = places(name)
    sources, all_rows = [Signals(x, "replacement") for x in X], np.concatenate(X)
    network = Network(2, seed=1, max_nodes=n_nodes, **parameters)
    network.draw_start_nodes(sources[0])
    found, gone, part = [], 0, n_signals // n_checks
    print(
        f"{name}: {n_signals:.3g} signals, {n_nodes} nodes, {parameters or 'default parameters'}\n"
        f"{'signals':>12}{'ns':>7}{'nodes':>8}{'edges':>8}{'gone':>10}"
        f"{'age':>5}{'scale':>7}{'error':>11}{'net MB':>8}{'MB':>7}",
        flush=True,
    )
    while network.n_signals < n_signals:
        expected = network.n_signals + part
        went, seconds = trained(network, sources, part, per_call)
        gone += went
        found += broken(network, all_rows)
        if network.n_signals != expected:
            found.append("number of signals")
        graph, (about, _) = network.graph(), network.as_arrays()
        here = X[network.n_signals // JUMP % len(X)][:SAMPLE]
        print(
            f"{network.n_signals:>12}{seconds / part * 1e9:>7.0f}{graph.n_nodes:>8}{graph.n_edges:>8}{gone:>10}"
            f"{graph.ages.max():>5}{np.log2(about['error_scale']):>7.1f}{network.nearest(here)[1].mean():>11.7f}"
            f"{network.nbytes / 1e6:>8.2f}{resident() / 1e6:>7.0f}",
            flush=True,
        )
        twin = pickle.loads(pickle.dumps(network))
        for each in (network, twin):
            each.train(sources[0], TWIN)
        if state(twin) != state(network):
            found.append("the twin")
        if found:
            break
    print(f"{name}: {', '.join(found) or 'nothing found'}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"some of {', '.join(RUNS)} (default all)")
    parser.add_argument("--signals", type=float, help="default: 2e9 for steady, 2e8 for the others")
    parser.add_argument("--nodes", type=int, default=10_000, help="default 10000")
    parser.add_argument("--checks", type=int, default=20, help="default 20")
    options = parser.parse_args()
    unknown = set(options.runs) - set(RUNS)
    if unknown:
        parser.error(f"no such run: {', '.join(unknown)}")
    found = [
        soak(name, options.nodes, int(options.signals or RUNS[name][0]), options.checks)
        for name in options.runs or RUNS
    ]
    sys.exit(any(found))


if __name__ == "__main__":
    main()
