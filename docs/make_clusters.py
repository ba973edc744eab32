"""Make the pictures of docs/clusters.md: six sets of bench/clusters with their clusters, and a persistence diagram.

python docs/make_clusters.py
"""

import sys
from pathlib import Path

import matplotlib as mpl

from gng_fast import GrowingNeuralGas

mpl.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "bench" / "clusters"))
import sets  # noqa: E402  a script's module

SHOWN = ("moons + 10 %", "spirals", "15 blobs, overlap", "clouds + 2 %", "two diamonds", "blobs, varied")
N_ROWS, COLOURS = 3000, plt.colormaps["tab20"]


def main() -> None:
    """Draw them."""
    _, axes = plt.subplots(2, 3, figsize=(9, 6), dpi=100, layout="constrained")
    for name, axis in zip(SHOWN, axes.flat, strict=True):
        X, _ = sets.rows_of(sets.SETS[name], N_ROWS, 0)
        model = GrowingNeuralGas(random_state=0).fit(X)
        axis.scatter(*X.T, s=1.5, c=COLOURS(model.labels_ % 20), linewidths=0)
        axis.set(title=f"{name}: {model.n_clusters_}", xticks=[], yticks=[], aspect="equal")
        if name == "15 blobs, overlap":
            model.persistence_.save(HERE / "persistence.svg")
    plt.savefig(HERE / "clusters.png", pil_kwargs={"optimize": True})


if __name__ == "__main__":
    main()
