"""The lock of a network or of signals, and work that threads share."""

import os
import threading
from _thread import start_new_thread

from gng_fast.progress import check

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    NOWAIT_LOCK, WAIT_LOCK, PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock,
    PyThread_type_lock,
)
from libc.stdint cimport int64_t

cdef extern from * nogil:
    int PY_LOCK_ACQUIRED
    unsigned long PyThread_get_thread_ident()
    int PyThread_acquire_lock_timed(PyThread_type_lock lock, long long microseconds, int interruptible)

cdef enum:
    MICROSECONDS_OF_WAITING = 50000  # between two checks for Ctrl-C, which ends the wait of the main thread at once

cdef int64_t forks = 0          # that lie between the first process and this one

cdef tuple WORDS = ("read", "looked up", "drawn from", "trained", "changed")

# .locks: what this thread helps the owner of each of these to do; the owner waits for it
_helping = threading.local()


def _forked():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


cdef PyThread_type_lock new_lock() except NULL:
    cdef PyThread_type_lock lock = PyThread_allocate_lock()
    if lock is NULL:
        raise MemoryError("no memory for a lock")
    return lock


cdef void free_lock(PyThread_type_lock lock) noexcept:
    if lock is not NULL:
        PyThread_free_lock(lock)


cdef int wait_for(PyThread_type_lock lock) noexcept:
    """Wait a while for a lock, or until a signal of the system comes. Return whether it was taken."""
    cdef int taken
    with nogil:
        taken = PyThread_acquire_lock_timed(lock, MICROSECONDS_OF_WAITING, 1) == PY_LOCK_ACQUIRED
    return taken


cdef void own(Gate *gate) noexcept nogil:
    """Say that the gate, which was taken just now, is this thread's."""
    gng_load(&gate.owner)  # the 0 of the last owner: a thread sanitizer does not see what all locks of Python's do
    gng_store(&gate.forks, forks)
    gng_store(&gate.owner, <int64_t>PyThread_get_thread_ident())


cdef bint taken(Gate *gate) noexcept nogil:
    """Take the gate if it is free. Return whether it was."""
    if not PyThread_acquire_lock(gate.lock, NOWAIT_LOCK):
        return False
    own(gate)
    return True


cdef void leave(Gate *gate) noexcept nogil:
    gng_store(&gate.owner, 0)
    PyThread_release_lock(gate.lock)


cdef int let_stop() except -1:
    """Let the handlers of pending signals of the system run, and whoever watches the progress stop it."""
    PyErr_CheckSignals()
    check()
    return 0


cdef class Lock:
    """A lock for code without the GIL too, that knows what the thread which has it does with what it guards.

    Python code can run in that thread before it gives the lock back: handlers of signals of the system, and finalizers
    whenever the garbage collector runs. Where it uses the same network, nothing may move under those who are at work on
    it: it may read what is at rest, and everything else is a RuntimeError.

    Work that changes what is guarded and takes long lets those in who only read, between two of its slices; nobody else
    can change anything before it ends.

    After a fork nobody in the child will ever release a lock that another thread had: waiting for it is a RuntimeError.

    Parameters
    ----------
    subject : "this network" or "these signals"
        What it guards, for messages.
    """

    def __cinit__(self, str subject not None):
        self.subject = subject
        self.turn.lock = new_lock()
        self.inside.lock = new_lock()
        self.queue.lock = new_lock()

    def __dealloc__(self):
        free_lock(self.turn.lock)
        free_lock(self.inside.lock)
        free_lock(self.queue.lock)

    cdef int acquire(self, Use use) except -1 nogil:
        cdef int64_t me = <int64_t>PyThread_get_thread_ident()
        cdef bint entered = False
        if gng_load(&self.inside.owner) == me:  # only this thread can have written that
            with gil:
                return self.acquire_again(use)
        if use > LOOKED_UP:
            if gng_load(&self.turn.owner) == me:  # it has let others in, and Python code runs meanwhile
                with gil:
                    self.refuse(self.use, use)
            if not taken(&self.turn):
                with gil:
                    self.no_help(use)
                    self.wait(&self.turn)
        try:
            self.enter(use)
            entered = True
        finally:
            if not entered and use > LOOKED_UP:
                leave(&self.turn)
        return 0

    cdef int enter(self, Use use) except -1 nogil:
        """Take the inner gate."""
        if not taken(&self.inside):
            with gil:  # the caller may have it, and who has the lock may need it
                self.wait_inside(use)
        self.depth = 1
        self.use = use
        self.at_rest = use == READ or use == DRAWN  # rows are drawn where no Python code runs
        return 0

    cdef void let_readers_in(self) noexcept nogil:
        """Let those in who wait to read, and come back: nobody else can have changed anything. What is guarded is at rest.

        The owner calls it between two slices of long work, for which it has the lock once.
        """
        cdef Use use = self.use
        if not self.is_queued():
            return
        leave(&self.inside)
        # whoever is first goes in and leaves the queue, unless a handler of a signal of the system keeps them from it
        if PyThread_acquire_lock_timed(self.queue.lock, MICROSECONDS_OF_WAITING, 0) == PY_LOCK_ACQUIRED:
            PyThread_release_lock(self.queue.lock)
        PyThread_acquire_lock(self.inside.lock, WAIT_LOCK)  # who is in there only reads, which ends
        own(&self.inside)
        self.depth, self.use, self.at_rest = 1, use, False

    cdef bint is_queued(self) noexcept nogil:
        """Whether somebody waits to read; one that was lost in a fork does not."""
        return gng_load(&self.queue.owner) != 0 and gng_load(&self.queue.forks) == forks

    cdef int acquire_again(self, Use use) except -1:
        """The owner may have it again to read what is at rest, but to nothing else."""
        if not self.at_rest or use > LOOKED_UP:
            self.refuse(self.use, use)
        self.depth += 1
        return 0

    cdef int refuse(self, Use held, Use wanted) except -1:
        be, it = ("are", "they") if self.subject.startswith("these") else ("is", "it")
        word = WORDS[CHANGED if wanted == TRAINED else wanted]
        raise RuntimeError(f"{self.subject} {be} being {WORDS[held]} by this thread: {it} cannot be {word} before that ends")

    cdef int no_help(self, Use use) except -1:
        """Raise if this thread helps the owner, who waits for it."""
        if self in getattr(_helping, "locks", ()):
            self.refuse(self.use, use)
        return 0

    cdef int wait_inside(self, Use use) except -1:
        """Wait for the inner gate; who only reads waits in the queue, where the owner sees it."""
        cdef bint queues = use <= LOOKED_UP and not self.owns_queue()
        self.no_help(use)
        if queues:
            if not taken(&self.queue):
                self.wait(&self.queue)
        try:
            return self.wait(&self.inside)
        finally:
            if queues:
                leave(&self.queue)

    cdef bint owns_queue(self) noexcept:
        """Whether this thread is in the queue already: handlers of signals of the system run where it waits. Or nobody can be, as
        what has the queue was lost in a fork."""
        cdef int64_t owner = gng_load(&self.queue.owner)
        return owner == <int64_t>PyThread_get_thread_ident() or (owner != 0 and gng_load(&self.queue.forks) != forks)

    cdef int wait(self, Gate *gate) except -1:
        while not wait_for(gate.lock):
            PyErr_CheckSignals()
            if gng_load(&gate.owner) and gng_load(&gate.forks) != forks:
                raise RuntimeError("another thread was using this network or these signals when the process was forked")
        own(gate)
        return 0

    cdef int let_stop(self) except -1:
        """`let_stop`, whose handlers and callback may read what is guarded: it is consistent."""
        cdef bint before = self.at_rest
        self.at_rest = True
        try:
            return let_stop()
        finally:
            self.at_rest = before

    cdef void release(self) noexcept nogil:
        cdef bint changes = self.use > LOOKED_UP
        self.depth -= 1
        if self.depth == 0:
            self.at_rest = False
            leave(&self.inside)
            if changes:
                leave(&self.turn)


