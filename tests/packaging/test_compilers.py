"""The sources compile elsewhere: for musl, for Windows with MinGW-w64, and as MSVC and clang-cl would see them.

Each test runs where its compiler is found, and says what to install where it is not.

Microsoft's compiler and headers are not to be had outside of Windows. Clang speaks its dialect, and finds what the
sources use of its headers in tests/packaging/msvc; told that it is not Clang, it takes the branches of the other one.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

import pytest
from build_settings import ROOT, settings_of_setup

STAND_INS = pathlib.Path(__file__).parent / "msvc"
DRIVER = ROOT / "tests" / "exactness" / "cpus" / "driver.c"  # includes every header of the kernels
MODULES = ["embedding", "lock", "network", "signals"]

STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
# generated C is full of what other warnings are about
GENERATED = [
    "-fsyntax-only",
    *(f"-Werror={it}" for it in ("implicit-function-declaration", "int-conversion", "implicit-int")),
]
MSVC = ["-fms-extensions", "-fms-compatibility-version=19.29", "-isystem", str(STAND_INS), "-D_MT", "-D_DLL"]
NOT_CLANG = ["-U__clang__", "-Wno-unknown-pragmas"]
WINDOWS = ["-include", str(STAND_INS / "pyconfig.h")]

#: name: (compiler, its options, those with which it takes the headers of Python)
COMPILERS = {
    "mingw-w64": ("x86_64-w64-mingw32-gcc", ["-D_UCRT"], WINDOWS),
    "clang-cl x86-64": ("clang", ["--target=x86_64-pc-windows-msvc", *MSVC], WINDOWS),
    "clang-cl arm64": ("clang", ["--target=aarch64-pc-windows-msvc", *MSVC], WINDOWS),
    "msvc x86-64": ("clang", ["--target=x86_64-pc-windows-msvc", *MSVC, *NOT_CLANG, "-mavx2", "-mfma"], WINDOWS),
    "msvc arm64": ("clang", ["--target=aarch64-pc-windows-msvc", *MSVC, *NOT_CLANG], WINDOWS),
    "clang": ("clang", [], []),
    "musl": ("musl-gcc", [], []),
}
PACKAGES = {"x86_64-w64-mingw32-gcc": "mingw-w64", "clang": "clang", "musl-gcc": "musl-tools"}

pytestmark = [
    pytest.mark.skipif(not (ROOT / "src_c").is_dir(), reason="src_c is not beside the tests"),
    pytest.mark.skipif(sys.platform != "linux", reason="other compilers are tried on Linux only"),
]


def found(compiler):
    if not shutil.which(compiler):
        pytest.skip(f"NOT CHECKED: {compiler} is not on PATH (Debian: apt-get install {PACKAGES[compiler]})")
    return compiler


def compiled(name, *arguments):
    """Compile, with every warning an error; return what a compiler says with -M and the like."""
    compiler, options, _ = COMPILERS[name]
    command = [found(compiler), *map(str, arguments), f"-I{ROOT / 'src_c'}", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr[:3000]}"
    return done.stdout


@pytest.mark.parametrize("source", [ROOT / "src_c" / "kernels.c", DRIVER], ids=["kernels.c", "every header"])
@pytest.mark.parametrize("name", COMPILERS)
def test_kernels(name, source):
    compiled(name, *STRICT, source)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The C that Cython makes of the core, with the directives of setup.py."""
    directives = settings_of_setup()["options"]["build_ext"]["cython_directives"]
    folder = tmp_path_factory.mktemp("generated")
    options = [f"-X{name}={value}" for name, value in directives.items()]
    for module in MODULES:
        source = ROOT / "gng_fast" / "core" / f"{module}.pyx"
        command = [sys.executable, "-m", "cython", *options, source, "-o", folder / f"{module}.c"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("abi", ["stable ABI", "full API"])
@pytest.mark.parametrize("name", COMPILERS)
def test_generated_c(name, abi, request):
    compiler, _, for_python = COMPILERS[name]
    found(compiler)
    headers = sysconfig.get_path("include")
    if not pathlib.Path(headers, "Python.h").exists():
        pytest.skip("NOT CHECKED: Python.h is not installed")
    folder = request.getfixturevalue("generated")
    macros = ["-DPy_LIMITED_API=0x030B0000"] if abi == "stable ABI" else []
    places = [f"-I{ROOT / 'gng_fast' / 'include'}", "-isystem", headers]
    for module in MODULES:
        compiled(name, *GENERATED, *for_python, *macros, *places, folder / f"{module}.c")


def test_modules_are_all_that_is_compiled():
    names = [extension.name for extension in settings_of_setup()["ext_modules"]]
    assert sorted(names) == [f"gng_fast.core.{module}" for module in MODULES]


@pytest.mark.parametrize("name", COMPILERS)
def test_no_header_hides_one_of_the_system(name, tmp_path):
    """What <memory.h> and the like include by their names must not be ours."""
    system = "math stdio stdlib string time wchar errno assert stddef stdint limits float inttypes".split()
    system += {"mingw-w64": ["windows", "memory", "malloc", "intrin"], "musl": ["pthread"]}.get(name, [])
    everything = tmp_path / "everything.c"
    everything.write_text("".join(f"#include <{header}.h>\n" for header in system))
    told = compiled(name, "-M", everything)
    assert "stdint.h" in told and str(ROOT / "src_c") not in told


@pytest.mark.quick
def test_vectors_are_not_initialised_with_braces():
    """They are arrays to GCC and Clang; to MSVC they are unions that begin with 64-bit or 8-bit integers."""
    braces = re.compile(r"\b(?:(?:float|u?int|poly)\d+x\d+_t|__m\d+[id]?)\b[^;(){}]*=\s*\{(?!\s*\})[^;]*;")
    assert braces.search("const uint32x4_t low = {1, 2}, high = {3, 4};")
    assert not braces.search("__m256 rests[2] = {}; TARGET float f(__m256 a) { return a; }")
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "src_c").glob("*.[ch]"))}
    found = [f"{path.name}: {it[0]}" for path, text in texts.items() for it in braces.finditer(text)]
    assert [it for it in found if not re.search(r"\[[^\]]*\] =", it)] == []  # arrays of vectors are arrays
