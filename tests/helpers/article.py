"""The run of the article "Making Art with Growing Neural Gas", as data for tests: see docs/differences.md."""

import hashlib

import numpy as np
from scripts import script

from gng_fast import image
from gng_fast.reference import Generator, Signals

_TASKS = script("bench/speed/tasks.py")
PARAMETERS, N_EPOCHS = _TASKS.ARTICLE, _TASKS.ARTICLE_EPOCHS
NEUPY_PARAMETERS = {
    "step": 0.2,
    "neighbour_step": 0.005,
    "max_edge_age": 50,
    "max_nodes": 2400,
    "n_iter_before_neuron_added": 100,
    "after_split_error_decay_rate": 0.5,
    "error_decay_rate": 0.995,
    "min_distance_for_update": 0.01,
}


def signals_in_order(n_epochs=N_EPOCHS):
    """Return the article's points in a fixed shuffled order, (n_epochs * 11931, 2) float32, and two start nodes."""
    points = image.article_points()
    source, generator = Signals(np.arange(len(points))[:, None], dtype=np.float64), Generator(2018)
    rows = [int(source.sample_signal(generator)[0]) for _ in range(n_epochs * len(points))]
    return points[rows], points[[0, 6000]]


def sha256(nodes, edges, ages):
    digest = hashlib.sha256()
    for array, dtype in (nodes, "<f4"), (edges, "<i8"), (ages, "<i8"):
        digest.update(np.ascontiguousarray(array, dtype).tobytes())
    return digest.hexdigest()
