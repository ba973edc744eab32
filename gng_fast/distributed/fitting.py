"""`fit`: one network over data in partitions.

A network starts on a sample that is brought to one place and is refined where the data is
(gng_fast/model/refinement.py): only sums over what each node wins travel. Networks of single partitions that are joined
afterwards are worse, much so where a partition has only a part of the data's shape.
"""

import math
import uuid
from collections.abc import Callable, Iterator
from os import PathLike
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from gng_fast.distributed.checkpoints import Checkpoint, description_of
from gng_fast.distributed.clients import client_or_local, delayed, need_dask
from gng_fast.distributed.partitions import (
    Bundle,
    Start,
    bundles_of,
    draw_samples,
    joined,
    length_of,
    partitions_of,
    tallies_of,
    tally_of,
)
from gng_fast.model.clustered import cluster_by_tally
from gng_fast.model.constructor import Clusters, Variant, check_parameters
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.defaults import nodes_for
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.fitted import training_state
from gng_fast.model.refinement import LLOYD_PASSES, MARGINS, SAMPLE_PER_NODE, refined
from gng_fast.model.tally import Tally, sum_of
from gng_fast.parameters import check

# Rows that the start is trained on for each node, and signals it is trained for: half of these to grow, half to settle.
_START_PER_NODE = 50
_SIGNALS_PER_NODE = 200

# Numbers that are brought to one place at a time.
_NUMBERS_AT_ONCE = 2**20

# Rows of the sample that are looked at in one piece.
_SAMPLE_ROWS = 2**18


class TrainingParameters(TypedDict, total=False):
    """Parameters of training that are the user's to choose, as in `GrowingNeuralGas`."""

    eps_b: float
    eps_n: float
    max_age: int
    alpha: float
    decay: float
    variant: Variant
    clusters: Clusters
    n_clusters: int | None
    min_cluster_size: int | None
    noise: bool


