"""The closed surface through points with normals: the border between tetrahedra outside and tetrahedra inside.

1. The tetrahedra of Delaunay fill the convex hull of the points.
2. Seen from a point, the centre of the sphere around a tetrahedron lies on the side that its normal points to, or on
   the other. Which way normals point, and so what is outside, follows from what is beyond the hull: point by point and
   tetrahedron by tetrahedron, the clearest relations first (a minimum spanning tree).
3. A tetrahedron is outside if its centre is, by the mean of its four points' tangent planes. The triangles between
   outside and inside are then those whose dual edge of Voronoi crosses the surface: the restricted triangulation of
   Delaunay, which has the topology of the surface where points lie dense enough: N. Amenta, M. Bern, "Surface
   reconstruction by Voronoi filtering", Discrete & Computational Geometry 22, 1999.
4. What is between outside and inside is closed and has two sides, whatever the points. Where it touches itself, the
   tetrahedra of least weight change sides until every point has one fan of triangles around it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gng_fast.optional import need

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The corners of the facet across from each corner, counter-clockwise seen from outside of the tetrahedron.
_FACETS = np.array([[1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1]])
# Points on one sphere or in one plane have no one triangulation; moved by so much of their extent they do.
_JOGGLE = 1e-9
# The cosine between a normal and the direction to a centre that says clearly on which side the centre is.
_CLEAR = 0.5
# The tetrahedron that stands for all that is beyond the hull: -1, as among the neighbours of SciPy.
_BEYOND = -1


class Tetrahedra(NamedTuple):
    """The tetrahedra of Delaunay.

    Attributes
    ----------
    points : (n, 3) ndarray of float64
    corners : (t, 4) ndarray of int64
        Points of each tetrahedron, such that its volume is positive.
    neighbours : (t, 4) ndarray of int64
        The tetrahedron across from each corner, or -1.
    centres : (t, 3) ndarray of float64
        Of the spheres around them.
    """

    points: Reals
    corners: Ints
    neighbours: Ints
    centres: Reals


def delaunay(points: Reals) -> Tetrahedra:
    """Return the tetrahedra of points whose extent is about 1."""
    points = points + np.random.default_rng(0).uniform(-_JOGGLE, _JOGGLE, points.shape)
    made = need("scipy.spatial", "surface", extra="graph").Delaunay(points)
    corners, neighbours = made.simplices.astype(np.int64), made.neighbors.astype(np.int64)
    first = points[corners[:, 0]]
    a, b, c = np.moveaxis(points[corners[:, 1:]] - first[:, None], 1, 0)
    volumes = (a * np.cross(b, c)).sum(axis=1, keepdims=True)
    squares = [(edge**2).sum(axis=1, keepdims=True) / 2 for edge in (a, b, c)]
    numerators = squares[0] * np.cross(b, c) + squares[1] * np.cross(c, a) + squares[2] * np.cross(a, b)
    centres = first + numerators / np.where(volumes == 0, 1.0, volumes)
    inverted = volumes[:, 0] < 0
    for array in corners, neighbours:
        array[inverted, :2] = array[inverted, 1::-1]
    return Tetrahedra(points, corners, neighbours, centres)


class Sides(NamedTuple):
    """On which side of the surface tetrahedra lie.

    Attributes
    ----------
    outside : (t,) ndarray of bool
    weights : (t,) ndarray of float64
        How far their centres are from the surface.
    clear : (t,) ndarray of bool
        Whether that is beyond doubt.
    normals : (n, 3) ndarray of float64
        The normals of the points, which now point outwards.
    contradicted : float
        Share of the clear relations between points and tetrahedra that do not hold.
    """

    outside: NDArray[np.bool_]
    weights: Reals
    clear: NDArray[np.bool_]
    normals: Reals
    contradicted: float


def sides(tetrahedra: Tetrahedra, normals: Reals) -> Sides:
    """Return on which side of the surface the tetrahedra lie; the signs of the normals are found, too."""
    points, corners, _, centres = tetrahedra
    towards = centres[:, None] - points[corners]
    heights: Reals = (normals[corners] * towards).sum(axis=2)
    with np.errstate(all="ignore"):
        cosines = np.nan_to_num(heights / np.linalg.norm(towards, axis=2))
    point, tetrahedron, cosine = _relations(tetrahedra, normals, cosines)
    signs = _signs(len(points), len(corners) + 1, point, tetrahedron, cosine)
    of_points = signs[: len(points)]
    holds = of_points[point] * signs[len(points) + tetrahedron] * cosine > 0
    contradicted = 1 - float(holds[np.abs(cosine) > _CLEAR].mean())
    mean = (of_points[corners] * heights).mean(axis=1)
    agreeing = (of_points[corners] * cosines * np.sign(mean)[:, None]).min(axis=1) > _CLEAR
    return Sides(mean > 0, np.abs(mean), agreeing, normals * of_points[:, None], contradicted)


def _relations(tetrahedra: Tetrahedra, normals: Reals, cosines: Reals) -> tuple[Ints, Ints, Reals]:
    """Points, tetrahedra and the cosines between them, those of what is beyond the hull last, as tetrahedron t."""
    points, corners, neighbours, _ = tetrahedra
    at, across = np.nonzero(neighbours == _BEYOND)
    hull = corners[at[:, None], _FACETS[across]]
    a, b, c = np.moveaxis(points[hull], 1, 0)
    outwards = np.cross(b - a, c - a)
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    beyond = (normals[hull] * outwards[:, None]).sum(axis=2)
    # of the facets at a point the one that it sees most clearly speaks for the point
    order = np.lexsort((-np.abs(beyond.ravel()), hull.ravel()))
    point, first = np.unique(hull.ravel()[order], return_index=True)
    tetrahedron = np.repeat(np.arange(len(corners) + 1), [4] * len(corners) + [len(point)])
    return (
        np.concatenate([corners.ravel(), point]),
        tetrahedron,
        np.concatenate([cosines.ravel(), beyond.ravel()[order][first]]),
    )


def _signs(n_points: int, n_tetrahedra: int, point: Ints, tetrahedron: Ints, cosine: Reals) -> Reals:
    """1 or -1 for each point, whether its normal points outwards, and each tetrahedron, whether it is outside.

    The last tetrahedron is outside. Each other is told by the one before it in a tree of the clearest relations.
    """
    sparse = need("scipy.sparse", "surface", extra="graph")
    csgraph = need("scipy.sparse.csgraph", "surface", extra="graph")
    n = n_points + n_tetrahedra

    def matrix(values: Reals) -> Any:
        return sparse.csr_array((values, (point, n_points + tetrahedron)), shape=(n, n))

    tree = csgraph.minimum_spanning_tree(matrix(2 - np.abs(cosine)))  # none of them is 0, which would be no edge
    order, before = csgraph.breadth_first_order(tree, n - 1, directed=False)
    relation = matrix(np.where(cosine < 0, -1.0, 1.0))
    told = order[1:]
    related = np.asarray((relation + relation.T)[told, before[told]]).ravel()
    signs = [1.0] * n
    for one, by, sign in zip(told.tolist(), before[told].tolist(), related.tolist()):
        signs[one] = signs[by] * sign
    return np.array(signs)


def without_bubbles(tetrahedra: Tetrahedra, sides: Sides) -> NDArray[np.bool_]:
    """Return which tetrahedra are outside after regions of one side have changed it where no tetrahedron is clear."""
    sparse = need("scipy.sparse", "surface", extra="graph")
    csgraph = need("scipy.sparse.csgraph", "surface", extra="graph")
    outside, n = np.append(sides.outside, True), len(sides.outside)
    one, other = np.repeat(np.arange(n), 4), tetrahedra.neighbours.ravel() % (n + 1)
    same = outside[one] == outside[other]
    links = sparse.csr_array((np.ones(same.sum()), (one[same], other[same])), shape=(n + 1, n + 1))
    regions = csgraph.connected_components(links, directed=False)[1]
    genuine = np.zeros(regions.max() + 1, bool)
    genuine[regions[:-1][sides.clear]] = True
    genuine[regions[-1]] = True
    changed: NDArray[np.bool_] = (outside == genuine[regions])[:-1]
    return changed


def border(tetrahedra: Tetrahedra, outside: NDArray[np.bool_]) -> Ints:
    """Return the triangles between outside and inside, (m, 3), counter-clockwise seen from outside."""
    beyond = np.append(outside, True)
    at, across = np.nonzero(~outside[:, None] & beyond[tetrahedra.neighbours])
    triangles: Ints = tetrahedra.corners[at[:, None], _FACETS[across]]
    return triangles
