"""Files of meshes: PLY and STL in binary, and OBJ, which is text."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from gng_fast.files import PathOrFile, write_file
from gng_fast.progress import report, stoppable

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGEST_SINGLE = float(np.finfo(np.float32).max)


def _write_ply(file: IO[bytes], vertices: Reals, triangles: Ints, normals: Reals) -> None:
    """Positions in 64 bits, normals in 32."""
    places = [(name, "<f8") for name in "xyz"] + [(name, "<f4") for name in ("nx", "ny", "nz")]
    properties = [f"property {'double' if kind == '<f8' else 'float'} {name}" for name, kind in places]
    header = [
        "ply",
        "format binary_little_endian 1.0",
        f"element vertex {len(vertices)}",
        *properties,
        f"element face {len(triangles)}",
        "property list uchar int vertex_indices",
        "end_header\n",
    ]
    points = np.empty(len(vertices), places)
    for (name, _), values in zip(places, np.concatenate([vertices, normals], axis=1).T):
        points[name] = values
    faces = np.empty(len(triangles), [("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, triangles
    file.write("\n".join(header).encode() + points.tobytes() + faces.tobytes())


def _write_obj(file: IO[bytes], vertices: Reals, triangles: Ints, normals: Reals) -> None:
    """Positions so that they read back as they are, and normals; vertices count from 1."""
    text = io.StringIO()
    text.writelines(f"v {x!r} {y!r} {z!r}\n" for x, y, z in vertices.tolist())
    text.writelines(f"vn {x:.6g} {y:.6g} {z:.6g}\n" for x, y, z in normals.tolist())
    text.writelines(f"f {a}//{a} {b}//{b} {c}//{c}\n" for a, b, c in (triangles + 1).tolist())
    file.write(text.getvalue().encode())


def _write_stl(file: IO[bytes], vertices: Reals, triangles: Ints, normals: Reals) -> None:
    """Each triangle by itself, in 32 bits. Readers join corners at one place, so no two vertices may share it."""
    if np.abs(vertices).max(initial=0) > _LARGEST_SINGLE or len(_rows(vertices.astype("<f4"))) < len(_rows(vertices)):
        raise ValueError(
            "stl holds numbers of 32 bits, in which vertices of this surface would not lie apart: "
            "write ply or obj, or move what the graph was made from near to the origin"
        )
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    across = np.cross(b - a, c - a)
    lengths = np.linalg.norm(across, axis=1, keepdims=True)
    records = np.zeros(len(triangles), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attributes", "<u2")])
    records["normal"] = across / np.where(lengths > 0, lengths, 1.0)
    records["corners"] = vertices[triangles]
    file.write(bytes(80) + np.array(len(triangles), "<u4").tobytes() + records.tobytes())


def _rows(vertices: NDArray[np.floating]) -> NDArray[np.floating]:
    """The different ones."""
    return np.unique(vertices, axis=0)


#: Writers of meshes, by the ending of the file. A new format is a line here.
WRITERS: dict[str, Callable[[IO[bytes], Reals, Ints, Reals], None]] = {
    ".ply": _write_ply,
    ".obj": _write_obj,
    ".stl": _write_stl,
}


def write_mesh(target: PathOrFile, vertices: Reals, triangles: Ints, normals: Reals, format: str | None) -> None:
    """Write a mesh in the format that is named, or else in that of the target's ending; see `Surface.save`."""
    endings = ", ".join(WRITERS)
    if format is None:
        if not isinstance(target, (str, os.PathLike)):
            raise ValueError(f"format must be given for an open file: one of {endings}")
        format = Path(target).suffix
        if format.lower() not in WRITERS:
            raise ValueError(f"cannot write '{os.fspath(target)}': the ending must be one of {endings}")
    elif format.lower() not in WRITERS:
        raise ValueError(f"format must be one of {endings}, got {format!r}")
    report("writing", 0)
    buffer = io.BytesIO()
    stoppable(WRITERS[format.lower()], buffer, vertices, triangles, normals)
    write_file(target, buffer.getvalue())
