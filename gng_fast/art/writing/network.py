"""The networks that writing is read with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.model.estimator import GrowingNeuralGas

#: Signals from one new node to the next.
LAM = 50


def trained(
    signals: NDArray[np.float32], n_nodes: int, n_epochs: float, random_state: int | None, **rates: float
) -> NDArray[np.float64]:
    """Return the nodes of a network trained on ink, (n, d).

    Parameters
    ----------
    signals : array of shape (n, d)
    n_nodes : int
    n_epochs : float
    random_state : int, optional
    **rates
        Parameters of `GrowingNeuralGas`.
    """
    rest: dict[str, Any] = rates
    model = GrowingNeuralGas(
        n_nodes, lam=LAM, n_epochs=n_epochs, jitter=0.5, clusters="components", random_state=random_state, **rest
    )

    nodes: NDArray[np.float64] = model.fit(signals).graph_.nodes.astype(float)
    return nodes
