/* Growing Neural Gas for C and C++: one table of functions, which the import of the Python package gng_fast brings.

   Nothing is linked, and gng_fast needs not be there when this is compiled, only this header (gng_fast.get_include()):

       const gng_api *gng = gng_import();                      with the GIL; NULL: a Python exception is set
       gng_params params;
       gng->init_params(&params, sizeof params);               the defaults of gng_fast.Network
       params.n_features = 2;
       gng_state *net;
       int status = gng->create(&params, &net);
       if (status) return gng_raise(gng, status);
       if (gng->start(net, X, 2) || gng->train(net, X, n)) ... gng->error() says what is wrong
       gng->release(net);

   Functions that return int return 0, or one of the statuses below; error() is then the message, "ValueError: ...", of the
   last failure in the thread that asks. They leave no Python exception behind and may be called from any thread, one
   that Python knows or not, with the GIL or without it. They do not let the GIL go: whoever has it and calls `train` or
   `nearest` with many rows releases it (Py_BEGIN_ALLOW_THREADS). A state belongs to one thread at a time, but for
   `stop`, which any thread may call; different states can be used at the same time.

   Rows are C-contiguous float32: (n, d) is n * d numbers. Pointers are not kept. The table and gng_params are only ever
   appended to: what was compiled with one release runs with later ones. */

#ifndef GNG_FAST_H
#define GNG_FAST_H

#ifndef PY_SSIZE_T_CLEAN /* up to Python 3.12, "#" in formats of arguments is refused without it */
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GNG_ABI 1

enum gng_status {
    GNG_OK = 0,
    GNG_VALUE_ERROR = -1,   /* an argument is out of range or of the wrong kind; nothing has changed */
    GNG_MEMORY_ERROR = -2,  /* the network is as after the last signal it took */
    GNG_INTERRUPTED = -3,   /* Ctrl-C, or what its handler raised; likewise */
    GNG_STOPPED = -4,       /* `stop` was called; likewise */
    GNG_OTHER_ERROR = -5
};

enum gng_variant { GNG_VARIANT_FRITZKE = 0, GNG_VARIANT_NEUPY = 1 };

typedef struct gng_state gng_state;

/* The parameters of gng_fast.Network; `init_params` writes its defaults and the size. */
typedef struct gng_params {
    int64_t size;           /* sizeof(gng_params) of who compiled it */
    int64_t n_features;     /* d; there is no default */
    uint64_t seed;
    int64_t max_nodes;
    double eps_b, eps_n;
    int64_t max_age, lam;
    double alpha, decay;
    int64_t variant;        /* enum gng_variant */
    double min_distance;
    double utility;         /* 0: nodes are not removed for their utility */
    double eps_b_end;       /* NaN: eps_b stays as it is; */
    double eps_n_end;       /* and eps_n */
    int64_t n_annealed;     /* signals in which they reach their ends; 0: no annealing */
} gng_params;

typedef struct gng_api {
    int32_t abi;            /* GNG_ABI */
    int32_t size;           /* of this table, in bytes */

    void (*init_params)(gng_params *params, size_t size);
    /* A new network without nodes, or the state of a Python gng_fast.Network, which it keeps alive; for `release`. */
    int (*create)(const gng_params *params, gng_state **state);
    int (*from_network)(PyObject *network, gng_state **state);
    void (*release)(gng_state *state);
    /* The Python gng_fast.Network of a state, a new reference: the same network, not a copy. With the GIL. */
    PyObject *(*network)(gng_state *state);

    /* Add start nodes, (n, d). */
    int (*start)(gng_state *state, const float *nodes, int64_t n);
    /* Train on n signals, (n, d), from first to last. One call for each signal gives what one call for all gives. */
    int (*train)(gng_state *state, const float *X, int64_t n);
    /* End the calls of `train` that have begun on this state in other threads, within some 8,192 signals. */
    void (*stop)(gng_state *state);
    /* The number of the nearest node of each row of X, (n, d), and its distance; either may be NULL. */
    int (*nearest)(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances);

    int64_t (*n_features)(gng_state *state);
    int64_t (*n_nodes)(gng_state *state);
    int64_t (*n_edges)(gng_state *state);
    int64_t (*n_signals)(gng_state *state);
    /* What gng_fast.Graph holds: (n_nodes, d), (n_nodes,), pairs of node numbers (n_edges, 2), and their ages in the same
       order (n_edges,). */
    void (*copy_nodes)(gng_state *state, float *nodes);
    void (*copy_errors)(gng_state *state, double *errors);
    void (*copy_edges)(gng_state *state, int64_t *edges);
    void (*copy_ages)(gng_state *state, int64_t *ages);

    /* The message of the last failure in this thread; "" if there was none. Valid until the next one. */
    const char *(*error)(void);
} gng_api;

/* Import gng_fast and return its table, which is there for good; NULL with a Python exception. With the GIL. */
static inline const gng_api *gng_import(void) {
    const char *capsule = "gng_fast.core.embedding.C_API";
    PyObject *module = PyImport_ImportModule("gng_fast.core.embedding");
    const gng_api *api;
    if (!module) return NULL;
    Py_DECREF(module); /* sys.modules keeps it */
    api = (const gng_api *)PyCapsule_Import(capsule, 0);
    if (api && (api->abi != GNG_ABI || (size_t)api->size < sizeof(gng_api))) {
        PyErr_SetString(PyExc_ImportError, "the installed gng_fast does not fit: this was compiled with another release");
        return NULL;
    }
    return api;
}

/* Make the last failure in this thread a Python exception, a ValueError where the status says so, and return NULL. With
   the GIL. */
static inline PyObject *gng_raise(const gng_api *api, int status) {
    PyErr_SetString(status == GNG_VALUE_ERROR    ? PyExc_ValueError
                    : status == GNG_MEMORY_ERROR ? PyExc_MemoryError
                    : status == GNG_INTERRUPTED  ? PyExc_KeyboardInterrupt
                                                 : PyExc_RuntimeError,
                    api->error());
    return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
