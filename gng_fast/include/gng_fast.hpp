// Growing Neural Gas for C++17: gng_fast.h with a network that cleans up after itself and errors that are exceptions.
//
//     if (!gng::import()) return nullptr;               // once, with the GIL; a Python exception is set
//     gng_params params = gng::params(2);               // the defaults of gng_fast.Network, for 2 columns
//     params.max_nodes = 100;
//     gng::Network network(params);
//     network.start(X, 2);
//     network.train(X, n);                              // any thread; release the GIL before
//     std::vector<float> nodes = network.nodes();       // (n_nodes, d)

#ifndef GNG_FAST_HPP
#define GNG_FAST_HPP

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "gng_fast.h"

namespace gng {

inline const gng_api *table = nullptr;

/// Import gng_fast. Returns whether that went well; if not, a Python exception is set. With the GIL.
[[nodiscard]] inline bool import() {
    table = gng_import();
    return table != nullptr;
}

/// What went wrong, with the status of the C function.
struct Error : std::runtime_error {
    int status;
    explicit Error(int status) : std::runtime_error(table->error()), status(status) {}
};

inline void check(int status) {
    if (status != GNG_OK) throw Error(status);
}

inline gng_params params(std::int64_t n_features) {
    gng_params params;
    table->init_params(&params, sizeof params);
    params.n_features = n_features;
    return params;
}

/// A network, which moves and is not copied. `stop` may be called by any thread, all else by one at a time.
class Network {
public:
    explicit Network(const gng_params &params) { check(table->create(&params, &state_)); }
    /// The network of a Python gng_fast.Network, which stays alive as long.
    explicit Network(PyObject *network) { check(table->from_network(network, &state_)); }
    ~Network() { table->release(state_); }
    Network(Network &&other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Network &operator=(Network &&other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    Network(const Network &) = delete;
    Network &operator=(const Network &) = delete;

    void start(const float *nodes, std::int64_t n) { check(table->start(state_, nodes, n)); }
    void train(const float *X, std::int64_t n) { check(table->train(state_, X, n)); }
    void stop() noexcept { table->stop(state_); }
    void nearest(const float *X, std::int64_t n, std::int64_t *nodes, float *distances = nullptr) const {
        check(table->nearest(state_, X, n, nodes, distances));
    }

    std::int64_t n_features() const noexcept { return table->n_features(state_); }
    std::int64_t n_nodes() const noexcept { return table->n_nodes(state_); }
    std::int64_t n_edges() const noexcept { return table->n_edges(state_); }
    std::int64_t n_signals() const noexcept { return table->n_signals(state_); }

    /// (n_nodes, d), in order of birth.
    std::vector<float> nodes() const {
        std::vector<float> nodes(static_cast<std::size_t>(n_nodes() * n_features()));
        table->copy_nodes(state_, nodes.data());
        return nodes;
    }
    /// (n_nodes,)
    std::vector<double> errors() const {
        std::vector<double> errors(static_cast<std::size_t>(n_nodes()));
        table->copy_errors(state_, errors.data());
        return errors;
    }
    /// (n_edges, 2): pairs of node numbers.
    std::vector<std::int64_t> edges() const {
        std::vector<std::int64_t> edges(static_cast<std::size_t>(2 * n_edges()));
        table->copy_edges(state_, edges.data());
        return edges;
    }
    /// (n_edges,), in the order of `edges`.
    std::vector<std::int64_t> ages() const {
        std::vector<std::int64_t> ages(static_cast<std::size_t>(n_edges()));
        table->copy_ages(state_, ages.data());
        return ages;
    }

    /// The Python gng_fast.Network, a new reference. With the GIL.
    PyObject *python() const { return table->network(state_); }

private:
    gng_state *state_ = nullptr;
};

} // namespace gng

#endif
