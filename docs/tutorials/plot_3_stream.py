"""
A stream
========

Data that comes in chunks, that is larger than memory, or that changes while it is learned goes to
``partial_fit``.
"""

# %%
# Chunks
# ------
#
# ``partial_fit`` trains on the rows it is given once, in their order, and goes on where it was. However the
# data is cut into chunks, the graph is the same to the last bit.
import matplotlib.pyplot as plt
import numpy as np

from gng_fast import GrowingNeuralGas

X = np.random.default_rng(0).random((20_000, 2))
model = GrowingNeuralGas(200, random_state=0)
for start in range(0, len(X), 1000):
    model.partial_fit(X[start : start + 1000])

whole = GrowingNeuralGas(200, random_state=0).partial_fit(X)
print(model.graph_ == whole.graph_)

# %%
# An iterator of chunks is a stream too: a generator that reads a file piece by piece, for instance.
# Memory-mapped arrays are trained on without being loaded.
chunks = (X[start : start + 500] for start in range(0, len(X), 500))
model = GrowingNeuralGas(200, random_state=0).partial_fit(chunks)
print(model.graph_ == whole.graph_)

# %%
# Data that moves
# ---------------
#
# A square of data wanders to the right, a little with every chunk. A plain network that has grown to
# ``max_nodes`` loses it: nodes that are left behind never win again, so nothing moves them. With ``utility``
# (GNG-U, Fritzke 1997) the least useful node goes, and a new one grows where the error is.
rng = np.random.default_rng(0)
chunks = [rng.random((2000, 2)) + [0.08 * i, 0] for i in range(60)]

plain = GrowingNeuralGas(100, random_state=0)
following = GrowingNeuralGas(100, utility=3, random_state=0)
for chunk in chunks:
    plain.partial_fit(chunk)
    following.partial_fit(chunk)

figure, axes = plt.subplots(nrows=2, figsize=(8, 5), sharex=True, sharey=True)
for ax, network, title in zip(axes, (plain, following), ("plain", "utility=3"), strict=True):
    ax.scatter(*chunks[0].T, s=0.5, c="lightgrey")
    ax.scatter(*chunks[-1].T, s=0.5, c="tab:orange")
    network.graph_.plot(ax, color="black", linewidth=1)
    ax.set_title(f"{title}: {network.graph_.n_nodes} nodes; data at first grey, at last orange")
    ax.set_aspect("equal")

# %%
# ``history_`` has one entry for each chunk: the mean distance between its rows and their nearest nodes.
figure, ax = plt.subplots(figsize=(7, 3))
ax.plot(plain.history_, label="plain")
ax.plot(following.history_, label="utility=3")
ax.set_xlabel("chunk")
ax.set_ylabel("mean distance")
ax.legend()

# %%
# Stop and go on
# --------------
#
# A saved model goes on as if nothing had happened: the graph is the one of a model that was never
# interrupted.
import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "model.npz")
    following.save(path)
    loaded = GrowingNeuralGas.load(path)

more = rng.random((2000, 2)) + [4.8, 0]
print(loaded.partial_fit(more).graph_ == following.partial_fit(more).graph_)

# %%
# :doc:`/streaming` has the rules about weights, memory, and data far from the origin.
