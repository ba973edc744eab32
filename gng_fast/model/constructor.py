"""The constructor's parameters: which there are, and the one check of all of them, new, set later or loaded."""

from collections.abc import Mapping
from operator import attrgetter, is_
from typing import Any, Literal, TypeAlias

import numpy as np

from gng_fast.checks import as_table, check_values
from gng_fast.graph import Graph
from gng_fast.parameters import (
    DEFAULTS,
    MODEL_DEFAULTS,
    check,
    check_end,
    check_switch,
    count_threads,
    network_parameters,
)

Variant: TypeAlias = Literal["fritzke", "neupy"]
Clusters: TypeAlias = Literal["density", "components"]
End: TypeAlias = float | Literal["auto"] | None
Sampling: TypeAlias = Literal["epochs", "replacement", "order"]
RandomState: TypeAlias = int | np.random.Generator | np.random.RandomState | None

_GENERATORS = np.random.Generator, np.random.RandomState

_ALL_DEFAULTS: dict[str, Any] = {**DEFAULTS, **MODEL_DEFAULTS}

#: The parameters of a model, one after the other.
parameters_of = attrgetter(*_ALL_DEFAULTS)


def are_same(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether two of `parameters_of` are the same objects, so that what was checked need not be checked again."""
    return all(map(is_, some, others))


def by_name(parameters: tuple[Any, ...]) -> dict[str, Any]:
    """The parameters of `parameters_of` with their names."""
    return dict(zip(_ALL_DEFAULTS, parameters, strict=True))


def check_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the parameters of a model, and return those of its network, in the units of the data.

    A max_nodes of None becomes the default of a network, for whoever takes no other number.

    given : by name; defaults stand for those that are missing, and those of a subclass are its own

    Raises ValueError, TypeError for one that no model has; the message names it.
    """
    named = {name: given.get(name, default) for name, default in _ALL_DEFAULTS.items()}
    of_network = network_parameters(
        {name: named[name] for name in DEFAULTS if name != "max_nodes" or named[name] is not None}
    )
    for name in ("sampling", "n_start_nodes", "jitter", "clusters"):
        check(name, named[name])
    if named["n_epochs"] is not None:
        check("n_epochs", named["n_epochs"])
    for name in ("eps_b_end", "eps_n_end"):
        check_end(name, named[name])
    for name in ("fixed_init", "refine"):
        check_switch(name, named[name])
    _check_clusters(named)
    _check_init(named["init"])
    if named["fixed_init"] and named["init"] is None:
        raise ValueError(
            "fixed_init=True needs the nodes that are to be fixed: init must be an array or a Graph, got None"
        )
    if named["random_state"] is not None and not isinstance(named["random_state"], _GENERATORS):
        check("random_state", named["random_state"])
    if named["n_jobs"] is not None:
        count_threads(named["n_jobs"])
    return of_network


def _check_clusters(named: Mapping[str, Any]) -> None:
    """Raise an error unless the parameters of clusters by density are as they should be, and of use."""
    of_density = check("n_clusters", named["n_clusters"]), check("min_cluster_size", named["min_cluster_size"])
    if named["clusters"] != "density" and (check_switch("noise", named["noise"]) or of_density != (None, None)):
        raise ValueError("n_clusters, min_cluster_size and noise can only be used with clusters='density'")
    check_switch("noise", named["noise"])


def _check_init(init: Any) -> None:
    """Raise an error unless `init` is None, a Graph or a table of finite numbers."""
    if init is None or isinstance(init, Graph):
        return
    if isinstance(init, (str, bytes)):
        raise ValueError(f"init must be None, an array of shape (k, d) or a Graph, got {init!r}")
    check_values(as_table(init, "init"), "init")
