"""The compiled core and the estimator against the plain-Python reference, through calls in any order that Hypothesis
thinks of: after each, the whole state is equal with ==, and every copy, saved file or other index goes on the same way.
"""

import copy
import os
import pathlib
import pickle
import tempfile

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from samples import DATA
from strategies import PARAMETERS

from gng_fast import GrowingNeuralGas, Network, Signals, available_isas
from gng_fast.core.network import restored
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

SEEDS = st.integers(0, 2**32)
DIMENSIONS = st.sampled_from([1, 2, 2, 3, 4, 8, 33])


class Steps:
    """How many steps all machines have taken."""

    taken = 0


class Machine(RuleBasedStateMachine):
    """What both machines share: an instruction set, and a folder for saved files."""

    def __init__(self):
        super().__init__()
        # in memory where that can be: what is saved is also made sure to be on the disk, which can take seconds
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.isa, self.folder = os.environ.get("GNG_FAST_ISA"), tempfile.TemporaryDirectory(dir=memory)
        self.path = pathlib.Path(self.folder.name, "saved.npz")

    def teardown(self):
        self.use_isa(self.isa)
        self.folder.cleanup()

    def use_isa(self, isa):
        """What is made from here on searches with it."""
        os.environ.pop("GNG_FAST_ISA", None)
        if isa is not None:
            os.environ["GNG_FAST_ISA"] = isa

    @rule(isa=st.sampled_from(available_isas()))
    def change_isa(self, isa):
        self.use_isa(isa)

    @invariant()
    def count(self):
        Steps.taken += 1


def data(make, n, d, seed, exponent=0.0):
    """n of the rows of 64, from the first to the last."""
    rows = make(np.random.default_rng(seed), 64, d)[np.linspace(0, 63, n).astype(int)]
    return (rows * 10**exponent).astype(np.float32)


def assert_equal_networks(core, reference):
    """Everything that training depends on."""
    about, arrays = core.as_arrays()
    assert core.graph() == reference.graph()
    assert core.components().tolist() == reference.graph().components.tolist()
    assert (core.n_nodes, core.n_signals) == (len(reference.nodes), reference.n_signals)
    assert core.n_edges == len(arrays["edges"])
    assert about["rng"] == reference.generator.state
    assert (about["error_scale"], about["until_insertion"]) == (reference.error_scale, reference.until_insertion)
    nodes, number = reference.nodes, {node: i for i, node in enumerate(reference.nodes)}
    assert arrays["errors"].tolist() == [node.error for node in nodes]
    if "utilities" in arrays:
        assert arrays["utilities"].tolist() == [node.utility for node in nodes]
    fixed = arrays.get("fixed", np.zeros(len(nodes), bool))
    assert fixed.tolist() == [node.fixed for node in nodes]
    assert arrays.get("last_won", np.empty((0, 1))).tolist() == [
        list(map(float, node.last_won)) for node in nodes if node.fixed
    ]
    permanent = arrays.get("permanent", np.zeros(len(arrays["edges"]), bool))
    assert {tuple(edge) for edge in arrays["edges"][permanent].tolist()} == {
        (number[a], number[b]) for a in nodes for b, edge in a.edges.items() if edge.permanent and number[a] < number[b]
    }


