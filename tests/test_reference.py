"""Would the tests notice? Faults are seeded into copies of the reference, and each must show against the core."""

import pathlib
import types

import numpy as np
import pytest

from gng_fast import Network, Signals, reference

SOURCE = pathlib.Path(reference.__file__).read_text(encoding="utf-8")

FAULTS = [
    ("if distance < d1:", "if distance <= d1:"),
    ("elif distance < d2:", "elif distance <= d2:"),
    ("edge.age > max_age", "edge.age >= max_age"),
    ("edge.age += 1", "edge.age += 2"),
    ("edge.age = 0\n        else", "edge.age = 1\n        else"),
    ("self.move_towards(neighbour, x, self.eps_n)", "self.move_towards(neighbour, x, self.eps_b)"),
    ("self.half * (w_q + w_f)", "self.half * (w_q + w_q)"),
    ("q.error *= self.alpha", "q.error *= 1"),
    ("f.error *= self.alpha", "f.error *= 1"),
    ("r.error = q.error * error_factor_of_r", "r.error = f.error * error_factor_of_r"),
    ("key=lambda node: node.error)  # max", "key=lambda node: -node.error)  # max"),
    ("self.disconnect(q, f)\n", "pass\n"),
    ("self.connect(f, r)\n", "pass\n"),
    ("if not neighbour.edges and not neighbour.fixed:", "if False:"),
    ("self.error_scale *= self.growth", "self.error_scale *= 1"),
    ("self.until_insertion = self.lam\n        return", "self.until_insertion = self.lam + 1\n        return"),
    ("if len(self.nodes) == self.max_nodes:", "if len(self.nodes) > self.max_nodes:"),
    ("other = row + generator.below(n - row)", "other = generator.below(n)"),
    ("total + diff * diff", "total + abs(diff)"),
    ("float(amount) * self.error_scale", "float(amount) ** 0.5 * self.error_scale"),
]


def first_difference(reference_module):
    """Return the signal after which the core and the given reference differ in any of three runs, or None."""
    rng = np.random.default_rng(1)
    runs = [
        (rng.random((200, 2)), {"max_age": 5}),
        (rng.integers(0, 6, (200, 2)), {"max_age": 9, "eps_b": 1, "eps_n": 0}),  # equal distances
        (rng.random((200, 4)), {"max_age": 1}),  # nodes go
    ]
    for X, parameters in runs:
        core = Network(X.shape[1], max_nodes=20, lam=9, seed=3, **parameters)
        copy = reference_module.ReferenceNetwork(X.shape[1], max_nodes=20, lam=9, seed=3, **parameters)
        core_signals, copy_signals = Signals(X), reference_module.Signals(X)
        core.draw_start_nodes(core_signals)
        copy.draw_start_nodes(copy_signals)
        for signal in range(500):
            core.train(core_signals, 1)
            copy.train(copy_signals, 1)
            if core.graph() != copy.graph():
                return signal + 1
    return None


def copy_of_reference(source):
    module = types.ModuleType("reference_copy")
    exec(compile(source, "reference_copy", "exec"), module.__dict__)  # noqa: S102
    return module


def test_an_unchanged_copy_agrees():
    assert first_difference(copy_of_reference(SOURCE)) is None


@pytest.mark.parametrize("right, wrong", FAULTS)
def test_a_seeded_fault_is_caught(right, wrong):
    assert SOURCE.count(right) == 1, "the fault must fit one place of the source"
    assert first_difference(copy_of_reference(SOURCE.replace(right, wrong))) is not None
