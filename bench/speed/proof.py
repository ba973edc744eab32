"""Does the core reach its targets? Speed against another build in the same run, against NumPy and others, and quality.

    python bench/speed/proof.py [--against COMMIT|PYTHON] [--rows PATTERN] [--quick] [--json FILE] [--markdown FILE]

Speed: both builds do a row (`rows.py`, `tasks.py`) in processes of their own, in turn and with the same signals, in CPU
time and in one thread. Times are medians of five, ratios medians of the five ratios, so that a busy machine disturbs
both alike; plain NumPy, and where they are installed faiss, SciPy and scikit-learn, take their turns with them.
The other build is that of the last tag, of the commit that --against names (built once and kept in build/proof), or
what another Python has installed, whose path --against gives; without any, only NumPy and the other packages are timed.
GNG_FAST_ISA reaches both builds; one that lacks such kernels takes its best.

Networks are in their steady state: grown to their full number of nodes (above 3-D: started on rows) and settled, eps
0.05 / 0.0006, max_age 88, lam 100, alpha 0.5, decay 0.995. "Grown" are whole runs of 100,000 signals from two nodes,
eps 0.2 / 0.006, max_age 50; the article's run is `fit` as a user calls it. "must" is the ratio of times aimed at.

Quality: quantisation errors beside published ones (`published.py`).

--rows takes rows and workloads whose name holds PATTERN, as in --rows "128-D" (regular expression). --quick leaves out
what is slow (100,000 nodes, 128-D with 10,000, most runs of NumPy), and makes shorter and fewer timings: a minute
or two instead of four to eight.
"""

import argparse
import json
import re
import sys

import published
from builds import last_tag, other_build
from pairs import LENIENCE, Build, Lacking, measure
from report import as_markdown, as_text, errors_table, others_table, paired_table, summary
from rows import ROWS

from gng_fast import benchmark

NOTE = (
    "A ratio is our time by the time of the other; the must is the largest one aimed at, against a build of eab3aa5. "
    f"Without AVX-512 it is {LENIENCE} times that."
)


def progress(text):
    print(f"... {text}", file=sys.stderr, flush=True)


def selected(things, options):
    return [it for it in things if re.search(options.rows, it.name) and not (options.quick and it.slow)]


def timed_rows(options, ours, against):
    """Return the results of the rows, and a line for each one that a build cannot do."""
    results, skipped = [], []
    for row in selected(ROWS, options):
        progress(row.name)
        try:
            results.append(measure(row, ours, against, options.quick))
        except Lacking as reason:
            skipped.append(f"Left out: {row.name}, {reason}.")
    return results, skipped


def errors(options):
    """Return the quantisation errors."""
    found = []
    if re.search(options.rows, published.ARTICLE):
        progress(published.ARTICLE)
        found.append(published.measure_article())
    for workload in selected(published.WORKLOADS, options):
        progress(workload.name)
        found.append(published.measure(workload, options.quick))
    return found


def about(machine, rows, against):
    """Return one line about the machine, the versions and the kernels of both builds."""
    return machine if against is None or not rows else f"{machine}; against {against.name} ({rows[0]['isas'][1]})"


def parsed():
    parser = argparse.ArgumentParser(description="Speed against another build, and quality.")
    parser.add_argument("--against", metavar="COMMIT|PYTHON", help="the other build (default: the last tag)")
    parser.add_argument("--rows", metavar="PATTERN", default="", help="only rows whose name holds it")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON too")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables as Markdown too")
    return parser.parse_args()


def write(options, machine, rows, quality, tables, notes):
    """Print the results, and write the files that were asked for."""
    print("", machine, sep="\n")
    for table in tables:
        print("", as_text(table), sep="\n")
    print("", *notes, sep="\n")
    if options.json:
        found = {"machine": machine, "quick": options.quick, "speed": rows, "quality": quality, "notes": notes}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write("\n\n".join([machine, *map(as_markdown, tables), *notes]) + "\n")


def main():
    options = parsed()
    machine = benchmark.machine()
    against = options.against or last_tag()
    if against is None:
        print("There is no tag to compare with: only NumPy and other packages are timed (--against names a commit).")
    else:
        against = other_build(against)
    rows, skipped = timed_rows(options, Build(sys.executable, None, "this build"), against)
    quality = errors(options)
    tables = [paired_table(rows, against.name if against else "other build"), others_table(rows), errors_table(quality)]
    write(
        options,
        about(machine, rows, against),
        rows,
        quality,
        [table for table in tables if table[2]],
        [*summary(rows), *skipped, NOTE],
    )


if __name__ == "__main__":
    main()
