"""100 million points from a file on one machine: the rate and the memory, every tenth of the way.

    python bench/speed/out_of_core.py [--rows 100000000] [--dtype float32] [--refine]

`partial_fit` goes through the file in order, a million rows at a time. Memory is what the process holds for itself:
pages of the file that the system keeps are counted apart, as it takes them back when it needs them. With --refine, the
passes of `refine=` over the whole file follow.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from gng_fast import GrowingNeuralGas
from gng_fast.model import refinement
from gng_fast.model.fitted import training_state

CHUNK = 1_000_000


def memory():
    """Megabytes that the process holds for itself, and of files."""
    fields = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return [int(fields[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile")]


def write(path, rows, dtype):
    """Points uniform on the ring between radius 0.5 and 1, in random order."""
    rng = np.random.default_rng(0)
    with open(path, "wb") as file:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            radius, angle = np.sqrt(rng.uniform(0.25, 1, n)), rng.uniform(0, 2 * np.pi, n)
            file.write(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(dtype).tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    parser.add_argument("--refine", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "points")
        write(path, options.rows, options.dtype)
        X = np.memmap(path, options.dtype, "r", shape=(options.rows, 2))
        model = GrowingNeuralGas(options.nodes, clusters="components", random_state=0)
        tenth = -(-options.rows // 10)
        for first in range(0, options.rows, tenth):
            start, rows = time.process_time(), X[first : first + tenth]
            model.partial_fit(rows[k : k + CHUNK] for k in range(0, len(rows), CHUNK))
            seconds, (own, of_files) = time.process_time() - start, memory()
            print(
                f"{first + len(rows):12,} rows: {len(rows) / seconds / 1e6:.2f} million a second (CPU), {own:.0f} MB, "
                f"and {of_files:.0f} MB of the file; {model.graph_.n_nodes} nodes, error {model.history_[-1]:.6f}",
                flush=True,
            )
        if options.refine:
            start = time.process_time()
            network = refinement.refined_on(model.network_, training_state(model).coordinates.points(X))
            own, of_files = memory()
            print(
                f"refined in {time.process_time() - start:.0f} s CPU, {own:.0f} MB, and {of_files:.0f} MB of the file; "
                f"error of the first million {model.quantization_error(X[:CHUNK]):.6f}, "
                f"then {network.nearest(X[:CHUNK])[1].mean(dtype=float):.6f}"
            )


if __name__ == "__main__":
    main()
