"""How good are clusters, and what do they cost? Against HDBSCAN, KMeans, and where they are installed fast_hdbscan and
genieclust.

    python bench/clusters/table.py [--rows 300 3000] [--seeds 3] [--sets PATTERN] [--mixtures 40] [--large 1000000]
                                   [--methods PATTERN] [--each] [--markdown FILE]

For every set (`sets.py`) and seed: the adjusted Rand index between groups and clusters over the rows that belong to a
group, where what a method calls noise is a cluster of its own, and the CPU seconds of one thread. Methods run at their
defaults; those "told k" are told how many groups there are. --mixtures is the number of random mixtures, on which
nothing was ever tuned. --large is a number of rows in the plane for those that can, each in a process of its own, whose
peak memory is measured. --each prints every set, too.
"""

import argparse
import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
import sets
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score

from gng_fast import GrowingNeuralGas, GrowthWarning


def ours(X, k, seed):
    return GrowingNeuralGas(random_state=seed).fit_predict(X)


def ours_told_k(X, k, seed):
    return GrowingNeuralGas(random_state=seed, n_clusters=k).fit_predict(X)


def our_components(X, k, seed):
    return GrowingNeuralGas(random_state=seed, clusters="components").fit_predict(X)


def hdbscan_10(X, k, seed):
    return HDBSCAN(min_cluster_size=10, copy=True).fit_predict(X)


