"""Graphs as data: npz for Python, JSON for everything, GraphML and GML for graph tools.

npz and JSON hold the same fields, and reading them gives back an equal graph:

    format      "gng_fast graph"
    version     1
    nodes       n rows of d coordinates
    edges       m rows of two node indices a < b, sorted
    ages        m ages of the edges
    errors      n errors of the nodes
    clusters    n numbers of the clusters of the nodes, if they are known

In npz the arrays carry their own types and shapes; JSON adds

    dtype       "float32" or "float64": the type of the nodes
    n_features  d, which a graph without nodes would not show
"""

import json
from typing import Any

import numpy as np

from gng_fast import npz
from gng_fast.art.export.graph_text import gml, graphml
from gng_fast.files import PathOrFile, Readable, reading, write_file
from gng_fast.graph import Graph
from gng_fast.progress import stoppable

_SCHEMA = npz.Schema(
    "gng_fast graph",
    1,
    {
        "nodes": npz.Field(("f4", "f8"), 2),
        "edges": npz.Field(("i8",), 2),
        "ages": npz.Field(("i8",), 1),
        "errors": npz.Field(("f8",), 1),
        "clusters": npz.Field(("i8",), 1, optional=True),
    },
)


def write_npz(graph: Graph, path: PathOrFile) -> None:
    """Write a graph as NumPy arrays, not compressed; the same graph gives the same bytes.

    Parameters
    ----------
    graph : Graph
    path : str, path-like or binary file
        A file at the path is replaced whole or stays as it was.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    arrays = {name: getattr(graph, name) for name in _SCHEMA.fields}
    npz.write(path, _SCHEMA, {name: array for name, array in arrays.items() if array is not None})


def read_npz(path: Readable) -> Graph:
    """Read the graph of a file of `write_npz`.

    Parameters
    ----------
    path : str, path-like, binary file or bytes
        Bytes are the content itself.

    Returns
    -------
    Graph

    Raises
    ------
    ValueError
        The file is damaged or holds something else.
    OSError
        The file cannot be read.
    """
    with reading(path) as file:
        return Graph(**npz.read(file, _SCHEMA))


def write_json(graph: Graph, path: PathOrFile) -> None:
    """Write a graph as JSON, one line per field; the numbers read back exactly.

    Parameters
    ----------
    graph : Graph
    path : str, path-like or binary file
        A file at the path is replaced whole or stays as it was.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_file(path, stoppable(_json, graph))


def _json(graph: Graph) -> bytes:
    """What a JSON file of a graph holds."""
    fields = {
        "format": _SCHEMA.format,
        "version": _SCHEMA.version,
        "dtype": str(graph.nodes.dtype),
        "n_features": graph.n_features,
        # Through text: the float32 nearest 0.1 is written as 0.1, as a float64 it would be 0.10000000149011612.
        "nodes": graph.nodes.astype(str).astype(np.float64).tolist(),
        "edges": graph.edges.tolist(),
        "ages": graph.ages.tolist(),
        "errors": graph.errors.tolist(),
    }
    if graph.clusters is not None:
        fields["clusters"] = graph.clusters.tolist()
    lines = [f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in fields.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read_json(path: Readable) -> Graph:
    """Read the graph of a file of `write_json`.

    Parameters
    ----------
    path : str, path-like, binary file or bytes
        Bytes are the content itself.

    Returns
    -------
    Graph

    Raises
    ------
    ValueError
        The file is damaged or holds something else.
    OSError
        The file cannot be read.
    """
    with reading(path) as file:
        return _decoded(json.loads(file.read()))


def write_graphml(graph: Graph, path: PathOrFile) -> None:
    """Write a graph as GraphML, with the attributes of `Graph.to_networkx`; `Graph.from_networkx` is the way back.

    Parameters
    ----------
    graph : Graph
    path : str, path-like or binary file
        A file at the path is replaced whole or stays as it was.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_file(path, stoppable(graphml, graph))


def write_gml(graph: Graph, path: PathOrFile) -> None:
    """Write a graph as GML, with the attributes of `write_graphml`.

    Parameters
    ----------
    graph : Graph
    path : str, path-like or binary file
        A file at the path is replaced whole or stays as it was.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_file(path, stoppable(gml, graph))


def _decoded(fields: Any) -> Graph:
    """The graph of what JSON holds."""
    if not isinstance(fields, dict) or fields.get("format") != _SCHEMA.format:
        raise ValueError(f"it is not a {_SCHEMA.format}")
    required = [name for name, field in _SCHEMA.fields.items() if not field.optional]
    for name in ("version", *required, "dtype", "n_features"):
        if name not in fields:
            raise ValueError(f"it has no field '{name}'")
    if fields["version"] != _SCHEMA.version:
        raise ValueError(f"it has version {fields['version']}, but this gng_fast reads version {_SCHEMA.version}")
    if fields["dtype"] not in ("float32", "float64"):
        raise ValueError(f"dtype must be float32 or float64, got {fields['dtype']!r}")
    nodes = np.array(fields["nodes"], dtype=fields["dtype"])
    if not len(nodes):
        nodes = nodes.reshape(0, fields["n_features"])
    graph = Graph(nodes, fields["edges"], fields["ages"], fields["errors"], fields.get("clusters"))
    if graph.n_features != fields["n_features"]:
        raise ValueError(f"its nodes have {graph.n_features} features, but n_features is {fields['n_features']!r}")
    return graph
