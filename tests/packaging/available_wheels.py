"""Whether the index has wheels of all that the wheels which cibuildwheel builds are tested with, platform by platform.

    python tests/packaging/available_wheels.py

It asks pip, which needs a network and installs nothing. cibuildwheel must be installed. What has no wheel would be
compiled in the jobs of a release, or fail there: pyproject.toml leaves it out of what those wheels are tested with.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
#: what pip calls the platforms of an identifier, the newest that our wheels run on first
PLATFORMS = {
    "manylinux": [f"manylinux_2_{minor}" for minor in (28, 27, 26, 24, 17)] + ["manylinux2014"],
    "musllinux": ["musllinux_1_2", "musllinux_1_1"],
    "macosx": [
        "macosx_15_0",
        "macosx_14_0",
        "macosx_13_0",
        "macosx_12_0",
        "macosx_11_0",
        "macosx_10_15",
        "macosx_10_13",
    ],
    "win": ["win"],
}


def identifiers():
    """What cibuildwheel builds for all platforms."""
    for platform in "linux", "macos", "windows":
        command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform", platform, ROOT]
        yield from subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def requirements(extra):
    """The requirements of an extra, with those of the extras that it names."""
    for it in PYPROJECT["project"]["optional-dependencies"][extra]:
        named = re.match(r"gng-fast\[(.*)\]", it)
        yield from (nested for name in named[1].split(",") for nested in requirements(name)) if named else [it]


def tested_with(identifier):
    """What tests of this wheel install, without markers: pip would take them of this machine."""
    told = PYPROJECT["tool"]["cibuildwheel"]
    for override in told["overrides"]:
        if re.fullmatch(override["select"].replace("*", ".*"), identifier):
            told = told | override
    found = list(PYPROJECT["project"]["dependencies"]) + told.get("test-requires", [])
    found += [it for extra in told["test-extras"] for it in requirements(extra)]
    later = "314" in identifier
    return [it.partition(";")[0].strip() for it in found if not (later and "python_version < '3.14'" in it)]


def missing(identifier, requirement):
    """What pip says of a requirement and all it needs, as wheels for this platform; "" where there are all."""
    python, _, rest = identifier.partition("-")
    system, _, arch = rest.partition("_")
    version = re.sub(r"cp(\d)(\d+)t?", r"\1.\2", python)
    options = [f"--platform={platform}_{arch}" for platform in PLATFORMS[system]]
    options += [f"--abi={abi}" for abi in [python, *([] if python.endswith("t") else ["abi3"]), "none"]]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            f"--target={folder}",
            "-qq",
        ]
        command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}", *options, requirement]
        done = subprocess.run(command, capture_output=True, text=True)
    found = re.findall(r"No matching distribution found for (\S+)", done.stderr)
    return "" if not done.returncode else ", ".join(found) or "conflict"


def main():
    worst = 0
    for identifier in identifiers():
        wanted = tested_with(identifier)
        lacking = {it: why for it in wanted if (why := missing(identifier, it))}
        worst |= bool(lacking)
        print(f"{identifier}: {len(wanted) - len(lacking)} of {len(wanted)}", *lacking.items(), flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