def hdbscan_share(X, k, seed):
    return HDBSCAN(min_cluster_size=max(5, len(X) // 100), copy=True).fit_predict(X)


def kmeans(X, k, seed):
    return KMeans(k, n_init=1, random_state=seed).fit_predict(X)


def fast_hdbscan(X, k, seed):
    import fast_hdbscan

    return fast_hdbscan.HDBSCAN(min_cluster_size=max(5, len(X) // 100)).fit_predict(X)


def fast_hdbscan_10(X, k, seed):
    """With as many neighbours as there is memory for, where 1 % of the rows are thousands."""
    import fast_hdbscan

    return fast_hdbscan.HDBSCAN(min_cluster_size=max(5, len(X) // 100), min_samples=10).fit_predict(X)


def genieclust(X, k, seed):
    import genieclust

    return genieclust.Genie(n_clusters=k).fit_predict(X)


#: Name -> the method, and whether it copes with a million rows.
METHODS = {
    "gng_fast": (ours, True),
    "gng_fast told k": (ours_told_k, True),
    "gng_fast components": (our_components, True),
    "HDBSCAN 10": (hdbscan_10, False),
    "HDBSCAN 1 %": (hdbscan_share, False),
    "fast_hdbscan 1 %": (fast_hdbscan, False),
    "fast_hdbscan 1 %, 10 neighbours": (fast_hdbscan_10, True),
    "KMeans told k": (kmeans, True),
    "genieclust told k": (genieclust, True),
}


def available(pattern):
    return {
        name: method
        for name, method in METHODS.items()
        if re.search(pattern, name)
        and (
            all(
                importlib.util.find_spec(package)
                for package in ("fast_hdbscan", "genieclust")
                if method[0].__name__.startswith(package)
            )
        )
    }


def judged(method, X, y, seed):
    """Return the adjusted Rand index, how many clusters there are, and the CPU seconds."""
    k = len(set(y.tolist()) - {-1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", GrowthWarning)
        start = time.process_time()
        labels = method(X, k, seed)
        seconds = time.process_time() - start
    of_group = y >= 0
    return {
        "ari": adjusted_rand_score(y[of_group], labels[of_group]),
        "clusters": len(set(labels.tolist()) - {-1}),
        "seconds": seconds,
    }


def results_on(makers, n, seeds, methods):
    """Return {set: {method: [what `judged` returns, for each seed]}}."""
    found = {}
    for name, make in makers.items():
        print(f"... {n} rows: {name}", file=sys.stderr, flush=True)
        found[name] = {method: [] for method in methods}
        for seed in seeds:
            X, y = sets.rows_of(make, n, seed)
            for method, (run, _) in methods.items():
                found[name][method].append(judged(run, X, y, seed))
    return found


def mean_of(results, what):
    return statistics.fmean(result[what] for result in results)


def summary_row(method, found):
    """Return the mean index over all sets, how many sets are at least .95, and the median of the seconds."""
    of_sets = [mean_of(of_methods[method], "ari") for of_methods in found.values()]
    seconds = [result["seconds"] for of_methods in found.values() for result in of_methods[method]]
    return [
        method,
        f"{statistics.fmean(of_sets):.3f}",
        f"{sum(ari >= 0.95 for ari in of_sets)} of {len(of_sets)}",
        f"{statistics.median(seconds):.3g} s",
    ]


def each_table(found, methods):
    """Return a row for each set: the mean index and the clusters of every method."""
    return [
        [name, *(f"{mean_of(them[m], 'ari'):.2f} ({mean_of(them[m], 'clusters'):.3g})" for m in methods)]
        for name, them in found.items()
    ]


def large(name, n, method):
    """Return what `judged` does, and the peak memory beyond the data, of a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, method, "--large", str(n)], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def child(name, method, n):
    """Do one method on one large set; everything is imported and compiled before its memory is measured."""
    import resource

    run, X, y = METHODS[method][0], *sets.rows_of(sets.SETS[name], n, 0)
    run(X[:5000], 2, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    result = judged(run, X, y, 0)
    print(json.dumps(result | {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before}))


def large_table(n, methods):
    rows = []
    for name in sets.LARGE:
        for method in (method for method, (_, copes) in methods.items() if copes):
            print(f"... {n} rows: {name}, {method}", file=sys.stderr, flush=True)
            it = large(name, n, method)
            memory = f"{it['bytes'] / 1e6:.0f} MB"
            rows.append([name, method, f"{it['ari']:.3f}", str(it["clusters"]), f"{it['seconds']:.3g} s", memory])
    return rows


def as_markdown(title, header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join([f"{title}:\n", *(f"| {' | '.join(line)} |" for line in lines)])


def parsed():
    parser = argparse.ArgumentParser(description="Adjusted Rand index and CPU time of clusters.")
    parser.add_argument("--rows", type=int, nargs="*", default=[300, 3000], help="rows of each set")
    parser.add_argument("--seeds", type=int, default=3, help="seeds from 0 on")
    parser.add_argument("--sets", metavar="PATTERN", default="", help="only sets whose name holds it")
    parser.add_argument("--mixtures", type=int, default=40, help="random mixtures")
    parser.add_argument("--large", type=int, default=0, help="rows of large sets in the plane")
    parser.add_argument("--methods", metavar="PATTERN", default="", help="only methods whose name holds it")
    parser.add_argument("--each", action="store_true", help="print every set, too")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables to a file, too")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def in_one_thread():
    """Begin again with an environment in which every library takes one thread: they look when they are imported."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    if any(os.environ.get(name) != "1" for name in one) or "OPENBLAS_CORETYPE" in os.environ:
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment | one)


def main():
    options = parsed()
    in_one_thread()
    if options.child:
        return child(*options.child, options.large)
    methods, tables = available(options.methods), []
    header = ["method", "mean index", "sets of .95 or more", "CPU, median"]
    makers = {name: make for name, make in sets.SETS.items() if re.search(options.sets, name)}
    for n in options.rows:
        found = results_on(makers, n, range(options.seeds), methods)
        tables.append(
            (f"{len(found)} sets, {n} rows, {options.seeds} seeds", header, [summary_row(m, found) for m in methods])
        )
        if options.each:
            tables.append((f"Index (clusters found), {n} rows", ["set", *methods], each_table(found, methods)))
    if options.mixtures:
        mixtures = {f"mixture {i}": sets.random_mixture for i in range(options.mixtures)}
        found = {}
        for i, (name, make) in enumerate(mixtures.items()):
            found |= results_on({name: make}, 3000, [1000 + i], methods)
        tables.append((f"{len(found)} random mixtures, 3000 rows", header, [summary_row(m, found) for m in methods]))
    if options.large:
        columns = ["set", "method", "index", "clusters", "CPU", "memory beyond the data"]
        tables.append((f"{options.large:,} rows in the plane", columns, large_table(options.large, methods)))
    text = "\n\n".join(as_markdown(*table) for table in tables)
    print(text)
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    return None


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
