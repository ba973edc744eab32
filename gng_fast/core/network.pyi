from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

from gng_fast.core.signals import Signals
from gng_fast.files import PathOrFile
from gng_fast.graph import Graph

_Network = TypeVar("_Network", bound=Network)

SEARCHES: dict[str, int]
LEAST_ROWS_OF_THREAD: int

def available_isas() -> tuple[str, ...]: ...
def isa() -> str: ...
def add_up(
    X: NDArray[np.float32],
    weights: NDArray[np.float64] | None,
    nodes: NDArray[np.int64],
    distances: NDArray[np.float32],
    counts: NDArray[np.float64],
    sums: NDArray[np.float64],
    errors: NDArray[np.float64],
    utilities: NDArray[np.float64],
) -> None: ...
def restored(
    cls: type[_Network], about: Any, arrays: Mapping[str, NDArray[Any]], max_bytes: float | None = None
) -> _Network: ...

@disjoint_base
class Network:
    def __new__(
        cls,
        n_features: int,
        *,
        seed: int = 0,
        search: Literal["auto", "brute", "grid", "leaves"] = "auto",
        max_nodes: int = 1000,
        eps_b: float = 0.2,
        eps_n: float = 0.006,
        max_age: int = 50,
        lam: int = 100,
        alpha: float = 0.5,
        decay: float = 0.995,
        variant: Literal["fritzke", "neupy"] = "fritzke",
        min_distance: float = 0.0,
        utility: float | None = None,
    ) -> Self: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @property
    def n_nodes(self) -> int: ...
    @property
    def n_edges(self) -> int: ...
    @property
    def n_features(self) -> int: ...
    @property
    def n_signals(self) -> int: ...
    @property
    def n_changes(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def start(
        self,
        nodes: ArrayLike,
        edges: Iterable[Iterable[int]] = (),
        fixed: bool | ArrayLike = False,
        permanent: bool | ArrayLike = False,
    ) -> None: ...
    def draw_start_nodes(self, signals: Signals, n_start_nodes: int = 2) -> None: ...
    def train(self, signals: Signals, n_signals: int) -> None: ...
    def connect_signals(self, signals: Signals, n_signals: int) -> None: ...
    def nearest(self, X: ArrayLike, n_jobs: int = 1) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...
    def two_nearest(
        self, X: ArrayLike, n_jobs: int = 1, out: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...
    def anneal(self, eps_b_end: float | None, eps_n_end: float | None, n_signals: int) -> None: ...
    def clear_edges(self) -> None: ...
    def take_mean_distance(self) -> float: ...
    def graph(self) -> Graph: ...
    def save(self, path: PathOrFile) -> None: ...
    @classmethod
    def load(cls, path: PathOrFile, *, max_bytes: int | None = None) -> Self: ...
    def as_arrays(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
