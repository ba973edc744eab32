"""`fit`: one network over data in partitions.

A network starts on a sample that is brought to one place and is refined where the data is (gng_fast/refinement.py): only
sums over what each node wins travel. Networks of single partitions that are joined afterwards are worse, much so where a
partition has only a part of the data's shape.
"""

import math
import uuid
from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np

from gng_fast.distributed.checkpoints import Checkpoint
from gng_fast.distributed.clients import client_or_local, need_dask
from gng_fast.distributed.partitions import (
    batches_of,
    draw_samples,
    joined,
    length_of,
    partitions_of,
    tallies_of,
    tally_of,
)
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.refinement import LLOYD_PASSES, MARGINS, SAMPLE_PER_NODE, Tally, refined, sum_of
from gng_fast.parameters import check, network_parameters

# Rows that the start is trained on, and signals it is trained for, for each node: half of these to grow, half to settle.
_START_PER_NODE = 50
_SIGNALS_PER_NODE = 200

# Numbers that are brought to one place at a time.
_NUMBERS_AT_ONCE = 2**20

# Rows of the sample that are looked at in one piece.
_SAMPLE_ROWS = 2**18

# Parameters of training that are the user's to choose.
_PARAMETERS = {"eps_b", "eps_n", "max_age", "alpha", "decay", "variant"}


def fit(
    data: Any,
    client: Any = None,
    *,
    max_nodes: int = 1000,
    random_state: int | None = None,
    checkpoint: str | PathLike | None = None,
    callback: Callable[[int, int], Any] | None = None,
    **parameters,
) -> GrowingNeuralGas:
    """Return a model fitted to data in partitions, as `GrowingNeuralGas(max_nodes, refine=True).fit` to data in one place.

    The data is read four times, where it is; a fifth time if the lengths of the partitions are not known. `persist` it
    first if it fits into the cluster's memory and takes long to make. The same partitions and seed give the same bytes,
    whatever the cluster, and whatever becomes of its workers.

    Parameters
    ----------
    data : Dask array of shape (n, d), Dask bag, Dask data frame, memory-mapped array, or list
        A bag holds rows or arrays of rows. A file behind a memory-mapped array must be there on all workers under the same
        name. A list holds memory-mapped arrays, or Dask delayed objects each of which makes a partition (k, d).
    client : distributed.Client, optional
        The cluster. By default one is made in this process, with a thread for each core. Data that is made by slow Python
        functions goes faster with a cluster of processes, such as `distributed.Client(threads_per_worker=1)`.
    max_nodes : int in [2, 2^30], default 1000
        Number of nodes.
    random_state : int in [0, 2^64), optional
        Seed; by default a new one each time.
    checkpoint : path of a folder, optional
        What is finished is kept there, for each partition, and a later call with the same data and parameters goes on from
        it. The folder stays when all is done, and a call then returns the model without looking at the data.
    callback : callable(done, total), optional
        Called when a partition has been read, or a round of relocation is done, with the number of these so far and in the
        end.
    **parameters
        eps_b, eps_n, max_age, alpha, decay and variant of the model, as in `GrowingNeuralGas`. The start is annealed to
        eps_b_end=0.01 and eps_n_end=0.0001.

    Returns
    -------
    GrowingNeuralGas
        The fitted model. Errors and ages of its graph are 0, `history_` is that of the start; `labels_` it has none.

    Raises
    ------
    ValueError, TypeError
        If the data or a parameter is not as described; for what is found in a partition the message names it.
    ImportError
        Without Dask: pip install 'gng-fast[distributed]'.
    OSError
        If the checkpoint cannot be read or written.

    Examples
    --------
    >>> from dask import array
    >>> from gng_fast import distributed
    >>> X = array.random.default_rng(0).random((1_000_000, 2), chunks=(100_000, 2))
    >>> distributed.fit(X, max_nodes=500, random_state=0).graph_.n_nodes
    500
    """
    unknown = sorted(set(parameters) - _PARAMETERS)
    if unknown:
        raise TypeError(
            f"{unknown[0]} is not a parameter of distributed.fit; its parameters of training are "
            f"{', '.join(sorted(_PARAMETERS))}"
        )
    network_parameters({"max_nodes": max_nodes, **parameters})  # what is wrong with them is said before the work
    seed = None if random_state is None else check("random_state", random_state)
    model = GrowingNeuralGas(max_nodes, random_state=random_state, eps_b_end=0.01, eps_n_end=0.0001, **parameters)
    parts, lengths = partitions_of(data)
    # the heavy work needs no lock of the interpreter: threads share the data, and are there at once
    with client_or_local(client, processes=False) as client:
        return _Fit(client, parts, lengths, model, seed, checkpoint, callback).run()


