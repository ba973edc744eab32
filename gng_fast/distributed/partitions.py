"""Data in partitions, as Dask has it, and what is done with one partition where it lies."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import as_table, check_values
from gng_fast.distributed.clients import need_dask
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.data import feature_names
from gng_fast.model.refinement import sample_rows
from gng_fast.model.tally import Tally, tally

#: The partitions that one task of Dask's works on, each with its number.
Bundle: TypeAlias = list[tuple[int, Any]]

_Options = ParamSpec("_Options")
_Result = TypeVar("_Result")

# A memory-mapped array is cut into partitions of so many bytes.
_PARTITION_BYTES = 2**26

# Files are handed out together up to so many bytes, some 100 ms of work where a task costs Dask 5 to 10, as long as
# there are so many tasks for the workers to share.
_BUNDLE_BYTES = 12 * 2**20
_LEAST_BUNDLES = 16


def partitions_of(data: Any) -> tuple[list[Any], list[int] | None]:
    """Return the partitions of `data`, each a Dask delayed object or a `FilePart`, and their lengths if they are known.

    data : as in `fit`

    Raises TypeError for anything else, ValueError for data that is not of shape (n, d) or has no partition.
    """
    if isinstance(data, (list, tuple)):
        parts, lengths = _partitions_of_list(data)
    elif isinstance(data, np.memmap):
        parts, lengths = _partitions_of_file(data)
    elif hasattr(data, "to_delayed"):
        parts, lengths = _partitions_of_collection(data)
    else:
        hint = (
            ": GrowingNeuralGas.fit takes it, or dask.array.from_array cuts it" if isinstance(data, np.ndarray) else ""
        )
        raise TypeError(
            "data must be a Dask array, bag or data frame, a memory-mapped array or a list, got "
            f"{type(data).__name__}{hint}"
        )
    if not parts:
        raise ValueError("data must have at least one partition, got none")
    return parts, lengths


def _partitions_of_list(data: list[Any] | tuple[Any, ...]) -> tuple[list[Any], list[int] | None]:
    """`partitions_of` for memory-mapped arrays and delayed objects."""
    parts: list[Any] = []
    lengths: list[int] | None = []
    for one in data:
        if isinstance(one, np.memmap):
            pieces, lengths_of_pieces = partitions_of(one)
            parts += pieces
            lengths = None if lengths is None or lengths_of_pieces is None else lengths + lengths_of_pieces
        elif need_dask()[0].is_dask_collection(one):
            parts.append(one)
            lengths = None
        else:
            raise TypeError(
                f"a list of partitions must hold Dask delayed objects or memory-mapped arrays, got {type(one).__name__}"
            )
    return parts, lengths


def _partitions_of_collection(data: Any) -> tuple[list[Any], list[int] | None]:
    """`partitions_of` for a collection of Dask's."""
    lengths = None
    if hasattr(data, "chunks"):
        if data.ndim != 2:
            raise ValueError(f"data must have 2 dimensions (n, d), got shape {data.shape}")
        data = data.rechunk({1: -1})
        lengths = None if np.isnan(data.chunks[0]).any() else [int(length) for length in data.chunks[0]]
    return list(np.ravel(data.to_delayed())), lengths


class FilePart(NamedTuple):
    """Rows of a file of float or integer numbers, which are read where the work is done, instead of sent there."""

    path: str
    dtype: np.dtype[Any]
    offset: int
    shape: tuple[int, int]

    @property
    def nbytes(self) -> int:
        """Bytes of the rows."""
        return self.dtype.itemsize * math.prod(self.shape)

    def table(self) -> NDArray[Any]:
        """The rows, memory-mapped."""
        return np.memmap(self.path, self.dtype, "r", self.offset, self.shape)


