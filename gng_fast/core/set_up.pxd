# cython: language_level=3
"""A new network: its parameters, its memory, and an index without nodes."""

from libc.stdint cimport uint64_t

from gng_fast.core.index_policy cimport rebuild_index
from gng_fast.core.memory cimport zeroed
from gng_fast.core.network_memory cimport allocate_network
from gng_fast.core.state cimport FRITZKE, NEUPY, NODES_PER_MAXIMUM, State


cdef inline int set_up(State *net, Py_ssize_t d, uint64_t seed, dict given, double skip_below) except -1:
    """Make a network of the checked parameters of `network_parameters`, whose kernels and kind of index are set already.

    What was allocated before a MemoryError is the caller's to free.
    """
    net.d = net.index.panels.d = d
    net.rng = seed
    net.variant = FRITZKE if given["variant"] == "fritzke" else NEUPY
    net.max_nodes = given["max_nodes"]
    net.lam = net.until_insertion = min(given["lam"], 2**63 - 1)
    net.max_age = given["max_age"]
    net.eps_b = given["eps_b"]
    net.eps_n = given["eps_n"]
    net.alpha = given["alpha"]
    net.growth = 1 / <double>given["decay"]
    net.error_scale = 1
    net.skip_below = skip_below
    allocate_network(net)
    if given["utility"] is not None:
        net.utility_factor = given["utility"]
        net.utility = <double *>zeroed(net.capacity, sizeof(double))
        net.utility_min = <double *>zeroed(net.capacity // NODES_PER_MAXIMUM, sizeof(double))
    rebuild_index(net)
    return 0
