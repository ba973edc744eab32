"""Reading and writing files: a path or an open file, and nobody ever meets half of a file that was written."""

import errno
import io
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

#: Where to read from or write to: a path, or a file that is open in binary mode, such as an `io.BytesIO`.
PathOrFile = str | os.PathLike[str] | IO[bytes]
#: Where to read from: that, or the content of a file.
Readable = PathOrFile | bytes | bytearray | memoryview

# Streams the process already has open: renaming a new file over the one behind them would not reach their reader.
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")

# The files that this process has open, by number; a file without a name gets one through it.
_OPEN_FILES = "/proc/self/fd"


# ---- reading --------------------------------------------------------------------------------------------------------


@contextmanager
def reading(source: Readable) -> Generator[IO[bytes], None, None]:
    """Context manager: the binary file to read; whatever goes wrong with its content is a ValueError that names it.

    Parameters
    ----------
    source : str, path-like, binary file or bytes
        Bytes are the content itself. A path must lead to a regular file: a pipe or a device could keep the reader
        waiting for ever. An open file is taken as it is, and stays open.

    Raises
    ------
    OSError
        The file cannot be read, or is none.
    TypeError
        `source` is neither a path nor a file open in binary mode.
    ValueError
        In place of any other error of the body, but for MemoryError: "cannot read 'x.npz': ...".
    """
    if isinstance(source, (str, os.PathLike)):
        with _open_regular(source) as file, _naming(f"'{os.fspath(source)}'"):
            yield file
    elif isinstance(source, (bytes, bytearray, memoryview)):
        with _naming("the bytes"):
            yield io.BytesIO(source)
    else:
        file = _binary(source)
        name = getattr(file, "name", None)
        with _naming(f"'{name}'" if isinstance(name, str) else "the open file"):
            yield file


def _open_regular(path: str | os.PathLike[str]) -> IO[bytes]:
    """Open a regular file; the message for anything else is one line."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"cannot read '{os.fspath(path)}': it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(f"cannot read '{os.fspath(path)}': it is not a regular file")
    return open(path, "rb")


@contextmanager
def _naming(source: str) -> Generator[None, None, None]:
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # Everything, because on damaged bytes numpy, zipfile and json raise a dozen kinds of errors.
        raise ValueError(f"cannot read {source}: {error or type(error).__name__}") from error


def _binary(file: IO[bytes]) -> IO[bytes]:
    """Return `file` if it is an open binary file."""
    if isinstance(file, io.TextIOBase):
        raise TypeError(f"a file must be open in binary mode, got {file!r}")
    if not (hasattr(file, "read") or hasattr(file, "write")):
        raise TypeError(f"a file must be a path or an open binary file, got {file!r}")
    return file


# ---- writing --------------------------------------------------------------------------------------------------------


def write_file(target: PathOrFile, data: bytes) -> None:
    """Write `data` to `target`; see `replacing`."""
    with replacing(target) as file:
        file.write(data)


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise what `replacing` would raise, as far as that can be told before there is something to write.

    Parameters
    ----------
    path : str or path-like

    Raises
    ------
    OSError
        The path is a folder, its folder does not exist, or either must not be written to.
    """
    path = Path(path)
    try:
        existing = _existing(path)
        if existing and not stat.S_ISREG(existing.st_mode):
            return
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        # else there would be nowhere to write the new file beside the old one
        if not str(path).startswith(_STREAMS) and not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _in_plain_words(error, path) from error


@contextmanager
def replacing(target: PathOrFile) -> Generator[IO[bytes], None, None]:
    """Context manager: a binary file to write; at the end, and only if all went well, it becomes `target`.

    It is written beside `target`, without a name where the system has such files, and renamed, so that an existing file
    is replaced whole or stays as it was, whatever fails. New files get the permissions of the umask, replaced ones keep
    theirs, and their owner where the process may give files away; a symbolic link keeps pointing to the file, which is
    replaced. A device, pipe or standard stream is written to directly, and so is a file that is open already: it stays
    open.

    Parameters
    ----------
    target : str, path-like or binary file

    Raises
    ------
    OSError
        The file cannot be written; the message is one line that names the path and the reason.
    TypeError
        `target` is neither a path nor a file open in binary mode.
    """
    if not isinstance(target, (str, os.PathLike)):
        yield _binary(target)
        return
    path = Path(target)
    aside = None
    try:
        existing = _existing(path)
        if (existing and not stat.S_ISREG(existing.st_mode)) or str(path).startswith(_STREAMS):
            with open(path, "wb") as file:
                yield file
            return
        real = Path(os.path.realpath(path))
        # A name of its own, as one made from a long name could be too long.
        aside = real.parent / f".gng_fast-{os.urandom(8).hex()}.tmp"
        with _open_nameless(aside.parent) or open(aside, "xb") as file:
            yield file
            file.flush()
            # Before the rename: else a power cut could leave the new name with empty contents.
            os.fsync(file.fileno())
            if not aside.exists():
                _give_name(file, aside)
        if existing:
            _take_over(aside, existing)
        os.replace(aside, real)
    except BaseException as error:
        if aside is not None:
            with suppress(OSError):
                os.unlink(aside)
        if isinstance(error, OSError) and _is_about(error, path, aside):
            raise _in_plain_words(error, path) from error
        raise


def _existing(path: Path) -> os.stat_result | None:
    """What the system says of the file at `path`, None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    # A rename asks for the permission of the folder only, so ask here whether the file may be changed.
    if stat.S_ISREG(found.st_mode) and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return found


def _open_nameless(folder: Path) -> IO[bytes] | None:
    """A file that goes with the process, even if that is killed; None where the system has no such files."""
    if sys.platform == "linux" and hasattr(os, "O_TMPFILE") and os.path.isdir(_OPEN_FILES):
        with suppress(OSError):  # many file systems have none; what else may be wrong comes out when a name is needed
            return open(os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666), "w+b")
    return None


def _give_name(file: IO[bytes], path: Path) -> None:
    """Let a nameless file appear at `path`; where that is not allowed, a copy of it."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            # with a folder given, Python calls linkat, which follows the link to the open file
            os.link(f"{_OPEN_FILES}/{file.fileno()}", path.name, dst_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)
    except OSError:
        import shutil  # seldom needed

        file.seek(0)
        with open(path, "xb") as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())


def _take_over(path: Path, existing: os.stat_result) -> None:
    """Give the file at `path` the owner, if allowed, and the permissions of another."""
    if hasattr(os, "chown"):
        new = path.stat()
        if (new.st_uid, new.st_gid) != (existing.st_uid, existing.st_gid):
            with suppress(PermissionError):
                os.chown(path, existing.st_uid, existing.st_gid)
    os.chmod(path, stat.S_IMODE(existing.st_mode))


def _is_about(error: OSError, path: Path, aside: Path | None) -> bool:
    """Whether the error is about the file being written, and not about one the caller meanwhile reads, say."""
    return error.errno is not None and str(error.filename) in ("None", str(path), str(aside))


def _in_plain_words(error: OSError, path: Path) -> OSError:
    """The same kind of error, with its errno and a message for the user."""
    reasons = {errno.EISDIR: "it is a folder", errno.ENOENT: "its folder does not exist"}
    clear = type(error)(f"cannot write '{path}': {reasons.get(error.errno or 0, error.strerror)}")
    clear.errno = error.errno
    return clear