class NetworkMachine(Machine):
    """Network and Signals."""

    @initialize(
        d=DIMENSIONS,
        parameters=PARAMETERS,
        seed=SEEDS,
        indexed=st.booleans(),
        make=st.sampled_from(DATA),
        n_signals=st.integers(0, 60),
    )
    def begin(self, d, parameters, seed, indexed, make, n_signals):
        if parameters["variant"] == "neupy":
            parameters = {**parameters, "utility": None}
        self.d, self.parameters = d, parameters
        search = ("grid" if d <= 3 else "leaves") if indexed else "auto"
        self.core = Network(d, seed=seed, search=search, **parameters)
        self.reference = ReferenceNetwork(d, seed=seed, **parameters)
        self.take_signals(make, 40, seed, 0.0, "epochs", None, 0.0)
        if n_signals:
            self.draw_start_nodes(0)
            self.train(n_signals)

    @property
    def room(self):
        return self.parameters["max_nodes"] - len(self.reference.nodes)

    @property
    def trainable(self):
        return len(self.reference.nodes) >= 2

    # ---- data and start ----------------------------------------------------------------------------------------------

    @rule(
        make=st.sampled_from(DATA),
        n=st.integers(5, 60),
        seed=SEEDS,
        exponent=st.floats(-6, 6),
        sampling=st.sampled_from(["epochs", "replacement", "order"]),
        weighted=st.booleans(),
        jitter=st.sampled_from([0.0, 0.0, 0.1, 3.0]),
    )
    def take_signals(self, make, n, seed, exponent, sampling, weighted, jitter):
        X = data(make, n, self.d, seed, exponent)
        X[0, 0] += 1  # at least two that differ
        weights = np.random.default_rng(seed).random(len(X)) if weighted and sampling != "order" else None
        self.signals = Signals(X, sampling, weights=weights, jitter=jitter)
        self.reference_signals = ReferenceSignals(X, sampling, weights=weights, jitter=jitter)

    @precondition(lambda self: self.room >= 2)
    @rule(more=st.integers(0, 6))
    def draw_start_nodes(self, more):
        n = 2 + min(more, self.room - 2)
        self.core.draw_start_nodes(self.signals, n)
        self.reference.draw_start_nodes(self.reference_signals, n)

    @precondition(lambda self: self.room >= 1)
    @rule(
        make=st.sampled_from(DATA),
        n=st.integers(1, 12),
        seed=SEEDS,
        n_edges=st.integers(0, 30),
        fixed=st.booleans(),
        permanent=st.booleans(),
    )
    def start(self, make, n, seed, n_edges, fixed, permanent):
        rng, n, there = np.random.default_rng(seed), min(n, self.room), len(self.reference.nodes)
        nodes = data(make, n, self.d, seed)
        edges = [(int(a), int(b)) for a, b in rng.integers(0, there + n, (n_edges, 2)) if a != b]
        edges += [(0, b) for b in range(1, there + n) if permanent]  # a node of many edges
        flags = {"fixed": fixed and rng.random(n) < 0.4, "permanent": permanent and rng.random(len(edges)) < 0.4}
        self.core.start(nodes, edges, **flags)
        self.reference.start(nodes, edges, **flags)

    # ---- training ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.trainable)
    @rule(n_signals=st.integers(0, 50))
    def train(self, n_signals):
        self.core.train(self.signals, n_signals)
        self.reference.train(self.reference_signals, n_signals)

    @precondition(lambda self: self.trainable)
    @rule(n_signals=st.integers(1, 8))
    def train_one_by_one(self, n_signals):
        for _ in range(n_signals):
            self.train(1)
            assert self.core.graph() == self.reference.graph()

    @precondition(lambda self: self.trainable)
    @rule(n_signals=st.integers(0, 20))
    def connect_signals(self, n_signals):
        self.core.connect_signals(self.signals, n_signals)
        self.reference.connect_signals(self.reference_signals, n_signals)

    @rule()
    def clear_edges(self):
        self.core.clear_edges()
        self.reference.clear_edges()

    @rule(ends=st.sampled_from([(None, None), (0.01, None), (0.5, 0.0), (None, 0.2)]), n_signals=st.integers(1, 300))
    def anneal(self, ends, n_signals):
        self.core.anneal(*ends, n_signals)
        self.reference.anneal(*ends, n_signals)

    @rule()
    def take_mean_distance(self):
        assert np.array_equal(self.core.take_mean_distance(), self.reference.take_mean_distance(), equal_nan=True)

    # ---- what changes nothing ----------------------------------------------------------------------------------------

    @rule(seed=SEEDS, make=st.sampled_from(DATA), exponent=st.floats(-3, 3), k=st.sampled_from([1, 2]))
    def look_up(self, seed, make, exponent, k):
        X = data(make, 7, self.d, seed, exponent)
        if len(self.reference.nodes) >= k:
            for found, expected in zip(
                *(it.nearest(X) if k == 1 else it.two_nearest(X) for it in (self.core, self.reference))
            ):
                assert np.array_equal(found, expected)

    @rule(way=st.sampled_from(["file", "pickle", "deepcopy", "another index"]))
    def go_on_with_a_copy(self, way):
        before = self.core.as_arrays()
        if way == "file":
            self.core.save(self.path)
            self.core = Network.load(self.path)
        elif way == "another index":
            about, arrays = before
            about["search"] = {"brute": "auto", "auto": "grid" if self.d <= 3 else "leaves"}.get(
                about["search"], "brute"
            )
            self.core = restored(Network, about, arrays)
        else:
            again = copy.deepcopy if way == "deepcopy" else lambda it: pickle.loads(pickle.dumps(it))
            self.core, self.signals = again((self.core, self.signals))
        after = self.core.as_arrays()
        assert {**after[0], "search": ""} == {**before[0], "search": ""}
        assert all(np.array_equal(after[1][name], before[1][name]) for name in {*after[1], *before[1]})

    @rule(value=st.sampled_from([np.nan, np.inf, 1e16]), n_more=st.integers(1, 3))
    def refused_calls(self, value, n_more):
        n_changes = self.core.n_changes
        refused = [
            (self.core.start, np.full((1, self.d), value)),
            (self.core.start, np.zeros((self.room + n_more, self.d))),
            (self.core.start, np.zeros((1, self.d + 1))),
            (self.core.nearest, np.zeros((1, self.d + 1))),
            (self.core.train, self.signals, -1),
            (self.core.train, Signals(np.eye(self.d + 1)), 1),
        ]
        if not self.trainable:
            refused.append((self.core.train, self.signals, 1))
        for call, *arguments in refused:
            with pytest.raises(ValueError):
                call(*arguments)
        assert self.core.n_changes == n_changes

    # ---- what holds --------------------------------------------------------------------------------------------------

    @invariant()
    def equal(self):
        if hasattr(self, "core"):
            assert_equal_networks(self.core, self.reference)

    @invariant()
    def sound(self):
        if hasattr(self, "core"):
            graph = self.core.graph()
            assert graph.n_nodes <= self.parameters["max_nodes"]
            assert graph.ages.max(initial=0) <= self.parameters["max_age"]
            assert (graph.errors >= 0).all()


