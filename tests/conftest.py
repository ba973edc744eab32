"""Markers that follow from where a test is, and what the session knows about the rooms.

Helpers that more than one room uses are modules of tests/helpers/, the one folder on sys.path (see pyproject.toml).
"""

from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
#: Folder of tests/ -> markers of every test in it, as pyproject.toml explains them; a module adds its own.
MARKERS_OF_FOLDER = {"exactness": ["exactness"], "faults": ["faults"], "packaging": ["checkout"], "cli": ["checkout"]}
COLLECTED: pytest.StashKey[dict[str, Counter[str]]] = pytest.StashKey()


def room_of(path: Path) -> str:
    """The folder of tests/ that a file is in, "" for those of tests/ itself."""
    return path.relative_to(TESTS).parent.as_posix().partition("/")[0].removeprefix(".")


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    collected = config.stash.setdefault(COLLECTED, {})
    for item in items:
        for marker in MARKERS_OF_FOLDER.get(room_of(item.path), []):
            item.add_marker(marker)
        quick = item.get_closest_marker("quick") is not None
        if quick and item.get_closest_marker("slow"):
            raise pytest.UsageError(f"{item.nodeid} is quick and slow at the same time")
        collected.setdefault(str(item.path.relative_to(TESTS)), Counter()).update(all=1, quick=quick)


@pytest.fixture
def collected_tests(pytestconfig: pytest.Config) -> dict[str, Counter[str]]:
    """File of tests -> numbers of tests in it, "all" and "quick", before -m chose among them."""
    return pytestconfig.stash[COLLECTED]
