"""A planner beside training: how long `graph()` and a shortest path take at most while another thread trains.

python bench/speed/readers.py [NODES]
"""

import sys
import threading
import time

import numpy as np

from gng_fast import Network, Signals, TrainingStopped

READS = 200


def main(nodes):
    X = np.random.default_rng(0).random((1_000_000, 2), dtype=np.float32)
    network, signals = Network(2, max_nodes=nodes), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 120 * nodes)
    network.graph().shortest_path(X[0], X[1])  # whatever is imported first

    def train():
        try:
            network.train(signals, 10**12)
        except TrainingStopped:
            pass

    before = network.n_signals
    thread = threading.Thread(target=train)
    thread.start()
    times = {"graph()": [], "shortest_path": []}
    for number in range(READS):
        begun = time.perf_counter()
        graph = network.graph()
        read = time.perf_counter()
        graph.shortest_path(X[2 * number], X[2 * number + 1])
        times["graph()"].append(read - begun)
        times["shortest_path"].append(time.perf_counter() - read)
        time.sleep(0.005)
    network.stop()
    thread.join()
    print(f"{network.n_nodes:,} nodes, {network.n_signals - before:,} signals meanwhile; milliseconds:")
    for name, taken in times.items():
        median, most = 1000 * np.median(taken), 1000 * max(taken)
        print(f"  {name:<14} median {median:6.1f}, 95 of 100 {1000 * np.quantile(taken, 0.95):6.1f}, most {most:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
