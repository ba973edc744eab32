"""Data sets whose groups are known: 35 of all kinds, random mixtures, and large ones.

A set is a function of (n, rng) that returns rows and the group of each, -1 for noise. Those of scikit-learn (digits,
iris, wine) have the rows that they have.
"""

import numpy as np
from sklearn import datasets
from sklearn.preprocessing import StandardScaler


def mixture(n, rng, means, spreads, weights=None):
    """Return n rows of Gaussians: a spread is a standard deviation or a covariance matrix."""
    weights = np.ones(len(means)) if weights is None else np.asarray(weights, float)
    counts = np.maximum(1, np.round(n * weights / weights.sum())).astype(int)
    rows = []
    for mean, spread, count in zip(np.asarray(means, float), spreads, counts, strict=True):
        factor = spread * np.eye(len(mean)) if np.ndim(spread) == 0 else np.linalg.cholesky(spread).T
        rows.append(mean + rng.normal(size=(count, len(mean))) @ factor)
    return np.concatenate(rows), np.repeat(np.arange(len(means)), counts)


def apart(rng, k, d, distance, box):
    """Return k random centres in a box that grows until they lie so far apart."""
    centres = []
    while len(centres) < k:
        centre = rng.uniform(-box, box, d)
        if all(np.linalg.norm(centre - other) >= distance for other in centres):
            centres.append(centre)
        box *= 1.0005
    return np.array(centres)


def on_sphere(rng, k, d, radius):
    centres = rng.normal(size=(k, d))
    return radius * centres / np.linalg.norm(centres, axis=1, keepdims=True)


def with_noise(share, make, pad=0.1):
    """Return the set with so many more rows, as a share, anywhere in the box around it."""

    def noisy(n, rng):
        X, y = make(n, rng)
        low, high = X.min(axis=0), X.max(axis=0)
        margin, more = pad * (high - low), int(share * len(X))
        noise = rng.uniform(low - margin, high + margin, (more, X.shape[1]))
        return np.concatenate([X, noise]), np.concatenate([y, np.full(more, -1)])

    return noisy


def of_sklearn(make, **options):
    return lambda n, rng: make(n, random_state=int(rng.integers(2**31)), **options)


def sklearn_blobs(random_state, spreads, transform=None, **options):
    """Return mixtures around the centres that scikit-learn's examples of cluster analysis have."""
    centres = datasets.make_blobs(3, random_state=random_state, return_centers=True, **options)[2]

    def make(n, rng):
        X, y = mixture(n, rng, centres, spreads)
        return (X if transform is None else X @ np.array(transform)), y

    return make


def fixed(seed, make):
    """Return a set whose centres and shapes are the same for every n: `make(rng)` returns means, spreads, weights."""
    parameters = make(np.random.default_rng(seed))
    return lambda n, rng: mixture(n, rng, *parameters)


def stretched(rng, k, d, shape):
    """Return k covariance matrices with these eigenvalues and random axes."""
    axes = [np.linalg.qr(rng.normal(size=(d, d)))[0] for _ in range(k)]
    return [Q @ np.diag(shape) @ Q.T for Q in axes]


def clouds(n, rng):
    return mixture(n, rng, [[0, 0], [8, 0], [0, 8]], [1, 1, 1], [100, 30, 3])


def spirals(n, rng):
    t, arm = 3 * np.pi * np.sqrt(rng.random(n)), rng.integers(0, 2, n)
    angle = t + np.pi * arm
    return np.c_[t * np.cos(angle), t * np.sin(angle)] + rng.normal(0, 0.25, (n, 2)), arm


def chainlink(n, rng):
    t, ring = rng.uniform(0, 2 * np.pi, n), rng.integers(0, 2, n)
    first = np.c_[np.cos(t), np.sin(t), 0 * t]
    second = np.c_[1 + np.cos(t), 0 * t, np.sin(t)]
    return np.where(ring[:, None] == 0, first, second) + rng.normal(0, 0.08, (n, 3)), ring


