// Threads that Python does not know train networks, fail, and are stopped: plain CPython API and the C++ header.

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>

#include "gng_fast.hpp"

static std::vector<float> rows(std::int64_t n, std::uint64_t seed) {
    std::vector<float> X(static_cast<std::size_t>(2 * n));
    for (float &x : X) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x = static_cast<float>(seed >> 40) / (1 << 24);
    }
    return X;
}

// Returns two networks, trained side by side by threads of their own.
static PyObject *side_by_side(PyObject *, PyObject *) {
    std::vector<gng::Network> networks;
    for (std::uint64_t seed : {0, 1}) {
        gng_params params = gng::params(2);
        params.seed = seed;
        networks.emplace_back(params);
    }
    Py_BEGIN_ALLOW_THREADS
    std::vector<std::thread> threads;
    for (gng::Network &network : networks)
        threads.emplace_back([&network] {
            const std::vector<float> X = rows(20000, 7);
            network.start(X.data(), 2);
            for (std::size_t i = 0; i < 20000; i += 100) network.train(&X[2 * i], 100);
        });
    for (std::thread &thread : threads) thread.join();
    Py_END_ALLOW_THREADS
    return Py_BuildValue("NN", networks[0].python(), networks[1].python());
}

// Returns the status and the message of a failure in a thread of its own, and the message of this thread.
static PyObject *failing(PyObject *, PyObject *) {
    gng::Network network(gng::params(2));
    int status = 0;
    std::string message;
    Py_BEGIN_ALLOW_THREADS
    std::thread([&] {
        const float X[] = {0, 0, 1, NAN};
        try {
            network.start(X, 2);
        } catch (const gng::Error &error) {
            status = error.status;
            message = error.what();
        }
    }).join();
    Py_END_ALLOW_THREADS
    return Py_BuildValue("iss", status, message.c_str(), gng::table->error());
}

// Trains on ten thousand million signals in a thread of its own, stops it, and returns its status and the network.
static PyObject *stopped(PyObject *, PyObject *) {
    gng::Network network(gng::params(2));
    std::atomic<int> status{0};
    Py_BEGIN_ALLOW_THREADS
    const std::vector<float> X = rows(1000000, 3);
    network.start(X.data(), 2);
    std::thread trainer([&] {
        try {
            for (int pass = 0; pass < 10000; pass++) network.train(X.data(), 1000000);
        } catch (const gng::Error &error) {
            status = error.status;
        }
    });
    while (network.n_signals() == 0) std::this_thread::yield();
    while (status == 0) { // again, in case the thread was between two calls
        network.stop();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    trainer.join();
    Py_END_ALLOW_THREADS
    return Py_BuildValue("iN", status.load(), network.python());
}

// Makes a network with every parameter set; returns it, or raises.
static PyObject *with_parameters(PyObject *, PyObject *args) {
    gng_params params = gng::params(3);
    if (!PyArg_ParseTuple(args, "Lddd", &params.variant, &params.utility, &params.min_distance, &params.eps_b_end))
        return nullptr;
    params.n_annealed = 1000;
    try {
        return gng::Network(params).python();
    } catch (const gng::Error &error) {
        return gng_raise(gng::table, error.status);
    }
}

static PyMethodDef methods[] = {
    {"side_by_side", side_by_side, METH_NOARGS, nullptr},
    {"failing", failing, METH_NOARGS, nullptr},
    {"stopped", stopped, METH_NOARGS, nullptr},
    {"with_parameters", with_parameters, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "threads", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit_threads() { return gng::import() ? PyModule_Create(&definition) : nullptr; }
