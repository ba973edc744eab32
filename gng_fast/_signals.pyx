"""The class that holds data and hands out signals; how one is drawn is in _signals.pxd."""

from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free

from gng_fast._memory cimport zeroed

from gng_fast.parameters import as_points, check


cdef class Signals:
    """Data and the order in which it is presented.

    Parameters
    ----------
    X : array of shape (n, d)
        Input signals. float32 C-contiguous data is used as it is, anything else is copied to float32. It must not
        change while a network trains on it.
    sampling : "epochs", "replacement" or "order"
        Every row once per epoch in a new random order; rows drawn at random; rows from first to last, over and over.
    """

    def __cinit__(self, X, sampling="epochs"):
        cdef int64_t i
        check("sampling", sampling)
        self.X = as_points(X)
        self.view = self.X
        if self.view.shape[0] > 2**32 - 1:
            raise ValueError(f"X must have at most 4294967295 rows, got {self.view.shape[0]}")
        self.source.X = &self.view[0, 0]
        self.source.n = self.view.shape[0]
        self.source.d = self.view.shape[1]
        self.source.sampling = {"epochs": EPOCHS, "replacement": REPLACEMENT, "order": ORDER}[sampling]
        if self.source.sampling == EPOCHS:
            self.source.order = <uint32_t *>zeroed(self.source.n, sizeof(uint32_t))
            for i in range(self.source.n):
                self.source.order[i] = <uint32_t>i

    def __dealloc__(self):
        free(self.source.order)

    def __len__(self):
        return self.source.n
