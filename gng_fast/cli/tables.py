"""Tables of numbers from files: .csv, .npy, .npz and .parquet."""

import csv
import io
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import check_values
from gng_fast.cli.messages import did_you_mean
from gng_fast.cli.places import STANDARD
from gng_fast.files import PathOrFile, reading, write_file
from gng_fast.optional import need

# Lines of a CSV file that are looked at to tell its delimiter, its header and its columns of text.
_SAMPLE = 200
_DELIMITERS = ",;\t|"
# What files of NumPy begin with.
_NPY, _ZIP = b"\x93NUMPY", b"PK"
# The names of an array that are understood in an archive of several.
_USUAL_NAMES = ("X", "data")


@dataclass(frozen=True)
class Table:
    """Columns of a file.

    Attributes
    ----------
    name : str
        Of the file.
    columns : list of str
        Their names.
    text : list of str
        The names of those that hold something else than numbers.
    load : callable(columns) -> array of shape (n, k)
        Reads some of the columns, which hold numbers, by their positions.
    """

    name: str
    columns: list[str]
    text: list[str]
    load: Callable[[Sequence[int]], NDArray[Any]]

    def chosen(self, columns: Sequence[str] | None, leave_text_out: bool) -> "Table":
        """Return the table of some of the columns, or of all that hold numbers if text is left out.

        Raises ValueError where there is no such column, or one of text is asked for.
        """
        names = self.columns if columns is None else list(columns)
        for name in names:
            if name not in self.columns:
                raise ValueError(f"'{self.name}' has no column '{name}'{did_you_mean(name, self.columns)}")
        text = [name for name in names if name in self.text]
        if text and not leave_text_out:
            listed = ", ".join(f"'{name}'" for name in text[:5]) + (f" and {len(text) - 5} more" if text[5:] else "")
            raise ValueError(
                f"'{self.name}' has text in the column{'s' if text[1:] else ''} {listed}: --skip-text leaves text out"
            )
        names = [name for name in names if name not in text]
        if not names:
            raise ValueError(f"'{self.name}' has no column of numbers")
        at = [self.columns.index(name) for name in names]
        return replace(self, columns=names, text=[], load=lambda some: self.load([at[number] for number in some]))

    def values(self) -> NDArray[Any]:
        """Read all columns; raises ValueError where one holds something else than a finite number."""
        array = self.load(range(len(self.columns)))
        if not len(array):
            raise ValueError(f"'{self.name}' has no rows")
        check_values(array, f"'{self.name}'", columns=list(self.columns))
        return array


def read_table(path: str, array: str | None = None, progress: Callable[[float], None] = lambda _: None) -> Table:
    """Return the table in a file, of which the values are read later.

    Parameters
    ----------
    path : str
        A file in one of `READERS`, or "-" for CSV from standard input.
    array : str, optional
        Which array of an npz archive is the table.
    progress : callable(share)
        Told how much of the file is read.

    Returns
    -------
    Table

    Raises
    ------
    OSError, ValueError, ImportError
        The file cannot be read.
    """
    if path == STANDARD:
        if sys.stdin.isatty():
            raise ValueError("standard input is a terminal: pipe a table into it, or give the name of a file")
        data = sys.stdin.buffer.read()
        return _read_csv("standard input", lambda: io.BytesIO(data), len(data), progress)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} does not exist")
    ending = Path(path).suffix.lower()
    if ending not in READERS:
        raise ValueError(f"cannot read '{path}': the ending must be one of {', '.join(READERS)}")
    if array is not None and ending != ".npz":
        raise ValueError(f"array is for .npz, not for '{path}'")
    return READERS[ending](path, array, progress)


# ---- CSV ------------------------------------------------------------------------------------------------------------


def _read_csv_file(path: str, _: str | None, progress: Callable[[float], None]) -> Table:
    """The table in a CSV file."""
    with reading(path) as file:
        size = os.fstat(file.fileno()).st_size
    return _read_csv(path, lambda: open(path, "rb"), size, progress)


def _read_csv(name: str, opened: Callable[[], IO[bytes]], size: int, progress: Callable[[float], None]) -> Table:
    """The table in CSV that can be opened again and again."""
    with opened() as file, reading(file):
        lines = [line for line in itertools.islice(_lines(file, 0, progress), _SAMPLE) if line.strip()]
    if not lines:
        raise ValueError(f"'{name}' is empty")
    delimiter = max(_DELIMITERS, key=lambda each: (min(line.count(each) for line in lines), lines[0].count(each)))
    rows = list(csv.reader(lines, delimiter=delimiter))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(f"'{name}' has {len(row)} columns in line {number}, and {len(rows[0])} in the first")
    has_header = _is_header(rows)
    if len(rows) == has_header:
        raise ValueError(f"'{name}' has no rows")
    head = [cell.strip() for cell in rows[0]] if has_header else []
    columns = [cell or f"column {number}" for number, cell in enumerate(head)] or [
        f"column {number}" for number in range(len(rows[0]))
    ]
    text = [column for column, cells in zip(columns, zip(*rows[has_header:])) if not all(map(_may_be_number, cells))]

    def load(chosen: Sequence[int]) -> NDArray[Any]:
        with opened() as file:
            lines = _lines(file, size, progress)
            if has_header:
                next(lines)
            try:
                return np.loadtxt(
                    lines, delimiter=delimiter, usecols=list(chosen), comments=None, quotechar='"', ndmin=2
                )
            except ValueError as error:
                first = _what_is_no_number(opened, delimiter, has_header, chosen, columns)
                raise ValueError(f"'{name}': {first or error}") from error

    return Table(name, columns, text, load)