class _Fit:
    """One fit: its partitions, and how far it has come."""

    def __init__(self, client, parts, lengths, model, seed, checkpoint, callback):
        self.client, self.parts, self.model, self.callback = client, parts, model, callback
        self.done = self.passes = 0
        self.samples = None
        self.lengths = self._lengths() if lengths is None else lengths
        if sum(self.lengths) == 0:
            raise ValueError("data must have at least one row, got none")
        about = {
            "lengths": self.lengths,
            **{name: value for name, value in model.get_params().items() if name != "random_state"},
        }
        self.checkpoint = Checkpoint(checkpoint, about, seed)

    def _lengths(self):
        work = _delayed(length_of)
        return self.client.gather(self.client.compute([work(i, part) for i, part in enumerate(self.parts)]))

    def run(self) -> GrowingNeuralGas:
        model = self.checkpoint.start()
        if model is None:
            model = self._started()
            self.checkpoint.keep_start(model)
        else:
            self._report(len(self.parts))
        self.frame = model._frame
        network = refined(
            model.network_, self._on_sample, self._on_all, np.random.default_rng([self.checkpoint.seed, 1])
        )
        model._go_on_with(network)
        # what `fit` of this model would do in one place
        return model.set_params(random_state=self.model.random_state, refine=True)

    def _started(self) -> GrowingNeuralGas:
        """The model after training on a sample of all partitions."""
        starts = []
        futures = self._draw()
        for start in self._gathered(futures, _START_PER_NODE * self.model.max_nodes // len(futures) + 1):
            starts.append(start)
            self._report()
        first = next(one for one in starts if one is not None)
        for i, one in enumerate(starts):
            if one is not None and one.shape[1] != first.shape[1]:
                raise ValueError(
                    f"partition {i}: it must have {first.shape[1]} columns as the first, got {one.shape[1]}"
                )
        pool = joined([starts])
        model = GrowingNeuralGas(**self.model.get_params())
        model.set_params(random_state=self.checkpoint.seed, n_epochs=_SIGNALS_PER_NODE * model.max_nodes / len(pool))
        return model.fit(pool)

    def _draw(self):
        """Futures of the rows to start with; those of the rows for relocation are kept in `samples`, and stay where they are."""
        n, n_nodes, draw = sum(self.lengths), self.model.max_nodes, _delayed(draw_samples, nout=2)
        n_start, n_kept = (
            [math.ceil(length * min(1, per_node * n_nodes / n)) for length in self.lengths]
            for per_node in (_START_PER_NODE, SAMPLE_PER_NODE)
        )
        # in few pieces, since every piece takes a task in every round
        ends = np.cumsum(n_kept)
        cuts = np.searchsorted(ends, range(_SAMPLE_ROWS, int(ends[-1]), _SAMPLE_ROWS))
        starts, samples = [], []
        for piece in np.split(np.arange(len(self.parts)), cuts):
            drawn = [
                draw(batch, [n_start[i] for i, _ in batch], [n_kept[i] for i, _ in batch], self.checkpoint.seed)
                for batch in batches_of(self.parts, piece.tolist())
            ]
            if drawn:
                starts += [start for start, _ in drawn]
                samples.append(_delayed(joined)([kept for _, kept in drawn]))
        futures = self.client.compute(starts + samples)
        self.samples = futures[len(starts) :]
        return futures[: len(starts)]

    def _on_sample(self, nodes):
        return self._pass(1, lambda number: self._tally_of_sample(nodes))

    def _on_all(self, nodes, pairs):
        return self._pass(len(self.parts), lambda number: self._tally_of_parts(number, nodes, pairs))

    def _pass(self, n_reports, work) -> Tally:
        """The tally of the next pass: what `work` makes of its number, if it is not kept."""
        number = self.passes
        self.passes += 1
        if self.checkpoint.has(number):
            self._report(n_reports)
            return self.checkpoint.tally(number)
        won = work(number)
        self.checkpoint.keep(won, number)
        return won

    def _tally_of_sample(self, nodes):
        if self.samples is None:
            self._draw()
        if len(self.samples) == 1:  # so little is done sooner than handed out
            if isinstance(self.samples[0], need_dask()[1].Future):
                self.samples = self.client.gather(self.samples)
            won = tally_of(0, self.samples[0], self.frame, nodes, True)
        else:
            won = sum_of(
                self._tallies([[(i, sample)] for i, sample in enumerate(self.samples)], nodes, True, "sample_tally")
            )
        self._report()
        return won

    def _tally_of_parts(self, number, nodes, pairs):
        missing = [i for i in range(len(self.parts)) if not self.checkpoint.has(number, i)]
        came = self._tallies(batches_of(self.parts, missing), nodes, pairs, "tally")

        def in_order():
            for i in range(len(self.parts)):
                if self.checkpoint.has(number, i):
                    won = self.checkpoint.tally(number, i)
                else:
                    won = next(came)
                    self.checkpoint.keep(won, number, i)
                yield won
                self._report()

        return sum_of(in_order())

    def _tallies(self, batches, nodes, pairs, name):
        """The tallies of the parts in these batches, in order."""
        where, work = _delayed(nodes), _delayed(tallies_of)
        # named by what they are done on: Dask expects tasks of one name to take equally long, and hands out short ones unevenly
        name = f"{name}-{uuid.uuid4().hex}"
        tasks = [work(batch, self.frame, where, pairs, dask_key_name=(name, i)) for i, batch in enumerate(batches)]
        return self._gathered(self.client.compute(tasks), nodes.size * max(map(len, batches), default=1))

    def _gathered(self, futures, size):
        """What is in the results, lists of about `size` numbers each, in order: many at a time, since each time costs
        milliseconds."""
        most = max(1, _NUMBERS_AT_ONCE // size)
        while futures:
            some, futures = futures[:most], futures[most:]
            for result in self.client.gather(some):
                yield from result

    def _report(self, n=1):
        self.done += n
        if self.callback:
            self.callback(self.done, len(MARGINS) + (1 + LLOYD_PASSES + 1) * len(self.parts))


def _delayed(thing, nout=None):
    return need_dask()[0].delayed(thing, pure=False, nout=nout)