class ModelMachine(Machine):
    """GrowingNeuralGas, whose calls are those of a network: see fit and partial_fit."""

    @initialize(
        d=DIMENSIONS,
        parameters=PARAMETERS,
        seed=SEEDS,
        n_start_nodes=st.integers(2, 5),
        jitter=st.sampled_from([0.0, 0.1]),
        sampling=st.sampled_from(["epochs", "replacement", "order"]),
        ends=st.sampled_from([(None, None), (0.05, None), (None, 0.0)]),
    )
    def begin(self, d, parameters, seed, n_start_nodes, jitter, sampling, ends):
        if parameters["variant"] == "neupy":
            parameters = {**parameters, "utility": None}
        self.d, self.parameters, self.seed, self.ends, self.jitter = d, parameters, seed, ends, jitter
        self.n_start_nodes, self.sampling = min(n_start_nodes, parameters["max_nodes"]), sampling
        self.model = GrowingNeuralGas(
            random_state=seed,
            n_start_nodes=self.n_start_nodes,
            jitter=jitter,
            sampling=sampling,
            eps_b_end=ends[0],
            eps_n_end=ends[1],
            **parameters,
        )
        self.reference, self.history, self.X = None, [], None

    def started(self, signals):
        self.reference, self.history = ReferenceNetwork(self.d, seed=self.seed, **self.parameters), []
        self.reference.draw_start_nodes(signals, self.n_start_nodes)

    def signals(self, X, sampling, weights=None):
        return ReferenceSignals(X, sampling, weights=weights, jitter=self.jitter)

    @rule(
        make=st.sampled_from(DATA),
        n=st.integers(8, 30),
        seed=SEEDS,
        n_epochs=st.sampled_from([0.3, 1, 1.5, 2]),
        weighted=st.booleans(),
    )
    def fit(self, make, n, seed, n_epochs, weighted):
        X = data(make, n, self.d, seed)
        if len(np.unique(X, axis=0)) < 2:
            return
        weights = np.random.default_rng(seed).random(len(X)) + 0.1 if weighted and self.sampling != "order" else None
        self.model.set_params(n_epochs=n_epochs).fit(X, sample_weight=weights)
        signals = self.signals(X, self.sampling, weights)
        self.started(signals)
        total = max(1, round(n_epochs * len(X)))
        if self.ends != (None, None):
            self.reference.anneal(*self.ends, total)
        for first in range(0, total, len(X)):
            self.reference.train(signals, min(len(X), total - first))
            self.history.append(self.reference.take_mean_distance())
        self.X = X

    @rule(
        make=st.sampled_from(DATA), rows=st.integers(1, 30), seed=SEEDS, weighted=st.booleans(), streamed=st.booleans()
    )
    def partial_fit(self, make, rows, seed, weighted, streamed):
        X = data(make, rows, self.d, seed)
        counts = np.random.default_rng(seed).integers(0, 3, len(X)) if weighted else np.ones(len(X), int)
        presented = np.repeat(X, counts, axis=0)
        if self.reference is None:
            if len(np.unique(presented, axis=0)) < 2:
                return
            self.started(self.signals(presented, "order"))
        if weighted:
            self.model.partial_fit(X, sample_weight=counts)
        else:
            self.model.partial_fit(iter([X]) if streamed else X)
        if len(presented):
            self.reference.train(self.signals(presented, "order"), len(presented))
        self.history.append(self.reference.take_mean_distance())
        self.X = None

    @precondition(lambda self: self.reference is not None)
    @rule(make=st.sampled_from(DATA), seed=SEEDS)
    def reconnect(self, make, seed):
        X = data(make, 20, self.d, seed)
        self.model.reconnect(X)
        self.reference.clear_edges()
        self.reference.connect_signals(self.signals(X, self.sampling), len(X))

    @precondition(lambda self: self.reference is not None)
    @rule(way=st.sampled_from(["file", "pickle", "deepcopy"]))
    def go_on_with_a_copy(self, way):
        if way == "file":
            self.model.save(self.path)
            self.model = GrowingNeuralGas.load(self.path)
        else:
            self.model = copy.deepcopy(self.model) if way == "deepcopy" else pickle.loads(pickle.dumps(self.model))

    @precondition(lambda self: self.reference is not None)
    @rule(make=st.sampled_from(DATA), seed=SEEDS)
    def look_up(self, make, seed):
        X = data(make, 6, self.d, seed)
        nodes, distances = self.reference.nearest(X)
        assert np.array_equal(self.model.nearest(X), nodes)
        assert np.array_equal(self.model.predict(X), self.model.graph_.clusters[nodes])
        assert np.allclose(self.model.transform(X)[np.arange(len(X)), nodes], distances, rtol=1e-5, atol=1e-6)

    @invariant()
    def equal(self):
        if getattr(self, "reference", None) is not None:
            assert_equal_networks(self.model.network_, self.reference)
            assert self.model.graph_ == self.reference.graph()
            assert np.array_equal(self.model.history_, self.history, equal_nan=True)

    @precondition(lambda self: getattr(self, "X", None) is not None)
    @rule()
    def labels(self):
        if self.model.network_.n_signals:
            assert self.model.labels_.shape == (len(self.X),)


MACHINES = [NetworkMachine, ModelMachine]


@pytest.mark.parametrize("machine", MACHINES)
def test_any_order_of_calls(machine):
    run_state_machine_as_test(
        machine, settings=settings(max_examples=50, stateful_step_count=25, deadline=None, derandomize=True)
    )


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_any_order_of_calls_at_length(machine):
    before = Steps.taken
    run_state_machine_as_test(machine, settings=settings(max_examples=250, stateful_step_count=60, deadline=None))
    assert Steps.taken - before >= 6000
