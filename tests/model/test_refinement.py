"""Refinement against hand-computed small cases, plain loops, and the invariants of a network."""

import math

import numpy as np
import pytest
from samples import blobs

from gng_fast import Graph, GrowingNeuralGas
from gng_fast.model import tally as tallies
from gng_fast.model.refinement import centred, lasting_edges, relocated, sample_rows
from gng_fast.model.tally import Tally, tally

pytestmark = pytest.mark.quick

LINE = np.array([[0], [1], [10]], np.float32)  # three nodes
POINTS = np.array([[0.25], [0.75], [2], [9]], np.float32)


# ---- tallies --------------------------------------------------------------------------------------------------------


def test_a_tally_by_hand():
    won = tally(LINE, POINTS, pairs=True)
    assert won.counts.tolist() == [1, 2, 1]
    assert won.sums.tolist() == [[0.25], [2.75], [9]]
    assert won.errors.tolist() == [0.0625, 1.0625, 1]
    assert won.utilities.tolist() == [0.5, (0.5625 - 0.0625) + (4 - 1), 64 - 1]
    assert won.pairs.tolist() == [0 * 3 + 1, 1 * 3 + 2]
    assert won.pair_counts.tolist() == [3, 1]


def test_a_row_of_weight_three_counts_as_three_rows():
    weights = np.array([1, 3, 0, 2])
    once, often = (
        tally(LINE, POINTS, weights.astype(float), pairs=True),
        tally(LINE, POINTS.repeat(weights, axis=0), pairs=True),
    )
    for field in ("counts", "sums", "errors", "utilities"):
        assert np.array_equal(getattr(once, field), getattr(often, field)), field
    assert once.pair_counts[once.pair_counts > 0].tolist() == often.pair_counts.tolist()


def test_tallies_of_parts_add_up_to_that_of_the_whole():
    X = np.random.default_rng(1).integers(0, 64, (5000, 3)).astype(np.float32)  # whole numbers: sums are exact
    nodes = X[:50] + np.float32(0.5)
    whole = tally(nodes, X, pairs=True)
    parts = [tally(nodes, part, pairs=True) for part in np.array_split(X, [0, 700, 4999])]
    total = sum(parts[1:], start=parts[0])
    for field in ("counts", "sums", "pairs", "pair_counts"):
        assert np.array_equal(getattr(total, field), getattr(whole, field)), field
    for field in ("errors", "utilities"):  # squares of rounded distances
        assert np.allclose(getattr(total, field), getattr(whole, field), rtol=1e-12), field
    assert whole.counts.sum() == whole.pair_counts.sum() == len(X)


def test_a_tally_goes_through_the_data_in_blocks(monkeypatch):
    X = np.random.default_rng(1).integers(0, 64, (1000, 2)).astype(np.float32)
    whole = tally(X[:20], X, pairs=True)
    monkeypatch.setattr(tallies, "_ROWS_AT_ONCE", 300)
    blocks = tally(X[:20], X, pairs=True)
    assert np.array_equal(whole.sums, blocks.sums) and np.array_equal(whole.pair_counts, blocks.pair_counts)


def test_threads_do_not_change_a_tally():
    X = np.random.default_rng(2).random((3000, 4), dtype=np.float32)
    one, two = tally(X[:100], X, pairs=True), tally(X[:100], X, pairs=True, n_jobs=2)
    assert np.array_equal(one.sums, two.sums) and np.array_equal(one.pairs, two.pairs)


# ---- its steps ------------------------------------------------------------------------------------------------------


def test_nodes_go_to_the_middle_of_what_they_win():
    nodes = np.array([[0], [1], [10], [50]], np.float32)
    moved = centred(nodes, tally(nodes, POINTS), np.array([True, False, True, True]))
    assert moved.ravel().tolist() == [0.25, 1, 9, 50]  # the second may not move, the last wins nothing
    assert nodes.ravel().tolist() == [0, 1, 10, 50]


def won_by_hand(errors, utilities, counts=None, pairs=()):
    n = len(errors)
    counts = np.full(n, 4.0) if counts is None else np.array(counts, float)
    nodes = 10 * np.arange(n, dtype=np.float32)[:, np.newaxis]
    return nodes, Tally(
        counts,
        nodes * counts[:, np.newaxis],
        np.array(errors, float),
        np.array(utilities, float),
        np.array(sorted(a * n + b for a, b in pairs), np.int64),
        np.ones(len(pairs)),
    )


