from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

@disjoint_base
class Signals:
    def __new__(
        cls,
        X: ArrayLike,
        sampling: Literal["epochs", "replacement", "order"] = "epochs",
        *,
        weights: ArrayLike | None = None,
        jitter: float = 0.0,
    ) -> Self: ...
    @property
    def X(self) -> NDArray[np.float32]: ...
    @property
    def weights(self) -> NDArray[np.float64] | None: ...
    def __len__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