def atom(n, rng):
    shell = on_sphere(rng, n - n // 2, 3, 50 + rng.normal(0, 1.5, (n - n // 2, 1)))
    return np.concatenate([rng.normal(0, 5, (n // 2, 3)), shell]), np.repeat([0, 1], [n // 2, n - n // 2])


def diamonds(n, rng):
    side = rng.integers(0, 2, n)
    X = rng.uniform(-1, 1, (n, 2)) @ [[0.5, 0.5], [-0.5, 0.5]]
    return X + np.c_[np.where(side, 1.01, -1.01), np.zeros(n)], side


def wingnut(n, rng):
    """Two rectangles side by side, each densest in the corner that lies at the other one."""
    P = rng.random((12 * n, 2)) * [2.0, 1.5]
    kept = P[rng.random(len(P)) < 0.15 + 0.85 * (P[:, 0] / 4 + P[:, 1] / 3)][: n // 2]
    return np.concatenate([kept, [2.0, 3.35] - kept]), np.repeat([0, 1], len(kept))


def lsun(n, rng):
    quarter, rest = n // 4, n - 2 * (n // 4)
    bars = rng.uniform([0, 0], [0.7, 4], (quarter, 2)), rng.uniform([1.1, 0], [5, 0.7], (quarter, 2))
    return np.concatenate([*bars, rng.normal([3.4, 2.7], 0.42, (rest, 2))]), np.repeat(
        [0, 1, 2], [quarter, quarter, rest]
    )


def one_group(rows):
    return lambda n, rng: (rows(n, rng), np.zeros(n, int))


def measured(name):
    """Return a set of scikit-learn's: real rows, in a random order."""

    def make(n, rng):
        data = getattr(datasets, f"load_{name}")()
        order = rng.permutation(len(data.data))
        X = data.data if name == "digits" else StandardScaler().fit_transform(data.data)
        return X[order], data.target[order]

    return make


moons, circles = datasets.make_moons, datasets.make_circles
SETS = {
    "moons .05": of_sklearn(moons, noise=0.05),
    "moons .12": of_sklearn(moons, noise=0.12),
    "moons + 10 %": with_noise(0.1, of_sklearn(moons, noise=0.05)),
    "circles .05": of_sklearn(circles, noise=0.05, factor=0.5),
    "circles + 10 %": with_noise(0.1, of_sklearn(circles, noise=0.05, factor=0.5)),
    "blobs": sklearn_blobs(8, [1, 1, 1]),
    "blobs, stretched": sklearn_blobs(170, [1, 1, 1], [[0.6, -0.6], [-0.4, 0.8]]),
    "blobs, varied": sklearn_blobs(170, [1, 2.5, 0.5]),
    "clouds": clouds,
    "clouds + 2 %": with_noise(0.02, clouds),
    "clouds + 10 %": with_noise(0.1, clouds),
    "15 blobs, overlap": fixed(5, lambda rng: (rng.uniform(-10, 10, (15, 2)), [0.6] * 15)),
    "8 blobs, unequal": fixed(
        3, lambda rng: (apart(rng, 8, 2, 4, 8), rng.uniform(0.4, 1.3, 8), [1, 2, 3, 4, 6, 8, 10, 12])
    ),
    "spirals": spirals,
    "spirals + 5 %": with_noise(0.05, spirals),
    "chainlink": chainlink,
    "atom": atom,
    "two diamonds": diamonds,
    "wingnut": wingnut,
    "engytime": lambda n, rng: mixture(n, rng, [[0, 0], [3, 3]], [1, 2.2**0.5]),
    "tetra": lambda n, rng: mixture(n, rng, [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], [0.36] * 4),
    "lsun": lsun,
    "square (1 group)": one_group(lambda n, rng: rng.random((n, 2))),
    "5-D cube (1 group)": one_group(lambda n, rng: rng.random((n, 5))),
    "Gaussian (1 group)": one_group(lambda n, rng: rng.normal(size=(n, 2))),
    "8 blobs 3-D, overlap": fixed(4, lambda rng: (apart(rng, 8, 3, 4, 5), [1] * 8)),
    "20 blobs 16-D": fixed(5, lambda rng: (rng.uniform(-10, 10, (20, 16)), [1] * 20)),
    "10 blobs 16-D, overlap": fixed(6, lambda rng: (on_sphere(rng, 10, 16, 4.0), [1] * 10)),
    "15 blobs 64-D": fixed(7, lambda rng: (rng.uniform(-5, 5, (15, 64)), [1] * 15)),
    "10 blobs 64-D, overlap": fixed(8, lambda rng: (on_sphere(rng, 10, 64, 4.5), [1] * 10)),
    "5 stretched 8-D": fixed(9, lambda rng: (apart(rng, 5, 8, 6, 3.5), stretched(rng, 5, 8, np.geomspace(4, 0.05, 8)))),
    "7 blobs, long tail": fixed(10, lambda rng: (apart(rng, 7, 2, 7, 12), [1] * 7, [1000, 300, 100, 30, 10, 3, 1])),
    "digits": measured("digits"),
    "iris": measured("iris"),
    "wine": measured("wine"),
}


def random_mixture(n, rng):
    """Return 2 to 12 Gaussians of random shape, share and distance in 2 to 16 dimensions, half of them in 5 % noise."""
    d, k = int(rng.choice([2, 2, 3, 4, 5, 8, 16])), int(rng.integers(2, 13))
    centres = apart(rng, k, d, rng.uniform(4, 7), 1.5 * k ** (1 / d) + 2)
    shapes = [np.exp(rng.uniform(-0.7, 0.7, d)) ** 2 for _ in range(k)]
    spreads = [stretched(rng, 1, d, shape)[0] for shape in shapes]
    weights = np.exp(rng.uniform(0, rng.choice([0.5, 2.0]), k))

    def make(n, rng):
        return mixture(n, rng, centres, spreads, weights)

    return (with_noise(0.05, make) if rng.random() < 0.5 else make)(n, rng)


#: Five sets in the plane, for a million rows or more.
LARGE = ("15 blobs, overlap", "clouds + 2 %", "8 blobs, unequal", "moons + 10 %", "spirals")


def rows_of(make, n, seed):
    """Return float32 rows in random order, below 20 columns standardised, and their groups."""
    rng = np.random.default_rng(seed)
    X, y = make(n, rng)
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    if X.shape[1] < 20:
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    return np.ascontiguousarray(X, np.float32), y
