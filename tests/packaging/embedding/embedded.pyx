# cython: language_level=3, boundscheck=False, wraparound=False
"""An example of a tool that embeds gng_fast: it is compiled against the installed package by tests/packaging/test_embedding.py."""

import numpy as np

from libc.stdint cimport int64_t

from gng_fast cimport (
    gng_copy_ages, gng_copy_edges, gng_copy_errors, gng_copy_nodes, gng_free, gng_from_network, gng_n_edges, gng_n_features,
    gng_n_nodes, gng_n_signals, gng_nearest, gng_network, gng_new, gng_start, gng_state, gng_train,
)


def one_by_one(const float[:, ::1] X, seed=0, max_nodes=1000, lam=100):
    """The loop of docs/embedding.md: train signal by signal without the GIL."""
    cdef Py_ssize_t i
    cdef gng_state *net = gng_new(X.shape[1], seed, max_nodes, 0.2, 0.006, 50, lam, 0.5, 0.995)
    try:
        with nogil:
            gng_start(net, &X[0, 0], 2)
            for i in range(X.shape[0]):
                gng_train(net, &X[i, 0], 1)
        return gng_network(net)
    finally:
        gng_free(net)


def in_bulk(const float[:, ::1] X, network):
    """Train a network made in Python, all signals at once."""
    cdef gng_state *net = gng_from_network(network)
    try:
        with nogil:
            gng_train(net, &X[0, 0], X.shape[0])
    finally:
        gng_free(net)


def copied(network):
    """All that can be copied out."""
    cdef gng_state *net = gng_from_network(network)
    cdef float[:, ::1] nodes = np.empty((gng_n_nodes(net), gng_n_features(net)), np.float32)
    cdef double[::1] errors = np.empty(gng_n_nodes(net))
    cdef int64_t[:, ::1] edges = np.empty((gng_n_edges(net), 2), np.int64)
    cdef int64_t[::1] ages = np.empty(gng_n_edges(net), np.int64)
    with nogil:
        gng_copy_nodes(net, &nodes[0, 0])
        gng_copy_errors(net, &errors[0])
        gng_copy_edges(net, &edges[0, 0])
        gng_copy_ages(net, &ages[0])
    n_signals = gng_n_signals(net)
    gng_free(net)
    return np.asarray(nodes), np.asarray(edges), np.asarray(ages), np.asarray(errors), n_signals


def nearest(const float[:, ::1] X, network):
    cdef gng_state *net = gng_from_network(network)
    cdef int64_t[::1] nodes = np.empty(X.shape[0], np.int64)
    cdef float[::1] distances = np.empty(X.shape[0], np.float32)
    try:
        with nogil:
            gng_nearest(net, &X[0, 0], X.shape[0], &nodes[0], &distances[0])
            gng_nearest(net, &X[0, 0], X.shape[0], NULL, NULL)
    finally:
        gng_free(net)
    return np.asarray(nodes), np.asarray(distances)
