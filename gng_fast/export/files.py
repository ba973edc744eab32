"""Writing files so that nobody ever meets half of one."""

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path

# Names of streams the process already has open: renaming over the file behind them would not reach the reader.
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/")


def write_file(path, data):
    """Write `data` (bytes) to `path`; see `replacing`."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path):
    """Context manager: a binary file to write; at the end, and only if all went well, it becomes `path`.

    It is written under another name in the same folder and renamed, so an existing file is replaced whole or stays as it
    was, whatever fails. New files get the permissions of the umask, replaced ones keep theirs; a symbolic link keeps
    pointing to the file that is replaced. A device, pipe or standard stream is written to directly.

    Raises
    ------
    OSError
        The file cannot be written; the message is one line that names the path and the reason.
    """
    path = Path(path)
    try:
        mode = _existing_mode(path)
        if mode is not None and not stat.S_ISREG(mode) or str(path).startswith(_STREAMS):
            with open(path, "wb") as file:
                yield file
        else:
            yield from _renamed_into_place(Path(os.path.realpath(path)), mode)
    except OSError as error:
        if error.filename is None and error.strerror is None:
            raise  # not from the operating system: a message of the code that writes
        raise _clear(error, path) from error


def _existing_mode(path):
    """The mode of what is at `path`, None if nothing is."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(0, "it is a folder", str(path))
    if stat.S_ISREG(mode) and not os.access(path, os.W_OK):
        # A rename would not ask: it needs the folder's permission only.
        raise PermissionError(0, "the file is write-protected", str(path))
    return mode


def _renamed_into_place(target, mode):
    if not target.parent.exists():
        raise FileNotFoundError(0, f"the folder '{target.parent}' does not exist", str(target))
    # A short name of its own, because one made from a long name could be too long. open() applies the umask.
    aside = target.parent / f".gng_fast-{os.urandom(8).hex()}.tmp"
    try:
        with open(aside, "xb") as file:
            yield file
            file.flush()
            # Before the rename: else a power cut could leave the new name with empty contents.
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(aside, stat.S_IMODE(mode))
        os.replace(aside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def _clear(error, path):
    """The same kind of error and errno, with a message for the user."""
    clear = type(error)(f"cannot write '{path}': {error.strerror}")
    clear.errno = error.errno
    return clear
