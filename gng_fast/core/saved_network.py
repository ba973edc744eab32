"""Saved networks and models: what is in the file, and the checks before anything is made from it.

The file is an npz archive, not compressed, of arrays without pickled objects:

    format      "gng_fast network" or "gng_fast model"
    version     1
    about       JSON in UTF-8 as uint8: all that is not an array
    nodes ...   the arrays of `NETWORK_ARRAYS`; for a model those of `MODEL_ARRAYS` too

Not compressed, so that what is read is as big as the file that was given. A pickled network or model holds the same.
"""

import errno
import math
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gng_fast.checks import LARGEST_COORDINATE
from gng_fast.parameters import Range, check, network_parameters

VERSION = 1
NETWORK, MODEL = "gng_fast network", "gng_fast model"

# How to read what, for the message when it is read as something else.
_READERS = {
    NETWORK: "Network.load",
    MODEL: "GrowingNeuralGas.load",
    "gng_fast graph": "gng_fast.art.export.read_npz",
}


class _Kind(NamedTuple):
    dtypes: tuple[str, ...]
    ndim: int


_HEADER = {"format": _Kind(("U",), 0), "version": _Kind(("i8",), 0), "about": _Kind(("u1",), 1)}

#: The arrays of a network of n nodes of d features and m edges; the last four only where they are used.
NETWORK_ARRAYS = {
    "nodes": _Kind(("f4",), 2),  # (n, d)
    "errors": _Kind(("f8",), 1),  # (n,) times error_scale
    "edges": _Kind(("i8",), 2),  # (m, 2) a < b, sorted
    "ages": _Kind(("i8",), 1),  # (m,)
    "utilities": _Kind(("f8",), 1),  # (n,) times error_scale
    "fixed": _Kind(("b1",), 1),  # (n,)
    "last_won": _Kind(("f4",), 2),  # (k, d) the signals that the k fixed nodes won last
    "permanent": _Kind(("b1",), 1),  # (m,)
}

#: What a model adds to them; all but the first only where they are there.
MODEL_ARRAYS = {
    "history": _Kind(("f8",), 1),
    "offset": _Kind(("f8",), 1),  # (d,) of the frame
    "labels": _Kind(("i8",), 1),
    "init_nodes": _Kind(("f4", "f8"), 2),
    "init_edges": _Kind(("i8",), 2),
    "init_ages": _Kind(("i8",), 1),
    "init_errors": _Kind(("f8",), 1),
}

_ARRAYS = {NETWORK: NETWORK_ARRAYS, MODEL: NETWORK_ARRAYS | MODEL_ARRAYS}
_MOST_WORDS = 64  # characters of `format`
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


