"""
A planner beside training
=========================

A robot learns the free space around it from a stream of points, and plans paths through what it knows so far. One
thread trains; another reads, and neither waits for long.
"""

# %%
# The free space
# --------------
#
# The points lie in a square with a wall in the middle that leaves a door.
import threading

import matplotlib.pyplot as plt
import numpy as np

from gng_fast import Network, Signals, TrainingStopped

rng = np.random.default_rng(0)
X = rng.random((60_000, 2)).astype(np.float32)
wall = (np.abs(X[:, 0] - 0.5) < 0.04) & (np.abs(X[:, 1] - 0.2) > 0.08)
X = np.ascontiguousarray(X[~wall])

network, signals = Network(2, seed=0, max_nodes=600, max_age=30), Signals(X)
network.draw_start_nodes(signals)

# %%
# One thread trains
# -----------------
#
# A single call takes as many signals as one likes. Others that only read, by ``graph`` or look-ups, get their turn
# between its slices; ``stop`` ends it.


def train():
    try:
        network.train(signals, 10**12)
    except TrainingStopped:
        print("stopped")


thread = threading.Thread(target=train)
thread.start()

# %%
# Another plans
# -------------
#
# ``graph`` is a copy, on which a path is found without holding the training up.
start, goal = (0.1, 0.9), (0.9, 0.9)
while network.n_nodes < 600:
    threading.Event().wait(0.01)
graph = network.graph()
path, length = graph.shortest_path(start, goal)
print(f"a path of {len(path)} nodes, {length:.1f} long")

network.stop()
thread.join()

# %%
# The path goes through the door.
axes = graph.plot(linewidths=0.3)
axes.plot(*graph.nodes[path].T, linewidth=3)
plt.show()
