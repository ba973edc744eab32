/* An extension in plain C under the limited API: one binary for every Python from 3.11 on. */

#define Py_LIMITED_API 0x030B0000
#include "gng_fast.h"

static const gng_api *gng;

/* train(X: bytes of float32 rows, d, seed, block) -> gng_fast.Network, trained on the rows in blocks of so many. */
static PyObject *train(PyObject *self, PyObject *args) {
    const char *bytes;
    Py_ssize_t length;
    long long d, seed, block;
    if (!PyArg_ParseTuple(args, "y#LLL", &bytes, &length, &d, &seed, &block)) return NULL;
    gng_params params;
    gng->init_params(&params, sizeof params);
    params.n_features = d;
    params.seed = (uint64_t)seed;
    params.max_nodes = 400;
    params.lam = 20;
    gng_state *net;
    int status = gng->create(&params, &net);
    if (status) return gng_raise(gng, status);
    const float *X = (const float *)bytes;
    int64_t n = length / (int64_t)sizeof(float) / d;
    Py_BEGIN_ALLOW_THREADS
    status = gng->start(net, X, 2);
    for (int64_t i = 0; i < n && !status; i += block)
        status = gng->train(net, X + i * d, n - i < block ? n - i : block);
    Py_END_ALLOW_THREADS
    PyObject *result = status ? gng_raise(gng, status) : gng->network(net);
    gng->release(net);
    return result;
}

static PyMethodDef methods[] = {{"train", train, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "plain", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_plain(void) {
    gng = gng_import();
    return gng ? PyModule_Create(&definition) : NULL;
}
