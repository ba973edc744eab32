"""Quiet around libtiff, which decodes the TIFFs for Pillow and prints what is wrong with them on standard error itself.

Pillow offers no way to stop that. What is done here is narrower than turning standard error off, which would lose the
lines of other threads as well: libtiff has a pointer to the function that prints its errors, which is null meanwhile.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_readers = 0  # threads that read a TIFF: the first one takes the printer away, the last one gives it back
_printer: int | None = None


@contextmanager
def quiet(imaging: Any) -> Iterator[None]:
    """Context manager: libtiff says nothing on standard error, if it can be reached.

    imaging : the compiled module of Pillow; on Windows libtiff is a part of it that cannot be seen, and prints on
    """
    set_printer = _set_printer_of(imaging)
    if set_printer is None:
        yield
        return
    global _readers, _printer
    with _lock:
        _readers += 1
        if _readers == 1:
            _printer = set_printer(None)
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if _readers == 0:
                set_printer(_printer)


def _set_printer_of(imaging: Any) -> Any:
    """The libtiff function that replaces what prints errors and returns what did so far; None if there is none."""
    try:
        function = ctypes.CDLL(imaging.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_void_p
    return function
