"""
First clusters
==============

A Growing Neural Gas learns the shape of data: it puts nodes where the data is, and joins nodes that are
neighbours. Its nodes know how dense the data is, and the hills of that density are the clusters. Nobody has to say
how many there are.
"""

# %%
# Data in two pieces
# ------------------
#
# The data is 6,000 points on two rings, one within the other. No centre describes a ring, so a method that
# looks for centres, such as k-means, cannot tell the two apart.
import matplotlib.pyplot as plt
import numpy as np

from gng_fast import GrowingNeuralGas

rng = np.random.default_rng(0)
angle = rng.uniform(0, 2 * np.pi, 6000)
radius = np.where(np.arange(6000) < 2000, 1.0, 3.0) + rng.normal(0, 0.15, 6000)
X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])

# %%
# Fit
# ---
#
# ``max_nodes`` says how fine the graph is. A small ``max_age`` makes edges between the pieces go away soon, for the
# picture. The seed, ``random_state``, makes the result the same on every machine.
model = GrowingNeuralGas(max_nodes=120, max_age=20, n_epochs=10, random_state=0).fit(X)
graph = model.graph_
print(graph)

# %%
# In a notebook a graph in two dimensions shows itself as a picture. ``plot`` draws it into a figure of
# matplotlib:
figure, axes = plt.subplots(figsize=(6, 6))
axes.scatter(*X.T, s=1, c=model.labels_, cmap="tab10", vmax=9, alpha=0.4)
graph.plot(axes, color="black", linewidth=1)
axes.set_title(f"{model.n_clusters_} clusters")
axes.set_aspect("equal")

# %%
# Labels, and rows that are new
# -----------------------------
#
# ``labels_`` holds the cluster of each row of the training data. ``predict`` gives the cluster of other rows:
# that of the nearest node.
print(np.bincount(model.labels_))
print(model.predict([[1.0, 0.0], [0.0, -3.0], [0.1, 1.1]]))

# %%
# How good is it?
# ---------------
#
# ``history_`` holds the mean distance between the signals and their nearest nodes for each epoch, while the
# graph grew. ``quantization_error`` is that distance for the finished graph.
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(np.arange(1, len(model.history_) + 1), model.history_, marker="o")
axes.set_xlabel("epoch")
axes.set_ylabel("mean distance")
print(f"{model.quantization_error(X):.4f}")

# %%
# Within scikit-learn
# -------------------
#
# A model is a clusterer and a transformer of scikit-learn, so it fits into a pipeline. Scale the columns
# first if their units differ, because all distances are Euclidean.
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pipeline = make_pipeline(StandardScaler(), GrowingNeuralGas(max_nodes=120, max_age=20, random_state=0))
print(np.bincount(pipeline.fit_predict(X)))

# %%
# :doc:`/parameters` says what each parameter does, and which ``max_age`` to take when the pieces lie close
# together.
