"""Are the surfaces of trained graphs right? Topology, manifoldness and distance on four shapes, by nodes and seeds.

python bench/quality/surfaces.py [--nodes 1000,5000,20000] [--seeds 5] [--others]

--others: ball pivoting and Poisson reconstruction of Open3D beside it, on the nodes and on the points, if it is there
"""

import argparse
import time
from typing import NamedTuple

import numpy as np

from gng_fast import GrowingNeuralGas

NOISE = 0.01
N_POINTS = 200_000


# ---- shapes: functions that are 0 on the surface, and negative inside ----------------------------------------------


def torus(points):
    """The inside of a torus of radii 1 and .4."""
    return ring(points, 0.0, 1.0, 0.4)


def ring(points, x, radius, thickness):
    """A torus whose middle lies at x."""
    return np.hypot(np.hypot(points[:, 0] - x, points[:, 1]) - radius, points[:, 2]) - thickness


def bumpy(points):
    """A sphere with hills and valleys."""
    radius = np.linalg.norm(points, axis=1)
    x, y, z = points.T / np.maximum(radius, 1e-9)
    return radius - (1 + 0.15 * np.sin(5 * x) * np.cos(4 * y) + 0.1 * np.sin(6 * z))


def genus2(points):
    """Two rings grown together."""
    left, right = ring(points, -0.8, 0.7, 0.25), ring(points, 0.8, 0.7, 0.25)
    blend = 0.15
    overlap = np.maximum(blend - np.abs(left - right), 0) / blend
    return np.minimum(left, right) - overlap**2 * blend / 4


def nested(points):
    """What lies between spheres of radii .6 and 1."""
    radius = np.linalg.norm(points, axis=1)
    return np.where(radius > 0.8, radius - 1, 0.6 - radius)


class Shape(NamedTuple):
    """A shape, its Euler characteristic, and half the sides of a box around it."""

    function: object
    euler_characteristic: int
    box: tuple[float, float, float]


SHAPES = {
    "torus": Shape(torus, 0, (1.5, 1.5, 0.5)),
    "bumpy": Shape(bumpy, 2, (1.35, 1.35, 1.35)),
    "genus2": Shape(genus2, -2, (1.85, 1.1, 0.4)),
    "nested": Shape(nested, 4, (1.1, 1.1, 1.1)),
}


def gradient(function, points, step=1e-5):
    """By differences."""
    return np.stack([function(points + step * axis) - function(points - step * axis) for axis in np.eye(3)], 1) / (
        2 * step
    )


def distance(shape, points):
    """How far points are from the surface, to first order."""
    return np.abs(shape.function(points)) / np.linalg.norm(gradient(shape.function, points), axis=1)


def sample(shape, n, noise, seed):
    """Draw points that lie evenly on the surface, but for Gaussian noise, (n, 3) float32."""
    random, drawn = np.random.default_rng(seed), []
    while sum(map(len, drawn)) < n:
        points = random.uniform(-1, 1, (5 * n, 3)) * shape.box
        points = points[np.abs(shape.function(points)) < 0.05]
        points = points[distance(shape, points) < 0.02]
        for _ in range(3):
            slope = gradient(shape.function, points)
            points = points - (shape.function(points) / (slope**2).sum(1))[:, None] * slope
        drawn.append(points)
    points = np.concatenate(drawn)[:n]
    return (points + random.normal(0, noise, points.shape)).astype(np.float32)


# ---- measures ------------------------------------------------------------------------------------------------------


def euler_characteristic(triangles):
    """Vertices that are used - edges + triangles."""
    edges = np.unique(np.sort(half_edges(triangles), axis=1), axis=0)
    return len(np.unique(triangles)) - len(edges) + len(triangles)


def half_edges(triangles):
    """The edges of each triangle, as it runs along them."""
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def is_closed(triangles):
    """Whether each edge is in two triangles that run along it in opposite directions."""
    edges = half_edges(triangles)
    there = np.unique(edges, axis=0)
    return len(there) == len(edges) and np.array_equal(there, np.unique(edges[:, ::-1], axis=0))


