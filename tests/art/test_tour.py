"""One line through many points: short against what the best heuristics find, and never across itself."""

import numpy as np
import pytest

from gng_fast.art.drawing import tour as tour_module
from gng_fast.art.drawing.tour import along_curve, tour
from gng_fast.progress import Stopped, watching

pytest.importorskip("scipy")


def even(n=1000, seed=0):
    return np.unique(np.round(np.random.default_rng(seed).random((n, 2)) * 170, 2), axis=0)


def clustered(n=800, seed=1):
    rng = np.random.default_rng(seed)
    middles = rng.random((12, 2)) * 170
    return np.unique(np.round(middles[rng.integers(12, size=n)] + rng.normal(0, 9, (n, 2)), 2), axis=0)


def length(points, order):
    along = points[order]
    return np.linalg.norm(along - np.roll(along, -1, axis=0), axis=1).sum()


def crossings(points, order):
    """How many pairs of links of a closed line cross, by trying all."""
    a = points[order]
    b = np.roll(a, -1, axis=0)

    def side(p, q, r):
        return np.sign((q - p)[..., 0] * (r - p)[..., 1] - (q - p)[..., 1] * (r - p)[..., 0])

    p, q, r, s = a[:, None], b[:, None], a[None], b[None]
    cross = (side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)
    return int(cross.sum()) // 2


# lengths by LKH (Helsgaun's Lin-Kernighan), one run, of which the best tour is hardly ever a hundredth shorter
@pytest.mark.parametrize("made, best", [(even, 3915.9), (clustered, 2557.1)])
def test_hardly_longer_than_the_best_heuristic(made, best):
    points = made()
    order = tour(points)
    assert sorted(order.tolist()) == list(range(len(points)))
    assert length(points, order) < 1.03 * best
    assert crossings(points, order) == 0
    assert np.array_equal(tour(points), order)


@pytest.mark.quick
def test_crossings_are_counted():
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)
    assert crossings(square, [0, 1, 2, 3]) == 0 and crossings(square, [0, 2, 1, 3]) == 1


@pytest.mark.quick
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 30])
@pytest.mark.parametrize("seed", range(4))
def test_few_points(n, seed):
    points = even(n, seed) if n else np.empty((0, 2))
    order = tour(points)
    assert sorted(order.tolist()) == list(range(len(points)))
    assert crossings(points, order) == 0
    if n == 6:
        from itertools import permutations

        best = min(length(points, [0, *rest]) for rest in permutations(range(1, 6)))
        assert length(points, order) == pytest.approx(best, rel=0.02)


@pytest.mark.quick
def test_points_on_a_line_and_on_a_grid():
    line = np.stack([np.arange(40.0), np.zeros(40)], axis=1)
    assert length(line, tour(line)) == pytest.approx(78)
    grid = np.stack(np.divmod(np.arange(144), 12), axis=1).astype(float)
    order = tour(grid)
    assert crossings(grid, order) == 0 and length(grid, order) < 144 * 1.06


@pytest.mark.quick
@pytest.mark.parametrize("seed", range(5))
def test_crossings_are_taken_out_of_any_tour(seed):
    points = even(60, seed)
    order = np.random.default_rng(seed).permutation(len(points)).tolist()
    search = tour_module._Search(points, order)
    assert crossings(points, search.order) > 50
    search.uncross()
    assert crossings(points, search.order) == 0 and sorted(search.order) == sorted(order)


@pytest.mark.quick
@pytest.mark.parametrize("seed", range(20))
def test_a_kick_never_makes_it_longer(seed):
    points = even(25, seed)
    search = tour_module._Search(points, list(range(len(points))))
    search.shorten(list(range(len(points))))
    for start in range(25):
        before = length(points, search.order)
        search.kick(start, 1 + seed % 7, 1 + start % 8)
        assert length(points, search.order) <= before + 1e-9
        assert [search.order[place] for place in search.place] == list(range(len(points)))


@pytest.mark.quick
def test_it_can_be_watched_and_stopped():
    seen = []
    with watching(lambda stage, fraction: seen.append(fraction)):
        tour(even(500))
    assert seen[0] == 0 and seen == sorted(seen) and 0.5 < seen[-1] < 1
    with pytest.raises(Stopped), watching(lambda stage, fraction: fraction > 0.5):
        tour(even(500))


@pytest.mark.quick
def test_the_curve_goes_from_neighbour_to_neighbour():
    grid = np.stack(np.divmod(np.arange(256), 16), axis=1).astype(float)
    steps = np.diff(grid[along_curve(grid)], axis=0)
    assert np.abs(steps).sum(axis=1).tolist() == [1] * 255
    assert along_curve(np.zeros((3, 2))).tolist() == [0, 1, 2]
