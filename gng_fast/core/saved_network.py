"""Saved networks: what is in the file, and the checks before anything is made from it.

The file is an archive of `npz.py` of the format "gng_fast network" (or "gng_fast model", see model/saved_model.py):

    about       JSON in UTF-8 as uint8: all that is not an array
    nodes ...   the arrays of `NETWORK_ARRAYS`

Not compressed, so that what is read is as big as the file that was given. A pickled network holds the same.
"""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import LARGEST_COORDINATE
from gng_fast.files import PathOrFile
from gng_fast.npz import Field, Schema
from gng_fast.npz import read as read_npz
from gng_fast.npz import write as write_npz
from gng_fast.parameters import Range, check, network_parameters

_VERSION = 1

#: The arrays of a network of n nodes of d features and m edges; the last four only where they are used.
NETWORK_ARRAYS = {
    "nodes": Field(("f4",), 2),  # (n, d)
    "errors": Field(("f8",), 1),  # (n,) times error_scale
    "edges": Field(("i8",), 2),  # (m, 2) a < b, sorted
    "ages": Field(("i8",), 1),  # (m,)
    "utilities": Field(("f8",), 1, optional=True),  # (n,) times error_scale
    "fixed": Field(("b1",), 1, optional=True),  # (n,)
    "last_won": Field(("f4",), 2, optional=True),  # (k, d) the signals that the k fixed nodes won last
    "permanent": Field(("b1",), 1, optional=True),  # (m,)
}

# Bytes of `about`: enough for a million names of columns. As Python has it, it takes a multiple.
_MOST_ABOUT = 2**24

#: Bytes that a loaded network may take beyond the size of its arrays, unless `max_bytes` says otherwise.
MOST_BEYOND = 2**28

_STEP = Range(0, 1)
_COUNT = Range(0, 2**63 - 1, integer=True)
_MOST_COUNTED = 2**62  # more than anyone has time for; counting goes on from there without an overflow
_NOT_NEGATIVE = Range(0, math.inf)

#: What a network knows besides its parameters and arrays.
_NUMBERS = {
    "n_features": Range(1, 2**20, integer=True),
    "rng": Range(0, 2**64 - 1, integer=True),
    "eps_b": _STEP,
    "eps_n": _STEP,
    "error_scale": Range(1, 2.0**512),
    "n_signals": _COUNT,
    "until_insertion": Range(1, 2**63 - 1, integer=True),
    "distance_sum": _NOT_NEGATIVE,
    "distance_count": _COUNT,
}
_ANNEALING = {
    "eps_b_start": _STEP,
    "eps_b_end": _STEP,
    "eps_n_start": _STEP,
    "eps_n_end": _STEP,
    "n_signals": _COUNT,
    "presented": _COUNT,
    "stage": Range(0, 4096, integer=True),
}

# Errors and utilities, times the scale that is at most 2^512: sums of squared float32 stay far below.
_LARGEST_STORED = 2.0**1000

# Rounding may take a node a little beyond the largest coordinate of data.
_LARGEST_POSITION = 2 * LARGEST_COORDINATE


# ---- files ----------------------------------------------------------------------------------------------------------


def schema_of(name: str, arrays: Mapping[str, Field]) -> Schema:
    """Return the schema of files that hold a network, of whose arrays `arrays` are all, and an `about`."""
    return Schema(name, _VERSION, {"about": Field(("u1",), 1), **arrays})


NETWORK = schema_of("gng_fast network", NETWORK_ARRAYS)


