"""How a model is trained: data becomes signals, a network is made, and signals are presented to it."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_table, check_values, check_weights
from gng_fast.core.network import Network
from gng_fast.core.signals import Signals
from gng_fast.graph import Graph
from gng_fast.model.changed import with_parameters
from gng_fast.model.clustered import Clustered
from gng_fast.model.constructor import (
    RandomState,
    Sampling,
    are_same,
    by_name,
    check_parameters,
    parameters_of,
)
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.data import Data, feature_names
from gng_fast.model.defaults import Annealing, signals_for
from gng_fast.model.fitted import TrainingState
from gng_fast.model.row_weights import presentations, repeated_rows
from gng_fast.parameters import check
from gng_fast.progress import is_watched, report

# How often who is watching is told how far training is.
_REPORTS = 1000
_MOST_SIGNALS = 2.0**62  # more than anyone has time for, and still a number that can be counted


class Trainable(Clustered):
    """Mixin with what `fit`, `partial_fit` and `reconnect` are made of."""

    max_nodes: int | None
    n_epochs: float | None
    sampling: Sampling
    init: Graph | Data | None
    fixed_init: bool
    n_start_nodes: int
    jitter: float
    random_state: RandomState

    # ---- signals -----------------------------------------------------------------------------------------------------

    def _signals(
        self,
        points: NDArray[np.float32],
        coordinates: Coordinates,
        sampling: Sampling,
        weights: ArrayLike | None = None,
    ) -> Signals:
        """The signals of these points, with jitter in the network's units."""
        return Signals(points, sampling, weights=weights, jitter=coordinates.jitter(self.jitter))

    def _signals_of_row(self, point: NDArray[np.float32], state: TrainingState) -> Signals:
        """The signals of one point, which are kept, since making them takes longer than training."""
        kept = state.single_row
        if kept is None or kept[0] is not self.jitter:
            kept = state.single_row = self.jitter, self._signals(point.copy(), state.coordinates, "order")
        check_values(point)
        kept[1].X[0] = point[0]
        return kept[1]

    def _parts(
        self,
        state: TrainingState | None,
        points: NDArray[np.float32],
        counts: NDArray[np.int64] | None,
        coordinates: Coordinates,
    ) -> Iterator[Signals]:
        """The signals of a stream that are to be presented one after the other, made as they are needed; checked."""
        if counts is not None:
            check_values(points)
            coordinates.jitter(self.jitter)
            return (self._signals(part, coordinates, "order") for part in repeated_rows(points, counts))
        if len(points) > 1 or state is None:
            return iter([self._signals(points, coordinates, "order")])
        return iter([self._signals_of_row(points, state)])

    def _repeated_start(self, points: NDArray[np.float32], counts: NDArray[np.int64]) -> NDArray[np.float32]:
        """The points to take start nodes from, where rows are repeated: no more repetitions than can matter."""
        if not counts.any():
            raise ValueError("sample_weight must not all be zero at the first call")
        return np.repeat(points, np.minimum(counts, check("n_start_nodes", self.n_start_nodes)), axis=0)

    def _count_all_signals(self, parameters: dict[str, Any], n_start_nodes: int, n_rows: int) -> int:
        """The number of signals of `fit`: what `n_epochs` says, or what the nodes of these parameters take."""
        if self.n_epochs is not None:
            return count_signals(self.n_epochs, n_rows)
        n_signals = signals_for(parameters, n_start_nodes)
        # in order, the last rows are as much a part of the data as the first
        return max(n_signals, n_rows) if self.sampling == "order" else n_signals

    # ---- the network to start from -----------------------------------------------------------------------------------

    def _count_start_nodes(self) -> int:
        """The number of nodes to start with."""
        if self.init is None:
            return int(check("n_start_nodes", self.n_start_nodes))
        return self.init.n_nodes if isinstance(self.init, Graph) else len(as_table(self.init, "init"))

    def _start(
        self,
        X: Data,
        signals: Signals,
        coordinates: Coordinates,
        parameters: dict[str, Any],
        *,
        keeps_sample: bool,
    ) -> TrainingState:
        """Return the state to train from: a network with its start nodes.

        keeps_sample : whether to keep some of the signals for clusters, of which there are to be no others
        """
        d, given = signals.X.shape[1], parameters_of(self)
        network = Network(d, seed=_seed(self.random_state), **coordinates.parameters(parameters))
        if self.init is not None:
            fixed = self.fixed_init
            network.start(*coordinates.start_nodes(self.init, d), fixed=fixed, permanent=fixed)
        elif len(signals) == 1:
            raise ValueError("X must have at least 2 distinct points, got 1 (in 1 rows): one sample is not enough")
        else:
            network.draw_start_nodes(signals, self.n_start_nodes)
        state = TrainingState(network, coordinates, feature_names(X))
        state.parameters = given
        if keeps_sample:
            self._keep_recent(state, signals.X, signals.weights)
        else:
            self._keep_recent(state)
        return state

    # ---- training ----------------------------------------------------------------------------------------------------

    def _train(
        self,
        state: TrainingState,
        signals: Signals,
        total: int,
        annealing: Annealing | None,
        callback: Callable[[int, int, Self], bool | None] | None,
        every: int,
    ) -> bool:
        """Train on `total` signals, epoch by epoch; return whether the callback let them all be presented."""
        n, done, stops = len(signals), 0, state.network.stops
        told = -(-total // _REPORTS) if is_watched() else total
        begin = total if annealing is None else annealing.begin
        while done < total:
            upto = min(
                total,
                done - done % n + n,
                done - done % every + every,
                begin if done < begin else total,
                done - done % told + told,
            )
            with state.training:
                if annealing is not None and done == begin:
                    state.network.anneal(annealing.eps_b_end, annealing.eps_n_end, total - done)
                state.network.train(signals, upto - done, stops=stops)
                done = upto
                if done % n == 0:
                    state.note_distance()
            report("training", done / total)
            if callback and (done % every == 0 or done == total) and callback(done, total, self):
                return False
        return True

    def _go_on(self, state: TrainingState, X: Data, sample_weight: ArrayLike | None) -> None:
        """`partial_fit` of a model that is fitted: what can be refused is refused before anything is changed."""
        table = self._checked(state, X)
        points, counts, carry = state.coordinates.points(table), None, state.carry
        with state.training:
            if sample_weight is not None:
                counts, carry = presentations(check_weights(sample_weight, len(points)), state.carry)
            given, network = parameters_of(self), state.network
            others_given = not are_same(given, state.parameters)
            if others_given:
                parameters = check_parameters(by_name(given))
                if self.max_nodes is None:
                    parameters["max_nodes"] = network.parameters["max_nodes"]
                network = with_parameters(network, state.coordinates.parameters(parameters))
            parts = self._parts(state, points, counts, state.coordinates)
            if network is not state.network:
                state.replace_network(network)
            if others_given:
                self._keep_recent(state)
            state.parameters = given
            self._train_parts(state, parts, carry)

    def _train_parts(self, state: TrainingState, parts: Iterator[Signals], carry: int) -> None:
        """Train on the signals of a stream, and note what they leave behind."""
        with state.training:
            state.forget_winners()
            stops = state.network.stops
            try:
                state.carry = carry
                for signals in parts:
                    if state.recent is not None:
                        state.recent.add(signals.X)
                    state.network.train(signals, len(signals), stops=stops)
            finally:
                state.note_distance()


def count_signals(n_epochs: float, n: int) -> int:
    """Return how many signals are so many passes over n rows: at least one, at most what can be counted."""
    return max(1, round(min(n_epochs * n, _MOST_SIGNALS)))


def _seed(random_state: RandomState) -> int:
    """Return the 64-bit seed that `random_state` stands for."""
    if random_state is None:
        return secrets.randbits(64)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**64, dtype=np.uint64))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**64, dtype=np.uint64))
    return int(check("random_state", random_state))
