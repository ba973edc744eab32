"""What the parameters do: the figures of docs/parameters.md.

    python bench/quality/parameters.py

It takes minutes, and needs scikit-learn.

Shapes: mean distance to the nearest of 200 nodes, by that to the nearest of 200 k-means centres, and edges per node.
Codebooks: what `fit` makes without an option, against as many centres of k-means and of faiss (if that is installed).
Clusters: three clouds of 10,000, 3,000 and 300 points, without and with 2 % noise, 150 nodes: connected components, and
how well they match the clouds (adjusted Rand index). All are means over 5 seeds.
"""

import time

import numpy as np
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import scale

from gng_fast import GrowingNeuralGas, Network

SEEDS = range(5)
N_NODES, N_SIGNALS = 200, 200_000
CONSTANT = {"eps_b_end": None, "eps_n_end": None}
SLOW = {"eps_b": 0.05, "eps_n": 0.0006}
VARIED = [
    {},
    *({"eps_b": value} for value in (0.5, 0.1, 0.05, 0.02)), *({"eps_n": value} for value in (0.06, 0.02, 0.0006, 0)),
    *({"max_age": value} for value in (10, 25, 100, 200, 1000)), *({"lam": value} for value in (10, 50, 200, 900)),
    *({"alpha": value} for value in (0.1, 0.9)), *({"decay": value} for value in (0.9, 0.999, 1)),
    *({"n_signals": value} for value in (25_000, 50_000, 1_000_000)), SLOW, {"refine": True},
    {"eps_b_end": 0.02, "eps_n_end": 0.0006}, {"eps_b_end": 0.01, "eps_n_end": 0.0001},
    {"eps_b_end": 0.01, "eps_n_end": 0.0001, "refine": True},
]  # fmt: skip
SHAPES = [{}, {"n_signals": None}, {"refine": True}, *(CONSTANT | given for given in VARIED)]
CLUSTERS = [
    {},
    *(CONSTANT | {"max_age": value} for value in (5, 10, 25, 50, 100, 200)),
    *(CONSTANT | {"decay": value} for value in (0.9, 1)),
    CONSTANT | SLOW,
    CONSTANT | {"refine": True},
    CONSTANT | {"refine": True, "max_age": 10},
]


def shapes():
    """A square, a swiss roll and scikit-learn's digits."""
    rng = np.random.default_rng(0)
    square, turn = rng.random((20_000, 2)), 1.5 * np.pi * (1 + 2 * rng.random(20_000))
    roll = np.column_stack([turn * np.cos(turn), 21 * rng.random(20_000), turn * np.sin(turn)])
    return {"square, 2-D": square, "roll, 3-D": roll, "digits, 64-D": datasets.load_digits().data}


def clouds():
    """The points, which cloud each belongs to, and noise."""
    rng, sizes = np.random.default_rng(1), (10_000, 3000, 300)
    points = [rng.normal(centre, 0.5, size=(n, 2)) for centre, n in zip(((0, 0), (4, 0), (2, 3.5)), sizes)]
    return np.concatenate(points), np.repeat(range(3), sizes), rng.uniform((-3, -3), (7, 6), size=(270, 2))


def fits(X, n_nodes, n_signals, **parameters):
    for seed in SEEDS:
        n_epochs = n_signals and n_signals / len(X)
        yield GrowingNeuralGas(n_nodes, n_epochs=n_epochs, clusters="components", random_state=seed, **parameters).fit(
            X
        )


def codebooks():
    """Name -> data: what people have, and what codebooks are measured on."""
    square, angle = np.random.default_rng(0).uniform((0.25, 0), (1, 2 * np.pi), (200_000, 2)).T
    radius = np.sqrt(square)
    return {
        "iris": datasets.load_iris().data,
        "wine, standardised": scale(datasets.load_wine().data),
        "moons": datasets.make_moons(1000, noise=0.05, random_state=0)[0],
        "digits": datasets.load_digits().data,
        "2-D Gaussian": np.random.default_rng(3).normal(size=(5000, 2)),
        "8-D Gaussian": np.random.default_rng(3).normal(size=(5000, 8)),
        "16-D blobs": datasets.make_blobs(100_000, 16, centers=20, random_state=0)[0],
        "annulus": np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]),
    }


def timed(make):
    start = time.process_time()
    return make(), time.process_time() - start


def faiss_centres(X, n_nodes):
    """The centres of faiss' k-means in one thread, None if faiss is not installed."""
    try:
        import faiss
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    means = faiss.Kmeans(X.shape[1], n_nodes, seed=1, min_points_per_centroid=1)
    means.train(X)
    return means.centroids


def print_codebooks():
    """Mean distances, by that of k-means, and CPU seconds; k-means in one thread with OMP_NUM_THREADS=1."""
    for name, X in codebooks().items():
        X = X.astype(np.float32)
        made = [timed(lambda seed=seed: GrowingNeuralGas(random_state=seed).fit(X)) for seed in SEEDS]
        n_nodes = made[0][0].graph_.n_nodes
        means, seconds = timed(lambda X=X, n_nodes=n_nodes: KMeans(n_nodes, n_init=1, random_state=0).fit(X))
        best = distance_to(means.cluster_centers_, X)
        ours = np.mean([(model.quantization_error(X) / best, cpu) for model, cpu in made], axis=0)
        line = f"{name:20} {n_nodes} nodes: {ours[0]:.4f} of k-means, {ours[1]:.3f} s; k-means {seconds:.3f} s"
        centres, seconds = timed(lambda X=X, n_nodes=n_nodes: faiss_centres(X, n_nodes))
        print(line if centres is None else f"{line}; faiss {distance_to(centres, X) / best:.4f}, {seconds:.3f} s")


def distance_to(centres, X):
    """Mean distance to the nearest centre."""
    network = Network(X.shape[1], max_nodes=len(centres))
    network.start(centres)
    return network.nearest(X)[1].mean(dtype=float)


def main():
    print_codebooks()
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
