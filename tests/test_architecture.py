"""The data flows one way: image -> points -> network -> graph -> drawing -> file."""

import ast
import pathlib

import gng_fast

ROOT = pathlib.Path(gng_fast.__file__).parent
MAY_USE_THE_CORE = {"__init__.py", "estimator.py", "refinement.py", "benchmark.py"}


def imported_names(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_only_the_estimator_uses_the_core():
    modules = list(ROOT.rglob("*.py"))
    assert len(modules) > 15
    for path in modules:
        if path.name not in MAY_USE_THE_CORE or path.parent != ROOT:
            assert not any("_core" in name or "_signals" in name for name in imported_names(path)), path


def test_images_graphs_and_files_stand_alone():
    for path in [ROOT / "image.py", ROOT / "graph.py", ROOT / "drawing.py", *(ROOT / "export").glob("*.py"),
                 *(ROOT / "styles").glob("*.py")]:
        used = set(imported_names(path))
        assert not any(room in name for name in used for room in ("estimator", "recipes", "cli", "gng_fast.image")), path
