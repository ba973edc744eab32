"""Fuzzing: whatever bytes are read as a saved network, a picture or a graph, they give a documented error or something
that works. A crash, another error, something that does not hold afterwards, or 5 seconds of work is a finding.

    python tests/faults/fuzz.py saved --runs 1000000       saved networks and models
    python tests/faults/fuzz.py image --runs 1000000       pictures
    python tests/faults/fuzz.py graph --runs 100000        graphs as npz and JSON
    python tests/faults/fuzz.py parameters --runs 100000   what the estimator is given
    python tests/faults/fuzz.py saved --file FOUND         the bytes of a finding once more
    python tests/faults/fuzz.py saved --memory 1000        the process may not take more than 1000 MB

The mutator is our own: execution i of a seed has the same bytes everywhere (--first i --runs 1 repeats it). With
--engine atheris (pip install atheris) the same mutator is guided by what the Python code of the readers has executed.
With `bash tests/faults/sanitize.sh --run tests/faults/fuzz.py ...` the extension is that of the sanitizers.
"""

import argparse
import collections
import contextlib
import faulthandler
import os
import pathlib
import signal
import sys
import tempfile
import time
import warnings

sys.path.append(str(pathlib.Path(__file__).parents[1] / "helpers"))  # where fuzz_targets.py is

SECONDS = 5  # of processor time, for one execution
DEAD_SECONDS = 60  # after these not even an exception ends it: the process does, with a traceback


class TooLong(Exception):
    pass


def too_long(*_):
    raise TooLong(f"{SECONDS} seconds were not enough")


class Fuzzer:
    """Executions of one target, in a folder in memory if there is one."""

    def __init__(self, target, folder):
        self.target, self.path = target, pathlib.Path(folder, "input")
        self.outcomes, self.executions, self.slowest = collections.Counter(), 0, 0.0
        self.started = time.monotonic()

    def execute(self, data):
        """Give `data` to the target; raises what it finds."""
        self.path.write_bytes(data)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, DEAD_SECONDS)
        try:
            outcome = self.target.check(self.path, data)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self.slowest = max(self.slowest, time.process_time() - started)
        self.outcomes[outcome] += 1
        self.executions += 1
        if self.executions % 20_000 == 0:
            self.report()

    def report(self):
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        print(
            f"{self.executions} executions: {outcomes}; slowest {self.slowest:.2f} s; "
            f"{time.monotonic() - self.started:.0f} s",
            flush=True,
        )


def limit_memory(megabytes):
    """Let the process take no more address space than this; what it has taken already counts."""
    import resource  # not there on every system

    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 10**6, resource.getrlimit(resource.RLIMIT_AS)[1]))


def save_finding(fuzzer, data, name, found):
    """Keep the bytes of a finding; return their file."""
    found.mkdir(parents=True, exist_ok=True)
    path = found / name
    path.write_bytes(data)
    return path


def run_own(fuzzer, seeds, args):
    """Executions by our own mutator; return the number of findings."""
    from fuzz_targets import generator

    findings = collections.Counter()
    for execution in range(args.first, args.first + args.runs):
        rng = generator(args.seed, execution)
        data = fuzzer.target.mutate(rng.choice(seeds), rng, seeds)
        try:
            fuzzer.execute(data)
        except Exception as error:
            where = error.__traceback__
            while where.tb_next:
                where = where.tb_next
            kind = f"{type(error).__name__} in {where.tb_frame.f_code.co_filename}:{where.tb_lineno}: {str(error)[:60]}"
            fuzzer.outcomes["findings"] += 1
            fuzzer.executions += 1
            findings[kind] += 1
            if findings[kind] == 1:
                path = save_finding(fuzzer, data, f"{args.target}-{args.seed}-{execution}", args.found)
                print(f"FOUND {kind}\n  {type(error).__name__}: {str(error)[:300]}\n  {path}", flush=True)
            if len(findings) >= args.most:
                break
    fuzzer.report()
    for kind, count in findings.most_common():
        print(f"{count} times {kind}")
    return len(findings)


def run_atheris(fuzzer, seeds, args, folder):
    """Executions by libFuzzer, which ends the process: with an error at the first finding."""
    import atheris
    from fuzz_targets import generator

    corpus = pathlib.Path(folder, "corpus")
    corpus.mkdir()
    for i, seed in enumerate(seeds):
        (corpus / str(i)).write_bytes(seed)

    def mutate(data, max_size, seed):
        if seed % 4 == 0:
            return atheris.Mutate(data, max_size)
        rng = generator(args.seed, seed)
        return fuzzer.target.mutate(data if data else rng.choice(seeds), rng, seeds)[:max_size]

    def one(data):
        try:
            fuzzer.execute(data)
        except Exception:
            print(
                f"FOUND {save_finding(fuzzer, data, f'{args.target}-atheris-{fuzzer.executions}', args.found)}",
                flush=True,
            )
            raise

    args.found.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-runs={args.runs}",
            f"-seed={args.seed + 1}",
            "-max_len=20000",
            f"-artifact_prefix={args.found}/",
            "-rss_limit_mb=6000",
            "-timeout=60",
            "-print_final_stats=1",
        ],
        one,
        custom_mutator=mutate,
    )
    atheris.Fuzz()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["saved", "image", "graph", "parameters"])
    parser.add_argument("--runs", type=int, default=10_000, help="executions (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first execution")
    parser.add_argument("--engine", choices=["own", "atheris"], default="own")
    parser.add_argument("--found", type=pathlib.Path, default=pathlib.Path("found"), help="folder for what is found")
    parser.add_argument("--most", type=int, default=50, help="end after so many different findings")
    parser.add_argument("--file", type=pathlib.Path, help="execute these bytes only")
    parser.add_argument("--memory", type=int, help="MB that the process may take; a MemoryError is a finding too")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, too_long)
    faulthandler.register(signal.SIGVTALRM, chain=True)
    watched = contextlib.nullcontext()
    if args.engine == "atheris":
        import atheris

        watched = atheris.instrument_imports(include=["gng_fast", "zipfile", "json", "PIL", "numpy.lib"])
    with watched:
        from fuzz_targets import TARGETS

        target = TARGETS[args.target]()
    if args.memory:
        limit_memory(args.memory)
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="gng_fast-fuzz-") as folder:
        fuzzer = Fuzzer(target, folder)
        if args.file:
            fuzzer.execute(args.file.read_bytes())
            return fuzzer.report()
        seeds = list(target.seeds(fuzzer.path))
        print(
            f"{args.target}: {len(seeds)} files of {min(map(len, seeds))} to {max(map(len, seeds))} bytes; "
            f"the bytes at work are in {fuzzer.path}",
            flush=True,
        )
        if args.engine == "atheris":
            return run_atheris(fuzzer, seeds, args, folder)
        return 1 if run_own(fuzzer, seeds, args) else 0


if __name__ == "__main__":
    sys.exit(main())
