import numpy as np
import pytest

from gng_fast import benchmark, cli
from gng_fast.reference import ReferenceNetwork, Signals

pytestmark = pytest.mark.quick


def test_numpy_version_trains_the_same_network():
    """The baseline of the ratios must do the same work; removed nodes included."""
    for d, max_age in (2, 50), (3, 3):
        X = np.random.default_rng(d).random((3000, d)).astype(np.float32)
        numpy = benchmark.NumpyNetwork(d, max_nodes=25, max_age=max_age)
        numpy.start(X[:2])
        numpy.train(X)
        reference = ReferenceNetwork(d, max_nodes=25, max_age=max_age)
        reference.start(X[:2])
        reference.train(Signals(X, "order"), len(X))
        graph = reference.graph()
        edges = sorted((a, b, age) for a, ages in enumerate(numpy.edges) for b, age in ages.items() if a < b)
        assert edges == [(*edge, age) for edge, age in zip(graph.edges.tolist(), graph.ages.tolist())]
        assert np.array_equal(numpy.w[: graph.n_nodes], graph.nodes)


def test_all_versions_take_the_given_number_of_signals():
    X = benchmark.annulus(500, np.random.default_rng(0))
    graph = benchmark.settled(X, 20, 500)
    assert graph.n_nodes == 20
    for make in benchmark.core, benchmark.plain_numpy, benchmark.reference:
        make(graph, X)(700)


def test_rate_counts_signals_per_second(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(benchmark.time, "process_time", lambda: clock[0])

    def train(n_signals):
        clock[0] += n_signals / 1000

    assert abs(benchmark.signals_per_second(train, 0.5) - 1000) < 1e-6


def test_data_of_the_workloads():
    rng = np.random.default_rng(0)
    radius = np.linalg.norm(benchmark.annulus(10_000, rng), axis=1)
    assert 0.5 <= radius.min() < 0.52 and 0.98 < radius.max() <= 1.0001
    X = benchmark.blobs(1000, 16, rng)
    assert X.shape == (1000, 16) and X.dtype == np.float32


def test_the_command_prints_a_table(monkeypatch, capsys):
    """Every version is run, if only for a few signals; how fast they are is not the matter here."""
    taken = []
    monkeypatch.setattr(benchmark, "signals_per_second", lambda train, seconds: taken.append(train(3)) or 2000.0)
    assert cli.main(["bench"]) == 0
    machine, _, header, *rows = capsys.readouterr().out.splitlines()
    assert "NumPy" in machine and header.split() == ["core", "NumPy", "Python", "core/NumPy", "core/Python"]
    assert [row.split()[-5:] for row in rows] == [["2,000", "2,000", "2,000", "1x", "1x"]] * 4 and len(taken) == 12