def write(path: str | os.PathLike, kind: str, about: dict, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a file of `kind`, NETWORK or MODEL: the same state gives the same bytes.

    The file is replaced whole or stays as it was. Raises OSError if it cannot be written, ValueError for numbers that JSON
    does not have.
    """
    import json  # not needed but with files, as the next

    from gng_fast.files import replacing

    text = json.dumps(about, allow_nan=False, separators=(",", ":")).encode()
    fields = {"format": np.array(kind), "version": np.array(VERSION, np.int64), "about": np.frombuffer(text, np.uint8)}
    with replacing(path) as file:
        little = {name: np.asarray(array, array.dtype.newbyteorder("<")) for name, array in (fields | arrays).items()}
        np.savez(file, **little)


def read(path: str | os.PathLike, kind: str) -> tuple[dict, dict[str, np.ndarray]]:
    """What `write` wrote: every array has the type and number of dimensions it should have, nothing else is checked.

    Raises ValueError if the file is damaged, of a later version or something else, OSError if it cannot be read.
    """
    import zipfile  # not needed but here, and slow to import

    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _fields(archive, kind)
        except zipfile.BadZipFile as error:
            raise ValueError("it is damaged or not an npz file") from error
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # a place in the file, as the archive names it, that there is not
            raise ValueError("it is damaged") from error


def _fields(archive, kind):
    import json

    members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise ValueError("it has a field twice")
    given = str(_member(archive, members, "format", _HEADER["format"]))
    if given != kind:
        hint = f": read it with {_READERS[given]}" if given in _READERS else ""
        raise ValueError(f"it is not a {kind}, but a {given!r}{hint}")
    version = int(_member(archive, members, "version", _HEADER["version"]))
    if version != VERSION:
        raise ValueError(f"it has version {version}, but this gng_fast reads version {VERSION}")
    kinds = _HEADER | _ARRAYS[kind]
    for name, member in members.items():
        if name not in kinds:
            raise ValueError(f"it has an unknown field {name!r}")
        if member.compress_type != 0:  # ZIP_STORED
            raise ValueError(f"its field {name!r} is compressed")
    fields = {name: _member(archive, members, name, kinds[name]) for name in members}
    if "about" not in fields:
        raise ValueError("it has no field 'about'")
    about = json.loads(fields["about"].tobytes())
    return about, {name: fields[name] for name in fields if name not in _HEADER}


def _member(archive, members, name, kind):
    """One array, read only if its header says what it should and its size agrees with it."""
    if name not in members:
        raise ValueError(f"it has no field {name!r}")
    with archive.open(members[name]) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"its field {name!r} is not in version 1.0 of the npy format")
        shape, columns_first, dtype = np.lib.format.read_array_header_1_0(stream)
        words = dtype.kind == "U" and kind.dtypes == ("U",) and 0 < dtype.itemsize <= 4 * _MOST_WORDS
        if (
            (not words and dtype.str[1:] not in kind.dtypes)
            or len(shape) != kind.ndim
            or (columns_first and len(shape) > 1)
        ):
            wanted = f"{kind.ndim} dimensions of {' or '.join(kind.dtypes)}"
            raise ValueError(f"its field {name!r} must have {wanted}, got shape {shape} of {dtype}")
        size = math.prod(shape) * dtype.itemsize
        if min(shape, default=1) < 0 or size != members[name].file_size - stream.tell():
            raise ValueError(f"its field {name!r} does not hold as many numbers as it says")
        data = stream.read(size)
        if len(data) != size or stream.read(1):  # the archive's checksum is compared at the end
            raise ValueError(f"its field {name!r} is cut off")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def loading(path: str | os.PathLike, load):
    """Return `load()`; whatever goes wrong with what is in the file becomes a ValueError that names it."""
    try:
        return load()
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # Everything, because on damaged bytes numpy, zipfile and json raise a dozen kinds of errors.
        raise ValueError(f"cannot read '{path}': {error or type(error).__name__}") from error


# ---- checks ---------------------------------------------------------------------------------------------------------


def checked_network(about: Any, arrays: Mapping[str, np.ndarray]) -> tuple[dict, dict[str, np.ndarray]]:
    """Return the numbers and the arrays of a network, checked so that a network can be made from them.

    about : "search", "parameters", "annealing" and the numbers, by name
    arrays : those of `NETWORK_ARRAYS`, which have the types they should; others are left out

    Raises ValueError or TypeError naming what is wrong.
    """
    check_names("the network", about, {*_NUMBERS, "search", "parameters", "annealing"})
    check_names("annealing", about["annealing"], set(_ANNEALING))
    check_names("parameters", about["parameters"], set(network_parameters({})))
    checked = {name: allowed.check(name, about[name]) for name, allowed in _NUMBERS.items()}
    checked["annealing"] = {name: allowed.check(name, about["annealing"][name]) for name, allowed in _ANNEALING.items()}
    annealing = checked["annealing"]
    for given, name in (checked, "n_signals"), (checked, "distance_count"), (annealing, "presented"):
        given[name] = min(given[name], _MOST_COUNTED)
    for name in ("eps_b_start", "eps_n_start"):
        # float32 as a network has them: the end divided by something smaller could be infinite
        annealing[name] = float(np.float32(annealing[name]))
    checked["search"] = check("search", about["search"])
    checked["parameters"] = network_parameters(about["parameters"])
    if checked["until_insertion"] > checked["parameters"]["lam"]:
        raise ValueError(f"until_insertion must be at most lam, got {checked['until_insertion']}")
    _check_memory(checked["n_features"], checked["parameters"]["max_nodes"])
    arrays = {name: array for name, array in arrays.items() if name in NETWORK_ARRAYS}
    _check_shapes(arrays, checked)
    _check_arrays(arrays, checked["parameters"]["max_age"])
    return checked, arrays


def check_names(what: str, given: Any, names: set[str]) -> None:
    """Raise ValueError unless `given` is a dict with these keys."""
    if not isinstance(given, dict) or set(given) != names:
        wrong = sorted(map(str, set(given) ^ names)) if isinstance(given, dict) else [repr(given)]
        raise ValueError(f"{what} must hold {', '.join(sorted(names))}; wrong or missing: {', '.join(wrong)}")


def _check_memory(n_features, max_nodes):
    """A file of a few bytes may ask for any memory, and some systems end a process that uses more than there is."""
    needed = max_nodes * (48 + 4 * n_features)
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        there_is = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if needed > there_is > 0:
            raise ValueError(
                f"max_nodes = {max_nodes} of {n_features} features take {needed:.2g} bytes of memory, "
                f"there are {there_is:.2g}"
            )


def _check_shapes(arrays, checked):
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
    shapes = {
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


def _check_arrays(arrays, max_age):
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


def _check_within(name, array, low, high):
    wrong = array[~((array >= low) & (array <= high))]
    if wrong.size:
        raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {wrong[0]}")
