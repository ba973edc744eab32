"""The other build of a paired run: that of a commit, made here, or one that a Python has."""

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from pairs import Build

ROOT = Path(__file__).parents[2]
#: git leaves it alone.
CACHE = ROOT / "build" / "proof"


def git(*arguments):
    """Return what git writes, as bytes; None where it fails, or is missing."""
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def last_tag():
    """Return the name of the last tag before this commit, or None."""
    found = git("describe", "--tags", "--abbrev=0")
    return found.decode().strip() if found else None


def other_build(against):
    """Return the build of a commit or of a Python executable."""
    if Path(against).is_file():
        return Build(str(Path(against).absolute()), None, "the other build")
    found = git("rev-parse", "--verify", "--quiet", f"{against}^{{commit}}")
    if found is None:
        raise SystemExit(f"{against} is neither a commit nor a Python executable")
    commit = found.decode().strip()
    folder = CACHE / commit
    if not (folder / "gng_fast").is_dir():
        install(commit, folder)
    return Build(sys.executable, str(folder), against if commit.startswith(against) else f"{against} ({commit[:7]})")


def install(commit, folder):
    """Build the wheel of a commit from its own files and put it into a folder: this Python and NumPy serve both."""
    print(f"... building {commit[:7]}", file=sys.stderr, flush=True)
    source, made = folder.with_suffix(".source"), folder.with_suffix(".made")
    for old in source, made:
        shutil.rmtree(old, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
        archive.extractall(source, filter="data")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(made), str(source)],
        check=True,
    )
    shutil.rmtree(source)
    made.rename(folder)
