"""The functions for embedders (see embedding.pxd), and the table of them for C (see include/gng_fast.h).

A gng_state is a reference to a Network.
"""

from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.math cimport NAN, fabsf, isnan
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from gng_fast.core.lock cimport TRAINED, gng_load
from gng_fast.core.lookup cimport RowSearch, look_up, number_nodes, search_of
from gng_fast.core.network cimport Network
from gng_fast.core.transfer cimport copy_edges, copy_errors, copy_nodes
from gng_fast.core.signals cimport ORDER, SignalSource
from gng_fast.core.state cimport State

import numpy as np

from gng_fast.checks import LARGEST_COORDINATE
from gng_fast.core.stopping import TrainingStopped
from gng_fast.parameters import DEFAULTS

cdef enum:
    ROWS_AT_ONCE = 256          # of a look-up, between two looks at what the caller wants of them

cdef float largest = LARGEST_COORDINATE


cdef inline State *inside(gng_state *state) noexcept nogil:
    return &(<Network><PyObject *>state).state


cdef gng_state *gng_new(int64_t n_features, uint64_t seed, int64_t max_nodes, double eps_b, double eps_n, int64_t max_age,
                        int64_t lam, double alpha, double decay) except NULL:
    return gng_from_network(Network(n_features, seed=seed, max_nodes=max_nodes, eps_b=eps_b, eps_n=eps_n, max_age=max_age,
                                    lam=lam, alpha=alpha, decay=decay))


cdef void gng_free(gng_state *state) noexcept:
    Py_XDECREF(<PyObject *>state)


cdef gng_state *gng_from_network(network) except NULL:
    if not isinstance(network, Network):
        raise TypeError(f"network must be a gng_fast.Network, got {type(network).__name__}")
    Py_INCREF(network)
    return <gng_state *><PyObject *>network


cdef object gng_network(gng_state *state):
    return <object><PyObject *>state


cdef int check_finite(const float *X, int64_t n, Py_ssize_t d) except -1 nogil:
    """Raise ValueError where as_points would."""
    cdef int64_t i
    cdef bint fine = True
    if n < 0:
        with gil:
            raise ValueError(f"n must be >= 0, got {n}")
    for i in range(n * d):
        fine &= fabsf(X[i]) <= largest
    if not fine:
        with gil:
            raise ValueError(f"X must hold finite numbers in [-{LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}]")
    return 0


cdef int gng_start(gng_state *state, const float *nodes, int64_t n) except -1 nogil:
    check_finite(nodes, n, gng_n_features(state))
    if n:
        with gil:
            (<Network><PyObject *>state).take(<const float[:n, :gng_n_features(state)]>nodes, np.zeros(n, np.uint8),
                                              np.empty((0, 2), np.int64), np.empty(0, np.uint8))
    return 0


cdef int gng_train(gng_state *state, const float *X, int64_t n) except -1 nogil:
    cdef SignalSource source
    cdef int64_t stops
    check_finite(X, n, gng_n_features(state))
    memset(&source, 0, sizeof(SignalSource))
    source.X = X
    source.n = n
    source.d = gng_n_features(state)
    source.sampling = ORDER
    stops = gng_load(&(<Network><PyObject *>state).n_stops)
    (<Network><PyObject *>state).lock.acquire(TRAINED)
    try:
        (<Network><PyObject *>state).present(&source, n, False, stops)
    finally:
        (<Network><PyObject *>state).lock.release()
    return 0


cdef void gng_stop(gng_state *state) noexcept nogil:
    (<Network><PyObject *>state).stop_training()


cdef int64_t gng_n_features(gng_state *state) noexcept nogil:
    return inside(state).d


cdef int64_t gng_n_nodes(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_nodes)


cdef int64_t gng_n_edges(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_edges)


cdef int64_t gng_n_signals(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_signals)


cdef void gng_copy_nodes(gng_state *state, float *nodes) noexcept nogil:
    copy_nodes(inside(state), nodes)


cdef void gng_copy_errors(gng_state *state, double *errors) noexcept nogil:
    copy_errors(inside(state), errors, inside(state).error_scale)


cdef void gng_copy_edges(gng_state *state, int64_t *edges) noexcept nogil:
    number_nodes(inside(state))
    copy_edges(inside(state), edges, NULL, NULL)


cdef void gng_copy_ages(gng_state *state, int64_t *ages) noexcept nogil:
    copy_edges(inside(state), NULL, ages, NULL)


cdef int gng_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) except -1 nogil:
    check_finite(X, n, gng_n_features(state))
    (<Network><PyObject *>state).begin_look_up(1)
    look_up_nearest(state, X, n, nodes, distances)
    (<Network><PyObject *>state).lock.release()
    return 0


