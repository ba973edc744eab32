"""Graphs as text that graph tools read: GraphML (U. Brandes et al. 2002) and GML (M. Himsolt 1997).

The text is, byte for byte, what networkx writes of `Graph.to_networkx`. It takes five to ten times as long for that,
since it makes objects of everything before it writes, and while the garbage collector goes through them nobody can ask.
"""

from collections.abc import Iterator

from gng_fast.graph import Graph
from gng_fast.graph.conversions import coordinate_names
from gng_fast.progress import checked

# Nodes or edges between two questions whether to stop.
_STEPS = 5000
# Larger whole numbers are text in GML, which knows those of 32 bits.
_LARGEST_IN_GML = 2**31 - 1

_GRAPHML_HEAD = """\
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""


def graphml(graph: Graph) -> bytes:
    """Return what a GraphML file of a graph holds."""
    return "".join(_graphml(graph)).encode()


def _graphml(graph: Graph) -> Iterator[str]:
    of_nodes, of_edges = [*coordinate_names(graph.n_features), "error"], ["age", "length"]
    keys = [("node", name, "double") for name in of_nodes] if graph.n_nodes else []
    keys += [("edge", name, kind) for name, kind in zip(of_edges, ("long", "double"))] if graph.n_edges else []
    yield _GRAPHML_HEAD
    for number, (owner, name, kind) in reversed(list(enumerate(keys))):
        yield f'  <key id="d{number}" for="{owner}" attr.name="{name}" attr.type="{kind}" />\n'
    if not graph.n_nodes:
        yield '  <graph edgedefault="undirected" />\n</graphml>\n'
        return
    yield '  <graph edgedefault="undirected">\n'
    before = [f'      <data key="d{number}">' for number in range(len(keys))]
    for node, values in _nodes(graph):
        data = "".join(f"{tag}{value!r}</data>\n" for tag, value in zip(before, values))
        yield f'    <node id="{node}">\n{data}    </node>\n'
    age_tag, length_tag = before[-2:]
    for a, b, age, length in _edges(graph):
        data = f"{age_tag}{age}</data>\n{length_tag}{length!r}</data>\n"
        yield f'    <edge source="{a}" target="{b}">\n{data}    </edge>\n'
    yield "  </graph>\n</graphml>\n"


def gml(graph: Graph) -> bytes:
    """Return what a GML file of a graph holds."""
    return "".join(_gml(graph)).encode()


def _gml(graph: Graph) -> Iterator[str]:
    names = [*coordinate_names(graph.n_features), "error"]
    yield "graph [\n"
    for node, values in _nodes(graph):
        data = "".join(f"    {name} {_real(value)}\n" for name, value in zip(names, values))
        yield f'  node [\n    id {node}\n    label "{node}"\n{data}  ]\n'
    for a, b, age, length in _edges(graph):
        whole = str(age) if age <= _LARGEST_IN_GML else f'"{age}"'
        yield f"  edge [\n    source {a}\n    target {b}\n    age {whole}\n    length {_real(length)}\n  ]\n"
    yield "]\n"


def _real(value: float) -> str:
    """A number as GML has it: with a point, also before an exponent."""
    text = repr(value).upper()
    return text if "." in text else text.replace("E", ".E")


def _nodes(graph: Graph) -> Iterator[tuple[int, list[float]]]:
    """The number of each node, and its coordinates and error."""
    rows = zip(graph.nodes.tolist(), graph.errors.tolist())
    return ((node, [*position, error]) for node, (position, error) in enumerate(checked(rows, _STEPS)))


def _edges(graph: Graph) -> Iterator[tuple[int, int, int, float]]:
    """The nodes of each edge, its age and its length."""
    a, b = graph.edges.T.tolist()
    return checked(zip(a, b, graph.ages.tolist(), graph.edge_lengths().tolist()), _STEPS)
