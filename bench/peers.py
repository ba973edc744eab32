"""Other implementations, started from a given graph: the tests compare with them bit for bit, the benchmarks time them.

NeuPy and minigng take f, the neighbour of largest error, from a Python set, so that equal errors fall by memory
address. For comparisons `max` is shadowed in their modules by one that takes the lowest position in the list of nodes
(`pin=True`). Nothing else of theirs is changed.
"""

import builtins
import importlib.metadata
import importlib.util
import sys
import types

import numpy as np


def _load_alone(distribution, path, stubs):
    """Return one module of an installed package, with stubs for what else it imports; None without the package."""
    try:
        path = importlib.metadata.distribution(distribution).locate_file(path)
    except importlib.metadata.PackageNotFoundError:
        return None
    spec = importlib.util.spec_from_file_location(f"{distribution}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    before = {name: sys.modules.get(name) for name in stubs}
    for name, members in stubs.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(members)
    try:
        spec.loader.exec_module(module)
    finally:
        for name, old in before.items():
            if old is None:
                del sys.modules[name]
            else:
                sys.modules[name] = old
    return module


def load_neupy():
    """Return the module of NeuPy 0.8.2 that holds its GrowingNeuralGas, or None where NeuPy is not installed.

    The module needs only a few small things of the rest of NeuPy, which would import TensorFlow 1.
    """

    class BaseNetwork:
        def __init__(self, **options):
            for name, value in options.items():
                setattr(self, name, value)

    def property_with(default=None, **_):
        return default

    return _load_alone(
        "neupy",
        "neupy/algorithms/competitive/growing_neural_gas.py",
        {
            "neupy": {},
            "neupy.utils": {"format_data": lambda X, *_: X},
            "neupy.exceptions": {"StopTraining": StopIteration},
            "neupy.algorithms": {},
            "neupy.algorithms.base": {"BaseNetwork": BaseNetwork},
            "neupy.core": {},
            "neupy.core.properties": {
                "NumberProperty": property_with,
                "ProperFractionProperty": property_with,
                "IntProperty": property_with,
            },
        },
    )


def load_mdp():
    """Return the module of MDP 3.6 that holds its GrowingNeuralGasNode, or None where MDP is not installed.

    The rest of MDP cannot be imported with NumPy >= 1.24.
    """

    class Node:
        def __init__(self, input_dim, output_dim, dtype):
            self.dtype = np.dtype(dtype)

        def train(self, X):
            self._train(X)

    graph = _load_alone("mdp", "mdp/graph/graph.py", {})
    utils = types.SimpleNamespace(mult=np.dot)
    return _load_alone(
        "mdp",
        "mdp/nodes/neural_gas_nodes.py",
        {
            "mdp": {"numx": np, "numx_rand": np.random, "utils": utils, "graph": graph, "Node": Node},
        },
    )


def neupy_network(nodes, edges=(), *, pin=False, **parameters):
    """Return NeuPy's network with these nodes, and edges of age 0; train it by one_training_update(X), in X's order."""
    module = load_neupy()
    network = module.GrowingNeuralGas(n_inputs=nodes.shape[1], n_start_nodes=len(nodes), n_updates=0, **parameters)
    made = [module.NeuronNode(w.reshape(1, -1).copy()) for w in nodes]
    for node in made:
        network.graph.add_node(node)
    for a, b in edges:
        network.graph.add_edge(made[a], made[b])
    if pin:
        _pin_max(module, lambda: network.graph.nodes)
    return network


def train_neupy(X, start_nodes, **parameters):
    """Train NeuPy's network on the float32 signals X in their order; return its nodes, edges with ages, and errors."""
    network = neupy_network(start_nodes, pin=True, **parameters)
    network.one_training_update(X)
    nodes = network.graph.nodes
    place = {node: i for i, node in enumerate(nodes)}
    edges = sorted((*sorted((place[a], place[b])), age) for (a, b), age in network.graph.edges.items())
    return np.concatenate([node.weight for node in nodes]), np.array(edges), np.array([node.error for node in nodes])


def minigng_network(nodes, edges=(), *, pin=False, **parameters):
    """Return minigng's network with these nodes, and edges of age 0; train it by partial_fit(X), in X's order."""
    import minigng._growing_neural_gas as module

    network = module.MiniGNG(shuffle=False, **parameters)
    network.units = [module.Unit(w) for w in nodes]
    for a, b in edges:
        a, b = network.units[a], network.units[b]
        a.neighbors.add(b)
        b.neighbors.add(a)
        network.edges.append(module.Edge(a, b))
    network._n_features = nodes.shape[1]
    network._rebuild_protos()
    if pin:
        _pin_max(module, lambda: network.units)
    return network


def train_minigng(X, start_nodes, **parameters):
    """Train minigng on the signals X in their order; return its nodes, edges with ages, and errors.

    It starts from two nodes joined by an edge of age 0.
    """
    network = minigng_network(start_nodes, [(0, 1)], pin=True, **parameters)
    network.partial_fit(X)
    place = {unit: i for i, unit in enumerate(network.units)}
    edges = sorted((*sorted((place[edge.source], place[edge.target])), edge.age) for edge in network.edges)
    return (
        np.array([unit.prototype for unit in network.units]),
        np.array(edges),
        np.array([unit.error for unit in network.units]),
    )


def mdp_network(nodes, edges=(), **parameters):
    """Return MDP's network with these nodes, and edges of age 0; train it by train(X), in X's order."""
    network = load_mdp().GrowingNeuralGasNode(input_dim=nodes.shape[1], dtype="float64", **parameters)
    made = [network._add_node(w.astype(float)) for w in nodes]
    for a, b in edges:
        network._add_edge(made[a], made[b])
    return network


def _pin_max(module, nodes):
    def oldest_first(candidates, *, key):
        if isinstance(candidates, set):
            candidates = [node for node in nodes() if node in candidates]
        return builtins.max(candidates, key=key)

    module.max = oldest_first