cdef int work_through(RowWork work, void *worker, Py_ssize_t row, Py_ssize_t stop, const int64_t *stopped) except -1:
    """Let `work` do the rows from `row` to `stop`, until they are done or `stopped` is set."""
    while row < stop and not gng_load(stopped):
        with nogil:
            row = work(worker, row, stop)
        let_stop()
    return 0


cdef class Share:
    """The rows that one thread does. `under_way` is taken until it has ended."""

    cdef PyThread_type_lock under_way
    cdef RowWork work
    cdef void *worker
    cdef int64_t *stopped
    cdef Py_ssize_t first, stop
    cdef tuple helping
    cdef object error

    def __cinit__(self):
        self.under_way = new_lock()
        PyThread_acquire_lock(self.under_way, WAIT_LOCK)

    def __dealloc__(self):
        free_lock(self.under_way)

    cdef int run(self) except -1:
        """Do the rows, in a thread of their own."""
        try:
            _helping.locks = self.helping
            work_through(self.work, self.worker, self.first, self.stop, self.stopped)
        except BaseException as error:
            self.error = error
            gng_store(self.stopped, 1)
        finally:
            PyThread_release_lock(self.under_way)
        return 0

    cdef int wait(self) except -1:
        """Wait until it has ended. Raises what the handler of a signal of the system raises."""
        while not wait_for(self.under_way):
            let_stop()
        PyThread_release_lock(self.under_way)
        return 0

    cdef void wait_whatever_comes(self) noexcept:
        """Wait until it has ended, whatever signals of the system arrive."""
        with nogil:
            PyThread_acquire_lock(self.under_way, WAIT_LOCK)
            PyThread_release_lock(self.under_way)


def _run(Share share not None):
    share.run()


cdef int share_rows(RowWork work, void **workers, Py_ssize_t n_workers, Py_ssize_t n, Lock lock) except -1:
    """Let `work` do n rows, by each worker in a thread of its own; a single one works in this thread.

    The caller has `lock`, which is of use to the threads. An exception, such as Ctrl-C, ends the threads, and is raised
    only when none of them works any more. No pool of Python's does that: it leaves its threads at work when it is
    interrupted while it starts or joins them, and a handler that starts threads itself could wait for ever for a lock of
    the pool's.
    """
    cdef Share share
    cdef Py_ssize_t i, n_started = 0
    cdef int64_t stopped = 0
    cdef list shares = []
    if n_workers == 1:
        return work_through(work, workers[0], 0, n, &stopped)
    helping = (*getattr(_helping, "locks", ()), lock)
    for i in range(n_workers):
        share = Share()
        share.work, share.worker, share.stopped, share.helping = work, workers[i], &stopped, helping
        share.first, share.stop = n * i // n_workers, n * (i + 1) // n_workers
        shares.append(share)
    try:
        for share in shares:
            start_new_thread(_run, (share,))
            n_started += 1
        for share in shares:
            share.wait()
    finally:
        gng_store(&stopped, 1)
        for share in shares[:n_started]:
            share.wait_whatever_comes()
    for share in shares:
        if share.error is not None:
            raise share.error
    return 0
