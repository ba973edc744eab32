"""What setup.py tells setuptools, without building anything."""

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def settings_of_setup() -> dict[str, Any]:
    """The arguments of setup(): "ext_modules", "options" and the others. Skips the test where setup.py cannot run."""
    setuptools = pytest.importorskip("setuptools", reason="setuptools is not installed")
    pytest.importorskip("Cython", reason="Cython is not installed")
    told: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setuptools, "setup", told.update)
        patch.chdir(ROOT)
        runpy.run_path("setup.py")
    return told
