"""Fits over partitions on Dask against a single run: quality, time with one and with two workers, pictures.

    python bench/distributed/machines.py [--rows-2d 20000000] [--rows-16d 5000000] [--nodes 1000 ...]
                                          [--repeats 3] [--threads] [--pictures 200]

The single run is one annealed epoch over all rows in one place. Data is written into a temporary folder, one file for
each partition, in random order (each partition has a part of everything) or sorted by position (each has a part of the
shape).
"""

import argparse
import os
import resource
import signal
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from distributed import Client, LocalCluster

from gng_fast import GrowingNeuralGas, distributed, recipes


def annulus(n, rng):
    """Uniform on the ring between radius 0.5 and 1."""
    radius, angle = np.sqrt(rng.uniform(0.25, 1, n)), rng.uniform(0, 2 * np.pi, n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)


def gaussians(n, rng):
    """20 Gaussians far apart, of sizes 1 to 20 and weights 1 to 50."""
    places = np.stack(np.divmod(np.arange(20), 5), axis=1) * 300.0
    kinds = np.random.default_rng(5)
    size, weight = kinds.permutation(np.geomspace(1, 20, 20)), kinds.permutation(np.geomspace(1, 50, 20))
    which = rng.choice(20, n, p=weight / weight.sum())
    return (places[which] + rng.standard_normal((n, 2)) * size[which, np.newaxis]).astype(np.float32)


def blobs(n, rng):
    """20 Gaussians of size 1 at random places of [-10, 10]^16."""
    places = np.random.default_rng(6).uniform(-10, 10, (20, 16))
    return (places[rng.integers(0, 20, n)] + rng.standard_normal((n, 16))).astype(np.float32)


def written(X, n_parts, sort, folder):
    """The files of the partitions, memory-mapped."""
    if sort:
        X = X[np.argsort(X[:, 0], kind="stable")]
    files = [Path(folder, f"{part:03}.npy") for part in range(n_parts)]
    for file, part in zip(files, np.array_split(X, n_parts), strict=True):
        np.save(file, part)
    return [np.load(file, mmap_mode="r") for file in files]


def described(model, X):
    """Quantisation error, components, edges per node."""
    graph = model.graph_
    return model.quantization_error(X), graph.n_components, graph.n_edges / graph.n_nodes


def timed(work):
    """What `work` returns, and the seconds it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def compare(name, X, n_nodes, n_parts, sort, clients, repeats, kill):
    """A row: the result against the single run, and the median seconds of each number of workers, which take turns."""
    with tempfile.TemporaryDirectory() as folder:
        parts = written(X, n_parts, sort, folder)
        seconds, models = [[] for _ in clients], []
        for _ in range(repeats):
            for client, took in zip(clients, seconds, strict=True):
                model, one = timed(
                    lambda client=client: distributed.fit(parts, client, max_nodes=n_nodes, random_state=0)
                )
                models.append(model)
                took.append(one)
        seconds = [statistics.median(took) for took in seconds]
        same = all(model.graph_ == models[0].graph_ for model in models)
        if kill:
            same &= killed(parts, n_nodes).graph_ == models[0].graph_
    error, components, edges = described(models[0], X)
    base = SINGLE.get((name, n_nodes))
    if base is None:
        single, took = timed(
            lambda: GrowingNeuralGas(n_nodes, n_epochs=1, eps_b_end=0.01, eps_n_end=0.0001, random_state=0).fit(X)
        )
        base = SINGLE[name, n_nodes] = *described(single, X), took
    print(
        f"{name:9} {n_nodes:6} nodes {n_parts:3} {'sorted' if sort else 'random'} parts: error {error / base[0]:.4f} "
        f"of the single run's, components {components} ({base[1]}), edges a node {edges:.2f} ({base[2]:.2f}); "
        f"{' / '.join(f'{one:.1f}' for one in seconds)} s with "
        f"{' / '.join(map(str, range(1, len(clients) + 1)))} workers"
        f" = {seconds[0] / seconds[-1]:.2f}x (single run {base[3]:.1f} s); "
        f"same bytes{', a worker killed too' if kill else ''}: {same}",
        flush=True,
    )


SINGLE = {}


def killed(parts, n_nodes):
    """The fit, with one of two workers killed in the middle of the first pass over all data."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))

        def kill(done, total):
            if done == total - 2 * len(parts) - len(parts) // 2:
                os.kill(victim, signal.SIGKILL)

        return distributed.fit(parts, client, max_nodes=n_nodes, random_state=0, callback=kill)


def pictures(n, clients):
    """`n` drawings of a photo with one worker and with two, one of the pictures broken."""
    from PIL import Image
    from skimage import data

    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        rng = np.random.default_rng(0)
        for i in range(n):
            left, top = rng.integers(0, 256, 2)
            Image.fromarray(data.astronaut()[top : top + 256, left : left + 256]).save(photos / f"{i:03}.jpg")
        (photos / f"{n // 2:03}.jpg").write_bytes(b"broken")
        seconds = []
        for client in clients:
            client.run(recipes.make, "astronaut", nodes=100)  # imports on every worker
            drawn, took = timed(lambda client=client: distributed.draw_many(photos, Path(folder, "out"), client))
            seconds.append(took)
            errors = [one.error for one in drawn if one.error]
            print(f"{n} pictures: {took:.1f} s, {len(drawn) - len(errors)} drawn, errors: {errors}", flush=True)
        print(f"{seconds[0] / seconds[-1]:.2f}x with {len(clients)} workers")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows-2d", type=int, default=20_000_000)
    parser.add_argument("--rows-16d", type=int, default=5_000_000)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1000])
    parser.add_argument("--parts", type=int, nargs="*", default=[16, 64])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", action="store_true", help="workers are threads of one process")
    parser.add_argument("--data", nargs="*", default=["annulus", "gaussians", "blobs"])
    parser.add_argument("--pictures", type=int, default=200)
    options = parser.parse_args()
    kinds = {
        "annulus": (annulus, options.rows_2d),
        "gaussians": (gaussians, options.rows_16d),
        "blobs": (blobs, options.rows_16d),
    }

    def cluster(n):
        workers = (
            {"n_workers": 1, "threads_per_worker": n} if options.threads else {"n_workers": n, "threads_per_worker": 1}
        )
        return LocalCluster(processes=not options.threads, dashboard_address=":0", **workers)

    with cluster(1) as one, cluster(2) as two, Client(one) as first, Client(two) as second:
        for name in options.data:
            make, rows = kinds[name]
            X = make(rows, np.random.default_rng(1))
            for n_nodes in options.nodes:
                for n_parts in options.parts:
                    for sort in False, True:
                        compare(
                            name,
                            X,
                            n_nodes,
                            n_parts,
                            sort,
                            (first, second),
                            options.repeats,
                            kill=n_parts == options.parts[0] and sort and not options.threads,
                        )
        if options.pictures:
            pictures(options.pictures, (first, second))
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


if __name__ == "__main__":
    main()
