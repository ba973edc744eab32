"""Saved models: what is in the file besides the network, and the checks before anything is made from it."""

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import as_table, check_values
from gng_fast.core import saved_network as saved
from gng_fast.core.network import Network, restored
from gng_fast.files import PathOrFile, Readable, reading
from gng_fast.graph import Graph
from gng_fast.model.clusters import saved_clusters
from gng_fast.model.clusters.recent import ROWS_PER_NODE, RecentRows
from gng_fast.model.constructor import check_parameters
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.fitted import TrainingState
from gng_fast.model.history import Entry
from gng_fast.model.row_weights import CARRY_RANGE
from gng_fast.npz import Field

#: What the file of a model holds besides the network; all but the first only where they are there.
MODEL_ARRAYS = saved_clusters.ARRAYS | {
    "history": Field(("f8",), 1),
    "recent": Field(("f4",), 2, optional=True),  # (k, d) the rows that clusters are made from when the nodes have moved
    "history_spans": Field(
        ("i8",), 1, optional=True
    ),  # for how many epochs or arrays each entry stands, if not all for one
    "offset": Field(("f8",), 1, optional=True),  # (d,) of the coordinates
    "winners": Field(("u1", "u2", "u4"), 1, optional=True),  # (n,) the nearest node of each row of the data of `fit`
    "init_nodes": Field(("f4", "f8"), 2, optional=True),
    "init_edges": Field(("i8",), 2, optional=True),
    "init_ages": Field(("i8",), 1, optional=True),
    "init_errors": Field(("f8",), 1, optional=True),
}

MODEL = saved.schema_of("gng_fast model", saved.NETWORK_ARRAYS | MODEL_ARRAYS)

# Scales of coordinates lie within.
_SCALE_RANGE = 4.0**-150, 4.0**511

# One entry of a history stands for no more epochs or arrays than anyone has time for.
_LARGEST_SPAN = 2**62

_GRAPH_FIELDS = ("nodes", "edges", "ages", "errors")

_Arrays = Mapping[str, NDArray[Any]]


# ---- the whole file -------------------------------------------------------------------------------------------------


def write_model(target: PathOrFile, parameters: dict[str, Any], state: TrainingState) -> None:
    """Write a model: the constructor's parameters, and its state.

    Raises what `GrowingNeuralGas.save` raises.
    """
    packed, init = _pack_parameters(parameters)
    check_parameters(parameters)  # `read_model` does, too
    offset, names, moment = state.coordinates.offset, state.feature_names, state.moment()
    arrays = moment.arrays
    about = {
        "network": moment.about,
        "parameters": packed,
        "scale": state.coordinates.scale,
        "carry": moment.carry,
        "feature_names": None if names is None else names.tolist(),
        "clusters": None,
    }
    arrays |= init
    if offset is not None:
        arrays["offset"] = offset
    arrays["history"] = np.array([distance for distance, _ in moment.history], dtype=np.float64)
    spans = np.array([n for _, n in moment.history], dtype=np.int64)
    if spans.max(initial=1) > 1:
        arrays["history_spans"] = spans
    if moment.winners is not None:
        arrays["winners"] = moment.winners
    if moment.recent is not None:
        arrays["recent"] = moment.recent.in_order()
    if moment.clusters is not None:
        about["clusters"], more = saved_clusters.packed(moment.clusters, moment.clusters_hold)
        arrays |= more
    saved.write(target, MODEL, about, arrays)


def read_model(source: Readable, names: set[str], max_bytes: int | None) -> tuple[dict[str, Any], TrainingState]:
    """Return the parameters, whose `names` are the constructor's, and the state of the model in a file.

    Raises what `GrowingNeuralGas.load` raises.
    """
    with reading(source) as file:
        about, arrays = saved.read(file, MODEL)
        return _unpacked(about, arrays, names, saved.most_bytes(max_bytes, arrays))


def _unpacked(about: Any, arrays: _Arrays, names: set[str], max_bytes: float) -> tuple[dict[str, Any], TrainingState]:
    """The parameters and the state of a file's content, checked."""
    saved.check_names("the model", about, {"network", "parameters", "scale", "carry", "feature_names", "clusters"})
    parameters = _checked_parameters(about["parameters"], arrays, names)
    network = restored(Network, about["network"], arrays, max_bytes)
    d = network.n_features
    state = TrainingState(network, _checked_coordinates(about["scale"], arrays, d))
    state.history, state.carry = _checked_history(arrays), int(CARRY_RANGE.check("carry", about["carry"]))
    state.keep_winners(_checked_winners(arrays, network.n_nodes))
    state.feature_names = _checked_feature_names(about["feature_names"], d)
    state.recent = _checked_recent(arrays, network)
    if about["clusters"] is not None:
        clusters, clusters_hold = saved_clusters.unpacked(about["clusters"], arrays, network.graph().nodes)
        state.keep_clusters(clusters, network.n_changes if clusters_hold else -1)
    return parameters, state


# ---- parameters -----------------------------------------------------------------------------------------------------


