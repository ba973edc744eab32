"""Checkpoints: the finished parts of a fit in a folder, from which it goes on after whatever ended it."""

import hashlib
import json
import secrets
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gng_fast import npz
from gng_fast.distributed.partitions import Start
from gng_fast.files import reading, write_file
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.tally import Tally
from gng_fast.parameters import SEED

_TALLY = npz.Schema(
    "gng_fast tally",
    1,
    {
        "counts": npz.Field(("f8",), 1),
        "sums": npz.Field(("f8",), 2),
        "errors": npz.Field(("f8",), 1),
        "utilities": npz.Field(("f8",), 1),
        "pairs": npz.Field(("i8",), 1, optional=True),
        "pair_counts": npz.Field(("f8",), 1, optional=True),
    },
)


class Checkpoint:
    """The folder of one fit: about.json, data.json, start.npz, and tallies: pass-03.npz, of single partitions
    pass-03-000012.npz.

    The tallies are all that is learned from the data: what they lead to is computed anew, to the same bytes, and so is
    what is in a file that is damaged. Without a folder nothing is kept.
    """

    def __init__(self, folder: str | PathLike[str] | None, about: dict[str, Any], seed: int | None) -> None:
        """Make or open the folder.

        about : what the result depends on besides the seed, as JSON has it
        seed : None takes the one that is kept there, or else a new one

        Raises ValueError if the folder holds the work of a fit that differs in `about` or the seed, OSError if it
        cannot be used.
        """
        self.folder = None if folder is None else Path(folder)
        self.seed = secrets.randbits(64) if seed is None else seed
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "about.json"
        if path.exists():
            kept = _compared(path, about if seed is None else {**about, "seed": seed})
            self.seed = _kept_seed(path, kept)
        elif any(self.folder.iterdir()):
            raise ValueError(f"checkpoint: '{folder}' holds other files, give a new folder")
        else:
            write_file(path, json.dumps({**about, "seed": self.seed}).encode())

    def compare_data(self, description: dict[str, Any]) -> None:
        """Compare the data with that of the folder, or keep what it is; raises ValueError if it is other data.

        description : of `description_of`
        """
        if self.folder is None:
            return
        path = self.folder / "data.json"
        if path.exists():
            _compared(path, description)
        elif (self.folder / "start.npz").exists():
            raise ValueError(f"checkpoint: '{path}' is missing, so that nobody knows what data the folder is of")
        else:
            write_file(path, json.dumps(description).encode())

    def start(self) -> GrowingNeuralGas | None:
        """The model of the start, if it is there and whole."""
        path = self._path("start")
        try:
            return GrowingNeuralGas.load(path) if path and path.exists() else None
        except ValueError:
            return None

    def keep_start(self, model: GrowingNeuralGas) -> None:
        """Write the model of the start."""
        if path := self._path("start"):
            model.save(path)

    def tally(self, number: int, partition: int | None = None) -> Tally | None:
        """The tally of a pass, or of one partition in it, if it is there and whole."""
        path = self._path(_name(number, partition))
        if path is None or not path.exists():
            return None
        try:
            with reading(path) as file:
                return Tally(**npz.read(file, _TALLY))
        except ValueError:
            return None

    def keep(self, won: Tally, number: int, partition: int | None = None) -> None:
        """Write a tally; that of a whole pass takes the place of its partitions'."""
        path = self._path(_name(number, partition))
        if path is None:
            return
        arrays = {name: value for name in _TALLY.fields if (value := getattr(won, name)) is not None}
        npz.write(path, _TALLY, arrays)
        if partition is None:
            for part in path.parent.glob(f"{_name(number)}-*.npz"):
                part.unlink()

    def _path(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{name}.npz"


def description_of(starts: list[Start]) -> dict[str, Any]:
    """Return what a checkpoint keeps of the data, as JSON has it: columns, dtype, and a fingerprint of the sample."""
    names = starts[0].names
    found = hashlib.sha256()
    for start in starts:
        rows = start.rows
        found.update(f"{rows.dtype.str[1:]} {rows.shape}".encode())
        found.update(rows.astype(rows.dtype.newbyteorder("<"), copy=False).tobytes())
    return {
        "columns": starts[0].rows.shape[1] if names is None else names.tolist(),
        "dtype": str(np.result_type(*{start.rows.dtype for start in starts})),
        "the sample of the data": found.hexdigest(),
    }


def _compared(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """What is in a file of the folder; raises ValueError if it differs from `about`."""
    try:
        kept: dict[str, Any] = json.loads(path.read_bytes())
        differ = [name for name in about if kept[name] != about[name]]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"checkpoint: '{path}' is damaged or of something else") from error
    if differ:
        raise ValueError(
            f"checkpoint: '{path.parent}' is of another fit: {differ[0]} is {_short(kept[differ[0]])} there, "
            f"got {_short(about[differ[0]])}"
        )
    return kept


def _kept_seed(path: Path, kept: dict[str, Any]) -> int:
    """The seed in an about.json."""
    try:
        return int(SEED.check("seed", kept["seed"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"checkpoint: '{path}' is damaged or of something else") from error


def _name(number: int, partition: int | None = None) -> str:
    return f"pass-{number:02}" + ("" if partition is None else f"-{partition:06}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
