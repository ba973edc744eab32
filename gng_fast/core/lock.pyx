"""The lock of a network or of signals, and work that threads share."""

import os
from concurrent.futures import ThreadPoolExecutor

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    NOWAIT_LOCK, WAIT_LOCK, PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock,
    PyThread_type_lock,
)

cdef extern from * nogil:
    int PY_LOCK_ACQUIRED
    unsigned long PyThread_get_thread_ident()
    int PyThread_acquire_lock_timed(PyThread_type_lock lock, long long microseconds, int interruptible)

cdef enum:
    MICROSECONDS_OF_WAITING = 100000  # between two checks for Ctrl-C

cdef int forks = 0              # that lie between the first process and this one


def _forked():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


cdef class Lock:
    """A lock that the thread which has it may take again, as threading.RLock, for code without the GIL too.

    After a fork nobody in the child will ever release a lock that another thread had: waiting for it is a RuntimeError.
    """

    def __cinit__(self):
        self.lock = PyThread_allocate_lock()
        if self.lock is NULL:
            raise MemoryError("no memory for a lock")

    def __dealloc__(self):
        if self.lock is not NULL:
            PyThread_free_lock(self.lock)

    cdef int acquire(self) except -1 nogil:
        cdef unsigned long me = PyThread_get_thread_ident()
        if self.owner == me:  # only this thread can have written that
            self.depth += 1
            return 0
        if not PyThread_acquire_lock(self.lock, NOWAIT_LOCK):
            with gil:  # the caller may have it, and who has the lock may need it
                self.wait()
        self.forks = forks
        self.owner = me
        self.depth = 1
        return 0

    def wait(self):
        cdef bint waiting = True
        while waiting:
            with nogil:
                waiting = PyThread_acquire_lock_timed(self.lock, MICROSECONDS_OF_WAITING, 0) != PY_LOCK_ACQUIRED
            if waiting:
                PyErr_CheckSignals()
                if self.owner and self.forks != forks:
                    raise RuntimeError("another thread was using this network or these signals when the process was "
                                       "forked")

    cdef void wait_until_free(self) noexcept:
        """Wait until no thread has it, this one never had, whatever signals of the system arrive."""
        with nogil:
            PyThread_acquire_lock(self.lock, WAIT_LOCK)
            PyThread_release_lock(self.lock)

    cdef void release(self) noexcept nogil:
        self.depth -= 1
        if self.depth == 0:
            self.owner = 0
            PyThread_release_lock(self.lock)

    def __enter__(self):
        self.acquire()

    def __exit__(self, *exception):
        self.release()


def share_rows(work, Py_ssize_t n, Py_ssize_t n_threads, stopped):
    """Let `work(first, stop)` do n rows in n_threads threads; `stopped[0] = True` must end it early.

    An exception, such as Ctrl-C, ends the threads, and is raised only when none of them works any more: a pool that is
    interrupted while it starts or joins its threads would leave them at work.
    """
    cdef Lock working
    cdef Py_ssize_t i
    locks, shares = [], []
    for i in range(n_threads):
        locks.append(Lock())
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            for i in range(n_threads):
                shares.append(pool.submit(_work_with, locks[i], work, n * i // n_threads, n * (i + 1) // n_threads))
            for share in shares:
                share.result()
        finally:
            stopped[0] = True
            for working in locks:
                working.wait_until_free()


def _work_with(lock, work, first, stop):
    with lock:
        work(first, stop)