def _pack_parameters(parameters: dict[str, Any]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The constructor's parameters as JSON has them, and `init`, None for it in the first, as arrays.

    Raises ValueError or TypeError for one that is nothing but a number, a word or None, or an `init` of another kind.
    """
    init, arrays = parameters.get("init"), {}
    if isinstance(init, Graph):
        arrays = {f"init_{field}": getattr(init, field) for field in _GRAPH_FIELDS}
    elif init is not None:
        nodes = as_table(init, "init")
        check_values(nodes, "init")
        arrays["init_nodes"] = nodes if nodes.dtype in (np.float32, np.float64) else nodes.astype(np.float64)
    return {name: None if name == "init" else _plain(name, value) for name, value in parameters.items()}, arrays


def _plain(name: str, value: Any) -> bool | int | float | str | None:
    """A parameter as JSON has it."""
    if isinstance(value, (np.random.Generator, np.random.RandomState)):
        raise ValueError(
            f"{name} must be None or an integer in a saved model, got {value!r}: the model no longer needs it, "
            f"set_params({name}=None) is enough"
        )
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"{name} must be a number, a word or None in a saved model, got {value!r}")


def _checked_parameters(packed: Any, arrays: _Arrays, names: set[str]) -> dict[str, Any]:
    """The constructor's parameters as `_pack_parameters` packed them.

    Raises ValueError or TypeError if they are not those of `names`, or have values that no model takes.
    """
    if not isinstance(packed, dict) or set(packed) != names:
        raise ValueError(f"the model's parameters must be {', '.join(sorted(names))}")
    parameters: dict[str, Any] = {name: _plain(name, value) for name, value in packed.items()}
    if "init_nodes" in arrays:
        nodes = arrays["init_nodes"]
        check_values(nodes, "init")
        edges, ages, errors = (arrays.get(f"init_{field}") for field in _GRAPH_FIELDS[1:])
        parameters["init"] = nodes if edges is None else Graph(nodes, edges, ages, errors)
    check_parameters(parameters)
    return parameters


# ---- state ----------------------------------------------------------------------------------------------------------


def _checked_coordinates(scale: Any, arrays: _Arrays, n_features: int) -> Coordinates:
    """The coordinates; raises ValueError or TypeError if there are none like them."""
    if (
        not isinstance(scale, (int, float))
        or not _SCALE_RANGE[0] <= scale <= _SCALE_RANGE[1]
        or math.frexp(scale)[0] != 0.5
        or math.frexp(scale)[1] % 2 != 1
    ):
        raise ValueError(f"scale must be a power of 4 from 4^-150 to 4^511, got {scale!r}")
    offset = arrays.get("offset")
    if offset is None:
        if scale != 1:
            raise ValueError(f"scale must be 1 without an offset, got {scale}")
        return Coordinates()
    if offset.shape != (n_features,):
        raise ValueError(f"offset must have shape ({n_features},), got {offset.shape}")
    check_values(offset[np.newaxis], "offset")
    return Coordinates(offset, float(scale))


def _checked_history(arrays: _Arrays) -> list[Entry]:
    """The mean distances, which are not negative; NaN is where nothing was presented."""
    if "history" not in arrays:
        raise ValueError("it has no field 'history'")
    history = arrays["history"]
    if not ((history >= 0) & (history < math.inf) | np.isnan(history)).all():
        raise ValueError("history must hold mean distances >= 0 or NaN")
    spans = arrays.get("history_spans", np.ones(len(history), np.int64))
    if spans.shape != history.shape or not ((spans >= 1) & (spans <= _LARGEST_SPAN)).all():
        raise ValueError(f"history_spans must be {len(history)} integers in [1, {_LARGEST_SPAN}]")
    return list(zip(history.tolist(), spans.tolist()))


def _checked_winners(arrays: _Arrays, n_nodes: int) -> NDArray[np.unsignedinteger[Any]] | None:
    """The nearest nodes of the data of `fit`, if they are known."""
    if "winners" not in arrays:
        return None
    winners = arrays["winners"]
    if winners.max(initial=0) >= n_nodes:
        raise ValueError(f"winners must be in [0, {n_nodes - 1}]")
    return winners


def _checked_recent(arrays: _Arrays, network: Network) -> RecentRows | None:
    """The last rows of the stream, if they are kept."""
    if "recent" not in arrays:
        return None
    rows, d = arrays["recent"], network.n_features
    if rows.shape[1] != d:
        raise ValueError(f"recent must have {d} columns, got {rows.shape[1]}")
    check_values(rows, "recent")
    return RecentRows(d, ROWS_PER_NODE * int(network.parameters["max_nodes"]), rows)


def _checked_feature_names(names: Any, n_features: int) -> NDArray[np.object_] | None:
    """The names of the columns; None if they have none."""
    if names is None:
        return None
    if not isinstance(names, list) or len(names) != n_features or not all(isinstance(name, str) for name in names):
        raise ValueError(f"feature_names must be {n_features} words, got {names!r}")
    return np.array(names, dtype=object)
