"""The closed surface that a graph in space lies on, as a mesh of triangles."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.files import PathOrFile
from gng_fast.graph.manifold import manifold
from gng_fast.graph.mesh_files import write_mesh
from gng_fast.graph.quadrics import fitted
from gng_fast.graph.tetrahedra import border, delaunay, sides, without_bubbles
from gng_fast.progress import part, report, stoppable

# Nodes of a smaller thickness, in multiples of their extent, lie in a plane.
_FLAT = 1e-6
# More of what is clear must not be contradicted.
_MOST_CONTRADICTED = 0.03


@dataclass(frozen=True, eq=False, repr=False)
class Surface:
    """A closed surface of triangles, as `Graph.surface` makes it.

    Every edge is in two triangles, which run along it in opposite directions, and around every vertex there is one fan
    of triangles. All arrays are read-only.

    Attributes
    ----------
    vertices : ndarray of float64, shape (v, 3)
    triangles : ndarray of int64, shape (t, 3)
        Vertices of each triangle, counter-clockwise seen from outside.
    nodes : ndarray of int64, shape (v,)
        The node of the graph that each vertex was made from, by increasing number.
    normals : ndarray of float64, shape (v, 3)
        Unit vectors at the vertices that point outwards.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]
    nodes: NDArray[np.int64]
    normals: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in self.vertices, self.triangles, self.nodes, self.normals:
            array.flags.writeable = False

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.vertices)

    @property
    def n_triangles(self) -> int:
        """Number of triangles."""
        return len(self.triangles)

    @property
    def euler_characteristic(self) -> int:
        """Vertices - edges + triangles: 2 for each closed surface, less 2 for each handle (a torus has 0)."""
        return self.n_vertices - self.n_triangles // 2

    @property
    def area(self) -> float:
        """Sum of the areas of the triangles."""
        return float(np.linalg.norm(self._doubled_areas(), axis=1).sum() / 2)

    @property
    def volume(self) -> float:
        """What the surface encloses; a cavity is not part of it."""
        return float((self._doubled_areas() * self.vertices[self.triangles[:, 0]]).sum() / 6)

    def _doubled_areas(self) -> NDArray[np.float64]:
        a, b, c = np.moveaxis(self.vertices[self.triangles], 1, 0)
        return np.cross(b - a, c - a)

    def save(self, target: PathOrFile, *, format: str | None = None) -> None:
        """Write the surface to a file, binary where the format has that.

        Parameters
        ----------
        target : str, path-like or binary file
            An open file is written to where it is, and stays open.
        format : {".ply", ".obj", ".stl"}, optional
            By default the ending of the path; an open file needs it. The first two hold normals, too. What .stl holds
            is each triangle by itself, in 32 bits.

        Raises
        ------
        OSError
            The file cannot be written.
        TypeError
            `target` is neither a path nor a file open in binary mode.
        ValueError
            The format is unknown or not given, or 32 bits are not enough to tell vertices apart in .stl.
        """
        write_mesh(target, self.vertices, self.triangles, self.normals, format)

    def __repr__(self) -> str:
        return (
            f"Surface({self.n_vertices} vertices, {self.n_triangles} triangles, "
            f"Euler characteristic {self.euler_characteristic})"
        )


def surface_of(nodes: NDArray[np.floating[Any]], edges: NDArray[np.int64], smooth: bool) -> Surface:
    """Return the closed surface that nodes lie on; see `Graph.surface`. It tells how far it is, and can be stopped."""
    report("drawing", 0)
    surface = stoppable(_surface, nodes, edges, smooth)
    report("drawing", 1)
    return surface


def _surface(nodes: NDArray[np.floating[Any]], edges: NDArray[np.int64], smooth: bool) -> Surface:
    middle, extent = _frame(nodes)
    points = (nodes - middle) / extent
    with part(0, 0.25):
        moved, normals = fitted(points, edges)
    if smooth:
        points = moved
    report("drawing", 0.25)
    tetrahedra = delaunay(points)
    report("drawing", 0.7)
    found = sides(tetrahedra, normals)
    if found.contradicted > _MOST_CONTRADICTED:
        raise ValueError(_NOT_CLOSED)
    report("drawing", 0.92)
    outside = manifold(tetrahedra, without_bubbles(tetrahedra, found), found.weights)
    triangles = border(tetrahedra, outside)
    if not len(triangles):
        raise ValueError(_NOT_CLOSED)
    used, numbered = np.unique(triangles, return_inverse=True)
    return Surface(points[used] * extent + middle, numbered.reshape(-1, 3), used, found.normals[used])


_NOT_CLOSED = "surface needs nodes that lie close together on a closed surface, and these have no clear inside"


def _frame(nodes: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], float]:
    """The middle of the nodes and their extent."""
    if nodes.shape[1] != 3:
        raise ValueError(f"surface needs a graph of 3 features, got {nodes.shape[1]}")
    if len(nodes) < 4:
        raise ValueError(f"surface needs at least 4 nodes, got {len(nodes)}")
    low, high = nodes.min(axis=0).astype(np.float64), nodes.max(axis=0).astype(np.float64)
    middle, extent = (low + high) / 2, float((high - low).max())
    thickness = np.linalg.svd((nodes - middle) / (extent or 1.0), compute_uv=False)[-1]
    if thickness < _FLAT:
        raise ValueError("surface needs nodes in space, and these lie in a plane")
    return middle, extent