def fit(
    data: Any,
    client: Any = None,
    *,
    max_nodes: int | None = None,
    random_state: int | None = None,
    checkpoint: str | PathLike[str] | None = None,
    callback: Callable[[int, int], object] | None = None,
    **parameters: Unpack[TrainingParameters],
) -> GrowingNeuralGas:
    """Return a model fitted to data in partitions, as `GrowingNeuralGas(refine=True).fit` does to data in one place.

    The data is read four times, where it is; it is read a fifth time if the lengths of the partitions are not known.
    `persist` it first if it fits into the cluster's memory and takes long to make. The same partitions and seed give
    the same bytes, whatever the cluster is, and whatever happens to its workers.

    Parameters
    ----------
    data : Dask array of shape (n, d), Dask bag, Dask data frame, memory-mapped array, or list
        A bag holds rows or arrays of rows. The file behind a memory-mapped array must be there on all workers under the
        same name. A list holds memory-mapped arrays, or Dask delayed objects each of which makes a partition (k, d).
    client : distributed.Client, optional
        The cluster. By default one is made in this process, with a thread for each core. Data that is made by slow
        Python functions goes faster with a cluster of processes, such as `distributed.Client(threads_per_worker=1)`.
    max_nodes : None, int in [2, 2^30], default None
        Number of nodes; with None that of `GrowingNeuralGas.fit`, for as many rows as all partitions have.
    random_state : int in [0, 2^64), optional
        Seed; by default a new one each time.
    checkpoint : str or path-like, optional
        A folder. What is finished is kept there, for each partition, and a later call with the same data and parameters
        goes on from it. It draws its sample of the data again, and refuses other data. The folder stays when all is
        done, and a call then returns the model after that one look at the data.
    callback : callable(done, total), optional
        Called when a partition has been read, or a round of relocation is done, with the number of these so far and in
        the end.
    **parameters
        eps_b, eps_n, max_age, alpha, decay and variant of the model, and clusters, n_clusters, min_cluster_size and
        noise, as in `GrowingNeuralGas`. The start is annealed to eps_b_end=0.01 and eps_n_end=0.0001.

    Returns
    -------
    GrowingNeuralGas
        The fitted model, which knows the names of the columns of data frames. The errors and ages of its graph are 0,
        its `history_` is that of the start, and it has no `labels_`. Its clusters are made from all data, without a
        pass of their own.

    Raises
    ------
    ValueError, TypeError
        If the data or a parameter is not as described, or the checkpoint is that of another fit. The message names the
        partition in which something was found.
    ImportError
        If Dask is not installed: pip install 'gng-fast[distributed]'.
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
    known = TrainingParameters.__annotations__
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise TypeError(
            f"{unknown[0]} is not a parameter of distributed.fit; its parameters of training are "
            f"{', '.join(sorted(known))}"
        )
    check_parameters({"max_nodes": max_nodes, **parameters})  # what is wrong with them is said before the work
    seed = None if random_state is None else check("random_state", random_state)
    model = GrowingNeuralGas(max_nodes, random_state=random_state, eps_b_end=0.01, eps_n_end=0.0001, **parameters)
    parts, lengths = partitions_of(data)
    # the heavy work needs no lock of the interpreter: threads share the data, and are there at once
    with client_or_local(client, processes=False) as client:
        return _Fit(client, parts, lengths, model, seed, checkpoint, callback).run()


class _Fit:
    """One fit: its partitions, and how far it has come."""

    def __init__(
        self,
        client: Any,
        parts: list[Any],
        lengths: list[int] | None,
        model: GrowingNeuralGas,
        seed: int | None,
        checkpoint: str | PathLike[str] | None,
        callback: Callable[[int, int], object] | None,
    ) -> None:
        self.client, self.parts, self.model, self.callback = client, parts, model, callback
        self.n_done = self.n_passes = 0
        self.won: Tally | None = None  # of the last pass over all data, of the nodes as they are in the end
        self.samples: list[Any] | None = None
        self.coordinates = Coordinates()
        self.lengths = self._counted_lengths() if lengths is None else lengths
        if sum(self.lengths) == 0:
            raise ValueError("data must have at least one row, got none")
        if model.max_nodes is None:
            model.max_nodes = nodes_for(sum(self.lengths), model.n_start_nodes)
        self.n_nodes = model.max_nodes
        about = {
            "lengths": self.lengths,
            **{name: value for name, value in model.get_params().items() if name != "random_state"},
        }
        self.checkpoint = Checkpoint(checkpoint, about, seed)

    def run(self) -> GrowingNeuralGas:
        """Start, refine, and return the model."""
        starts = self._starts()
        # before anything that is kept is used: it would be mixed with what comes of other data
        self.checkpoint.compare_data(description_of(starts))
        model = self.checkpoint.start()
        if model is None:
            model = self._started(starts)
            self.checkpoint.keep_start(model)
        state = training_state(model)
        self.coordinates = state.coordinates
        random = np.random.default_rng([self.checkpoint.seed, 1])
        state.replace_network(refined(state.network, self._on_sample, self._on_all, random))
        if model.clusters == "density" and self.won is not None:
            cluster_by_tally(model, self.won)
        # what `fit` of this model would do in one place
        return model.set_params(random_state=self.model.random_state, refine=True)

    # ---- the start ---------------------------------------------------------------------------------------------------

    def _counted_lengths(self) -> list[int]:
        """The rows of each partition, counted where it is."""
        work = delayed(length_of)
        futures = self.client.compute([work(i, part) for i, part in enumerate(self.parts)])
        lengths: list[int] = self.client.gather(futures)
        return lengths

    def _starts(self) -> list[Start]:
        """The rows to start with, of each partition that has rows; raises ValueError where their columns differ."""
        starts: list[Start] = []
        first = 0
        futures, self.samples = self._drawn()
        most = _START_PER_NODE * self.n_nodes // len(futures) + 1
        for i, start in enumerate(self._gathered(futures, most)):
            if start is not None:
                first = first if starts else i
                starts.append(start)
                _check_columns(i, start, first, starts[0])
            self._report()
        return starts

    def _started(self, starts: list[Start]) -> GrowingNeuralGas:
        """The model after training on a sample of all partitions."""
        pool = np.concatenate([start.rows for start in starts])
        model = GrowingNeuralGas(**self.model.get_params())
        model.set_params(random_state=self.checkpoint.seed, n_epochs=_SIGNALS_PER_NODE * self.n_nodes / len(pool))
        state = training_state(model.fit(pool))
        state.feature_names = starts[0].names
        state.replace_network(state.network)  # nobody is going to ask for the labels of the sample
        return model

    def _drawn(self) -> tuple[list[Any], list[Any]]:
        """Futures of the rows to start with, and of those for relocation, which stay where they are."""
        n, n_nodes, draw = sum(self.lengths), self.n_nodes, delayed(draw_samples, n_out=2)
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
                draw(bundle, [n_start[i] for i, _ in bundle], [n_kept[i] for i, _ in bundle], self.checkpoint.seed)
                for bundle in bundles_of(self.parts, piece.tolist())
            ]
            if drawn:
                starts += [start for start, _ in drawn]
                samples.append(delayed(joined)([kept for _, kept in drawn]))
        futures = self.client.compute(starts + samples)
        return futures[: len(starts)], futures[len(starts) :]

    # ---- passes of refinement ----------------------------------------------------------------------------------------

    def _on_sample(self, nodes: NDArray[np.float32]) -> Tally:
        return self._pass(1, lambda number: self._tally_of_sample(nodes))

    def _on_all(self, nodes: NDArray[np.float32], pairs: bool) -> Tally:
        self.won = self._pass(len(self.parts), lambda number: self._tally_of_parts(number, nodes, pairs))
        return self.won

    def _pass(self, n_reports: int, work: Callable[[int], Tally]) -> Tally:
        """The tally of the next pass: what `work` makes of its number, if it is not kept."""
        number = self.n_passes
        self.n_passes += 1
        won = self.checkpoint.tally(number)
        if won is None:
            won = work(number)
            self.checkpoint.keep(won, number)
        else:
            self._report(n_reports)
        return won

    def _tally_of_sample(self, nodes: NDArray[np.float32]) -> Tally:
        """The tally of the rows for relocation."""
        if self.samples is None:
            self.samples = self._drawn()[1]
        if len(self.samples) == 1:  # so little is done sooner than handed out
            if isinstance(self.samples[0], need_dask()[1].Future):
                self.samples = list(self.client.gather(self.samples))
            won = tally_of(0, self.samples[0], self.coordinates, nodes, True)
        else:
            bundles = [[(i, sample)] for i, sample in enumerate(self.samples)]
            won = sum_of(self._tallies(bundles, nodes, True, "sample_tally"))
        self._report()
        return won

    def _tally_of_parts(self, number: int, nodes: NDArray[np.float32], pairs: bool) -> Tally:
        """The tally of all partitions; those that are not kept are counted where they are."""
        missing = {i for i in range(len(self.parts)) if self.checkpoint.tally(number, i) is None}
        came = self._tallies(bundles_of(self.parts, sorted(missing)), nodes, pairs, "tally")

        def in_order() -> Iterator[Tally]:
            for i in range(len(self.parts)):
                won = None if i in missing else self.checkpoint.tally(number, i)
                if won is None:
                    won = next(came)
                    self.checkpoint.keep(won, number, i)
                yield won
                self._report()

        return sum_of(in_order())

    def _tallies(self, bundles: list[Bundle], nodes: NDArray[np.float32], pairs: bool, name: str) -> Iterator[Tally]:
        """The tallies of the partitions in these bundles, in order."""
        where, work = delayed(nodes), delayed(tallies_of)
        # named by what they are done on: Dask expects tasks of one name to take equally long, and hands out short ones
        # unevenly
        name = f"{name}-{uuid.uuid4().hex}"
        tasks = [
            work(bundle, self.coordinates, where, pairs, dask_key_name=(name, i)) for i, bundle in enumerate(bundles)
        ]
        return self._gathered(self.client.compute(tasks), nodes.size * max(map(len, bundles), default=1))

    def _gathered(self, futures: list[Any], size: int) -> Iterator[Any]:
        """What is in the results, lists of about `size` numbers each, in order.

        Many results are brought at a time, since each time costs milliseconds.
        """
        most = max(1, _NUMBERS_AT_ONCE // size)
        while futures:
            some, futures = futures[:most], futures[most:]
            for result in self.client.gather(some):
                yield from result

    def _report(self, n: int = 1) -> None:
        """Tell the callback that n more partitions have been read, or rounds are done."""
        self.n_done += n
        if self.callback:
            self.callback(self.n_done, len(MARGINS) + (1 + LLOYD_PASSES + 1) * len(self.parts))


def _check_columns(number: int, start: Start, first_number: int, first: Start) -> None:
    """Raise ValueError if the columns of a partition are not those of the first."""
    d, expected = start.rows.shape[1], first.rows.shape[1]
    if d != expected:
        raise ValueError(f"partition {number}: it must have {expected} columns as the first, got {d}")
    names, wanted = (None if it.names is None else it.names.tolist() for it in (start, first))
    if names != wanted:
        raise ValueError(
            f"partition {number}: its columns must have the names of partition {first_number}, {wanted}, got {names}"
        )
