"""What a saved model holds besides its network: the constructor's parameters, the frame of its data, and where it is."""

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from gng_fast.checks import as_table, check_values
from gng_fast.core.saved_network import NETWORK_ARRAYS, schema_of
from gng_fast.graph import Graph
from gng_fast.model.coordinates import Frame
from gng_fast.npz import Field

#: What the file of a model holds besides the network; all but the first only where they are there.
MODEL_ARRAYS = {
    "history": Field(("f8",), 1),
    "offset": Field(("f8",), 1, optional=True),  # (d,) of the coordinates
    "labels": Field(("i8",), 1, optional=True),
    "init_nodes": Field(("f4", "f8"), 2, optional=True),
    "init_edges": Field(("i8",), 2, optional=True),
    "init_ages": Field(("i8",), 1, optional=True),
    "init_errors": Field(("f8",), 1, optional=True),
}

MODEL = schema_of("gng_fast model", NETWORK_ARRAYS | MODEL_ARRAYS)

# Those of a frame lie well within: squares of a scale, and data in it, are finite.
_SCALES = 4.0**-150, 4.0**150

_GRAPH_FIELDS = ("nodes", "edges", "ages", "errors")


def pack_parameters(parameters: dict[str, Any]) -> tuple[dict, dict[str, np.ndarray]]:
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


def _plain(name, value):
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


def unpack_parameters(packed: Any, arrays: Mapping[str, np.ndarray], names: set[str]) -> dict[str, Any]:
    """The constructor's parameters as `pack_parameters` packed them; their values are checked when they are used.

    Raises ValueError or TypeError if they are not those of `names` or of no kind that it makes.
    """
    if not isinstance(packed, dict) or set(packed) != names:
        raise ValueError(f"the model's parameters must be {', '.join(sorted(names))}")
    parameters = {name: _plain(name, value) for name, value in packed.items()}
    if "init_nodes" in arrays:
        nodes = arrays["init_nodes"]
        check_values(nodes, "init")
        graph = [arrays.get(f"init_{field}") for field in _GRAPH_FIELDS]
        parameters["init"] = nodes if graph[1] is None else Graph(*graph)
    return parameters


def pack_frame(frame: Frame) -> tuple[float, dict[str, np.ndarray]]:
    """The scale, and the offset where there is one."""
    return frame.scale, {} if frame.offset is None else {"offset": frame.offset}


def unpack_frame(scale: Any, arrays: Mapping[str, np.ndarray], n_features: int) -> Frame:
    """The frame; raises ValueError or TypeError if there is none like it."""
    if (
        not isinstance(scale, (int, float))
        or not _SCALES[0] <= scale <= _SCALES[1]
        or math.frexp(scale)[0] != 0.5
        or math.frexp(scale)[1] % 2 != 1
    ):
        raise ValueError(f"scale must be a power of 4 from 4^-150 to 4^150, got {scale!r}")
    offset = arrays.get("offset")
    if offset is None:
        if scale != 1:
            raise ValueError(f"scale must be 1 without an offset, got {scale}")
        return Frame()
    if offset.shape != (n_features,):
        raise ValueError(f"offset must have shape ({n_features},), got {offset.shape}")
    check_values(offset[np.newaxis], "offset")
    return Frame(offset, float(scale))


def checked_history(arrays: Mapping[str, np.ndarray]) -> list[float]:
    """The mean distances, which are not negative; NaN is where nothing was presented."""
    if "history" not in arrays:
        raise ValueError("it has no field 'history'")
    history = arrays["history"]
    if not ((history >= 0) & (history < math.inf) | np.isnan(history)).all():
        raise ValueError("history must hold mean distances >= 0 or NaN")
    return history.tolist()


def checked_labels(arrays: Mapping[str, np.ndarray], n_nodes: int) -> dict[str, np.ndarray]:
    """The labels, if there are any, as the model keeps them."""
    if "labels" not in arrays:
        return {}
    labels = arrays["labels"]
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= n_nodes:
        raise ValueError(f"labels must be in [0, {n_nodes - 1}]")
    return {"labels": labels}


def checked_names(names: Any, n_features: int) -> np.ndarray | None:
    """The names of the columns; None if they have none."""
    if names is None:
        return None
    if not isinstance(names, list) or len(names) != n_features or not all(isinstance(name, str) for name in names):
        raise ValueError(f"feature_names must be {n_features} words, got {names!r}")
    return np.array(names, dtype=object)
