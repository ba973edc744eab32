"""typed_program.py, which mypy and pyright read in CI, uses every public name of the package, and runs."""

import ast
import os
import pathlib
import subprocess
import sys
from types import ModuleType

import pytest

import gng_fast

PROGRAM = pathlib.Path(__file__).with_name("typed_program.py")
NEEDED = ["skimage", "PIL", "scipy", "dask", "distributed"]


def doors():
    """The public modules of the package, by name; a library that is missing is found missing here."""
    found = {name: getattr(gng_fast, name) for name in gng_fast.__all__}
    return {name: door for name, door in found.items() if isinstance(door, ModuleType)}


def used_names():
    """The names that the program uses, and the attributes that it reads of names: `Graph`, `image.load`."""
    used = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used |= {f"{node.value.id}.{node.attr}", node.attr if node.value.id == "gng_fast" else ""}
    return used


@pytest.mark.quick
def test_every_public_name_is_used():
    for library in NEEDED:
        pytest.importorskip(library)
    assert {"distributed", "drawing", "export", "image", "recipes", "reference", "styles", "writing"} <= set(doors())
    public = {*gng_fast.__all__, *(f"{door}.{name}" for door, module in doors().items() for name in module.__all__)}
    assert sorted(public - used_names()) == []


def test_it_runs(tmp_path):
    for library in NEEDED:
        pytest.importorskip(library)
    # an editable install may not be where the tests found the package
    environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(gng_fast.__file__).parents[1])}
    subprocess.run([sys.executable, PROGRAM, tmp_path], env=environment, check=True)
    assert (tmp_path / "growth.html").stat().st_size > 1000 and (tmp_path / "drawn" / "horse.svg").exists()
