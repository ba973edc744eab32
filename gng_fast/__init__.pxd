# cython: language_level=3
"""Growing Neural Gas for code in C: `from gng_fast cimport gng_new, gng_train, gng_free`. See docs/embedding.md."""

from gng_fast.core.embedding cimport (
    gng_copy_ages, gng_copy_edges, gng_copy_errors, gng_copy_nodes, gng_free, gng_from_network, gng_n_edges, gng_n_features,
    gng_n_nodes, gng_n_signals, gng_nearest, gng_network, gng_new, gng_start, gng_state, gng_stop, gng_train,
)
