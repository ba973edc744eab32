"""What is built and published: the sdist and wheel in the folder GNG_FAST_DIST, cibuildwheel, the workflows."""

import hashlib
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest

import gng_fast

ROOT = pathlib.Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DIST = os.environ.get("GNG_FAST_DIST")

needs_dist = pytest.mark.skipif(not DIST, reason="GNG_FAST_DIST names no folder with a built sdist and wheel")


def the_only(pattern):
    (path,) = pathlib.Path(DIST).glob(pattern)
    return path


@pytest.fixture
def wheel():
    with zipfile.ZipFile(the_only("*.whl")) as archive:
        yield archive


@pytest.fixture
def sdist():
    """Text of every file of the sdist, by its path."""
    with tarfile.open(the_only("*.tar.gz")) as archive:
        yield {
            name.partition("/")[2]: archive.extractfile(name).read()
            for name in archive.getnames()
            if archive.getmember(name).isfile()
        }


@pytest.mark.quick
@needs_dist
def test_one_small_wheel_for_all_pythons():
    path = the_only("*.whl")
    name, _, python, abi, platform = path.stem.split("-")
    assert (name, python, abi) == ("gng_fast", "cp311", "abi3")
    assert platform.startswith("manylinux") or sys.platform != "linux"
    assert path.stat().st_size < 1_250_000


@pytest.mark.quick
@needs_dist
def test_the_wheel_has_all_of_the_package_and_nothing_else(wheel, sdist):
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    modules = {name for name in sdist if re.fullmatch(r"gng_fast/.*\.(py|pyi)|gng_fast/py\.typed", name)}
    compiled = {re.sub(r"\.pyx$", "", name) for name in sdist if re.fullmatch(r"gng_fast/.*\.pyx", name)}
    assert len(modules) > 20 and compiled
    assert modules <= shipped
    assert {re.sub(r"\.[^/]*\.?(so|pyd)$", "", name) for name in shipped if name.endswith((".so", ".pyd"))} == compiled
    # pages and the declarations for embedders ship; sources and other declarations of the core do not
    studio = {name for name in sdist if name.startswith("gng_fast/studio/page/")}
    assert len(studio) > 5 and sum(len(sdist[name]) for name in studio) < 150_000
    assert {name for name in shipped - modules if not name.endswith((".so", ".pyd"))} == studio | {
        "gng_fast/__init__.pxd",
        "gng_fast/art/export/growth.html",
        "gng_fast/core/__init__.pxd",
        "gng_fast/core/embedding.pxd",
        "gng_fast/include/gng_fast.h",
        "gng_fast/include/gng_fast.hpp",
    }
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


@pytest.mark.quick
@needs_dist
def test_the_sdist_has_the_sources_and_nothing_generated(sdist):
    assert {
        "LICENSE",
        "README.md",
        "setup.py",
        "src_c/kernels.c",
        "gng_fast/core/network.pyx",
        "gng_fast/py.typed",
        "tests/packaging/test_packaging.py",
        "bench/peers.py",
        "docs/differences.md",
    } <= set(sdist)
    assert not [name for name in sdist if re.search(r"^gng_fast/.*\.c$|\.(so|pyd|pyc)$|^(build|dist)/", name)]


@pytest.mark.quick
@needs_dist
def test_metadata(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = wheel.read(name).decode()
    assert "\nRequires-Python: >=3.11\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra" not in line] == [
        "Requires-Dist: numpy>=1.26",
        "Requires-Dist: click>=8.2",
    ]