def write(target: PathOrFile, schema: Schema, about: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file of a schema of `schema_of`: the same state gives the same bytes.

    A path is replaced whole or stays as it was. Raises OSError if the file cannot be written, ValueError for numbers
    that JSON does not have, and for names of columns that `read` would not read.
    """
    text = json.dumps(about, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > _MOST_ABOUT:
        raise ValueError(
            f"the names of columns and the parameters must take at most {_MOST_ABOUT} bytes, got {len(text)}"
        )
    write_npz(target, schema, {"about": np.frombuffer(text, np.uint8), **arrays})


def read(file: IO[bytes], schema: Schema) -> tuple[Any, dict[str, NDArray[Any]]]:
    """Return what `write` wrote: the arrays are of the kinds of the schema, nothing else is checked.

    Read it within `files.reading`. Raises anything if the file is damaged, of a later version or something else.
    """
    arrays = read_npz(file, schema)
    text = arrays.pop("about")
    if text.size > _MOST_ABOUT:
        raise ValueError(f"its field 'about' must have at most {_MOST_ABOUT} bytes, got {text.size}")
    return json.loads(text.tobytes()), arrays


# ---- arrays ---------------------------------------------------------------------------------------------------------


def empty_arrays(
    n_nodes: int,
    n_features: int,
    n_edges: int,
    n_fixed: int = 0,
    *,
    utility: bool = False,
    permanent: bool = False,
) -> dict[str, NDArray[Any]]:
    """Return arrays to copy a network to; those that are not used by one like it are left out."""
    shapes: dict[str, tuple[int, ...]] = {
        "nodes": (n_nodes, n_features),
        "errors": (n_nodes,),
        "edges": (n_edges, 2),
        "ages": (n_edges,),
    }
    if utility:
        shapes["utilities"] = (n_nodes,)
    if n_fixed:
        shapes |= {"fixed": (n_nodes,), "last_won": (n_fixed, n_features)}
    if permanent and n_edges:
        shapes["permanent"] = (n_edges,)
    return {name: np.empty(shape, NETWORK_ARRAYS[name].dtypes[0]) for name, shape in shapes.items()}


def with_sorted_edges(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays with their edges sorted: their order in the lists of edges tells how they came to be there,
    which nothing depends on.
    """
    edges = arrays["edges"]
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    return {name: array[order] if name in ("edges", "ages", "permanent") else array for name, array in arrays.items()}


def further_chunks(edges: NDArray[np.int64], edges_per_chunk: int) -> int:
    """Return how many chunks of edges the nodes take besides one each."""
    return int((np.bincount(edges.ravel(), minlength=1) // edges_per_chunk).sum())


# ---- checks ---------------------------------------------------------------------------------------------------------


def checked_network(
    about: Any, arrays: Mapping[str, NDArray[Any]], max_bytes: float | None = None
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the numbers and the arrays of a network, checked so that a network can be made from them.

    Parameters
    ----------
    about : dict
        "search", "parameters", "annealing" and the numbers, by name.
    arrays : mapping of str to ndarray
        Those of `NETWORK_ARRAYS`, which have the types they should; others are left out.
    max_bytes : float, optional
        The network may take so much memory; None sets no limit. See `most_bytes`.

    Raises
    ------
    ValueError, TypeError
        The message names what is wrong.
    """
    check_names("the network", about, {*_NUMBERS, "search", "parameters", "annealing"})
    check_names("annealing", about["annealing"], set(_ANNEALING))
    check_names("parameters", about["parameters"], set(network_parameters({})))
    annealing: dict[str, Any] = {
        name: allowed.check(name, about["annealing"][name]) for name, allowed in _ANNEALING.items()
    }
    checked: dict[str, Any] = {name: allowed.check(name, about[name]) for name, allowed in _NUMBERS.items()}
    for given, name in (checked, "n_signals"), (checked, "distance_count"), (annealing, "presented"):
        given[name] = min(given[name], _MOST_COUNTED)
    for name in ("eps_b_start", "eps_n_start"):
        # float32 as a network has them: the end divided by something smaller could be infinite
        annealing[name] = float(np.float32(annealing[name]))
    parameters = network_parameters(about["parameters"])
    checked |= {"annealing": annealing, "search": check("search", about["search"]), "parameters": parameters}
    if checked["until_insertion"] > parameters["lam"]:
        raise ValueError(f"until_insertion must be at most lam, got {checked['until_insertion']}")
    arrays = {name: array for name, array in arrays.items() if name in NETWORK_ARRAYS}
    _check_shapes(arrays, checked)
    if max_bytes is not None:
        _check_memory(arrays, checked, max_bytes)
    _check_arrays(arrays, parameters["max_age"])
    return checked, arrays


def check_names(what: str, given: Any, names: set[str]) -> None:
    """Raise ValueError unless `given` is a dict with these keys."""
    if not isinstance(given, dict) or set(given) != names:
        wrong = sorted(map(str, set(given) ^ names)) if isinstance(given, dict) else [repr(given)]
        raise ValueError(f"{what} must hold {', '.join(sorted(names))}; wrong or missing: {', '.join(wrong)}")


def most_bytes(max_bytes: int | None, arrays: Mapping[str, NDArray[Any]]) -> float:
    """Return the memory that a network loaded from a file may take: `max_bytes`, or by default what suits the file.

    A file of a few bytes may ask for a network of any size (`max_nodes`), and some systems end a process that uses more
    memory than there is.
    """
    return MOST_BEYOND + sum(array.nbytes for array in arrays.values()) if max_bytes is None else max_bytes


def network_nbytes(
    n_features: int, max_nodes: int, *, utility: bool = False, fixed: bool = False, permanent: bool = False
) -> int:
    """Return the bytes that a network takes before it has an index, as `allocate_network` of network_memory.pxd has it.

    Parameters
    ----------
    n_features, max_nodes : int
    utility, fixed, permanent : bool
        Whether it has the arrays for utilities, for fixed nodes and for permanent edges.
    """
    slack = max_nodes // 16 + 16
    slots = (max_nodes + slack + 63) // 64 * 64
    row = {1: 8, 2: 8, 3: 10}.get(n_features, n_features)  # floats of a position
    record = 4 * row if n_features <= 3 else 24 + 4 * row
    chunks = slots + slack + 128
    runs = slots // 64 * (8 + 8 * utility)  # the largest error and the least utility of each run of nodes
    return slots * (record + 4 + 8 * utility + 4 * fixed) + runs + chunks * (68 + 8 * permanent)


def _check_memory(arrays: Mapping[str, NDArray[Any]], checked: dict[str, Any], max_bytes: float) -> None:
    """Raise ValueError if a network of so many slots takes too much memory."""
    max_nodes, n_features = checked["parameters"]["max_nodes"], checked["n_features"]
    needed = network_nbytes(
        n_features,
        max_nodes,
        utility="utilities" in arrays,
        fixed="fixed" in arrays,
        permanent="permanent" in arrays,
    )
    if needed > max_bytes:
        raise ValueError(
            f"max_nodes = {max_nodes} of {n_features} features take {needed} bytes of memory, more than the "
            f"{max_bytes:.0f} allowed: load(..., max_bytes={needed}) allows them"
        )


def _check_shapes(arrays: Mapping[str, NDArray[Any]], checked: dict[str, Any]) -> None:
    """Raise ValueError where an array is missing or of a shape that does not suit the others."""
    for name in ("nodes", "errors", "edges", "ages"):
        if name not in arrays:
            raise ValueError(f"it has no field {name!r}")
    n, m, d = len(arrays["nodes"]), len(arrays["edges"]), checked["n_features"]
    if n > checked["parameters"]["max_nodes"]:
        raise ValueError(f"nodes must be at most max_nodes = {checked['parameters']['max_nodes']}, got {n}")
    if ("utilities" in arrays) != (checked["parameters"]["utility"] is not None):
        raise ValueError("utilities must be there if and only if the parameter utility is not None")
    if ("fixed" in arrays) != ("last_won" in arrays):
        raise ValueError("fixed and last_won must be there both or none")
    shapes: dict[str, tuple[int, ...]] = {
        "nodes": (n, d),
        "errors": (n,),
        "edges": (m, 2),
        "ages": (m,),
        "utilities": (n,),
        "fixed": (n,),
        "permanent": (m,),
    }
    if "fixed" in arrays:
        shapes["last_won"] = int(np.count_nonzero(arrays["fixed"])), d
    for name, array in arrays.items():
        if array.shape != shapes[name]:
            raise ValueError(f"{name} must have shape {shapes[name]}, got {array.shape}")


def _check_arrays(arrays: Mapping[str, NDArray[Any]], max_age: int) -> None:
    """Raise ValueError for a value that no network has."""
    for name in ("nodes", "last_won"):
        if name in arrays:
            _check_within(name, arrays[name], -_LARGEST_POSITION, _LARGEST_POSITION)
    for name in ("errors", "utilities"):
        if name in arrays:
            _check_within(name, arrays[name], 0, _LARGEST_STORED)
    _check_within("ages", arrays["ages"], 0, max_age)
    edges, n = arrays["edges"], len(arrays["nodes"])
    _check_within("edges", edges, 0, n - 1)
    if (edges[:, 0] >= edges[:, 1]).any() or (np.diff(edges[:, 0] * n + edges[:, 1]) <= 0).any():
        raise ValueError("edges must be pairs a < b, sorted, none of them twice")


def _check_within(name: str, array: NDArray[Any], low: float, high: float) -> None:
    wrong = array[~((array >= low) & (array <= high))]
    if wrong.size:
        raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {wrong[0]}")
