from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

@disjoint_base
class Lock:
    def __new__(cls, subject: str) -> Lock: ...

@disjoint_base
class Share:
    def __new__(
        cls,
        work: Callable[[int, int], Any],
        first: int,
        stop: int,
        stopped: NDArray[np.uint8],
        helping: tuple[Lock, ...],
    ) -> Share: ...

def share_rows(
    work: Callable[[int, int], Any], n: int, n_threads: int, stopped: NDArray[np.uint8], lock: Lock
) -> None: ...
