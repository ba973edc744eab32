"""Graphs as data: npz for Python, JSON for everything, GraphML and GML for graph tools.

npz and JSON hold the same fields, and reading them gives back an equal graph:

    format      "gng_fast graph"
    version     1
    nodes       n rows of d coordinates
    edges       m rows of two node indices a < b, sorted
    ages        m ages of the edges
    errors      n errors of the nodes

In npz the arrays carry their own types and shapes; JSON adds

    dtype       "float32" or "float64": the type of the nodes
    n_features  d, which a graph without nodes would not show
"""

import io
import json
import math
from os import PathLike
from pathlib import Path

import numpy as np

from gng_fast.files import write_file
from gng_fast.graph import Graph

_FORMAT = "gng_fast graph"
_VERSION = 1
_ARRAYS = ("nodes", "edges", "ages", "errors")

# Deflate makes nothing smaller than by this factor.
_MOST_DEFLATED = 1032

# Files that are easily taken for one of a graph.
_SAVED = {
    "gng_fast model": " but a saved model: GrowingNeuralGas.load(path).graph_ is its graph",
    "gng_fast network": " but a saved network: Network.load(path).graph() is its graph",
}


def write_npz(graph: Graph, path: str | PathLike) -> None:
    """Write a graph as compressed numpy arrays; the same graph gives the same bytes. Raises OSError if it cannot."""
    buffer = io.BytesIO()
    arrays = {name: getattr(graph, name) for name in _ARRAYS}
    np.savez_compressed(buffer, format=_FORMAT, version=_VERSION, **arrays)
    write_file(path, buffer.getvalue())


def read_npz(path: str | PathLike) -> Graph:
    """The `Graph` in a file of `write_npz`.

    Raises ValueError if the file is damaged or holds something else, OSError if it cannot be read.
    """
    return _read(path, _decode_npz)


def write_json(graph: Graph, path: str | PathLike) -> None:
    """Write a graph as JSON, one line per field; the numbers read back exactly. Raises OSError if it cannot."""
    fields = {
        "format": _FORMAT,
        "version": _VERSION,
        "dtype": str(graph.nodes.dtype),
        "n_features": graph.n_features,
        # Through text: the float32 nearest 0.1 is written as 0.1, as a float64 it would be 0.10000000149011612.
        "nodes": graph.nodes.astype(str).astype(np.float64).tolist(),
        "edges": graph.edges.tolist(),
        "ages": graph.ages.tolist(),
        "errors": graph.errors.tolist(),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}" for name, value in fields.items()]
    write_file(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_json(path: str | PathLike) -> Graph:
    """The `Graph` in a file of `write_json`.

    Raises ValueError if the file is damaged or holds something else, OSError if it cannot be read.
    """
    return _read(path, _decode_json)


def write_graphml(graph: Graph, path: str | PathLike) -> None:
    """Write a graph as GraphML: nodes with `x`, `y` (2 features) or `w0`, `w1`, ... and `error`, edges with `age`.

    Raises ImportError when networkx is not installed, OSError if the file cannot be written.
    """
    networkx, result = _with_named_coordinates(graph)
    write_file(path, ("\n".join(networkx.generate_graphml(result)) + "\n").encode())


def write_gml(graph: Graph, path: str | PathLike) -> None:
    """Write a graph as GML, with the attributes of `write_graphml`.

    Raises ImportError when networkx is not installed, OSError if the file cannot be written.
    """
    networkx, result = _with_named_coordinates(graph)
    write_file(path, ("\n".join(networkx.generate_gml(result)) + "\n").encode())


def _with_named_coordinates(graph):
    result = graph.to_networkx()
    import networkx  # after to_networkx, which explains what to do when it is missing

    names = ("x", "y") if graph.n_features == 2 else [f"w{i}" for i in range(graph.n_features)]
    for _, attributes in result.nodes(data=True):
        attributes.update(zip(names, attributes.pop("pos")))
    return networkx, result


def _read(path, decode):
    data = Path(path).read_bytes()
    try:
        return decode(data)
    except MemoryError:
        raise
    except Exception as error:
        # Everything, because on damaged bytes numpy, zipfile, zlib and json raise a dozen kinds of errors.
        raise ValueError(f"cannot read '{path}': {error or type(error).__name__}") from error


def _decode_npz(data):
    # np.load would take a file that is no zip archive for a pickle, and complain of that.
    if not data.startswith(b"PK"):
        raise ValueError("it is not an npz file")
    with np.load(io.BytesIO(data), allow_pickle=False) as fields:
        _check_sizes(fields.zip, len(data))
        _check_fields(fields, _ARRAYS)
        return Graph(*(fields[name] for name in _ARRAYS))


def _check_sizes(archive, size):
    """NumPy takes the memory for what an array claims to hold before it reads it."""
    for member in archive.infolist():
        with archive.open(member) as stream:
            if not stream.peek().startswith(np.lib.format.MAGIC_PREFIX):
                continue  # no array
            header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            shape, _, dtype = header[np.lib.format.read_magic(stream)](stream)
        if math.prod(shape) * dtype.itemsize > _MOST_DEFLATED * size:
            raise ValueError(
                f"its field '{member.filename.removesuffix('.npy')}' does not hold as many numbers as it says"
            )


def _decode_json(data):
    fields = json.loads(data)
    _check_fields(fields, (*_ARRAYS, "dtype", "n_features"))
    if fields["dtype"] not in ("float32", "float64"):
        raise ValueError(f"dtype must be float32 or float64, got {fields['dtype']!r}")
    nodes = np.array(fields["nodes"], dtype=fields["dtype"])
    if not len(nodes):
        nodes = nodes.reshape(0, fields["n_features"])
    graph = Graph(nodes, fields["edges"], fields["ages"], fields["errors"])
    if graph.n_features != fields["n_features"]:
        raise ValueError(f"its nodes have {graph.n_features} features, but n_features is {fields['n_features']!r}")
    return graph


def _check_fields(fields, names):
    if "format" not in fields or str(fields["format"]) != _FORMAT:
        # a model's file is for the program that goes on with it; its graph can be written as a graph
        hint = _SAVED.get(str(fields.get("format")), "")
        raise ValueError(f"it is not a {_FORMAT}{hint}")
    for name in ("version", *names):
        if name not in fields:
            raise ValueError(f"it has no field '{name}'")
    if fields["version"] != _VERSION:
        raise ValueError(f"it has version {fields['version']}, but this gng_fast reads version {_VERSION}")