def _lines(file: IO[bytes], size: int, progress: Callable[[float], None]) -> Iterator[str]:
    """The lines of a file of text, without the mark that some programs begin it with."""
    done = 0
    for number, line in enumerate(file):
        done += len(line)
        if size and number % 1024 == 0:
            progress(done / size)
        yield _decoded(line, "utf-8-sig" if number == 0 else "utf-8")


def _decoded(line: bytes, encoding: str) -> str:
    """A line as text; what is not UTF-8 is what older programs of the West write."""
    if b"\0" in line:
        raise ValueError("it is no text in UTF-8")
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: it has a word where others have numbers, or has no number at all."""
    first, *others = rows
    if all(map(_may_be_number, first)):
        return False
    if not any(_may_be_number(cell) and cell.strip() for cell in first):
        return True
    return any(
        not _may_be_number(cell) and all(_may_be_number(row[column]) for row in others)
        for column, cell in enumerate(first)
    )


def _may_be_number(cell: str) -> bool:
    """Whether a cell is a number, or empty."""
    try:
        float(cell or "0")
    except ValueError:
        return not cell.strip()
    return True


def _what_is_no_number(
    opened: Callable[[], IO[bytes]], delimiter: str, has_header: bool, chosen: Iterable[int], columns: list[str]
) -> str:
    """The first cell of some columns that is no number, in words."""
    with opened() as file:
        for number, row in enumerate(csv.reader(_lines(file, 0, print), delimiter=delimiter), start=1):
            if number == 1 and has_header:
                continue
            if row and len(row) != len(columns):
                return f"line {number} has {len(row)} columns, and the first has {len(columns)}"
            for column in chosen if row else ():
                try:
                    float(row[column])
                except ValueError:
                    what = f"holds {row[column]!r}, which is no number" if row[column].strip() else "is empty"
                    return f"line {number}, column '{columns[column]}' {what}"
    return ""


# ---- NumPy and Parquet ----------------------------------------------------------------------------------------------


def _read_npy(path: str, _: str | None, progress: Callable[[float], None]) -> Table:
    """The table in an npy file, which is mapped into memory."""
    with reading(path) as file:
        if file.read(len(_NPY)) != _NPY:
            raise ValueError("it is no file of np.save")
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    return _of_array(path, array)


def _read_npz(path: str, name: str | None, progress: Callable[[float], None]) -> Table:
    """The table in an npz archive: its only array, or the one that is named."""
    with reading(path) as file:
        if file.read(len(_ZIP)) != _ZIP:
            raise ValueError("it is no file of np.savez")
    with reading(path) as file, np.load(file, allow_pickle=False) as archive:
        names = list(archive.files)
        usual = [each for each in _USUAL_NAMES if each in names]
        if name is None and (len(names) == 1 or usual):
            name = names[0] if len(names) == 1 else usual[0]
        if name is None:
            raise ValueError(f"it holds {', '.join(names) or 'no arrays'}: --array names one")
        if name not in names:
            raise ValueError(f"it holds {', '.join(names)}, no array '{name}'{did_you_mean(name, names)}")
        array = archive[name]
    return _of_array(path, array)


def _of_array(path: str, array: NDArray[Any]) -> Table:
    """The table that an array is; the fields of a structured one are columns."""
    if array.dtype.names:
        columns = list(array.dtype.names)
        text = [name for name in columns if array.dtype[name].kind not in "biuf" or array.dtype[name].shape]
        return Table(
            path, columns, text, lambda chosen: np.stack([np.asarray(array[columns[at]], float) for at in chosen], 1)
        )
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"'{path}' must hold an array of rows and columns, got one of shape {array.shape}")
    columns = [f"column {number}" for number in range(array.shape[1])]
    text = [] if array.dtype.kind in "biuf" else columns
    return Table(path, columns, text, lambda chosen: array if len(chosen) == array.shape[1] else array[:, list(chosen)])


def _read_parquet(path: str, _: str | None, progress: Callable[[float], None]) -> Table:
    """The table in a Parquet file."""
    parquet = need("pyarrow.parquet", "reading .parquet")
    with reading(path) as file:
        schema = parquet.read_schema(file)
    types = need("pyarrow.types", "reading .parquet")
    numeric = types.is_integer, types.is_floating, types.is_boolean
    text = [field.name for field in schema if not any(kind(field.type) for kind in numeric)]

    def load(chosen: Sequence[int]) -> NDArray[Any]:
        with reading(path) as file:
            table = parquet.read_table(file, columns=[schema.names[at] for at in chosen])
            return np.stack([np.asarray(column.to_numpy(), dtype=float) for column in table.columns], axis=1)

    return Table(path, list(schema.names), text, load)


#: Readers of tables, by the ending of the file.
READERS: dict[str, Callable[[str, str | None, Callable[[float], None]], Table]] = {
    ".csv": _read_csv_file,
    ".tsv": _read_csv_file,
    ".txt": _read_csv_file,
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".parquet": _read_parquet,
}


# ---- writing --------------------------------------------------------------------------------------------------------


def write_labels_csv(labels: NDArray[np.int64], target: PathOrFile) -> None:
    """Write the cluster of each row as a column with a header."""
    write_file(target, "\n".join(["cluster", *map(str, labels.tolist()), ""]).encode())


def write_labels_npy(labels: NDArray[np.int64], target: PathOrFile) -> None:
    """Write the cluster of each row as an array."""
    buffer = io.BytesIO()
    np.save(buffer, labels)
    write_file(target, buffer.getvalue())


#: Writers of the clusters of rows, by the ending of the file.
WRITERS: dict[str, Callable[[NDArray[np.int64], PathOrFile], None]] = {
    ".csv": write_labels_csv,
    ".npy": write_labels_npy,
}
