"""What calls of single rows cost: memory that is asked for is counted, since a copy of the network asks for some."""

import sys
import tracemalloc

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals

X = np.random.default_rng(0).random((20_000, 2), dtype=np.float32)
N = 10_000


@pytest.fixture(scope="module")
def model():
    """A network of N nodes that goes on growing, in one component, and whose components have been asked for."""
    fitted = GrowingNeuralGas(2 * N, lam=4, n_epochs=2, clusters="components", random_state=0).fit(X)
    fitted.predict(X[:1])
    assert fitted.network_.n_nodes > N - 2 and fitted.network_.n_edges > N
    return fitted


def bytes_of_calls(call):
    """The most memory that each of 300 calls asked for at a time."""
    most = []
    for i in range(300):
        tracemalloc.start()
        call(X[i : i + 1])
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return most


def test_partial_fit_and_predict_of_one_row_copy_nothing_of_the_network(model):
    """But for the labels of all nodes, when the room for them is used up, or a node went."""
    n_nodes, n_edges = model.network_.n_nodes, model.network_.n_edges
    most = bytes_of_calls(lambda row: model.partial_fit(row).predict(row))
    assert model.network_.n_nodes > n_nodes + 60 and model.network_.n_edges > n_edges + 50
    assert sum(size > 10_000 for size in most) <= 2


def test_the_graph_is_made_of_one_copy_of_each_array(model):
    graph = model.graph_
    size = sum(array.nbytes for array in (graph.nodes, graph.edges, graph.ages, graph.errors))
    assert max(bytes_of_calls(lambda row: model.partial_fit(row).graph_)[:20]) < 2.2 * size + 100_000


def test_gng_u_with_few_nodes_uses_no_more_slots_when_max_nodes_is_large():
    """The memory of slots that were never used is never touched, so it is not in the process's memory."""
    resource = pytest.importorskip("resource")
    unit = 1 if sys.platform == "darwin" else 1024
    network, signals = Network(2, max_nodes=1_000_000, lam=1, utility=1.1), Signals(X)
    network.draw_start_nodes(signals)
    network.train(signals, 5000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    network.train(signals, 500_000)
    assert network.n_nodes < 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < 16e6
