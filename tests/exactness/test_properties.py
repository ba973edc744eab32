"""The compiled core against the plain-Python reference, with parameters and data that Hypothesis thinks of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import DATA
from strategies import PARAMETERS

from gng_fast import Network, Signals
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

pytestmark = pytest.mark.quick


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    PARAMETERS,
    st.sampled_from(DATA),
    st.sampled_from([1, 2, 3, 4, 17]),
    st.integers(0, 2**32),
    st.one_of(st.floats(-6, 6), st.floats(-45, 13)),
    st.booleans(),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_core_equals_reference(parameters, make, d, seed, exponent, indexed, chunks):
    X = (make(np.random.default_rng(seed), 60, d) * 10**exponent).astype(np.float32)
    search = ("grid" if d <= 3 else "leaves") if indexed else "brute"
    if len(np.unique(X, axis=0)) < 2 or (parameters["variant"] == "neupy" and parameters["utility"] is not None):
        return
    core, reference = Network(d, seed=seed, search=search, **parameters), ReferenceNetwork(d, seed=seed, **parameters)
    signals, reference_signals = Signals(X, "replacement"), ReferenceSignals(X, "replacement")
    core.draw_start_nodes(signals)
    reference.draw_start_nodes(reference_signals)
    for chunk in chunks:
        core.train(signals, chunk)
        reference.train(reference_signals, chunk)
        assert core.graph() == reference.graph()
