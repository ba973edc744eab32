"""What the examples of embedding train on, and the network that each of them must end with."""

import numpy as np

from gng_fast import Network, Signals


def data(d, n=5000):
    return np.random.default_rng(d).random((n, d), dtype=np.float32)


def trained(X, **parameters):
    network = Network(X.shape[1], seed=3, **{"lam": 20, "max_nodes": 400, **parameters})
    network.start(X[:2])
    network.train(Signals(X, "order"), len(X))
    return network
