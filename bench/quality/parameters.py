"""What the parameters do: the figures of docs/parameters.md.

    python bench/quality/parameters.py

It takes minutes, and needs scikit-learn.

Shapes: mean distance to the nearest of 200 nodes, by that to the nearest of 200 k-means centres, and edges per node.
Clusters: three clouds of 10,000, 3,000 and 300 points, without and with 2 % noise, 150 nodes: connected components, and
how well they match the clouds (adjusted Rand index). All are means over 5 seeds.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.metrics import adjusted_rand_score

from gng_fast import GrowingNeuralGas

SEEDS = range(5)
N_NODES, N_SIGNALS = 200, 200_000
SLOW = {"eps_b": 0.05, "eps_n": 0.0006}
SHAPES = [
    {},
    *({"eps_b": value} for value in (0.5, 0.1, 0.05, 0.02)), *({"eps_n": value} for value in (0.06, 0.02, 0.0006, 0)),
    *({"max_age": value} for value in (10, 25, 100, 200, 1000)), *({"lam": value} for value in (10, 50, 200, 900)),
    *({"alpha": value} for value in (0.1, 0.9)), *({"decay": value} for value in (0.9, 0.999, 1)),
    *({"n_signals": value} for value in (25_000, 50_000, 1_000_000)), SLOW,
    {"eps_b_end": 0.02, "eps_n_end": 0.0006}, {"eps_b_end": 0.01, "eps_n_end": 0.0001}, {"refine": True},
    {"eps_b_end": 0.01, "eps_n_end": 0.0001, "refine": True},
]  # fmt: skip
CLUSTERS = [
    *({"max_age": value} for value in (5, 10, 25, 50, 100, 200)),
    *({"decay": value} for value in (0.9, 1)),
    SLOW,
    {"refine": True},
    {"refine": True, "max_age": 10},
]


def shapes():
    """A square, a swiss roll and scikit-learn's digits."""
    rng = np.random.default_rng(0)
    square, turn = rng.random((20_000, 2)), 1.5 * np.pi * (1 + 2 * rng.random(20_000))
    roll = np.column_stack([turn * np.cos(turn), 21 * rng.random(20_000), turn * np.sin(turn)])
    return {"square, 2-D": square, "roll, 3-D": roll, "digits, 64-D": load_digits().data}


def clouds():
    """The points, which cloud each belongs to, and noise."""
    rng, sizes = np.random.default_rng(1), (10_000, 3000, 300)
    points = [rng.normal(centre, 0.5, size=(n, 2)) for centre, n in zip(((0, 0), (4, 0), (2, 3.5)), sizes)]
    return np.concatenate(points), np.repeat(range(3), sizes), rng.uniform((-3, -3), (7, 6), size=(270, 2))


def fits(X, n_nodes, n_signals, **parameters):
    for seed in SEEDS:
        yield GrowingNeuralGas(n_nodes, n_epochs=n_signals / len(X), random_state=seed, **parameters).fit(X)


def main():
    for name, X in shapes().items():
        means = KMeans(N_NODES, n_init=1, max_iter=100, random_state=0).fit(X)
        best = np.linalg.norm(X - means.cluster_centers_[means.labels_], axis=1).mean()
        for given in SHAPES:
            found = [
                (model.quantization_error(X) / best, 2 * model.graph_.n_edges / N_NODES)
                for model in fits(X, N_NODES, **{"n_signals": N_SIGNALS, **given})
            ]
            ratio, edges = np.mean(found, axis=0)
            print(f"{name:14}{given or 'defaults'!s:56} {ratio:.3f} of k-means, {edges:.1f} edges a node")
    X, cloud, noise = clouds()
    for name, data in {"clean": X, "noisy": np.concatenate([X, noise])}.items():
        for given in CLUSTERS:
            found = [
                (model.graph_.n_components, adjusted_rand_score(cloud, model.predict(X)))
                for model in fits(data, 150, 20 * len(data), **given)
            ]
            components, index = np.mean(found, axis=0)
            print(f"{name:14}{given!s:56} {components:.1f} components, index {index:.2f}")


if __name__ == "__main__":
    main()