cdef void look_up_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) noexcept nogil:
    """`gng_nearest` once the lock is taken. No Python code runs in it: it may use the working memory of the index."""
    cdef int64_t number[ROWS_AT_ONCE]
    cdef float distance[ROWS_AT_ONCE]
    cdef Py_ssize_t d = gng_n_features(state), row, stop, i
    cdef int64_t done = 0
    cdef RowSearch search = search_of(inside(state), inside(state).index.work)
    while done < n:
        stop = min(n - done, ROWS_AT_ONCE)
        row = 0
        while row < stop:
            row = look_up(&search, X + done * d, row, stop, 1, number, distance)
        for i in range(stop):
            if nodes is not NULL:
                nodes[done + i] = number[i]
            if distances is not NULL:
                distances[done + i] = distance[i]
        done += stop


# ---- the same for C and C++ -----------------------------------------------------------------------------------------

cdef extern from "Python.h" nogil:
    ctypedef struct PyThreadState:
        pass
    ctypedef enum PyGILState_STATE:
        pass
    PyThreadState *PyGILState_GetThisThreadState()
    PyGILState_STATE PyGILState_Ensure()
    void PyGILState_Release(PyGILState_STATE)
    PyThreadState *PyEval_SaveThread()
    void PyEval_RestoreThread(PyThreadState *)

cdef extern from "last_error.h" nogil:
    void gng_keep_message(const char *text)
    const char *gng_last_message()

cdef extern from "gng_fast.h":
    enum:
        GNG_ABI, GNG_OK, GNG_VALUE_ERROR, GNG_MEMORY_ERROR, GNG_INTERRUPTED, GNG_STOPPED, GNG_OTHER_ERROR
        GNG_VARIANT_FRITZKE, GNG_VARIANT_NEUPY
    ctypedef struct gng_params:
        int64_t size, n_features
        uint64_t seed
        int64_t max_nodes
        double eps_b, eps_n
        int64_t max_age, lam
        double alpha, decay
        int64_t variant
        double min_distance, utility, eps_b_end, eps_n_end
        int64_t n_annealed
    ctypedef struct gng_api:
        int32_t abi, size
        void (*init_params)(gng_params *, size_t) noexcept nogil
        int (*create)(const gng_params *, gng_state **) noexcept nogil
        int (*from_network)(PyObject *, gng_state **) noexcept nogil
        void (*release)(gng_state *) noexcept nogil
        PyObject *(*network)(gng_state *) noexcept
        int (*start)(gng_state *, const float *, int64_t) noexcept nogil
        int (*train)(gng_state *, const float *, int64_t) noexcept nogil
        void (*stop)(gng_state *) noexcept nogil
        int (*nearest)(gng_state *, const float *, int64_t, int64_t *, float *) noexcept nogil
        int64_t (*n_features)(gng_state *) noexcept nogil
        int64_t (*n_nodes)(gng_state *) noexcept nogil
        int64_t (*n_edges)(gng_state *) noexcept nogil
        int64_t (*n_signals)(gng_state *) noexcept nogil
        void (*copy_nodes)(gng_state *, float *) noexcept nogil
        void (*copy_errors)(gng_state *, double *) noexcept nogil
        void (*copy_edges)(gng_state *, int64_t *) noexcept nogil
        void (*copy_ages)(gng_state *, int64_t *) noexcept nogil
        const char *(*error)() noexcept nogil


# A thread that Python does not know has no place where an exception could lie until its caller asks: it gets one for
# the time of a call. Others are left as they are, with the GIL or without it.
cdef struct Guest:
    bint known
    PyGILState_STATE gil
    PyThreadState *thread


cdef Guest let_in() noexcept nogil:
    cdef Guest guest
    memset(&guest, 0, sizeof(Guest))
    guest.known = PyGILState_GetThisThreadState() is not NULL
    if not guest.known:
        guest.gil = PyGILState_Ensure()
        guest.thread = PyEval_SaveThread()
    return guest


cdef void let_out(Guest guest) noexcept nogil:
    """End what `let_in` began."""
    if not guest.known:
        PyEval_RestoreThread(guest.thread)
        PyGILState_Release(guest.gil)


cdef int status_of(int outcome) noexcept nogil:
    """The status that the outcome of a function that raises stands for; the exception of -1 is taken away."""
    if outcome == -1:
        with gil:
            try:
                raise_what_is_set()
            except BaseException as error:
                return status_of_exception(error)
    return GNG_OK


cdef int raise_what_is_set() except -1:
    return -1


