"""Writing files so that nobody ever meets half of one."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# Streams the process already has open: renaming a new file over the one behind them would not reach their reader.
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


def write_file(path: str | os.PathLike, data: bytes) -> None:
    """Write `data` (bytes) to `path`; see `replacing`."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Context manager: a binary file to write; at the end, and only if all went well, it becomes `path`.

    It is written under another name in the same folder and renamed, so an existing file is replaced whole or stays as
    it was, whatever fails. New files get the permissions of the umask, replaced ones keep theirs; a symbolic link keeps
    pointing to the file, which is replaced. A device, pipe or standard stream is written to directly.

    Raises
    ------
    OSError
        The file cannot be written; the message is one line that names the path and the reason.
    """
    path = Path(path)
    aside = None
    try:
        mode = _existing_mode(path)
        if (mode is not None and not stat.S_ISREG(mode)) or str(path).startswith(_STREAMS):
            with open(path, "wb") as file:
                yield file
            return
        target = Path(os.path.realpath(path))
        # A name of its own, as one made from a long name could be too long. open() applies the umask.
        aside = target.parent / f".gng_fast-{os.urandom(8).hex()}.tmp"
        with open(aside, "xb") as file:
            yield file
            file.flush()
            # Before the rename: else a power cut could leave the new name with empty contents.
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(aside, stat.S_IMODE(mode))
        os.replace(aside, target)
    except BaseException as error:
        if aside is not None:
            with suppress(OSError):
                os.unlink(aside)
        if isinstance(error, OSError) and _is_about(error, path, aside):
            raise _in_plain_words(error, path) from error
        raise


def _existing_mode(path):
    """The mode of the file at `path`, None if there is none."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    # A rename asks for the permission of the folder only, so ask here whether the file may be changed.
    if stat.S_ISREG(mode) and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return mode


def _is_about(error, path, aside):
    """Whether the error is about the file being written, and not about one the caller meanwhile reads, say."""
    return error.errno is not None and str(error.filename) in ("None", str(path), str(aside))


def _in_plain_words(error, path):
    """The same kind of error, with its errno and a message for the user."""
    reasons = {errno.EISDIR: "it is a folder", errno.ENOENT: "its folder does not exist"}
    clear = type(error)(f"cannot write '{path}': {reasons.get(error.errno, error.strerror)}")
    clear.errno = error.errno
    return clear
