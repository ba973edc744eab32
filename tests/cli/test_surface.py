"""gng-fast surface: clouds of every kind become the same mesh, and bad files are told in one line."""

import io
import pathlib
import sys

import numpy as np
import pytest
from commands import run
from messages import raises

from gng_fast import GrowingNeuralGas
from gng_fast.cli.clouds import read_cloud

pytest.importorskip("scipy")
pytestmark = [pytest.mark.quick, pytest.mark.usefixtures("folder")]

FEW = ["--nodes", "150", "--epochs", "8"]


def sphere(n=3000, seed=0):
    directions = np.random.default_rng(seed).normal(size=(n, 3))
    return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


def write_ply(name, points, order="binary_little_endian", before=(), extra=True, after=True):
    """A PLY file whose vertices have more than positions, with other elements before and after them."""
    head = ["ply", f"format {order} 1.0", "comment made by a scanner"]
    if before:
        head += [f"element camera {len(before)}", "property float32 focus"]
    head += [f"element vertex {len(points)}"]
    fields = ([("red", "u1")] if extra else []) + [("x", "f4"), ("y", "f4"), ("z", "f4")]
    head += [f"property {'uchar' if kind == 'u1' else 'float'} {field}" for field, kind in fields]
    head += ["element face 1", "property list uchar int vertex_indices"] if after else []
    record = np.zeros(len(points), fields)
    for axis, values in zip("xyz", points.T):
        record[axis] = values
    data = "\n".join([*head, "end_header\n"]).encode()
    if order == "ascii":
        lines = [str(number) for number in before] + [" ".join(map(repr, row.tolist())) for row in record]
        data += "\n".join([*lines, "3 0 1 2" if after else "", ""]).encode()
    else:
        sign = "<" if "little" in order else ">"
        data += np.array(before, sign + "f4").tobytes() + record.astype(record.dtype.newbyteorder(sign)).tobytes()
        data += b"\x03" + np.array([0, 1, 2], sign + "i4").tobytes() if after else b""
    pathlib.Path(name).write_bytes(data)


@pytest.mark.parametrize("order", ["ascii", "binary_little_endian", "binary_big_endian"])
@pytest.mark.parametrize("before, extra, after", [((), False, False), ((1.5, 2.5), True, True)])
def test_ply(order, before, extra, after):
    points = sphere(20)
    write_ply("a.ply", points, order, before, extra, after)
    assert np.array_equal(read_cloud("a.ply", None, print), points)


def test_the_mesh_of_save_is_read_as_its_vertices():
    surface = GrowingNeuralGas(150, n_epochs=8, random_state=0).fit(sphere()).graph_.surface()
    surface.save("mesh.ply")
    assert np.array_equal(read_cloud("mesh.ply", None, print), surface.vertices)


@pytest.mark.parametrize("text", ["1 2 3\n4 5 6\n", "# a comment\n1,2,3,255\n\n4, 5, 6, 0\n", "\ufeff1\t2 3\r\n4 5\t6"])
def test_xyz(text):
    pathlib.Path("a.xyz").write_text(text, encoding="utf-8", newline="")
    assert read_cloud("a.xyz", None, print).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_columns_of_tables():
    points = np.arange(12.0).reshape(2, 6)
    np.save("a.npy", points)
    assert read_cloud("a.npy", None, print).tolist() == points[:, :3].tolist()
    np.savetxt("a.csv", points, delimiter=",", header="id,Z,Y,X,red,green", comments="")
    assert read_cloud("a.csv", None, print).tolist() == points[:, [3, 2, 1]].tolist()
    assert read_cloud("a.csv", ["id", "Y", "red"], print).tolist() == points[:, [0, 2, 4]].tolist()
    with raises(ValueError, "columns must name three, got 1"):
        read_cloud("a.csv", ["id"], print)
    np.save("b.npy", points[:, :2])
    with raises(ValueError, "points in space need three columns, got 2"):
        read_cloud("b.npy", None, print)


