"""Growing Neural Gas, fast and exact, and line art made with it.

Examples
--------
>>> from gng_fast import GrowingNeuralGas, image
>>> points = image.article_points()
>>> GrowingNeuralGas(max_nodes=2400, n_epochs=21, random_state=0).fit(points).graph_.n_nodes
2400
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gng_fast import distributed, progress, reference
    from gng_fast.art import drawing, export, image, recipes, styles, writing
    from gng_fast.core.network import Network, available_isas, isa
    from gng_fast.core.signals import Signals
    from gng_fast.core.stopping import TrainingStopped
    from gng_fast.graph import Graph, Surface
    from gng_fast.model import GrowingNeuralGas, GrowthWarning

__version__ = "0.1.0"

__all__ = [
    "Graph",
    "GrowingNeuralGas",
    "GrowthWarning",
    "Network",
    "Signals",
    "Surface",
    "TrainingStopped",
    "available_isas",
    "distributed",
    "drawing",
    "export",
    "get_include",
    "image",
    "isa",
    "progress",
    "recipes",
    "reference",
    "styles",
    "writing",
]

# Everything is imported when it is first asked for: most programs need only some of it, and the command line takes care
# of signals before it imports what takes a while.
_HOMES: dict[str, str] = dict.fromkeys(("Network", "available_isas", "isa"), "gng_fast.core.network")
_HOMES |= dict.fromkeys(("GrowingNeuralGas", "GrowthWarning"), "gng_fast.model")
_HOMES |= dict.fromkeys(("Graph", "Surface"), "gng_fast.graph")
_HOMES |= {"Signals": "gng_fast.core.signals", "TrainingStopped": "gng_fast.core.stopping"}
_DOORS = {name: f"gng_fast.art.{name}" for name in ("drawing", "export", "image", "recipes", "styles", "writing")}
_DOORS |= {name: f"gng_fast.{name}" for name in ("distributed", "progress", "reference")}

if not TYPE_CHECKING:  # a type checker would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            found = getattr(import_module(_HOMES[name]), name)
        elif name in _DOORS:
            found = import_module(_DOORS[name])
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


def get_include() -> str:
    """Return the folder of the headers gng_fast.h and gng_fast.hpp, for extensions in C and C++.

    Returns
    -------
    str
        To be passed to a compiler by -I. No library is needed (see docs/embedding.md).
    """
    return str(Path(__file__).parent / "include")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