def is_manifold(triangles):
    """Whether it is closed and each vertex has one fan of triangles: one can walk around it and meet all of them."""
    if not is_closed(triangles):
        return False
    after = {}
    for a, b, c in triangles.tolist():
        for corner, one, other in (a, b, c), (b, c, a), (c, a, b):
            after.setdefault(corner, {})[one] = other
    for links in after.values():
        start = at = next(iter(links))
        for _ in range(len(links) - 1):
            at = links[at]
            if at == start:
                return False
    return True


def mean_distance(shape, vertices, triangles):
    """Mean distance of points on the triangles to the surface."""
    random = np.random.default_rng(0)
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = random.choice(len(triangles), 20_000, p=areas / areas.sum())
    u, v = random.random((2, 20_000))
    u, v = np.where(u + v > 1, [1 - u, 1 - v], [u, v])[:, :, None]
    return distance(shape, a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]).mean()


# ---- the table -----------------------------------------------------------------------------------------------------


def row(name, shape, vertices, triangles, seconds):
    """Print a line of the table; return whether the surface is right."""
    chi, manifold = euler_characteristic(triangles), is_manifold(triangles)
    error = mean_distance(shape, vertices, triangles)
    right = chi == shape.euler_characteristic and manifold
    print(
        f"{name:32s} {seconds:6.2f} s  chi {chi:5d} of {shape.euler_characteristic:2d}  "
        f"{'manifold' if manifold else '-':8s}  distance {error:.4f}  {'right' if right else 'WRONG'}",
        flush=True,
    )
    return right and error < NOISE / 2


def compare(name, shape, graph, points):
    """Print what Open3D makes of the nodes, with the normals of our surface, and of the points, with its own."""
    import open3d

    surface = graph.surface()
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(surface.vertices.copy()))
    cloud.normals = open3d.utility.Vector3dVector(surface.normals.copy())
    spacing = np.median(graph.edge_lengths())
    radii = open3d.utility.DoubleVector(spacing * np.array([0.8, 1.2, 2.0, 4.0]))
    mesh_type = open3d.geometry.TriangleMesh
    started = time.perf_counter()
    mesh = mesh_type.create_from_point_cloud_ball_pivoting(cloud, radii)
    seconds = time.perf_counter() - started
    row(f"  ball pivoting, {name}", shape, np.asarray(mesh.vertices), np.asarray(mesh.triangles), seconds)
    started = time.perf_counter()
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(points.astype(float)))
    cloud.estimate_normals()
    cloud.orient_normals_consistent_tangent_plane(10)
    mesh = mesh_type.create_from_point_cloud_poisson(cloud, depth=8)[0]
    seconds = time.perf_counter() - started
    row(f"  Poisson, {name}", shape, np.asarray(mesh.vertices), np.asarray(mesh.triangles), seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", default="1000,5000,20000")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--others", action="store_true")
    options = parser.parse_args()
    for n_nodes in map(int, options.nodes.split(",")):
        right = runs = 0
        for name, shape in SHAPES.items():
            for seed in range(options.seeds):
                points = sample(shape, N_POINTS, NOISE, seed)
                graph = GrowingNeuralGas(n_nodes, random_state=seed).fit(points).graph_
                started = time.perf_counter()
                surface = graph.surface()
                seconds = time.perf_counter() - started
                label = f"{name}, {n_nodes} nodes, seed {seed}"
                right += row(label, shape, surface.vertices, surface.triangles, seconds)
                runs += 1
                if options.others and seed == 0:
                    compare(f"{name}, {n_nodes}", shape, graph, points)
        print(f"{n_nodes} nodes: {right} of {runs} right, and nearer than half the noise\n", flush=True)


if __name__ == "__main__":
    main()
