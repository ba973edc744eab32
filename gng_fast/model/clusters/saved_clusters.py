"""Saved clusters: what the file of a model holds of them, and the checks before anything is made from it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import check_values
from gng_fast.model.clusters.clouds import nearest_position
from gng_fast.model.clusters.clustering import NOISE, Clusters
from gng_fast.model.clusters.landscape import Landscape
from gng_fast.model.clusters.names import KnownClusters
from gng_fast.model.clusters.persistence import Persistence
from gng_fast.npz import Field
from gng_fast.parameters import Range, check_switch

#: The arrays, all of them or none; but for the first, which is missing where the places are the nodes of the network.
ARRAYS = {
    "cluster_places": Field(("f4",), 2, optional=True),  # (n, d)
    "cluster_numbers": Field(("i8",), 1, optional=True),  # (n,)
    "cluster_strengths": Field(("f8",), 1, optional=True),  # (n,)
    "landscape_rows": Field(("f8",), 1, optional=True),  # (n,)
    "landscape_g": Field(("f8",), 1, optional=True),  # (n,)
    "landscape_edges": Field(("i8",), 2, optional=True),  # (m, 2)
    "landscape_edge_g": Field(("f8",), 1, optional=True),  # (m,)
    "landscape_bridges": Field(("i8",), 2, optional=True),  # (k, 2)
    "landscape_bridge_g": Field(("f8",), 1, optional=True),  # (k,)
    "hill_peaks": Field(("f8",), 1, optional=True),  # (h,)
    "hill_saddles": Field(("f8",), 1, optional=True),  # (h,)
    "hill_rows": Field(("f8",), 1, optional=True),  # (h,)
}

# Rows, and squares of distances of float32: more than any data has.
_MOST = 2.0**512
_POSITIVE = Range(0, _MOST, low_open=True)
_COUNT = Range(0, 2**62, integer=True)

_Arrays = Mapping[str, NDArray[Any]]


def packed(known: KnownClusters, hold: bool) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return clusters as numbers that JSON has, and arrays.

    hold : whether the nodes are where they were when the clusters were made
    """
    landscape, diagram = known.landscape, known.clusters.persistence
    about = {
        "hold": hold,
        "next_number": known.next_number,
        "mass": landscape.mass,
        "dimension": landscape.dimension,
        "tau": None if math.isinf(diagram.tau) else diagram.tau,
    }
    arrays: dict[str, NDArray[Any]] = {
        "cluster_numbers": known.clusters.of_nodes,
        "cluster_strengths": known.clusters.strengths,
        "landscape_rows": landscape.rows,
        "landscape_g": landscape.g,
        "landscape_edges": landscape.edges,
        "landscape_edge_g": landscape.edge_g,
        "landscape_bridges": landscape.bridges,
        "landscape_bridge_g": landscape.bridge_g,
        "hill_peaks": diagram.peaks,
        "hill_saddles": diagram.saddles,
        "hill_rows": diagram.rows,
    }
    return about, arrays if hold and known.place_of is None else {**arrays, "cluster_places": known.places}


def unpacked(about: Any, arrays: _Arrays, nodes: NDArray[np.float32]) -> tuple[KnownClusters, bool]:
    """Return the clusters that were packed, and whether they hold for the nodes, (n, d), of the network.

    Raises ValueError or TypeError if there are none like them.
    """
    names = {"hold", "next_number", "mass", "dimension", "tau"}
    if not isinstance(about, dict) or set(about) != names:
        raise ValueError(f"clusters must hold {', '.join(sorted(names))}")
    hold = check_switch("hold", about["hold"])
    places_are_nodes = hold and "cluster_places" not in arrays
    missing = [name for name in list(ARRAYS)[places_are_nodes:] if name not in arrays]
    if missing:
        raise ValueError(f"it has no field {missing[0]!r}")
    places = nodes if places_are_nodes else arrays["cluster_places"]
    if places.shape[1] != nodes.shape[1] or not len(places):
        raise ValueError(f"cluster_places must have rows of {nodes.shape[1]} columns, got shape {places.shape}")
    check_values(places, "cluster_places")
    _check_arrays(arrays, len(places))
    landscape = Landscape(
        rows=arrays["landscape_rows"],
        g=arrays["landscape_g"],
        edges=arrays["landscape_edges"],
        edge_g=arrays["landscape_edge_g"],
        bridges=arrays["landscape_bridges"],
        bridge_g=arrays["landscape_bridge_g"],
        mass=_POSITIVE.check("mass", about["mass"]),
        dimension=_POSITIVE.check("dimension", about["dimension"]),
    )
    tau = math.inf if about["tau"] is None else Range(0, _MOST).check("tau", about["tau"])
    diagram = Persistence(
        arrays["hill_peaks"], arrays["hill_saddles"], arrays["hill_rows"], tau, landscape.dimension, landscape.mass
    )
    clusters = Clusters(arrays["cluster_numbers"], arrays["cluster_strengths"], diagram)
    next_number = int(_COUNT.check("next_number", about["next_number"]))
    if clusters.of_nodes.max() >= next_number:
        raise ValueError(f"cluster_numbers must be below {next_number}, got {clusters.of_nodes.max()}")
    place_of = nearest_position(places, nodes)[0] if hold and not places_are_nodes else None
    return KnownClusters(places, landscape, clusters, next_number, place_of), hold


def _check_arrays(arrays: _Arrays, n: int) -> None:
    """Raise ValueError for a shape or a value that no clusters of n nodes have."""
    n_edges, n_bridges, n_hills = (len(arrays[name]) for name in ("landscape_edges", "landscape_bridges", "hill_peaks"))
    least = np.finfo(np.float64).tiny
    for name, shape, low, high in (
        ("cluster_numbers", (n,), NOISE, 2**62),
        ("cluster_strengths", (n,), 0, 1),
        ("landscape_rows", (n,), 0, _MOST),
        ("landscape_g", (n,), least, _MOST),
        ("landscape_edges", (n_edges, 2), 0, n - 1),
        ("landscape_edge_g", (n_edges,), least, _MOST),
        ("landscape_bridges", (n_bridges, 2), 0, n - 1),
        ("landscape_bridge_g", (n_bridges,), least, _MOST),
        ("hill_peaks", (n_hills,), -_MOST, 0),
        ("hill_saddles", (n_hills,), -math.inf, 0),
        ("hill_rows", (n_hills,), 0, _MOST),
    ):
        array = arrays[name]
        if array.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
        wrong = array[~((array >= low) & (array <= high))]
        if wrong.size:
            raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {wrong[0]}")
    if not (np.cumsum(arrays["landscape_rows"])[-1] > 0 and n_hills):
        raise ValueError("landscape_rows and hill_peaks must not be empty")
