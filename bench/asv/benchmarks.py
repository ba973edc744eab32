"""Rows of proof.py for airspeed velocity, which builds each release and runs them with it (docs/benchmarks.md).

The tasks are those of this checkout, whatever release is measured: what a release lacks is left out there.
"""

import os
import sys
import time
import warnings
from pathlib import Path

for threads in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS":
    os.environ[threads] = "1"
sys.path.insert(0, str(Path(__file__).parents[1] / "speed"))

import rows  # noqa: E402  after the number of threads is set, and from the folder above

#: The rows that are followed: those that take long to prepare are left to proof.py.
FOLLOWED = {row.name: row for row in rows.ROWS if not row.slow}
SECONDS = 0.3
REPEATS = 5


def cpu_seconds(run, n):
    start = time.process_time()
    run(n)
    return time.process_time() - start


def nanoseconds(task, seconds=SECONDS, repeats=REPEATS):
    """Return the least CPU time of a signal, a row or a call, of some runs of about so many seconds."""
    n = 1
    while (spent := cpu_seconds(task.run, n)) < seconds / 4:
        n = max(2 * n, int(n * seconds / 2 / max(spent, 1e-6)))
    n = max(1, int(n * seconds / spent))
    return 1e9 * min(cpu_seconds(task.run, n) for _ in range(repeats)) / (n * task.per)


class Speed:
    """CPU time in nanoseconds, row by row."""

    params = (list(FOLLOWED),)
    param_names = ("row",)
    timeout = 600

    def setup(self, row):
        warnings.simplefilter("ignore")
        try:
            self.task = FOLLOWED[row].prepare(True)
        except (ImportError, AttributeError, TypeError) as error:
            raise NotImplementedError(f"this release lacks something: {error}") from error

    def track_speed(self, row):
        return nanoseconds(self.task)

    track_speed.unit = "ns"
