"""More than one machine, on Dask: one network over data in partitions, and one drawing of each of many pictures.

>>> from dask import array
>>> from gng_fast import distributed
>>> X = array.random.default_rng(0).random((100_000, 2), chunks=(10_000, 2))  # never in one place
>>> model = distributed.fit(X, max_nodes=200, random_state=0)
>>> model.graph_.n_nodes
200

Without a client, the cores of this machine do the work: `fit` in threads, `draw_many` in processes. A program that
draws must then be protected by `if __name__ == "__main__":`, as everything in Python that starts processes.
"""

from gng_fast.distributed.fitting import fit
from gng_fast.distributed.pictures import Drawn, draw_many
from gng_fast.distributed.prediction import predict

__all__ = ["Drawn", "draw_many", "fit", "predict"]
