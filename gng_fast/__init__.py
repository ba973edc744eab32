"""Growing Neural Gas, fast and exact, and line art made with it.

    from gng_fast import GrowingNeuralGas, image
    points = image.article_points()
    graph = GrowingNeuralGas(max_nodes=2400, random_state=0).fit(points).graph_
"""

from gng_fast._core import Network, available_isas, isa
from gng_fast._signals import Signals
from gng_fast.estimator import GrowingNeuralGas
from gng_fast.graph import Graph

__version__ = "0.1.0"

__all__ = ["Graph", "GrowingNeuralGas", "Network", "Signals", "available_isas", "isa"]
