// An extension with pybind11: a function that trains on an array without copying it.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "gng_fast.hpp"

namespace py = pybind11;
using Rows = py::array_t<float, py::array::c_style>;

static py::object train(Rows X, std::uint64_t seed) {
    gng_params params = gng::params(X.shape(1));
    params.seed = seed;
    params.max_nodes = 400;
    params.lam = 20;
    gng::Network network(params);
    {
        py::gil_scoped_release release;
        network.start(X.data(), 2);
        network.train(X.data(), X.shape(0));
    }
    return py::reinterpret_steal<py::object>(network.python());
}

PYBIND11_MODULE(bound_pybind11, module) {
    if (!gng::import()) throw py::error_already_set();
    module.def("train", &train);
}