def relocations(nodes, won, margin=1.5, movable=None):
    """{node that moved: (node it went beside, distance to it)} by rounding: nodes lie 10 apart."""
    movable = np.ones(len(nodes), bool) if movable is None else np.array(movable)
    after = relocated(nodes, won, margin, np.random.default_rng(0), movable)
    return {
        int(i): (round(float(after[i, 0]) / 10), abs(float(after[i, 0]) - 10 * round(float(after[i, 0]) / 10)))
        for i in np.flatnonzero(after != nodes)
    }


# twelve nodes, so that one may move in a round: U / D is 2 in the median, the gain of node 5 is 100
ERRORS = [1.0] * 5 + [100.0] + [1.0] * 6
UTILITIES = [2.0] * 5 + [200.0] + [2.0] * 6


def test_the_least_useful_node_goes_beside_that_of_the_largest_error():
    useless = UTILITIES.copy()
    useless[8] = 1.0
    ((moved, (beside, distance)),) = relocations(*won_by_hand(ERRORS, useless)).items()
    assert (moved, beside) == (8, 5)
    assert distance == pytest.approx(0.5 * math.sqrt(100 / 4), rel=1e-6)


@pytest.mark.parametrize("utility, moves", [(66, {8: 5}), (67, {})])
def test_the_gain_must_exceed_the_cost_by_the_margin(utility, moves):
    utilities = [100.0] * 12
    errors = [50.0] * 5 + [100.0] + [50.0] * 6  # the median of U / D is 2, so node 5 gains 100
    utilities[8] = utility
    assert {node: beside for node, (beside, _) in relocations(*won_by_hand(errors, utilities)).items()} == moves


def test_neighbours_of_a_node_that_moved_or_was_helped_wait_for_the_next_round():
    errors, utilities = [1.0] * 30, [2.0] * 30
    errors[10], errors[20], utilities[0], utilities[1] = 100.0, 90.0, 0.5, 0.6
    utilities[10], utilities[20] = 200.0, 180.0
    alone = relocations(*won_by_hand(errors, utilities))
    assert {node: alone[node][0] for node in (0, 1)} == {0: 10, 1: 20}
    joined = relocations(*won_by_hand(errors, utilities, pairs=[(0, 1), (10, 20)]))
    assert joined[0][0] == 10 and 1 not in joined and all(beside != 20 for beside, _ in joined.values())


def test_nodes_that_may_not_move_and_cells_of_one_row_are_left_out():
    useless = UTILITIES.copy()
    useless[8] = 1.0
    movable = np.ones(12, bool)
    movable[8] = False
    assert 8 not in relocations(*won_by_hand(ERRORS, useless), movable=movable)
    counts = [4.0] * 12
    counts[5] = 1.0
    assert relocations(*won_by_hand(ERRORS, useless, counts)) == {}


def test_nothing_is_relocated_without_errors():
    nodes, won = won_by_hand([0.0] * 12, [0.0] * 12)
    assert relocations(nodes, won) == {}


def test_edges_are_those_that_ageing_keeps_half_of_the_time():
    # of 100 rows of the two ends, ln 2 / 50 = 1.386 % must be of both
    won = Tally(
        np.array([60.0, 40, 60, 40]),
        np.zeros((4, 1)),
        np.zeros(4),
        np.zeros(4),
        np.array([0 * 4 + 1, 2 * 4 + 3]),
        np.array([1.38, 1.39]),
    )
    assert lasting_edges(won, 4, 50).tolist() == [[2, 3]]
    assert lasting_edges(won, 4, 51).tolist() == [[0, 1], [2, 3]]


