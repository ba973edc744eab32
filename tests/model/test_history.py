"""`history_`: whichever instruction Ctrl-C comes at, no mean distance is lost and none is counted twice.

In a long stream it stays short.
"""

import copy
import pickle
import sys
import warnings

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Signals
from gng_fast.model import estimator, fitted, history, training
from gng_fast.model.history import MOST_ENTRIES, merged
from gng_fast.model.saved_model import _checked_history

pytestmark = pytest.mark.quick

N = 50
X = np.random.default_rng(0).random((N, 2))
FILES = {module.__file__ for module in (estimator, fitted, history, training)}


class InterruptAt:
    """Raises KeyboardInterrupt before one of the instructions of Python in the model's code, counted from `begin`."""

    def __init__(self, number):
        self.left = number

    def trace(self, frame, event, argument):
        if frame.f_code.co_filename not in FILES:
            return None
        if not frame.f_trace_opcodes:
            frame.f_trace = self.trace  # Python 3.13 heeds the switch only in a frame that is traced
            frame.f_trace_opcodes = True
            sys.settrace(self.trace)  # Python 3.12 looks at the switch only here
        if event == "opcode":
            self.left -= 1
            if self.left < 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self.trace

    def begin(self):
        """Count from here on, in the functions that are running too."""
        frame = sys._getframe(1)
        while frame:
            if frame.f_code.co_filename in FILES:
                frame.f_trace, frame.f_trace_opcodes = self.trace, True
            frame = frame.f_back
        sys.settrace(self.trace)


def run_to_every_instruction(work):
    """Call `work` with an `InterruptAt`, once for every instruction; return how many there were."""
    before = sys.gettrace()
    number = 0
    while True:
        try:
            work(InterruptAt(number))
            return number
        except KeyboardInterrupt:
            number += 1
        finally:
            sys.settrace(before)


def distances_in_the_network(model):
    """What the network has not given to the history yet."""
    left = model.network_.take_mean_distance()
    return [] if np.isnan(left) else [left]


@pytest.mark.parametrize("n_epochs, kept_and_left", [(2, {(1, 0), (2, 0)}), (2.5, {(1, 0), (2, 0), (2, 1), (3, 0)})])
def test_ctrl_c_in_fit_loses_no_distance(n_epochs, kept_and_left):
    """From the callback after the first epoch on."""
    whole = GrowingNeuralGas(20, n_epochs=n_epochs, random_state=0).fit(X).history_.tolist()
    seen = set()

    def fit(interrupt):
        model = GrowingNeuralGas(20, n_epochs=n_epochs, random_state=0)
        try:
            model.fit(X, callback=lambda done, total, model: interrupt.begin() if done == N else None)
        finally:
            sys.settrace(None)
            kept, left = model.history_.tolist(), distances_in_the_network(model)
            assert kept + left == whole[: len(kept) + len(left)]
            assert len(kept) + len(left) == -(-model.network_.n_signals // N)
            seen.add((len(kept), len(left)))

    assert run_to_every_instruction(fit) > 50
    assert seen == kept_and_left


def test_ctrl_c_in_partial_fit_loses_no_distance():
    """From the beginning of the second call on: a call that was interrupted before its training has NaN, or nothing."""
    whole = GrowingNeuralGas(20, random_state=0).partial_fit(X).partial_fit(X).history_.tolist()
    seen = set()

    def partial_fit(interrupt):
        model = GrowingNeuralGas(20, random_state=0).partial_fit(X)
        try:
            interrupt.begin()
            model.partial_fit(X)
        finally:
            sys.settrace(None)
            kept, left = model.history_.tolist(), distances_in_the_network(model)
            assert kept[0] == whole[0] and len(kept) <= 2
            both = [distance for distance in kept + left if not np.isnan(distance)]
            assert both == whole[: model.network_.n_signals // N]
            seen.add((len(kept), len(left)))

    assert run_to_every_instruction(partial_fit) > 50
    assert seen == {(1, 0), (1, 1), (2, 0)}


def groups(distances, span):
    """Means of `span` in a row, without NaN."""
    starts = range(0, len(distances), span)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of none but NaN the mean is NaN
        return np.array([np.nanmean(distances[start : start + span]) for start in starts])


def test_the_history_of_a_long_stream_is_bounded_and_of_all_of_it(tmp_path):
    """Single rows, some of weight 0, which have NaN, four in a row."""
    rows = np.random.default_rng(1).random((2 * MOST_ENTRIES + 900, 1, 2), np.float32)
    model = GrowingNeuralGas(20, random_state=0).partial_fit(rows[:2, 0])
    twin, distances = copy.deepcopy(model.network_), model.history_.tolist()
    for i, row in enumerate(rows[2:]):
        if (i + 1) // 4 % 7:
            model.partial_fit(row)
            twin.train(Signals(row, "order"), 1)
        else:
            model.partial_fit(row, sample_weight=[0])
        distances.append(twin.take_mean_distance())
        if i == MOST_ENTRIES - 2:
            assert np.array_equal(model.history_, distances, equal_nan=True)
        if i == 2 * MOST_ENTRIES - 2:
            assert np.allclose(model.history_, groups(distances, 2), rtol=1e-14, equal_nan=True)
    assert len(model.history_) == -(-len(distances) // 4)
    assert np.allclose(model.history_, groups(distances, 4), rtol=1e-14, equal_nan=True)

    model.save(tmp_path / "model.npz")
    for other in GrowingNeuralGas.load(tmp_path / "model.npz"), pickle.loads(pickle.dumps(model)), copy.copy(model):
        assert np.array_equal(other.history_, model.history_, equal_nan=True)
        for row in rows[:1000]:
            other.partial_fit(row)
        assert len(other.history_) == -(-(len(distances) + 1000) // 4)


def test_the_history_takes_no_more_memory_in_a_longer_stream():
    model, row = GrowingNeuralGas(2, lam=10**9, random_state=0).partial_fit(X), X[:1]
    sizes = []
    for _ in range(6):
        for _ in range(MOST_ENTRIES):
            model.partial_fit(row)
        sizes.append(len(pickle.dumps(model._state.history)))
    assert len(model.history_) <= MOST_ENTRIES and max(sizes) < 2.5 * sizes[0]


@pytest.mark.parametrize("spans", [[1, 0], [1], [1, 2**62 + 1]])
def test_damaged_spans_are_refused(spans):
    with pytest.raises(ValueError, match="history_spans must be 2 integers"):
        _checked_history({"history": np.ones(2), "history_spans": np.array(spans)})
    assert merged([(1.0, 2**62), (2.0, 1), (4.0, 3)]) == [(1.0, 2**62), (3.5, 4)]
