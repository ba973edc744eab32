from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

@disjoint_base
class Lock:
    def wait(self) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *exception: object) -> None: ...

def share_rows(work: Callable[[int, int], Any], n: int, n_threads: int, stopped: NDArray[np.uint8]) -> None: ...
