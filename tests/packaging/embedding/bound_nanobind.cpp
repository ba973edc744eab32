// An extension with nanobind: a function that trains on an array without copying it.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "gng_fast.hpp"

namespace nb = nanobind;
using Rows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

static nb::object train(Rows X, std::uint64_t seed) {
    gng_params params = gng::params(static_cast<std::int64_t>(X.shape(1)));
    params.seed = seed;
    params.max_nodes = 400;
    params.lam = 20;
    gng::Network network(params);
    {
        nb::gil_scoped_release release;
        network.start(X.data(), 2);
        network.train(X.data(), static_cast<std::int64_t>(X.shape(0)));
    }
    return nb::steal(network.python());
}

NB_MODULE(bound_nanobind, module) {
    if (!gng::import()) throw nb::python_error();
    module.def("train", &train);
}
