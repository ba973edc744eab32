"""One row in one build, in a process of its own: `pairs.py` starts it, and asks for timings line by line in JSON.

    python child.py ROW {ours|theirs} [--quick]

The first line it writes says what it is. Then each line it reads, ["NAME", n], makes it do n units of the row by its
own way or another's and answer with the CPU seconds; null ends it with a digest of the network.
"""

import contextlib
import hashlib
import json
import os
import sys
import time
import warnings

import numpy as np

import gng_fast


def know_the_isa():
    """Let a build that lacks the kernels GNG_FAST_ISA asks for take its best ones."""
    try:
        gng_fast.isa()
    except ValueError:
        del os.environ["GNG_FAST_ISA"]


def digest(graph):
    """Return a short text that differs where nodes, edges or ages do."""
    parts = (graph.nodes, graph.edges, graph.ages)
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()[:16]


def timed(run, n):
    start = time.process_time()
    run(n)
    return time.process_time() - start


def main():
    name, side, *options = sys.argv[1:]
    answers = sys.stdout
    warnings.simplefilter("ignore")

    def say(what):
        print(json.dumps(what), file=answers, flush=True)

    with contextlib.redirect_stdout(sys.stderr):
        if side == "theirs":
            know_the_isa()
        try:
            from rows import ROWS

            task = next(row for row in ROWS if row.name == name).prepare("--quick" in options)
            runs = {"gng_fast": task.run, **(task.others() if side == "ours" else {})}
        except (ImportError, AttributeError, TypeError) as error:
            say({"lacks": f"{type(error).__name__}: {error}"})
            return
        say({"per": task.per, "names": list(runs), "isa": gng_fast.isa(), "file": gng_fast.__file__})
        for line in sys.stdin:
            asked = json.loads(line)
            if asked is None:
                break
            run, n = asked
            say(timed(runs[run], n))
        say(digest(task.graph()))


if __name__ == "__main__":
    main()