@pytest.mark.quick
@pytest.mark.parametrize(
    "platform, expected",
    [
        (
            "linux",
            {
                f"{python}-{libc}_{arch}"
                for python in ("cp311", "cp314t")
                for libc in ("manylinux", "musllinux")
                for arch in ("x86_64", "aarch64")
            },
        ),
        ("macos", {f"{python}-macosx_{arch}" for python in ("cp311", "cp314t") for arch in ("x86_64", "arm64")}),
        ("windows", {"cp311-win_amd64", "cp314t-win_amd64"}),
    ],
)
def test_cibuildwheel_builds_these(platform, expected):
    pytest.importorskip("cibuildwheel")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CIBW_")}
    done = subprocess.run(
        [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform", platform, ROOT],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == expected


@pytest.mark.quick
def test_what_cibuildwheel_takes_along_for_the_tests_is_there():
    for name in PYPROJECT["tool"]["cibuildwheel"]["test-sources"]:
        assert (ROOT / name).exists(), name


@pytest.mark.quick
def test_one_version_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (cited,) = re.findall(r"^version: (.+)$", citation, re.M)
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert cited == latest[1] == gng_fast.__version__


def workflows():
    return sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.quick
def test_actions_are_pinned_to_one_commit_each():
    pins = {}
    for path in workflows():
        for line in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8")):
            action, commit, version = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line).groups()
            assert pins.setdefault(action, (commit, version)) == (commit, version)
    assert {"actions/checkout", "pypa/cibuildwheel", "pypa/gh-action-pypi-publish"} <= set(pins)
    # the identifiers are checked with the version that will build
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"cibuildwheel={pins['pypa/cibuildwheel'][1][1:]} " in script


def jobs():
    """Text of every job by the name of its workflow and its own; what stands above the jobs has the name None."""
    found = {}
    for path in workflows():
        head, _, rest = path.read_text(encoding="utf-8").partition("\njobs:\n")
        found[path.name, None] = head
        _, *parts = re.split(r"^  ([\w-]+):\n", rest, flags=re.M)
        found |= {(path.name, name): text for name, text in zip(parts[::2], parts[1::2])}
    return found


@pytest.mark.quick
def test_only_the_jobs_that_publish_may_have_an_identity_or_write():
    """The package goes to PyPI without a password, and the site to GitHub Pages; no other job may write anything."""
    publishing = {
        ("wheels.yml", "publish"): ["id-token", "attestations"],
        ("docs.yml", "deploy"): ["pages", "id-token"],
    }
    found = jobs()
    assert set(publishing) <= set(found) and len(found) > 8
    for job, text in found.items():
        assert re.findall(r"([\w-]+): *write\b", text) == publishing.get(job, []), job
        assert not any(word in text for word in ("write-all", "password:", "secrets.")), job
        if job in publishing:  # what comes from a fork is a pull request
            assert "\n    if: github.event_name == 'push'" in f"\n{text}"
    heads = [text for (_, job), text in found.items() if job is None]
    assert heads and all("\npermissions:\n  contents: read\n" in text for text in heads)


@pytest.mark.quick
def test_what_builds_the_published_packages_is_pinned():
    """The tools of the jobs that lead to a release, and what pip fetches to build the package, have one version."""
    lines = (ROOT / ".github" / "build-constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0] for line in lines if not line.startswith("#")}
    assert all(re.fullmatch(r"[\w-]+==\d+(\.\d+)+", line) for line in lines if not line.startswith("#"))
    requires = PYPROJECT["build-system"]["requires"]
    assert {re.match(r"[\w-]+", it)[0] for it in requires} <= pinned
    sections = PYPROJECT["tool"]["cibuildwheel"]
    told = [sections, *(it for it in sections.values() if isinstance(it, dict)), *sections["overrides"]]
    environments = [it["environment"] for it in told if "environment" in it]  # each replaces the ones before
    assert environments and {it["PIP_CONSTRAINT"] for it in environments} == {".github/build-constraints.txt"}
    found = {job: text for (workflow, job), text in jobs().items() if workflow == "wheels.yml"}
    installing = {job: text for job, text in found.items() if job and re.search(r"pip install (?!\")", text)}
    assert set(installing) == {"sdist", "sbom"}
    for text in installing.values():
        assert "/build-constraints.txt" in text
        for names in re.findall(r"pip install ([\w -]+)$", text, re.M):
            assert set(names.split()) <= pinned


@pytest.mark.quick
def test_wheels_for_macos_say_from_which_system_on_they_run():
    """timespec_get, which look-ups use, is there from 10.15 on."""
    target = PYPROJECT["tool"]["cibuildwheel"]["macos"]["environment"]["MACOSX_DEPLOYMENT_TARGET"]
    assert tuple(map(int, target.split("."))) >= (10, 15)


NEEDED_FOR_THE_SDIST = [
    "gng_fast", "src_c", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "docs",
]  # fmt: skip


def built_twice(folder, *command, made):
    """Name and SHA-256 of what a command makes of two copies of the sources, of other times, rights and folders."""
    if not (ROOT / "src_c").is_dir() or not importlib.util.find_spec("Cython"):
        pytest.skip("the sources are not beside the tests, or there is no Cython to build them")
    copies = [folder / "one" / "sources", folder / "another" / "sources"]
    for copy, mask in zip(copies, (0o022, 0o077)):  # both before anything is built, which takes minutes
        for path in NEEDED_FOR_THE_SDIST:
            ignored = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "*.egg-info")
            here = ROOT / path
            shutil.copytree(here, copy / path, ignore=ignored) if here.is_dir() else shutil.copy2(here, copy / path)
        for path in copy.rglob("*"):
            path.chmod(path.stat().st_mode & ~mask)
            os.utime(path, (1_600_000_000 + mask,) * 2)
    digests = []
    for copy in copies:
        subprocess.run(
            [sys.executable, *command], cwd=copy, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}, check=True
        )
        (path,) = copy.glob(made)
        digests.append((path.name, hashlib.sha256(path.read_bytes()).hexdigest()))
    return digests


@pytest.mark.quick
def test_two_sdists_are_the_same_bytes(tmp_path):
    pytest.importorskip("setuptools", "77")
    one, another = built_twice(tmp_path, "setup.py", "-q", "sdist", made="dist/*.tar.gz")
    assert one == another


@pytest.mark.quick
def test_two_wheels_without_the_core_are_the_same_bytes(tmp_path):
    """All but the compiled modules, which take minutes: names, rights and times."""
    pytest.importorskip("setuptools", "77")
    one, another = built_twice(tmp_path, "setup.py", "-q", "build_py", "bdist_wheel", "--skip-build", made="dist/*.whl")
    assert one == another


@pytest.mark.slow
def test_two_wheels_are_the_same_bytes(tmp_path):
    pytest.importorskip("setuptools", "77")
    one, another = built_twice(tmp_path, "setup.py", "-q", "bdist_wheel", made="dist/*.whl")
    assert one == another


@pytest.mark.quick
def test_import_needs_numpy_only():
    """What the import costs is what it imports: of the standard library what it likes, of the extras nothing."""
    script = (
        "import sys, numpy; before = set(sys.modules); import gng_fast; gng_fast.Network, gng_fast.GrowingNeuralGas;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = {name for name in done.stdout.split() if "cython" not in name}  # its runtime is in the core itself
    assert "gng_fast" in found
    assert found <= {"gng_fast", "numpy"}
