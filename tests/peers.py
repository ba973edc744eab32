"""Other implementations, prepared so that the tests can compare with them bit for bit.

Both take f, the neighbour of largest error, from a Python set, so that equal errors fall by memory address. Here `max` is
shadowed in their modules by one that takes the lowest position in the list of nodes. Nothing else of theirs is changed.
"""

import builtins
import importlib.metadata
import importlib.util
import sys
import types

import numpy as np


def load_neupy():
    """Return the module of NeuPy 0.8.2 that holds its GrowingNeuralGas, or None where NeuPy is not installed.

    The module itself needs only four small things of the rest of NeuPy, which would import TensorFlow 1: stubs stand in.
    """
    try:
        distribution = importlib.metadata.distribution("neupy")
    except importlib.metadata.PackageNotFoundError:
        return None
    path = distribution.locate_file("neupy/algorithms/competitive/growing_neural_gas.py")
    spec = importlib.util.spec_from_file_location("neupy_growing_neural_gas", path)
    module = importlib.util.module_from_spec(spec)
    stubs = _neupy_stubs()
    before = {name: sys.modules.get(name) for name in stubs}
    sys.modules.update(stubs)
    try:
        spec.loader.exec_module(module)
    finally:
        for name, old in before.items():
            if old is None:
                del sys.modules[name]
            else:
                sys.modules[name] = old
    return module


def _neupy_stubs():
    class BaseNetwork:
        def __init__(self, **options):
            for name, value in options.items():
                setattr(self, name, value)

    def stub(name, **members):
        module = types.ModuleType(name)
        module.__dict__.update(members)
        return module

    def default(default=None, **_):
        return default

    return {
        "neupy": stub("neupy"),
        "neupy.utils": stub("neupy.utils", format_data=lambda X, *_: X),
        "neupy.exceptions": stub("neupy.exceptions", StopTraining=StopIteration),
        "neupy.algorithms": stub("neupy.algorithms"),
        "neupy.algorithms.base": stub("neupy.algorithms.base", BaseNetwork=BaseNetwork),
        "neupy.core": stub("neupy.core"),
        "neupy.core.properties": stub("neupy.core.properties", NumberProperty=default, ProperFractionProperty=default,
                                      IntProperty=default),
    }


def train_neupy(X, start_nodes, **parameters):
    """Train NeuPy's network on the float32 signals X in their order; return its nodes, edges with ages, and errors."""
    module = load_neupy()
    network = module.GrowingNeuralGas(n_inputs=X.shape[1], n_start_nodes=len(start_nodes), **parameters)
    for w in start_nodes:
        network.graph.add_node(module.NeuronNode(w.reshape(1, -1).copy()))
    _pin_max(module, lambda: network.graph.nodes)
    network.one_training_update(X)
    nodes = network.graph.nodes
    place = {node: i for i, node in enumerate(nodes)}
    edges = sorted((*sorted((place[a], place[b])), age) for (a, b), age in network.graph.edges.items())
    return np.concatenate([node.weight for node in nodes]), np.array(edges), np.array([node.error for node in nodes])


def train_minigng(X, start_nodes, **parameters):
    """Train minigng on the signals X in their order; return its nodes, edges with ages, and errors.

    It starts from two nodes joined by an edge of age 0.
    """
    import minigng._growing_neural_gas as module

    network = module.MiniGNG(shuffle=False, **parameters)
    a, b = (module.Unit(w) for w in start_nodes)
    a.neighbors.add(b)
    b.neighbors.add(a)
    network.units, network.edges = [a, b], [module.Edge(a, b)]
    network._n_features = X.shape[1]
    network._rebuild_protos()
    _pin_max(module, lambda: network.units)
    network.partial_fit(X)
    place = {unit: i for i, unit in enumerate(network.units)}
    edges = sorted((*sorted((place[edge.source], place[edge.target])), edge.age) for edge in network.edges)
    return (np.array([unit.prototype for unit in network.units]), np.array(edges),
            np.array([unit.error for unit in network.units]))


def _pin_max(module, nodes):
    def oldest_first(candidates, *, key):
        if isinstance(candidates, set):
            candidates = [node for node in nodes() if node in candidates]
        return builtins.max(candidates, key=key)

    module.max = oldest_first
