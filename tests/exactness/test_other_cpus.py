"""The kernels give the same bytes on other CPUs, and here with other compilers.

They are cross-compiled with the flags of setup.py, and run by QEMU.

On Debian: apt-get install qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross, and alike for the others.
"""

import pathlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from build_settings import settings_of_setup

from gng_fast import available_isas

ROOT = pathlib.Path(__file__).parents[2]
SOURCES = [ROOT / "tests" / "exactness" / "cpus" / "driver.c", ROOT / "src_c" / "kernels.c"]

# what gcc calls the CPU: (the emulator of its programs, instruction sets there)
CPUS = {
    "aarch64-linux-gnu": ("qemu-aarch64", {"neon", "portable"}),
    "arm-linux-gnueabihf": ("qemu-arm", {"portable"}),
    "powerpc64le-linux-gnu": ("qemu-ppc64le", {"portable"}),
    "riscv64-linux-gnu": ("qemu-riscv64", {"portable"}),
    "s390x-linux-gnu": ("qemu-s390x", {"portable"}),  # a number's highest byte comes first
}

pytestmark = [
    pytest.mark.checkout,
    pytest.mark.skipif(not (ROOT / "src_c").is_dir(), reason="src_c is not beside the tests"),
    pytest.mark.skipif(sys.platform != "linux", reason="QEMU runs the programs of other CPUs on Linux only"),
]


@pytest.fixture(scope="module")
def extensions():
    """What setup.py tells setuptools to compile."""
    return settings_of_setup()["ext_modules"]


@pytest.fixture(scope="module")
def flags(extensions):
    (core,) = [extension for extension in extensions if "src_c/kernels.c" in extension.sources]
    return core.extra_compile_args


def needed(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not on PATH")


def digests(compiler, flags, folder, *emulator):
    """What the driver says, compiled this way: {case: {instruction set: digest}}."""
    program = folder / "driver"
    static = ["-static"] if emulator else []  # then the emulator needs no libraries
    done = subprocess.run(
        [compiler, *flags, *static, f"-I{ROOT / 'src_c'}", *SOURCES, "-o", program, "-lm"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = subprocess.run([*emulator, program], stdout=subprocess.PIPE, text=True, check=True).stdout
    cases = {}
    for line in said.splitlines():
        case, _, results = line.partition(": ")
        names, values = results.split()[::2], results.split()[1::2]
        cases[case] = dict(zip(names, values, strict=True))
    return cases


@pytest.fixture(scope="module")
def here(flags, tmp_path_factory):
    """The digest of every case on this machine: of all its instruction sets the same, of different cases different."""
    needed("gcc")
    cases = digests("gcc", flags, tmp_path_factory.mktemp("here"))
    assert {frozenset(by_isa) for by_isa in cases.values()} == {frozenset(available_isas())}
    assert {case: by_isa for case, by_isa in cases.items() if len(set(by_isa.values())) > 1} == {}
    only = {case: min(by_isa.values()) for case, by_isa in cases.items()}
    assert {case.split()[0] for case in only} == {"flat", "grid", "leaves", "codes", "blocks"}
    assert len(only) > 1900 and len(set(only.values())) > 0.99 * len(only)
    return only


def test_nothing_is_compiled_with_contraction(extensions):
    assert len(extensions) == 4
    assert all("-ffp-contract=off" in extension.extra_compile_args for extension in extensions)


@pytest.mark.parametrize(
    "cpu", [cpu if cpu == "aarch64-linux-gnu" else pytest.param(cpu, marks=pytest.mark.slow) for cpu in CPUS]
)
def test_same_bytes(cpu, request, flags, tmp_path):
    emulator, isas = CPUS[cpu]
    needed(f"{cpu}-gcc", emulator)
    with ThreadPoolExecutor() as pool:
        there = pool.submit(digests, f"{cpu}-gcc", flags, tmp_path, emulator)
        here = request.getfixturevalue("here")  # compiled only where it is of use
        there = there.result()
    assert there.keys() == here.keys()
    assert {frozenset(by_isa) for by_isa in there.values()} == {frozenset(isas)}
    assert {case: by_isa for case, by_isa in there.items() if set(by_isa.values()) != {here[case]}} == {}


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["clang", "musl-gcc"])
def test_same_bytes_with_another_compiler(compiler, request, flags, tmp_path):
    needed(compiler)
    here = request.getfixturevalue("here")
    if compiler == "clang":  # it hears of it from the sources
        flags = [flag for flag in flags if flag != "-ffp-contract=off"]
    there = digests(compiler, flags, tmp_path)
    assert {case: by_isa for case, by_isa in there.items() if set(by_isa.values()) != {here[case]}} == {}
    assert there.keys() == here.keys()


@pytest.mark.slow
def test_contraction_would_show(request, flags, tmp_path):
    """On a CPU that has fused multiply-adds, without the flag, most cases come out otherwise."""
    needed("aarch64-linux-gnu-gcc", "qemu-aarch64")
    here = request.getfixturevalue("here")
    allowed = ["-ffp-contract=fast" if flag == "-ffp-contract=off" else flag for flag in flags]
    assert allowed != flags
    there = digests("aarch64-linux-gnu-gcc", allowed, tmp_path, "qemu-aarch64")
    for isa in "neon", "portable":
        assert sum(there[case][isa] != here[case] for case in here) > len(here) / 2
