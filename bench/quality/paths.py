"""How many strokes, and how much travel? The article's astronaut as single lines, joined by vpype and by `paths.plan`.

    python bench/quality/paths.py [--vpype PROGRAM] [--quick]

vpype (pip install vpype==1.15) may be in an environment of its own.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gng_fast import export, recipes
from gng_fast.art.drawing import paths
from gng_fast.art.image import PORTRAIT_CROP
from gng_fast.art.styles import mesh


def portrait(nodes=2400, seed=0):
    """Return the graph of the article's portrait, and every edge of it as a stroke on a page of 180 mm."""
    points = recipes.points_of("astronaut", crop=PORTRAIT_CROP)
    graph = recipes.train(points, nodes=nodes, seed=seed).graph_
    return graph, mesh(graph, extent=points.extent)


def vpype(program, *commands):
    """Return the number of paths and the pen-up length in mm that vpype counts after some commands."""
    said = subprocess.run([program, *map(str, commands), "stat"], capture_output=True, text=True, check=True).stdout
    totals = said[said.index("Totals") :]
    pixels = float(re.search(r"Pen-up length: ([\d.]+)", totals)[1])
    return int(re.search(r"Path count: (\d+)", totals)[1]), pixels * 25.4 / 96


def row(label, n_paths, pen_up, more=""):
    print(f"{label:>32}{n_paths:>8} paths{pen_up / 1000:>9.2f} m pen up{more}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vpype", default=shutil.which("vpype"), metavar="PROGRAM")
    parser.add_argument("--quick", action="store_true", help="without effect: there is one seed")
    program = parser.parse_args().vpype
    graph, drawing = portrait()
    minimum = paths.minimum_strokes(graph.edges)
    paths.plan(portrait(nodes=100)[1])  # imports
    row("one path an edge", drawing.n_strokes, drawing.pen_up_length, f"   ink {drawing.ink_length / 1000:.2f} m")
    fails = 0
    for label, retrace, most in ("plan", False, minimum), ("plan with retracing", True, graph.n_components):
        started = time.process_time()
        planned = paths.plan(drawing, retrace)
        seconds = time.process_time() - started
        row(
            label,
            planned.n_strokes,
            planned.pen_up_length,
            f"   ink {planned.ink_length / 1000:.2f} m, {seconds:.2f} CPU s, at most {most} paths wanted",
        )
        fails += planned.n_strokes > most
    if not program:
        print("vpype is not installed: not compared")
        return int(fails > 0)
    with tempfile.TemporaryDirectory() as folder:
        raw, ours = Path(folder, "raw.svg"), Path(folder, "ours.svg")
        export.save(raw, drawing=drawing)
        export.save(ours, drawing=paths.plan(drawing))
        joined = vpype(program, "read", raw, "linemerge", "linesort")
        row("vpype linemerge linesort", *joined)
        read, merged = vpype(program, "read", ours), vpype(program, "read", ours, "linemerge")
        row("vpype reads plan", *read)
        row("vpype reads plan, linemerge", *merged)
    fails += read[1] > joined[1] or merged[0] < read[0]
    return int(fails > 0)


if __name__ == "__main__":
    sys.exit(main())