def test_every_kind_of_cloud_gives_the_same_mesh(capsys, monkeypatch):
    points = sphere().astype(float)  # text is read as float64
    np.save("a.npy", points)
    np.savetxt("a.xyz", points, fmt="%.9g")
    np.savetxt("a.csv", points, fmt="%.9g", delimiter=",")
    write_ply("a.ply", points)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pathlib.Path("a.csv").read_bytes())))
    meshes = set()
    for cloud in "a.npy", "a.xyz", "a.csv", "a.ply", "-":
        assert run("surface", cloud, "-o", "mesh.ply", *FEW) == 0
        said = capsys.readouterr()
        start = "mesh.ply: 3000 points, 150 vertices, 296 triangles, Euler characteristic 2, "
        assert said.out.startswith(start) and said.err == ""
        meshes.add(pathlib.Path("mesh.ply").read_bytes())
    assert len(meshes) == 1
    expected = GrowingNeuralGas(150, n_epochs=8, random_state=0).fit(points).graph_.surface()
    buffer = io.BytesIO()
    expected.save(buffer, format=".ply")
    assert meshes == {buffer.getvalue()}


def test_formats_standard_output_and_no_smoothing(capsysbinary):
    np.save("a.npy", sphere())
    assert run("surface", "a.npy", "-o", "mesh.stl", "-q", *FEW) == 0
    assert run("surface", "a.npy", "-o", "-", "--format", "obj", *FEW) == 0
    said = capsysbinary.readouterr()
    assert said.out.startswith(b"v ") and said.out.count(b"\nf ") == 296 and b"standard output: 3000 points" in said.err
    assert run("surface", "a.npy", "-o", "-", "--no-smooth", "-q", *FEW) == 0
    lines = capsysbinary.readouterr().out.split(b"\n")
    assert lines[0] == b"ply" and pathlib.Path("mesh.stl").stat().st_size == 84 + 50 * 296


PLY = "ply\nformat {} 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z\nend_header\n"


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("a.ply", b"", "it is no PLY file"),
        ("a.ply", b"plywood", "it is no PLY file"),
        ("a.ply", b"ply\nformat ascii 1.0\n", "its header has no end"),
        ("a.ply", b"ply\nformat ascii 1.0\n" + b"comment\n" * 10_000 + b"end_header\n", "its header has no end"),
        ("a.ply", b"ply\nend_header\n", "its header names no format"),
        ("a.ply", b"ply\nformat ascii 1.0\nend_header\n", "it has no vertices"),
        ("a.ply", b"ply\nformat utf8 1.0\nend_header\n", "its header has the line 'format utf8 1.0'"),
        ("a.ply", b"ply\nelement vertex -4\nend_header\n", "its header has the line 'element vertex -4'"),
        ("a.ply", b"ply\nproperty float x\nend_header\n", "its header has the line 'property float x'"),
        ("a.ply", PLY.replace("float z", "float w").format("ascii", 1).encode(), "its vertices have no x, y and z"),
        ("a.ply", PLY.format("ascii", 2).encode() + b"1 2 3\n", "it ends within its vertices"),
        ("a.ply", PLY.format("binary_little_endian", 10**15 - 1).encode(), "it ends within its vertices"),
        ("a.ply", PLY.replace("float z", "list uchar int z").format("ascii", 1).encode(), "its vertices have a list"),
        (
            "a.ply",
            PLY.replace("float z", "list uchar int z").format("binary_big_endian", 1).encode(),
            "the list 'z' comes before the end of its vertices",
        ),
        ("a.xyz", b"1 2\n", "invalid column index 2 at row 1 with 2 columns"),
        ("a.xyz", b"1 2 x\n", "could not convert string 'x' to float64 at row 0, column 3."),
    ],
)
def test_bad_files(name, data, message):
    pathlib.Path(name).write_bytes(data)
    with raises(ValueError, f"cannot read '{name}': {message}"):
        read_cloud(name, None, print)


def test_files_without_points_or_with_others():
    pathlib.Path("a.xyz").write_text("# nothing\n")
    with raises(ValueError, "'a.xyz' has no points"):
        read_cloud("a.xyz", None, print)
    pathlib.Path("a.ply").write_bytes(PLY.format("ascii", 0).encode())
    with raises(ValueError, "'a.ply' has no points"):
        read_cloud("a.ply", None, print)
    pathlib.Path("a.xyz").write_text("1 2 3\n1 nan 3\n")
    with pytest.raises(ValueError, match=r"^'a\.xyz' must hold finite numbers .* got nan in row 1, column 'y'"):
        read_cloud("a.xyz", None, print)
