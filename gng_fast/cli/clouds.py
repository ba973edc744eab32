"""Points in space from files: .ply, .xyz, and tables with three columns for them."""

import itertools
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import check_values
from gng_fast.cli.places import STANDARD
from gng_fast.cli.tables import READERS as TABLE_READERS
from gng_fast.cli.tables import read_table
from gng_fast.files import reading

AXES = ("x", "y", "z")
# The types of PLY, by their older and their newer names.
_KINDS = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
_TYPES = dict(zip(("char", "uchar", "short", "ushort", "int", "uint", "float", "double"), _KINDS))
_TYPES |= dict(zip(("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"), _KINDS))
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
# No header of PLY is longer.
_MOST_HEADER = 1 << 16


def read_cloud(path: str, columns: Sequence[str] | None, progress: Callable[[float], None]) -> NDArray[Any]:
    """Return the points in a file, (n, 3).

    Parameters
    ----------
    path : str
        A file in one of `READERS`, or a table as of `read_table`, or "-" for CSV from standard input.
    columns : sequence of str, optional
        Of a table, the names of those with the coordinates; by default x, y and z, or else the first three.
    progress : callable(share)
        Told how much of a table is read.

    Raises
    ------
    OSError, ValueError, ImportError
        The file cannot be read.
    """
    ending = Path(path).suffix.lower()
    if path != STANDARD and not os.path.exists(path):
        raise FileNotFoundError(f"{path} does not exist")
    if path != STANDARD and ending in READERS:
        if columns is not None:
            raise ValueError(f"columns is for tables, not for '{path}'")
        with reading(path) as file:
            points = READERS[ending](file)
        if not len(points):
            raise ValueError(f"'{path}' has no points")
        check_values(points, f"'{path}'", columns=list(AXES))
        return points
    if path != STANDARD and ending not in TABLE_READERS:
        raise ValueError(f"cannot read '{path}': the ending must be one of {', '.join([*READERS, *TABLE_READERS])}")
    table = read_table(path, None, progress)
    if columns is not None and len(columns) != len(AXES):
        raise ValueError(f"columns must name three, got {len(columns)}")
    return table.chosen(columns or _axes_among(table.columns), leave_text_out=False).values()


def _axes_among(columns: Sequence[str]) -> list[str]:
    """The columns with the coordinates: those called so, or else the first three."""
    by_name = {name.lower(): name for name in reversed(columns)}
    if all(axis in by_name for axis in AXES):
        return [by_name[axis] for axis in AXES]
    if len(columns) < len(AXES):
        raise ValueError(f"points in space need three columns, got {len(columns)}")
    return list(columns[: len(AXES)])


# ---- XYZ ------------------------------------------------------------------------------------------------------------


def _read_xyz(file: IO[bytes]) -> NDArray[np.float64]:
    """The first three numbers of each line, with spaces or commas between; # begins a comment."""
    lines = (line.replace(b",", b" ").decode("utf-8-sig") for line in file)
    return _numbers(lines, (0, 1, 2))


def _numbers(lines: Iterable[str], columns: Sequence[int]) -> NDArray[np.float64]:
    """Some columns of lines of numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there are no lines
        return np.loadtxt(lines, usecols=columns, comments="#", ndmin=2).reshape(-1, len(columns))


# ---- PLY ------------------------------------------------------------------------------------------------------------


class _Element(NamedTuple):
    """What a header says of an element.

    properties : name and type of each; no type for a list
    """

    name: str
    n: int
    properties: list[tuple[str, str | None]]


def _read_ply(file: IO[bytes]) -> NDArray[np.float64]:
    """The positions of the vertices."""
    order, elements = _header(file)
    names = [each.name for each in elements]
    if "vertex" not in names:
        raise ValueError("it has no vertices")
    before, vertices = elements[: names.index("vertex")], elements[names.index("vertex")]
    places = [name for name, _ in vertices.properties]
    if any(axis not in places for axis in AXES):
        raise ValueError("its vertices have no x, y and z")
    if order == "ascii":
        return _ascii_vertices(file, sum(each.n for each in before), vertices)
    for each in before:
        file.seek(each.n * _record(each, order).itemsize, os.SEEK_CUR)
    record = _record(vertices, order)
    left = os.fstat(file.fileno()).st_size - file.tell()
    if vertices.n * record.itemsize > left:  # said before memory is taken for them
        raise ValueError("it ends within its vertices")
    found = np.frombuffer(file.read(vertices.n * record.itemsize), record)
    return np.stack([found[axis].astype(np.float64) for axis in AXES], axis=1)


def _record(element: _Element, order: str) -> np.dtype[Any]:
    """How one of an element lies in a binary file."""
    fields = []
    for name, kind in element.properties:
        if kind is None:
            raise ValueError(f"the list '{name}' comes before the end of its vertices")
        fields.append((name, _ORDERS[order] + kind))
    return np.dtype(fields)


def _ascii_vertices(file: IO[bytes], skipped: int, vertices: _Element) -> NDArray[np.float64]:
    """The positions of the vertices in a file of text, after so many lines of other elements."""
    names = [name for name, _ in vertices.properties]
    if any(kind is None for _, kind in vertices.properties):
        raise ValueError("its vertices have a list")
    lines = (line.decode("ascii") for line in file if line.strip())
    chosen = itertools.islice(lines, skipped, skipped + vertices.n)
    points = _numbers(chosen, tuple(names.index(axis) for axis in AXES))
    if len(points) != vertices.n:
        raise ValueError("it ends within its vertices")
    return points


def _header(file: IO[bytes]) -> tuple[str, list[_Element]]:
    """The format and the elements that a header names."""
    if file.readline(_MOST_HEADER).split() != [b"ply"]:
        raise ValueError("it is no PLY file")
    order, elements, words = "", list[_Element](), list[str]()
    while words != ["end_header"]:
        line = file.readline(_MOST_HEADER)
        if not line or file.tell() > _MOST_HEADER:
            raise ValueError("its header has no end")
        words = line.decode("ascii", "replace").split()
        match words:
            case ["format", name, _] if name in _ORDERS:
                order = name
            case ["element", name, count] if count.isdecimal() and len(count) < 16:
                elements.append(_Element(name, int(count), []))
            case ["property", "list", _, _, name] if elements:
                elements[-1].properties.append((name, None))
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].properties.append((name, _TYPES[kind]))
            case [] | ["comment", *_] | ["obj_info", *_] | ["end_header"]:
                pass
            case _:
                raise ValueError(f"its header has the line {' '.join(words)[:40]!r}")
    if not order:
        raise ValueError("its header names no format")
    return order, elements


#: Readers of points, by the ending of the file.
READERS: dict[str, Callable[[IO[bytes]], NDArray[np.float64]]] = {".ply": _read_ply, ".xyz": _read_xyz}
