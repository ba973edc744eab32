"""The suite itself: every room has quick tests, no test module imports another one, sys.path holds what it must."""

import ast
import pathlib
import re
import sys
import tomllib

import pytest

TESTS = pathlib.Path(__file__).parents[1]
FILES = {str(path.relative_to(TESTS)): path for path in sorted(TESTS.rglob("*.py"))}
TEST_FILES = [name for name in FILES if pathlib.Path(name).name.startswith("test_")]
ROOMS = sorted({str(pathlib.Path(name).parent) for name in TEST_FILES})
#: Scripts that are run by themselves: they say where the helpers are, since pytest does not.
SCRIPTS = ["faults/fuzz.py", "faults/refused/run.py", "faults/soak.py"]
#: Files that may name others, and how they do it; gng_fast/ and src_c/ are not beside the tests of an installed wheel.
ENDINGS = {".md", ".py", ".sh", ".pyx"}
PATH = re.compile(
    r"(?<![\w/.-])(?:tests|bench|docs|\.ci|\.github)/(?:[\w.-]+/)*[\w-]+\.(?:py|sh|md|yml|json|png|txt)\b"
)

pytestmark = pytest.mark.quick


def imports_of(path):
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module)
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_quick_tests(room, collected_tests):
    files = [name for name in TEST_FILES if str(pathlib.Path(name).parent) == room]
    missing = [name for name in files if name not in collected_tests]
    if missing:
        pytest.skip(f"not all of {room} was collected: {', '.join(missing)}")
    assert sum(collected_tests[name]["quick"] for name in files) > 0


def test_there_are_rooms():
    assert {"art", "cli", "core", "distributed", "exactness", "faults", "graph", "model", "packaging"} <= set(ROOMS)


@pytest.mark.parametrize("name", FILES)
def test_no_module_imports_a_test_module(name):
    tests = {pathlib.Path(it).stem for it in [*TEST_FILES, "conftest.py"]}
    assert not tests & {part for module in imports_of(FILES[name]) for part in module.split(".")}


def test_only_the_helpers_are_on_the_path():
    pytest_options = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    assert pytest_options["ini_options"]["pythonpath"] == ["tests/helpers"]
    assert {name for name, path in FILES.items() if "sys.path" in path.read_text(encoding="utf-8")} <= {
        *SCRIPTS, "packaging/test_suite.py", "packaging/test_embedding.py",
        "conftest.py", "helpers/scripts.py",
    }  # fmt: skip
    folders = {str(TESTS), *(str(TESTS / room) for room in ROOMS), str(TESTS.parent / "bench")}
    assert not folders & set(sys.path)


def test_helpers_hide_no_library():
    """A module of tests/helpers/ is imported by its bare name: nothing that is installed or built in may have it."""
    names = {path.stem for path in (TESTS / "helpers").glob("*.py")}
    elsewhere = [folder for folder in sys.path if pathlib.Path(folder) != TESTS / "helpers"]
    found = {name for name in names if any(pathlib.Path(folder, f"{name}.py").exists() for folder in elsewhere)}
    found |= {name for name in names if any(pathlib.Path(folder, name).is_dir() for folder in elsewhere if folder)}
    assert not (found | names & set(sys.stdlib_module_names))


def test_paths_that_texts_name_exist():
    """A file that moved is moved in what is said of it too: in pages, scripts and docstrings."""
    root = TESTS.parent
    texts = [root / ".ci" / "run", *root.glob("*.md"), *root.glob("docs/*.md")]
    texts += [path for folder in ("tests", "bench") for path in (root / folder).rglob("*") if path.suffix in ENDINGS]
    named = {(match, path.name) for path in texts for match in PATH.findall(path.read_text(encoding="utf-8"))}
    there = {(match, name) for match, name in named if (root / match).exists()}
    assert len(there) > 30
    assert named == there
