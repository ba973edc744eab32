"""Reading and writing npz archives by a schema: no file makes the reader take more memory than it is large.

An npz archive is a zip archive of arrays, of which each is an npy file. `numpy.load` would inflate what is compressed,
and allocate what a header claims, before anything can be checked. Here the directory of the archive and the header of
each array are looked at first. An archive of a schema holds, not compressed and without pickled objects,

    format      the name of the schema
    version     its number
    ...         the arrays of the schema
"""

import errno
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.files import PathOrFile, replacing

if TYPE_CHECKING:
    import zipfile

# Bytes that are read at a time; the directory of an archive must not be larger.
_CHUNK = 2**20
# Characters of `format`.
_MOST_WORDS = 64
# The compression of a member that is not compressed (zipfile.ZIP_STORED).
_STORED = 0

# How to read what, for the message when it is read as something else.
_READERS = {
    "gng_fast network": "Network.load, its graph() is a graph",
    "gng_fast model": "GrowingNeuralGas.load, its graph_ is a graph",
    "gng_fast graph": "gng_fast.export.read_npz",
}


@dataclass(frozen=True)
class Field:
    """The kind of an array: the types it may have (as "f4", of any byte order) and its number of dimensions."""

    dtypes: tuple[str, ...]
    ndim: int
    optional: bool = False


@dataclass(frozen=True)
class Schema:
    """What an archive holds: its format, its version, and the kind of each of its arrays by name."""

    format: str
    version: int
    fields: Mapping[str, Field]


_HEAD = {"format": Field(("U",), 0), "version": Field(("i8",), 0)}


def write(target: PathOrFile, schema: Schema, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive: the same arrays give the same bytes on every machine.

    Parameters
    ----------
    target : str, path-like or binary file
        A path is replaced whole or stays as it was; see `files.replacing`.
    schema : Schema
        Its format and version are written; `arrays` are to be of its kinds.
    arrays : mapping of str to ndarray

    Raises
    ------
    OSError
        The file cannot be written.
    """
    fields: dict[str, Any] = {
        "format": np.array(schema.format),
        "version": np.array(schema.version, np.int64),
        **arrays,
    }
    fields = {name: np.asarray(array, array.dtype.newbyteorder("<")) for name, array in fields.items()}
    with replacing(target) as file:
        np.savez(file, **fields)


def read(file: IO[bytes], schema: Schema) -> dict[str, NDArray[Any]]:
    """Return the arrays of an archive: each is of the kind that the schema says, nothing else is checked.

    Parameters
    ----------
    file : binary file
        It must be able to seek, and the archive must end with it. Read it within `files.reading`, which names the file.
    schema : Schema

    Returns
    -------
    dict of str to ndarray
        In the byte order of the machine. Fields that are optional may be missing.

    Raises
    ------
    Exception
        Of any kind, where the file is damaged or something else; ValueError for what is looked at here.
    """
    import zipfile  # not needed but here, and slow to import

    if not file.seekable():
        raise ValueError("it is a stream that cannot seek; read it into an io.BytesIO first")
    size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(_Reader(file)) as archive:
            return _fields(archive, schema, size)
    except zipfile.BadZipFile as error:
        raise ValueError("it is damaged or not an npz file") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # a place in the file, as the archive names it, that there is not
        raise ValueError("it is damaged") from error


class _Reader:
    """A file of which nothing larger than a chunk is read at once: a damaged directory may claim any size."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, n: int = -1, /) -> bytes:
        if n > _CHUNK:
            raise ValueError("it is damaged, or no archive of this kind: it has too many fields")
        return self._read(n if n >= 0 else _CHUNK)


def _fields(archive: "zipfile.ZipFile", schema: Schema, size: int) -> dict[str, NDArray[Any]]:
    members = _members(archive, size)
    if "format" not in members:
        raise ValueError(f"it is not a {schema.format}: it has no field 'format'")
    given = str(_array(archive, members, "format", _HEAD["format"]))
    if given != schema.format:
        hint = f": read it with {_READERS[given]}" if given in _READERS else ""
        raise ValueError(f"it is not a {schema.format}, but a {given!r}{hint}")
    version = int(_array(archive, members, "version", _HEAD["version"]))
    if version != schema.version:
        raise ValueError(f"it has version {version}, but this gng_fast reads version {schema.version}")
    for name in members:
        if name not in _HEAD and name not in schema.fields:
            raise ValueError(f"it has an unknown field {name!r}")
    return {
        name: _array(archive, members, name, field)
        for name, field in schema.fields.items()
        if name in members or not field.optional
    }


def _members(archive: "zipfile.ZipFile", size: int) -> dict[str, "zipfile.ZipInfo"]:
    """The members by the names of their fields, after comparing the sizes that they claim with that of the file."""
    members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise ValueError("it has a field twice")
    for name, member in members.items():
        if member.compress_type != _STORED:
            raise ValueError(f"its field {name!r} is compressed (numpy.savez writes archives that are not)")
        if member.compress_size != member.file_size:
            raise ValueError(f"its field {name!r} does not hold as many numbers as it says")
    if sum(member.file_size for member in members.values()) > size:
        raise ValueError("it is damaged: its fields claim to be larger than the file")
    return members


def _array(archive: "zipfile.ZipFile", members: dict[str, "zipfile.ZipInfo"], name: str, field: Field) -> NDArray[Any]:
    """One array, for which memory is taken only if its header says what it should and its size agrees with it."""
    if name not in members:
        raise ValueError(f"it has no field {name!r}")
    with archive.open(members[name]) as stream:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError(f"its field {name!r} is not in version 1.0 of the npy format")
        shape, columns_first, dtype = np.lib.format.read_array_header_1_0(stream)
        words = dtype.kind == "U" and field.dtypes == ("U",) and 0 < dtype.itemsize <= 4 * _MOST_WORDS
        if (
            (not words and dtype.str[1:] not in field.dtypes)
            or len(shape) != field.ndim
            or (columns_first and len(shape) > 1)
        ):
            wanted = f"{field.ndim} dimensions of {' or '.join(field.dtypes)}"
            raise ValueError(f"its field {name!r} must have {wanted}, got shape {shape} of {dtype}")
        size = math.prod(shape) * dtype.itemsize
        if min(shape, default=1) < 0 or size != members[name].file_size - stream.tell():
            raise ValueError(f"its field {name!r} does not hold as many numbers as it says")
        content = np.empty(size, np.uint8)
        for start in range(0, size, _CHUNK):
            chunk = stream.read(min(_CHUNK, size - start))
            if len(chunk) != min(_CHUNK, size - start):
                raise ValueError(f"its field {name!r} is cut off")
            content[start : start + len(chunk)] = np.frombuffer(chunk, np.uint8)
        if stream.read(1):  # the archive's checksum is compared at the end
            raise ValueError(f"its field {name!r} is longer than it says")
    return content.view(dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