def test_a_sample_has_one_row_of_each_stretch():
    rows = sample_rows(1000, 100, np.random.default_rng(0))
    assert (rows // 10).tolist() == list(range(100)) and len(set((rows % 10).tolist())) == 10
    assert sample_rows(5, 10, np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]
    weights = np.array([0, 1, 0, 3, 0.0])
    assert np.bincount(sample_rows(5, 400, np.random.default_rng(0), weights), minlength=5).tolist() == [
        0,
        100,
        0,
        300,
        0,
    ]


# ---- the whole ------------------------------------------------------------------------------------------------------


def test_refined_blobs_are_better_and_still_apart():
    X = blobs()
    plain = GrowingNeuralGas(100, n_epochs=5, random_state=0).fit(X)
    refined = GrowingNeuralGas(100, n_epochs=5, random_state=0, refine=True).fit(X)
    assert refined.quantization_error(X) < 0.97 * plain.quantization_error(X)
    graph = refined.graph_
    assert graph.n_nodes == 100 and graph.n_components == 10
    assert (graph.ages == 0).all() and (graph.errors == 0).all()
    assert np.array_equal(refined.labels_, refined.predict(X))
    assert np.array_equal(refined.history_, plain.history_)


def test_every_node_is_where_its_rows_are():
    """Two passes bring nodes near the middle of their cells: a third would hardly move them."""
    X = blobs()
    model = GrowingNeuralGas(100, n_epochs=5, random_state=0, refine=True).fit(X)
    once_more = centred(model.graph_.nodes, tally(model.graph_.nodes, X), np.ones(100, bool))
    moved = np.linalg.norm(once_more - model.graph_.nodes, axis=1)
    assert np.median(moved) < 0.05 * model.quantization_error(X)


def test_the_same_seed_and_any_number_of_threads_give_the_same_bytes():
    X = blobs()
    graphs = [
        GrowingNeuralGas(60, n_epochs=2, random_state=3, refine=True, n_jobs=n_jobs).fit(X).graph_
        for n_jobs in (None, 2)
    ]
    assert graphs[0] == graphs[1]


def test_a_refined_model_goes_on_training_and_is_saved(tmp_path):
    X = blobs()
    model = GrowingNeuralGas(60, n_epochs=2, random_state=3, refine=True, utility=20.0).fit(X)
    model.save(tmp_path / "model.npz")
    other = GrowingNeuralGas.load(tmp_path / "model.npz")
    assert other.refine is True
    assert model.partial_fit(X).graph_ == other.partial_fit(X).graph_


def test_fixed_nodes_and_permanent_edges_stay():
    X = blobs()
    ring = np.array([[0, 0], [0.5, 0], [300, 0], [905, 5]], np.float32)
    init = Graph(ring, [(0, 1), (2, 3)])
    graph = GrowingNeuralGas(60, n_epochs=2, random_state=3, refine=True, init=init, fixed_init=True).fit(X).graph_
    assert np.array_equal(graph.nodes[:4], ring)
    assert {(0, 1), (2, 3)} <= set(map(tuple, graph.edges.tolist()))


def test_weights_count():
    X = blobs()
    weights = (X[:, 0] > 450).astype(float)
    model = GrowingNeuralGas(60, n_epochs=5, random_state=3, refine=True).fit(X, sample_weight=weights)
    alone = GrowingNeuralGas(60, n_epochs=5, random_state=3, refine=True).fit(X[weights > 0])
    assert (model.graph_.nodes[:, 0] > 450).all()
    assert model.quantization_error(X[weights > 0]) < 1.03 * alone.quantization_error(X[weights > 0])


def test_units_of_far_data():
    X = blobs().astype(np.float64)
    far = X + [4.1e6, 4.9e6]
    near, there = (GrowingNeuralGas(60, n_epochs=2, random_state=3, refine=True).fit(rows) for rows in (X, far))
    assert there.quantization_error(far) == pytest.approx(near.quantization_error(X), rel=0.02)


def test_nothing_is_refined_when_the_callback_stops_training():
    X = blobs()
    stopped = GrowingNeuralGas(60, n_epochs=3, random_state=3, refine=True)
    stopped.fit(X, callback=lambda done, total, model: done == len(X))
    assert (
        stopped.graph_ == GrowingNeuralGas(60, n_epochs=1, eps_b_end=None, eps_n_end=None, random_state=3).fit(X).graph_
    )


def test_refine_is_a_switch():
    with pytest.raises(TypeError, match="refine must be True or False, got 2"):
        GrowingNeuralGas(refine=2).fit(blobs())
