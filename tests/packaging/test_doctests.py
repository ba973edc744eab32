"""The examples in docstrings and in docs/ do what they say."""

import doctest
import importlib
import pathlib

import pytest

import gng_fast

ROOT = pathlib.Path(gng_fast.__file__).parent
DOCS = pathlib.Path(__file__).parents[2] / "docs"
MODULES = sorted(
    ".".join(("gng_fast", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if (path.parent != ROOT or not path.name.startswith("__")) and ">>>" in path.read_text(encoding="utf-8")
)
PAGES = sorted(path for path in DOCS.glob("*.md") if ">>>" in path.read_text(encoding="utf-8"))
# libraries that are not installed with the package, by what is read there
NEEDED = {
    "gng_fast.graph.exchange": ["scipy", "networkx"],
    "gng_fast.graph.graph": ["scipy"],
    "gng_fast.art.drawing.paths": ["scipy"],
    "gng_fast.art.image.loading": ["skimage"],
    "gng_fast.art.image.pixels": ["skimage"],
    "gng_fast.art.recipes": ["skimage"],
    "gng_fast.art.writing.words": ["skimage"],
    "gng_fast.distributed": ["dask"],
    "gng_fast.distributed.fitting": ["dask"],
    "gng_fast.distributed.prediction": ["dask"],
    "surfaces.md": ["scipy"],
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for the files they write
    for library in NEEDED.get(name, []):
        pytest.importorskip(library)
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0 < result.attempted


@pytest.mark.quick
@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_examples_of_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for the files they write
    for library in NEEDED.get(page.name, []):
        pytest.importorskip(library)
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0 < result.attempted


@pytest.mark.quick
def test_there_are_examples():
    assert {
        "gng_fast.model.estimator",
        "gng_fast.graph.graph",
        "gng_fast.model.row_weights",
        "gng_fast.art.recipes",
    } <= set(MODULES)
