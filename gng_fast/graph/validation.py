"""The arrays of a graph, checked and put in canonical order."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import whatever_errstate

Floats = NDArray[np.floating[Any]]


@whatever_errstate
def canonical(
    nodes: ArrayLike, edges: ArrayLike, ages: ArrayLike | None, errors: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return copies of the arrays of `Graph`, each edge as a < b and the edges sorted; raises what `Graph` raises."""
    positions = _checked_nodes(nodes)
    pairs = _checked_edges(edges, len(positions))
    checked_ages = _checked_ages(ages, len(pairs))
    # One number per edge sorts faster than two columns.
    keys = pairs[:, 0] * len(positions) + pairs[:, 1]
    order = np.argsort(keys, kind="stable")
    keys, pairs = keys[order], pairs[order]
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if twice.size:
        raise ValueError(f"edges must not repeat an edge, got {_pair(pairs[twice[0]])} more than once")
    return positions, pairs, checked_ages[order], _checked_errors(errors, len(positions))


def _checked_nodes(given: ArrayLike) -> Floats:
    nodes = numbers("nodes", given, "iuf")
    if nodes.ndim != 2 or nodes.shape[1] < 1:
        raise ValueError(f"nodes must have shape (n, d) with d >= 1, got {nodes.shape}")
    positions: Floats = np.array(nodes, dtype=np.float32 if nodes.dtype == np.float32 else np.float64, order="C")
    check_finite("nodes", positions)
    return positions


def _checked_edges(given: ArrayLike, n_nodes: int) -> NDArray[np.int64]:
    edges: NDArray[Any] = np.asarray(given)
    if edges.shape == (0,):  # an empty list has no second axis and no integer type
        edges = np.empty((0, 2), dtype=np.int64)
    edges = numbers("edges", edges, "iu")
    if edges.ndim != 2 or edges.shape[1] != 2:
        raise ValueError(f"edges must have shape (m, 2), got {edges.shape}")
    if len(edges) and not n_nodes:
        raise ValueError(f"edges must be empty when there are no nodes, got {_pair(edges[0])}")
    outside = edges[(edges < 0) | (edges >= n_nodes)]
    if outside.size:
        raise ValueError(f"edges must hold node indices from 0 to {n_nodes - 1}, got {outside[0]}")
    loops = edges[edges[:, 0] == edges[:, 1]]
    if loops.size:
        raise ValueError(f"edges must join two different nodes, got {_pair(loops[0])}")
    return np.sort(edges.astype(np.int64), axis=1)


def _checked_ages(given: ArrayLike | None, n_edges: int) -> NDArray[np.int64]:
    if given is None:
        return np.zeros(n_edges, dtype=np.int64)
    ages: NDArray[Any] = np.asarray(given)
    if ages.shape == (0,):  # an empty list has no integer type
        ages = ages.astype(np.int64)
    ages = numbers("ages", ages, "iu")
    if ages.shape != (n_edges,):
        raise ValueError(f"ages must have one value per edge, shape ({n_edges},), got {ages.shape}")
    if ages.max(initial=0) > np.iinfo(np.int64).max:
        raise ValueError(f"ages must fit in 64-bit signed integers, got {ages.max()}")
    return ages.astype(np.int64)


def _checked_errors(given: ArrayLike | None, n_nodes: int) -> NDArray[np.float64]:
    if given is None:
        return np.zeros(n_nodes)
    errors = numbers("errors", given, "iuf").astype(np.float64)
    if errors.shape != (n_nodes,):
        raise ValueError(f"errors must have one value per node, shape ({n_nodes},), got {errors.shape}")
    check_finite("errors", errors)
    return errors


def checked_clusters(given: ArrayLike, n_nodes: int) -> NDArray[np.int64]:
    """Return a copy of the clusters of so many nodes; raises what `Graph` raises."""
    clusters: NDArray[Any] = np.asarray(given)
    if clusters.shape == (0,):  # an empty list has no integer type
        clusters = clusters.astype(np.int64)
    clusters = numbers("clusters", clusters, "iu")
    if clusters.shape != (n_nodes,):
        raise ValueError(f"clusters must have one value per node, shape ({n_nodes},), got {clusters.shape}")
    if clusters.max(initial=0) > np.iinfo(np.int64).max or clusters.min(initial=0) < -1:
        wrong = clusters.min() if clusters.min() < -1 else clusters.max()
        raise ValueError(f"clusters must be numbers from 0 on, or -1, got {wrong}")
    return clusters.astype(np.int64)


def numbers(name: str, values: ArrayLike, kinds: str) -> NDArray[Any]:
    """Return `values` as an array; raises TypeError if its kind of dtype is none of `kinds`, such as "iu"."""
    array = np.asarray(values)
    if array.dtype.kind not in kinds:
        wanted = "numbers" if "f" in kinds else "integers"
        raise TypeError(f"{name} must be an array of {wanted}, got dtype {array.dtype}")
    return array


def check_finite(name: str, array: Floats) -> None:
    """Raise ValueError if a number of the array is infinite or NaN."""
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} must be finite, got {array[~finite][0]}")


def _pair(edge: NDArray[Any]) -> str:
    return f"({edge[0]}, {edge[1]})"
