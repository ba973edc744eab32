"""How long a stop takes at most, for each style and stage: the longest that the callback is not asked.

    python bench/speed/stops.py [STYLE ...]

Times are seconds of the processor, those of all threads of this process together, so that what else the machine does is
not counted; the callback is asked every 0.02 s of the clock at least, so an idle machine shows less.
"""

import sys
import time
import warnings

from gng_fast import export, recipes
from gng_fast.art.drawing import plan
from gng_fast.progress import watching

NODES = 30_000
STAGES = (*recipes.STAGES[:3], *recipes.STAGES[5:7], "retracing", *export.FORMATS)


def longest_gaps(style, **options):
    """The longest time between two calls of the callback, by the stage or the format that was under way."""
    longest = dict.fromkeys(STAGES, 0.0)
    last = [time.process_time()]
    under_way = [None]

    def callback(stage, fraction):
        now = time.process_time()
        name = under_way[0] or stage
        longest[name] = max(longest[name], now - last[0])
        last[0] = now

    artwork = recipes.make("astronaut", style, nodes=NODES, progress=callback, **options)
    under_way[0], last[0] = "retracing", time.process_time()
    with watching(callback):
        plan(artwork.drawing, retrace=True)
    for ending in export.FORMATS:
        under_way[0], last[0] = ending, time.process_time()
        artwork.to_bytes(ending, progress=callback)
        callback("writing", 1)
    return longest


def main(styles):
    warnings.simplefilter("ignore")
    print(f"| style | {' | '.join(STAGES)} |")
    print("|---" * (len(STAGES) + 1) + "|")
    for style in styles or recipes.STYLES:
        gaps = longest_gaps(style)
        print(f"| {style} | " + " | ".join(f"{gaps[stage]:.3f}" for stage in STAGES) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
