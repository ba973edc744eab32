"""Two builds do the same in turn, each in a process of its own; NumPy and other packages take their turns with them."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CHILD = Path(__file__).with_name("child.py")
OURS = "gng_fast"
#: What takes longer in one go is timed once.
LONG_SECONDS = 2.0
#: The targets are those of AVX-512: with kernels for less, a ratio to the other build may be so many times larger.
LENIENCE = 1.25


class Build(NamedTuple):
    """A Python, a folder of packages that goes before its own (or None), and what the build is called."""

    python: str
    packages: str | None
    name: str


class Lacking(Exception):
    """A build cannot do a row."""


def environment(build, given):
    """Return the environment of a child: one thread, the build's own packages, and what NumPy finds for this CPU."""
    made = {**given, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    made.pop("OPENBLAS_CORETYPE", None)
    if build.packages:
        made["PYTHONPATH"] = build.packages
    elif build.python != sys.executable:
        made.pop("PYTHONPATH", None)
    return made


class Child:
    """A process that has prepared a row, or prepares it: the first question waits for that."""

    def __init__(self, build, row, side, quick):
        self.build = build
        self.process = subprocess.Popen(
            [build.python, str(CHILD), row, side, *(["--quick"] if quick else [])],
            env=environment(build, os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def hello(self):
        """Return what the child is, once it is prepared; raise Lacking if the build cannot do the row."""
        said = self.answer()
        if "lacks" in said:
            raise Lacking(f"{self.build.name} cannot do it ({said['lacks']})")
        return said

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.build.name} ended with {self.process.wait()}")
        return json.loads(line)

    def seconds(self, name, n):
        """Return the CPU seconds of n units."""
        return self.ask([name, n])

    def digest(self):
        return self.ask(None)

    def ask(self, what):
        print(json.dumps(what), file=self.process.stdin, flush=True)
        return self.answer()


def units_in(timers, seconds):
    """Return how many units the slowest of these does in about so many seconds, and its seconds for one.

    All do as many to find out, so that they stay in step.
    """
    n = 1
    while (spent := max([timer(n) for timer in timers])) < seconds / 4:
        n *= 2
    return max(1, int(n * seconds / spent)), spent / n


def alternated(children, others, seconds, n_pairs):
    """Return seconds per unit, a list for each build and each of the others that the first child knows.

    All take their turns, round after round.
    """
    builds = [lambda n, child=child: child.seconds(OURS, n) for child in children]
    n_units, _ = units_in(builds, seconds)
    timers = {f"build {i}": (build, n_units) for i, build in enumerate(builds)}
    spent = {name: [] for name in (*timers, *others)}
    for name in others:

        def timer(n, name=name):
            return children[0].seconds(name, n)

        n, of_one = units_in([timer], seconds)
        if of_one > LONG_SECONDS:
            spent[name].append(of_one)
        else:
            timers[name] = timer, n
    for _ in range(n_pairs):
        for name, (timer, n) in timers.items():
            spent[name].append(timer(n) / n)
    return spent


def ratio(ours, theirs):
    """Return the median of the ratios of what was timed in turn; what was timed once is compared with all."""
    if len(theirs) == 1:
        theirs = theirs * len(ours)
    return statistics.median(a / b for a, b in zip(ours, theirs))


def must_with(isa, must):
    """Return the largest ratio to the other build that is aimed at with the kernels of this instruction set."""
    return must if must is None or isa == "avx512" else must * LENIENCE


def measure(row, ours, against, quick):
    """Return a row of the results; raise Lacking if a build cannot do it."""
    seconds, n_pairs = (0.1, 3) if quick else (0.3, 5)
    with Child(ours, row.name, "ours", quick) as first:
        if against is None:
            return result(row, [first], seconds, n_pairs)
        with Child(against, row.name, "theirs", quick) as second:
            return result(row, [first, second], seconds, n_pairs)


def result(row, children, seconds, n_pairs):
    hellos = [child.hello() for child in children]
    if len({hello["file"] for hello in hellos}) < len(hellos):
        raise SystemExit(f"both builds are {hellos[0]['file']}")
    per, others = hellos[0]["per"], hellos[0]["names"][1:]
    spent = alternated(children, others, seconds, n_pairs)
    digests = {child.digest() for child in children}

    def ns(name):
        return statistics.median(spent[name]) / per * 1e9

    paired = len(children) == 2
    return {
        "row": row.name,
        "ns": ns("build 0"),
        "against_ns": ns("build 1") if paired else None,
        "ratio": ratio(spent["build 0"], spent["build 1"]) if paired else None,
        "must": must_with(hellos[0]["isa"], row.must),
        "same_network": len(digests) == 1 if paired else None,
        "isas": [hello["isa"] for hello in hellos],
        "limit_ns": row.limit_ns,
        "others": {
            name: {
                "ns": ns(name),
                "ratio": ratio(spent["build 0"], spent[name]),
                "must": None if name == "NumPy" else row.ahead_of,
            }
            for name in others
        },
    }
