"""Parameters that are set while training goes on: the network as it is, with other parameters."""

from typing import Any

import numpy as np

from gng_fast.core.network import Network, restored


def with_parameters(network: Network, parameters: dict[str, Any]) -> Network:
    """Return the network with these parameters: itself if it has them, or a new one that goes on where it is.

    Errors and edges stay. The next node comes when it would have come, or sooner if `lam` is now less; an edge older
    than `max_age` goes when it grows older; utilities that were not counted before begin at 0.

    Parameters
    ----------
    network : Network
        It is not changed.
    parameters : dict
        Checked ones of `network_parameters`, in the network's units.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If `variant` is another one, or `max_nodes` less than there are nodes.
    MemoryError
        If `max_nodes` nodes do not fit into memory.
    """
    now = network.parameters
    if parameters == now:
        return network
    if parameters["variant"] != now["variant"]:
        raise ValueError(
            f"variant must stay {now['variant']!r} while training goes on, got {parameters['variant']!r}: fit starts "
            "anew"
        )
    about, arrays = network.as_arrays()
    n_nodes = len(arrays["nodes"])
    if parameters["max_nodes"] < n_nodes:
        raise ValueError(
            f"max_nodes must be at least the {n_nodes} nodes that there are while training goes on, got "
            f"{parameters['max_nodes']}: fit starts anew"
        )
    for name in ("eps_b", "eps_n"):
        if parameters[name] != now[name]:  # else it stays where annealing took it
            about |= {name: parameters[name]}
            about["annealing"] = {
                **about["annealing"],
                f"{name}_start": parameters[name],
                f"{name}_end": parameters[name],
            }
    about["until_insertion"] = min(about["until_insertion"], parameters["lam"])
    arrays["ages"] = np.minimum(arrays["ages"], parameters["max_age"])
    if parameters["utility"] is None:
        arrays.pop("utilities", None)
    elif "utilities" not in arrays:
        arrays["utilities"] = np.zeros(n_nodes)
    return restored(type(network), {**about, "parameters": parameters}, arrays)
