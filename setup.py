"""Build of the compiled core; everything else is said in pyproject.toml."""

import gzip
import os
import shutil
import sysconfig
import tarfile
from pathlib import Path

import Cython  # noqa: F401  without it setuptools would look for .c files
from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

# The stable ABI makes one wheel serve all Pythons from 3.11 on; free-threaded builds do not have it yet.
LIMITED_API = not sysconfig.get_config_var("Py_GIL_DISABLED")
MSVC = sysconfig.get_platform().startswith("win")

OPTIONS = {
    "include_dirs": ["src_c", "gng_fast/include"],
    "depends": [str(path) for folder in ("src_c", "gng_fast/include") for path in Path(folder).glob("*.h")],
    # contraction to fused multiply-adds would make results depend on the machine, and so would -std=c11 in place of
    # gnu11, with which GCC computes floats in double on s390x; what lies side by side is written so by hand already,
    # and nobody asks for errno after a square root
    "extra_compile_args": (
        ["/O2", "/fp:precise"]
        if MSVC
        else ["-O3", "-g0", "-ffp-contract=off", "-fno-tree-slp-vectorize", "-fno-math-errno", "-std=gnu11"]
    ),
    "define_macros": [("Py_LIMITED_API", "0x030B0000")] if LIMITED_API else [],
    "py_limited_api": LIMITED_API,
}

CYTHON = {
    "parallel": True,
    "cython_c_in_temp": True,
    "cython_directives": {
        "language_level": 3,
        "boundscheck": False,
        "wraparound": False,
        "cdivision": True,
        "initializedcheck": False,
        "freethreading_compatible": True,
    },
}


class FreshPackage(build_py):
    """Copy the package to an empty folder: what an earlier build left there would go into the wheel.

    Nor is the wheel to tell with which rights a checkout was made.
    """

    def run(self):
        old = Path(self.build_lib, "gng_fast")
        if old.resolve() != Path("gng_fast").resolve():
            shutil.rmtree(old, ignore_errors=True)
        super().run()
        for path in filter(os.path.isfile, self.get_outputs(include_bytecode=False)):
            os.chmod(path, 0o644)


class SameWheel(bdist_wheel):
    """Pack the licence, too, with the same rights whatever those of the checkout are."""

    def write_wheelfile(self, wheelfile_base, *arguments, **options):
        super().write_wheelfile(wheelfile_base, *arguments, **options)
        for path in filter(Path.is_file, Path(wheelfile_base).rglob("*")):
            path.chmod(0o644)


class SameSdist(sdist):
    """Pack the same files to the same bytes, where SOURCE_DATE_EPOCH says when that is; the wheel does so by itself."""

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, owner=None, group=None):
        moment = os.environ.get("SOURCE_DATE_EPOCH")
        if moment is None or format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)

        def nobodys(member):
            member.mtime, member.uid, member.gid, member.uname, member.gname = int(moment), 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            return member

        path = f"{base_name}.tar.gz"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", mtime=int(moment), fileobj=file) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            top = Path(root_dir or ".")
            for each in sorted([Path(base_dir), *(it.relative_to(top) for it in (top / base_dir).rglob("*"))]):
                archive.add(top / each, each.as_posix(), recursive=False, filter=nobodys)
        return path


core = Path("gng_fast", "core")
network = Extension("gng_fast.core.network", [str(core / "network.pyx"), "src_c/kernels.c"], **OPTIONS)
lock = Extension("gng_fast.core.lock", [str(core / "lock.pyx")], **OPTIONS)
signals = Extension("gng_fast.core.signals", [str(core / "signals.pyx")], **OPTIONS)
embedding = Extension("gng_fast.core.embedding", [str(core / "embedding.pyx")], **OPTIONS)

setup(
    ext_modules=[network, signals, embedding, lock],
    cmdclass={"bdist_wheel": SameWheel, "build_py": FreshPackage, "sdist": SameSdist},
    options={"build_ext": CYTHON} | ({"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED_API else {}),
)
