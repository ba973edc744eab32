"""
A network inside another tool
=============================

A tool written in Cython can train networks without Python in the loop: no GIL, no objects, data in its own C
arrays. This tutorial compiles such a tool, so it needs Cython, setuptools and a C compiler. The first part
needs none of them.
"""

# %%
# From Python, one sample at a time
# ---------------------------------
#
# ``Network`` is the compiled network without the protocol of scikit-learn. ``Signals`` holds the data it is
# trained on. Samples that come one by one are written into the array of one ``Signals``, which is made once.
import matplotlib.pyplot as plt
import numpy as np

from gng_fast import Network, Signals

X = np.random.default_rng(0).random((5000, 2), dtype=np.float32)

sample = np.zeros((1, 2), np.float32)
one = Signals(sample, "order")
network = Network(2, seed=0, max_nodes=100)
network.start(X[:2])
for x in X:
    sample[0] = x
    network.train(one, 1)
from_python = network.graph()
print(from_python)

# %%
# From Cython
# -----------
#
# The same loop without Python. The module names no header and no library: Cython finds the declarations in
# the installed package, and the functions come with the import.
source = """
# cython: language_level=3, boundscheck=False, wraparound=False
from gng_fast cimport gng_free, gng_network, gng_new, gng_start, gng_state, gng_train


def one_by_one(const float[:, ::1] X, seed=0, max_nodes=1000):
    cdef Py_ssize_t i
    cdef gng_state *net = gng_new(X.shape[1], seed, max_nodes, 0.2, 0.006, 50, 100, 0.5, 0.995)
    try:
        with nogil:
            gng_start(net, &X[0, 0], 2)
            for i in range(X.shape[0]):
                gng_train(net, &X[i, 0], 1)
        return gng_network(net)
    finally:
        gng_free(net)
"""

# %%
# ``cythonize -i mine.pyx`` compiles it, here in a folder of its own:
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import gng_fast

build = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
folder = build.name
Path(folder, "mine.pyx").write_text(source, encoding="utf-8")
# for Cython to find the declarations where the package is installed in editable mode
environment = {**os.environ, "PYTHONPATH": str(Path(gng_fast.__file__).parents[1])}
command = [sys.executable, "-m", "Cython.Build.Cythonize", "-i", "-q", "mine.pyx"]
subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

# %%
# What comes back from ``gng_network`` is an ordinary ``Network``. Its graph is the one of the loop in Python,
# to the last bit.
sys.path.insert(0, folder)
import mine

from_cython = mine.one_by_one(X, max_nodes=100).graph()
print(from_cython)
print(from_cython == from_python)

figure, axes = plt.subplots(figsize=(5, 5))
from_cython.plot(axes, color="black", linewidth=1)
axes.set_aspect("equal")

# %%
# The difference is in the time that a signal takes: all of the call from Python, against the work alone.
import time


def seconds(function):
    """CPU seconds that a call takes."""
    started = time.process_time()
    function()
    return time.process_time() - started


def python_loop():
    network = Network(2, seed=0, max_nodes=100)
    network.start(X[:2])
    for x in X:
        sample[0] = x
        network.train(one, 1)


print(f"Python: {seconds(python_loop) / len(X) * 1e9:,.0f} ns a signal")
print(f"Cython: {seconds(lambda: mine.one_by_one(X, max_nodes=100)) / len(X) * 1e9:,.0f} ns a signal")

# %%
# :doc:`/embedding` lists all functions and says what may be called from which thread.