def _partitions_of_file(data: "np.memmap[Any, Any]") -> tuple[list[Any], list[int]]:
    """`partitions_of` for a memory-mapped array."""
    if data.ndim != 2 or not data.flags.c_contiguous or data.filename is None:
        raise ValueError("a memory-mapped array must be a C-contiguous file of shape (n, d): give a list of such")
    n, row_bytes = len(data), data.strides[0]
    # where its first row lies: a slice of a memory map keeps the offset of the whole
    root = data
    while isinstance(root.base, np.memmap):
        root = root.base
    first = root.offset + (data.__array_interface__["data"][0] - root.__array_interface__["data"][0])
    step = max(1, _PARTITION_BYTES // row_bytes)
    starts = range(0, n, step)
    lengths = [min(step, n - start) for start in starts]
    return [
        FilePart(str(data.filename), data.dtype, first + start * row_bytes, (length, data.shape[1]))
        for start, length in zip(starts, lengths, strict=True)
    ], lengths


def bundles_of(parts: list[Any], numbers: list[int]) -> list[Bundle]:
    """The partitions of these numbers in bundles that are a task each: small files together.

    What Dask makes is alone: the partitions of a task would all have to come to one place.
    """
    sizes = [part.nbytes if isinstance(part, FilePart) else _BUNDLE_BYTES for part in parts]
    most = min(_BUNDLE_BYTES, sum(sizes) / _LEAST_BUNDLES)
    bundles: list[Bundle] = []
    size = 0
    for number in numbers:
        if not bundles or size + sizes[number] > most:
            bundles.append([])
            size = 0
        bundles[-1].append((number, parts[number]))
        size += sizes[number]
    return bundles


def table_of(part: Any) -> NDArray[Any] | None:
    """A partition as a table (n, d); None for one without rows. A bag's holds rows, or arrays of rows."""
    if isinstance(part, FilePart):
        part = part.table()
    elif not isinstance(part, np.ndarray) and not hasattr(part, "columns"):
        items = list(part)
        if not items:
            return None
        part = np.concatenate(items) if np.ndim(items[0]) == 2 else np.asarray(items)
    return as_table(part) if len(part) else None


class Start(NamedTuple):
    """Rows of a partition to start with, and the names of its columns, if they have names."""

    rows: NDArray[Any]
    names: NDArray[np.object_] | None


def joined(samples: list[list[NDArray[Any] | None]]) -> NDArray[Any] | None:
    """The rows of several bundles of partitions in one array; None where there are none."""
    there = [sample for bundle in samples for sample in bundle if sample is not None]
    return np.concatenate(there) if there else None


def naming_partition(
    work: Callable[Concatenate[Any, _Options], _Result],
) -> Callable[Concatenate[int, Any, _Options], _Result]:
    """The function of a partition as one of its number too, which errors about the data then name."""

    @wraps(work)
    def named(number: int, part: Any, /, *arguments: _Options.args, **options: _Options.kwargs) -> _Result:
        try:
            return work(part, *arguments, **options)
        except (ValueError, TypeError) as error:
            raise type(error)(f"partition {number}: {error}") from error

    return named


@naming_partition
def length_of(part: Any) -> int:
    """The number of rows."""
    table = table_of(part)
    return 0 if table is None else len(table)


@naming_partition
def draw_sample(part: Any, n_start: int, n_kept: int, seed: list[int]) -> tuple[Start | None, NDArray[Any] | None]:
    """Return n_start rows to start with and n_kept for relocation; the same ones only if there are too few.

    They are spread over the partition, whose order may mean something. A partition without rows gives None for both.
    """
    table = table_of(part)
    if table is None:
        return None, None
    random = np.random.default_rng(seed)
    rows = sample_rows(len(table), n_start + n_kept, random)
    drawn = random.permutation(len(rows))
    start, kept = drawn[:n_start], drawn[len(drawn) - min(n_kept, len(drawn)) :]
    samples = [np.array(table[rows[np.sort(some)]]) for some in (start, kept)]
    # here, since nobody knows afterwards which partition a row of the sample is from
    for sample in samples:
        with naming_row(table):
            check_values(sample)
    return Start(samples[0], feature_names(part)), samples[1]


@contextmanager
def naming_row(table: NDArray[Any]) -> Iterator[None]:
    """Context manager for work on a part of a table: what is wrong with its values is said of the row of the table."""
    try:
        yield
    except ValueError:
        check_values(table)
        raise


def draw_samples(
    bundle: Bundle, n_start: list[int], n_kept: list[int], seed: int
) -> tuple[list[Start | None], list[NDArray[Any] | None]]:
    """`draw_sample` of every partition of a bundle: the rows to start with, and those for relocation."""
    drawn = [
        draw_sample(number, part, to_start, to_keep, [seed, 0, number])
        for (number, part), to_start, to_keep in zip(bundle, n_start, n_kept, strict=True)
    ]
    return [start for start, _ in drawn], [kept for _, kept in drawn]


@naming_partition
def tally_of(part: Any, coordinates: Coordinates, nodes: NDArray[np.float32], pairs: bool) -> Tally:
    """What the nodes, in these coordinates, win of a partition or a sample of one."""
    d = nodes.shape[1]
    table = None if part is None else table_of(part)
    if table is None:
        return tally(nodes, np.empty((0, d), np.float32), pairs=pairs)
    if table.shape[1] != d:
        raise ValueError(f"it must have {d} columns as the first, got {table.shape[1]}")
    with naming_row(table):
        return tally(nodes, coordinates.points(table), pairs=pairs)


def tallies_of(bundle: Bundle, coordinates: Coordinates, nodes: NDArray[np.float32], pairs: bool) -> list[Tally]:
    """`tally_of` of every partition of a bundle."""
    return [tally_of(number, part, coordinates, nodes, pairs) for number, part in bundle]