cdef int status_of_exception(error) noexcept:
    """Keep the message of an exception, and return its status."""
    gng_keep_message(f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    if isinstance(error, (ValueError, TypeError)):
        return GNG_VALUE_ERROR
    if isinstance(error, MemoryError):
        return GNG_MEMORY_ERROR
    if isinstance(error, TrainingStopped):
        return GNG_STOPPED
    return GNG_OTHER_ERROR if isinstance(error, Exception) else GNG_INTERRUPTED


cdef gng_params default_params
memset(&default_params, 0, sizeof(gng_params))
default_params.size = sizeof(gng_params)
default_params.max_nodes = DEFAULTS["max_nodes"]
default_params.eps_b, default_params.eps_n = DEFAULTS["eps_b"], DEFAULTS["eps_n"]
default_params.max_age, default_params.lam = DEFAULTS["max_age"], DEFAULTS["lam"]
default_params.alpha, default_params.decay = DEFAULTS["alpha"], DEFAULTS["decay"]
default_params.variant = GNG_VARIANT_NEUPY if DEFAULTS["variant"] == "neupy" else GNG_VARIANT_FRITZKE
default_params.min_distance = DEFAULTS["min_distance"]
default_params.utility = DEFAULTS["utility"] or 0
default_params.eps_b_end = default_params.eps_n_end = NAN


cdef void api_init_params(gng_params *params, size_t size) noexcept nogil:
    memcpy(params, &default_params, min(size, sizeof(gng_params)))
    params.size = size


cdef int api_create(const gng_params *given, gng_state **state) noexcept nogil:
    cdef Guest guest = let_in()
    cdef int status = GNG_OK
    state[0] = NULL
    with gil:
        try:
            state[0] = created(given)
        except BaseException as error:
            status = status_of_exception(error)
    let_out(guest)
    return status


cdef gng_state *created(const gng_params *given) except NULL:
    """The network that the parameters of a caller ask for, who may know fewer of them, or more."""
    cdef gng_params params = default_params
    if not <int64_t>sizeof(int64_t) <= given.size <= 1 << 16:
        raise ValueError(f"size must be that of gng_params, which init_params writes, got {given.size}")
    memcpy(&params, given, min(<size_t>given.size, sizeof(gng_params)))
    variants = {GNG_VARIANT_FRITZKE: "fritzke", GNG_VARIANT_NEUPY: "neupy"}
    network = Network(
        params.n_features, seed=params.seed, max_nodes=params.max_nodes, eps_b=params.eps_b, eps_n=params.eps_n,
        max_age=params.max_age, lam=params.lam, alpha=params.alpha, decay=params.decay,
        variant=variants.get(params.variant, params.variant), min_distance=params.min_distance,
        utility=params.utility or None,
    )
    if params.n_annealed:
        network.anneal(*(None if isnan(end) else end for end in (params.eps_b_end, params.eps_n_end)), params.n_annealed)
    return gng_from_network(network)


cdef int api_from_network(PyObject *network, gng_state **state) noexcept nogil:
    cdef Guest guest = let_in()
    cdef int status = GNG_OK
    state[0] = NULL
    with gil:
        try:
            state[0] = gng_from_network(<object>network)
        except BaseException as error:
            status = status_of_exception(error)
    let_out(guest)
    return status


cdef void api_release(gng_state *state) noexcept nogil:
    with gil:
        gng_free(state)


cdef PyObject *api_network(gng_state *state) noexcept:
    Py_INCREF(<object><PyObject *>state)
    return <PyObject *>state


# The functions that raise, as C calls them: -1, and the exception is set.
ctypedef int (*Taking)(gng_state *, const float *, int64_t) noexcept nogil
ctypedef int (*Searching)(gng_state *, const float *, int64_t, int64_t *, float *) noexcept nogil


cdef int api_start(gng_state *state, const float *nodes, int64_t n) noexcept nogil:
    cdef Guest guest = let_in()
    cdef int status = status_of((<Taking>gng_start)(state, nodes, n))
    let_out(guest)
    return status


cdef int api_train(gng_state *state, const float *X, int64_t n) noexcept nogil:
    cdef Guest guest = let_in()
    cdef int status = status_of((<Taking>gng_train)(state, X, n))
    let_out(guest)
    return status


cdef int api_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) noexcept nogil:
    cdef Guest guest = let_in()
    cdef int status = status_of((<Searching>gng_nearest)(state, X, n, nodes, distances))
    let_out(guest)
    return status


cdef gng_api api
memset(&api, 0, sizeof(gng_api))
api.abi, api.size = GNG_ABI, sizeof(gng_api)
api.init_params, api.create, api.from_network = api_init_params, api_create, api_from_network
api.release, api.network = api_release, api_network
api.start, api.train, api.stop, api.nearest = api_start, api_train, gng_stop, api_nearest
api.n_features, api.n_nodes, api.n_edges, api.n_signals = gng_n_features, gng_n_nodes, gng_n_edges, gng_n_signals
api.copy_nodes, api.copy_errors, api.copy_edges, api.copy_ages = (
    gng_copy_nodes, gng_copy_errors, gng_copy_edges, gng_copy_ages
)
api.error = gng_last_message

C_API = PyCapsule_New(&api, "gng_fast.core.embedding.C_API", NULL)
