"""Surface.save: files that other programs read as they were, and what is refused."""

import io
import struct

import numpy as np
import pytest
from messages import raises

from gng_fast import Graph

pytest.importorskip("scipy")
pytestmark = pytest.mark.quick

ENDINGS = ".ply", ".obj", ".stl"


@pytest.fixture(scope="module")
def surface():
    directions = np.random.default_rng(0).normal(size=(150, 3))
    return Graph(directions / np.linalg.norm(directions, axis=1, keepdims=True), []).surface()


def written(surface, format):
    buffer = io.BytesIO()
    surface.save(buffer, format=format)
    return buffer.getvalue()


def test_ply_holds_positions_normals_and_triangles(surface):
    header, _, body = written(surface, ".ply").partition(b"end_header\n")
    assert header.splitlines()[:4] == [
        b"ply", b"format binary_little_endian 1.0", b"element vertex 150", b"property double x",
    ]  # fmt: skip
    record = np.dtype([("position", "<f8", 3), ("normal", "<f4", 3)])
    vertices = np.frombuffer(body, record, 150)
    faces = np.frombuffer(body, np.dtype([("count", "u1"), ("corners", "<i4", 3)]), offset=150 * record.itemsize)
    assert np.array_equal(vertices["position"], surface.vertices)
    assert np.array_equal(vertices["normal"], surface.normals.astype(np.float32))
    assert (faces["count"] == 3).all() and np.array_equal(faces["corners"], surface.triangles)


def test_obj_holds_positions_normals_and_triangles(surface):
    lines = [line.split() for line in written(surface, ".obj").decode().splitlines()]
    rows = {kind: [words[1:] for words in lines if words[0] == kind] for kind in ("v", "vn", "f")}
    assert len(lines) == 150 * 2 + surface.n_triangles
    assert np.array_equal(np.array(rows["v"], float), surface.vertices)
    np.testing.assert_allclose(np.array(rows["vn"], float), surface.normals, atol=1e-5)
    corners = np.array([[word.split("//") for word in words] for words in rows["f"]], int) - 1
    assert np.array_equal(corners[:, :, 0], surface.triangles) and np.array_equal(corners[:, :, 1], surface.triangles)


def test_stl_holds_each_triangle(surface):
    data = written(surface, ".stl")
    assert struct.unpack("<I", data[80:84])[0] == surface.n_triangles and not data.startswith(b"solid")
    records = np.frombuffer(
        data, np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("end", "<u2")]), offset=84
    )
    assert np.array_equal(records["corners"], surface.vertices[surface.triangles].astype(np.float32))
    assert np.allclose(np.linalg.norm(records["normal"], axis=1), 1)
    assert ((records["normal"] * records["corners"].mean(axis=1)).sum(axis=1) > 0).all()


@pytest.mark.parametrize("ending", ENDINGS)
def test_paths_and_open_files_get_the_same_bytes(surface, ending, tmp_path):
    expected = written(surface, ending)
    surface.save(tmp_path / f"mesh{ending.upper()}")
    assert (tmp_path / f"mesh{ending.upper()}").read_bytes() == expected
    surface.save(str(tmp_path / "mesh.dat"), format=ending.upper())
    assert (tmp_path / "mesh.dat").read_bytes() == expected


@pytest.mark.parametrize("ending", ENDINGS)
def test_trimesh_reads_the_same_surface(surface, ending, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    surface.save(tmp_path / f"mesh{ending}")
    mesh = trimesh.load_mesh(tmp_path / f"mesh{ending}")
    assert mesh.is_watertight and mesh.is_winding_consistent
    assert mesh.euler_number == surface.euler_characteristic and len(mesh.faces) == surface.n_triangles
    assert mesh.volume == pytest.approx(surface.volume, rel=1e-6) and mesh.area == pytest.approx(surface.area, rel=1e-6)


def test_what_cannot_be_written(surface, tmp_path):
    with raises(ValueError, "format must be given for an open file: one of .ply, .obj, .stl"):
        surface.save(io.BytesIO())
    with raises(ValueError, "format must be one of .ply, .obj, .stl, got 'ply'"):
        surface.save(io.BytesIO(), format="ply")
    with raises(ValueError, "cannot write 'mesh.glb': the ending must be one of .ply, .obj, .stl"):
        surface.save("mesh.glb")
    with pytest.raises(TypeError, match="binary mode"):
        surface.save(io.StringIO(), format=".ply")
    with pytest.raises(FileNotFoundError, match="missing"):
        surface.save(tmp_path / "missing" / "mesh.ply")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scale, offset", [(1.0, 1e9), (1e-4, 1e4), (1e200, 0.0)])
def test_stl_refuses_what_32_bits_do_not_hold(surface, scale, offset, tmp_path):
    moved = Graph(surface.vertices * scale + offset, []).surface()
    with pytest.raises(ValueError, match="stl holds numbers of 32 bits"):
        moved.save(tmp_path / "mesh.stl")
    assert list(tmp_path.iterdir()) == []
    moved.save(tmp_path / "mesh.ply")
