"""Would the tests notice? Faults are seeded into copies of the reference, and each must show against the core."""

import pathlib
import re
import types

import numpy as np
import pytest

from gng_fast import Network, Signals, reference

SOURCE = pathlib.Path(reference.__file__).read_text(encoding="utf-8")

# Which code to replace, and by what. How the code is laid out in lines does not matter.
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
    ("return add_up(squares)", "return add_up(squares[::-1])"),
    ("float(amount) * self.error_scale", "float(amount) ** 0.5 * self.error_scale"),
    # weights and jitter
    ("return row if u < self.probability[row] else self.alias[row]", "return row"),
    ("return row if u < self.probability[row] else self.alias[row]", "return row if u < 0.5 else self.alias[row]"),
    ("probability[large] = (probability[large] + probability[small]) - 1", "probability[large] -= 1"),
    ("            small = large  #", "            break  #"),
    ("alias[small] = large", "pass"),
    (
        "            return signals.draw_weighted_row(self.generator)\n",
        "            return self.generator.below(len(signals.X))\n",
    ),
    ("* 2.0**-23 - 1", "* 2.0**-24"),
    ("if self.jitter == 0:", "if self.jitter:"),
    # annealing
    ("self.presented * STAGES // self.n_signals", "(self.presented + 1) * STAGES // self.n_signals"),
    ("STAGES if self.presented >= self.n_signals else", ""),
    ("if start == 0 or end == 0:", "if True:"),
    ("        if stage & bit:", "        if not stage & bit:"),
    ("annealed(self.start[1], self.end[1], stage)", "annealed(self.start[0], self.end[1], stage)"),
    # fixed nodes and permanent edges
    ("            if not neighbour.fixed:", "            if True:"),
    ("        if s1.fixed:", "        if False:"),
    ("            s1.last_won = x", "            pass"),
    ("not neighbour.edges and not neighbour.fixed", "not neighbour.edges"),
    ("            if not edge.permanent:", "            if True:"),
    ("if q.fixed:", "if q.fixed and f is not None:"),
    ("r = Node(flushed(q.last_won))", "r = Node(flushed(q.w))"),
    ("if not q.edges[f].permanent:", "if True:"),
    ("            self.connect(f, r)\n            f", "            f"),
    ("permanent |= flag", "permanent |= not flag"),
    # utility
    ("(float(d2) - float(d1)) * self.error_scale", "(float(d2) - float(d1))"),
    ("if not node.fixed and not any(", "if not any("),
    ("if not node.fixed and not any(edge.permanent for edge in node.edges.values())", "if not node.fixed"),
    ("key=lambda node: node.utility)", "key=lambda node: -node.utility)"),
    ("if len(node.edges) == 1 and not node.fixed]", "if len(node.edges) == 1]"),
    ("len(self.nodes) - len(leaving) < 3", "len(self.nodes) - len(leaving) < 4"),
    ("> self.utility * least.utility", "> least.utility"),
    ("[least, *leaving]", "[least]"),
    ("r.utility = (q.utility + f.utility) / 2", "r.utility = q.utility"),
    ("        r.utility = q.utility\n", ""),
    ("                node.utility /= ERROR_SCALE_LIMIT\n", ""),
    # the Hebbian pass
    ("for neighbour, edge in node.edges.items() if edge.permanent}", "for neighbour, edge in node.edges.items()}"),
]

RING = {
    "nodes": np.column_stack([np.cos(np.arange(9)), np.sin(np.arange(9))]) / 2 + 0.5,
    "edges": [(i, (i + 1) % 8) for i in range(8)],
    "fixed": np.arange(9) % 4 != 1,
    "permanent": np.arange(8) % 3 != 0,
}

# Signals near the lonely fixed node come now and then; in between the edges and nodes it got are lost.
LONELY = {"nodes": [[0, 0], [1, 1], [5, 5]], "fixed": np.arange(3) == 2}
LONELY_PAIR = {"nodes": [[0, 0], [1, 1], [5, 5], [5, 4]], "edges": [(2, 3)], "fixed": np.arange(4) == 2}
VISITS = np.random.default_rng(2).random((200, 2)) + np.where(np.arange(200) % 25 == 0, 4.5, 0)[:, None]


def first_difference(reference_module):
    """Return the signal after which the core and the given reference differ in any of these runs, or None."""
    rng = np.random.default_rng(1)
    runs = [
        (rng.random((200, 2)), {"max_age": 5}, {}, None),
        (rng.integers(0, 6, (200, 2)), {"max_age": 9, "eps_b": 1, "eps_n": 0}, {}, None),  # equal distances
        (rng.random((200, 4)), {"max_age": 1}, {}, None),  # nodes go
        (rng.random((200, 2)), {"max_age": 9}, {"weights": rng.integers(0, 5, 200) ** 3, "jitter": 0.1}, None),
        (rng.random((200, 2)), {"max_age": 2}, {}, RING),
        (rng.random((200, 2)), {"max_age": 2, "utility": 1.1, "lam": 3}, {}, RING),
        (rng.random((200, 1)), {"max_age": 1, "utility": 1.01, "lam": 2, "max_nodes": 5}, {}, None),
        (rng.random((200, 2)), {"max_age": 9, "utility": 2, "decay": 0.1}, {}, None),
        (VISITS, {"max_age": 1, "utility": 1.01, "lam": 2}, {"sampling": "order"}, LONELY_PAIR),
        (VISITS, {"max_age": 1, "utility": 1.5, "lam": 12}, {"sampling": "order"}, LONELY),
    ]
    for X, parameters, source, start in runs:
        pairs = []
        for network_class, signals_class in (
            (Network, Signals),
            (reference_module.ReferenceNetwork, reference_module.Signals),
        ):
            network = network_class(X.shape[1], **{"max_nodes": 20, "lam": 9, "seed": 3, **parameters})
            signals = signals_class(X, **source)
            if start:
                network.start(**start)
            else:
                network.draw_start_nodes(signals)
            if "jitter" in source:
                network.anneal(0.05, 0.2, 300)
            pairs.append((network, signals))
        signal = first_difference_of(*pairs)
        if signal is not None:
            return signal
    return None


def first_difference_of(one, other):
    for signal in range(500):
        for network, signals in one, other:
            network.train(signals, 1)
            if signal == 400:
                network.clear_edges()
                network.connect_signals(signals, 100)
        if one[0].graph() != other[0].graph():
            return signal + 1
    return None


def copy_of_reference(source):
    module = types.ModuleType("reference_copy")
    exec(compile(source, "reference_copy", "exec"), module.__dict__)
    return module


@pytest.mark.quick
def test_an_unchanged_copy_agrees():
    assert first_difference(copy_of_reference(SOURCE)) is None


@pytest.mark.parametrize("right, wrong", FAULTS)
def test_a_seeded_fault_is_caught(right, wrong):
    words = re.findall(r"\w+|[^\w\s]", right)
    places = [*re.finditer(r"\s*".join(map(re.escape, words)), SOURCE)]
    assert len(places) == 1, "the fault must fit one place of the source"
    start, stop = places[0].span()
    assert first_difference(copy_of_reference(SOURCE[:start] + wrong.strip() + SOURCE[stop:])) is not None
