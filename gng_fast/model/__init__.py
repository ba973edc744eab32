"""The network as an estimator of scikit-learn's kind."""

from gng_fast.model.clusters.persistence import Persistence
from gng_fast.model.data import Data
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.growth import GrowthWarning

__all__ = ["Data", "GrowingNeuralGas", "GrowthWarning", "Persistence"]
