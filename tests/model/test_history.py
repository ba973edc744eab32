"""`history_` and Ctrl-C: whichever instruction it comes at, no mean distance is lost and none is counted twice."""

import sys

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas
from gng_fast.model import estimator, fitted

pytestmark = pytest.mark.quick

N = 50
X = np.random.default_rng(0).random((N, 2))
FILES = {estimator.__file__, fitted.__file__}


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
