"""The usual tasks: `nox` runs the quick tests, `nox -s NAME` another session, `nox -l` lists them.

Every session builds and installs the package in an environment of its own; `nox -R` reuses the one that is there.
"""

import os
import platform
from pathlib import Path

import nox

nox.options.sessions = ["quick"]
nox.options.default_venv_backend = "venv"


@nox.session
def quick(session: nox.Session) -> None:
    """Tests of every room in less than a minute."""
    session.install("-e", ".[dev]")
    session.run("pytest", "-m", "quick", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The whole suite but what takes minutes for a single test (add `-- -m slow` for that)."""
    session.install("-e", ".[dev]", "pytest-xdist")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format, with the versions of the extra "lint"."""
    session.install(*nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]["lint"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the package and of a user's program, and the stubs against the compiled modules."""
    session.install("-e", ".[dev,lint]")
    session.run("mypy", "--strict", "gng_fast")
    session.run("mypy", "--strict", "tests/packaging/typed_program.py")
    stubs = sorted(".".join(path.with_suffix("").parts) for path in Path("gng_fast").rglob("*.pyi"))
    options = ("--mypy-config-file", "pyproject.toml", "--allowlist", "tests/packaging/stubtest_allowlist.txt")
    session.run("python", "-m", "mypy.stubtest", *stubs, *options)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, into build/html; a warning is an error."""
    session.install("-e", ".[docs]")
    session.run("python", "-m", "sphinx", "-W", "--keep-going", "-b", "html", "docs", "build/html", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed against the targets; run it on a quiet machine. `-- --quick` takes a minute or two."""
    session.install(".[dev]")
    session.run("python", "bench/speed/proof.py", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Speed of every release that was not measured on this machine yet, into bench/results and a site in build/asv.

    The results are public: they name the machine as GNG_FAST_MACHINE says, not as its network does.
    """
    session.install("asv==0.6.6", "virtualenv")
    asv = ("asv", "--config", "bench/asv.conf.json")
    name = os.environ.get("GNG_FAST_MACHINE", f"{platform.machine()}-{os.cpu_count()}")
    session.run(*asv, "machine", "--yes", "--machine", name, "--os", platform.system())
    session.run(*asv, "run", "--machine", name, "--skip-existing", *(session.posargs or ["TAGS"]))
    session.run(*asv, "publish")
