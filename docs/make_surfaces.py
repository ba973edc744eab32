"""Make the picture of docs/surfaces.md: four shapes of bench/quality/surfaces.py, as points and as surfaces.

python docs/make_surfaces.py
"""

import sys
from pathlib import Path

import matplotlib as mpl
from PIL import Image

from gng_fast import GrowingNeuralGas

mpl.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "bench" / "quality"))
import surfaces  # noqa: E402  a script's module

N_POINTS, N_NODES, N_SHOWN = 50_000, 1500, 5000


def main() -> None:
    """Draw it."""
    figure = plt.figure(figsize=(12, 5), dpi=100, layout="constrained")
    for column, (name, shape) in enumerate(surfaces.SHAPES.items(), start=1):
        points = surfaces.sample(shape, N_POINTS, surfaces.NOISE, 0)
        surface = GrowingNeuralGas(N_NODES, random_state=0).fit(points).graph_.surface()
        if name == "nested":  # cut open
            points = points[points[:, 1] > 0]
            kept = (surface.vertices[surface.triangles][:, :, 1] > 0).all(axis=1)
        else:
            kept = slice(None)
        for row in 0, 4:
            axis = figure.add_subplot(2, 4, column + row, projection="3d", azim=-70, elev=35)
            if row == 0:
                axis.scatter(*points[:N_SHOWN].T, s=0.6, c="#335577", linewidths=0)
                axis.set_title(f"{name}: Euler characteristic {surface.euler_characteristic}")
            else:
                axis.plot_trisurf(
                    *surface.vertices.T, triangles=surface.triangles[kept], color="#d8dee8", edgecolor="#335577",
                    linewidth=0.25,
                )  # fmt: skip
            axis.set_aspect("equal")
            axis.set_axis_off()
    plt.savefig(HERE / "surfaces.png")
    Image.open(HERE / "surfaces.png").convert("RGB").quantize(48).save(HERE / "surfaces.png", optimize=True)


if __name__ == "__main__":
    main()
