"""
From a table to clusters
========================

A CSV file, the clusters of its rows, and the file with the cluster of each row beside it.
"""

# %%
# The table
# ---------
#
# Any reader of CSV files will do. This one writes a table of three groups first, so that there is one to read.
import csv

import numpy as np

from gng_fast import GrowingNeuralGas

rng = np.random.default_rng(0)
middles = np.array([[0, 0], [6, 1], [2, 7]])
rows = np.concatenate([rng.normal(middle, 1, (700, 2)) for middle in middles])
with open("measured.csv", "w", newline="") as file:
    csv.writer(file).writerows([["width", "height"], *rows.round(3).tolist()])

table = np.genfromtxt("measured.csv", delimiter=",", names=True)
X = np.column_stack([table["width"], table["height"]])

# %%
# The clusters
# ------------
#
# ``labels_`` is the cluster of each row, and ``probabilities_`` says how sure it is.
model = GrowingNeuralGas(200, random_state=0).fit(X)
print(model.n_clusters_, "clusters of", np.bincount(model.labels_).tolist(), "rows")

with open("clusters.csv", "w", newline="") as file:
    csv.writer(file).writerows([["width", "height", "cluster"], *zip(*X.T.tolist(), model.labels_.tolist())])

# %%
# New rows get the numbers of the clusters that are known. The command ``gng-fast cluster measured.csv`` does all
# of this in one line.
print(model.predict([[6.0, 1.0], [0.0, 0.0]]))

# %%
# How far it is
# -------------
#
# A callback watches whatever is done in the with block, and may stop it: it is asked many times a second, with a
# stage and the share of it that is done.
from gng_fast import progress

stages = {}
with progress.watching(lambda stage, fraction: stages.update({stage: fraction})):
    model.fit(X)
print(stages)
