"""Checkpoints: the finished parts of a fit in a folder, from which it goes on after whatever ended it."""

import json
import secrets
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gng_fast.files import replacing, write_file
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.refinement import Tally
from gng_fast.parameters import SEED

_FIELDS = tuple(field.name for field in fields(Tally))


class Checkpoint:
    """The folder of one fit: about.json, start.npz, and tallies: pass-03.npz, of single partitions pass-03-000012.npz.

    The tallies are all that is learned from the data: what they lead to is computed anew, to the same bytes. Without a
    folder nothing is kept.
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
            self.seed = _kept_seed(path, about if seed is None else {**about, "seed": seed})
        elif any(self.folder.iterdir()):
            raise ValueError(f"checkpoint: '{folder}' holds other files, give a new folder")
        else:
            write_file(path, json.dumps({**about, "seed": self.seed}).encode())

    def start(self) -> GrowingNeuralGas | None:
        """The model of the start, if it is there."""
        path = self._path("start")
        return GrowingNeuralGas.load(path) if path and path.exists() else None

    def keep_start(self, model: GrowingNeuralGas) -> None:
        """Write the model of the start."""
        if path := self._path("start"):
            model.save(path)

    def tally(self, number: int, partition: int | None = None) -> Tally | None:
        """The tally of a pass, or of one partition in it, if it is there."""
        path = self._path(_name(number, partition))
        if path is None or not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            return Tally(**{name: kept[name] for name in _FIELDS if name in kept})

    def has(self, number: int, partition: int) -> bool:
        """Whether the tally of one partition in a pass is there."""
        path = self._path(_name(number, partition))
        return path is not None and path.exists()

    def keep(self, won: Tally, number: int, partition: int | None = None) -> None:
        """Write a tally; that of a whole pass takes the place of its partitions'."""
        path = self._path(_name(number, partition))
        if path is None:
            return
        with replacing(path) as file:
            np.savez(file, **{name: value for name in _FIELDS if (value := getattr(won, name)) is not None})
        if partition is None:
            for part in path.parent.glob(f"{_name(number)}-*.npz"):
                part.unlink()

    def _path(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{name}.npz"


def _kept_seed(path: Path, about: dict[str, Any]) -> int:
    """The seed in an about.json; raises ValueError if it differs from `about`."""
    try:
        kept = json.loads(path.read_bytes())
        differ = [name for name in about if kept[name] != about[name]]
        seed = int(SEED.check("seed", kept["seed"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"checkpoint: '{path}' is damaged or of something else") from error
    if differ:
        raise ValueError(
            f"checkpoint: '{path.parent}' is of another fit: {differ[0]} is {_short(kept[differ[0]])} there, "
            f"got {_short(about[differ[0]])}"
        )
    return seed


def _name(number: int, partition: int | None = None) -> str:
    return f"pass-{number:02}" + ("" if partition is None else f"-{partition:06}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
