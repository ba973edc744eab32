"""How fast the studio answers, without a browser: ink, first frame, cancel; its memory; and many pages at once.

python bench/speed/studio.py            # some minutes
python bench/speed/studio.py --drawings 50 --pages 8
"""

import argparse
import io
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import psutil
from PIL import Image

from gng_fast import image, recipes
from gng_fast.studio import drawings
from gng_fast.studio.pictures import Picture
from gng_fast.studio.settings import Settings
from gng_fast.studio.works import Work

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from studio_pages import LivePage  # noqa: E402

PIXELS = 1_000_000
#: Drawings to be stopped: those of every style, and large ones that take long in one stage or another.
SLOW = [
    *((style, {}) for style in recipes.STYLES),
    ("tone", {"nodes": 30_000}),
    ("mesh", {"nodes": 20_000}),
    ("stipple", {"nodes": 20_000}),
]


def megapixel():
    """A photo of a megapixel, as the bytes of a PNG."""
    photo = Image.fromarray(image.load("coffee"))
    scale = (PIXELS / (photo.width * photo.height)) ** 0.5
    buffer = io.BytesIO()
    photo.resize((round(photo.width * scale), round(photo.height * scale))).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def opened(url, data):
    """A page with a picture."""
    page = LivePage(url)
    address = f"{url}pages/{page.number}/picture?serial=7777&name=photo.png"
    urlopen(Request(address, data, {"Origin": page.origin}, method="POST")).close()
    page.hear("picture", serial=7777)
    return page


def timed(page, want, **told):
    """Milliseconds until the ink, or the first frame, of settings comes."""
    started = time.perf_counter()
    serial = page.ask("set", want=want, **told)
    page.hear("frame" if want == "drawing" else "ink", serial=serial)
    return 1000 * (time.perf_counter() - started)


class Asking(Work):
    """A work that notes when it asks whether to stop: in seconds of processor time of all threads of the process."""

    def __init__(self):
        super().__init__(0, lambda facts, data: None)
        self.asked_at = [time.process_time()]

    @property
    def stopped(self):
        self.asked_at.append(time.process_time())
        return False


def between_questions(photo, style):
    """The longest processor time in milliseconds between two questions whether to stop, while a photo is drawn."""
    work = Asking()
    drawings.tell(drawings.make(Picture("photo.png", photo), Settings.of({"style": style}), None, work), work)
    return 1000 * float(np.diff([*work.asked_at, time.process_time()]).max())


def stopped(page, style, options, wait):
    """Milliseconds from a new setting to the end of the drawing before; None if that was ready by then."""
    serial = page.ask("set", style=style, options=options)
    time.sleep(wait)
    page.ask("set", want="ink", style=style, options=options)
    told = page.hear("stopped", "drawing", serial=serial)
    return told.get("milliseconds")


def said(times):
    """The median, the 95th percentile and the largest of times in milliseconds."""
    return f"{statistics.median(times):.0f} ms, 95 % {np.quantile(times, 0.95):.0f} ms, at most {max(times):.0f} ms"


def moved(page, process, style, settings):
    """Until the ink is shown of each of some settings, and the processor time that it takes."""
    before = process.cpu_times()
    times = [timed(page, "ink", style=style, options=options) for options in settings]
    after = process.cpu_times()
    busy = 1000 * (after.user + after.system - before.user - before.system) / len(settings)
    return f"{said(times)}; {busy:.0f} ms of processor time"


def ink_of(page, process):
    """Until the ink is shown while a slider moves."""
    for threshold in ("auto", "otsu", "local", "sauvola"):
        for name, start, step in ("offset", 0, 0.01), ("blur", 0.5, 0.1):
            settings = [{"threshold": threshold, name: start + step * i} for i in range(12)]
            yield f"{threshold}, {name}", moved(page, process, "mesh", settings)
    yield "tone, levels", moved(page, process, "tone", [{"levels": [i / 100, 0.9]} for i in range(12)])


def memory_of(page, process, drawings):
    """Of the server in MB, after each tenth of many drawings."""
    found = []
    page.hear("picture", serial=page.ask("open", picture="coffee"))
    for number in range(drawings):
        style = ("mesh", "tone", "stipple", "glow")[number % 4]
        page.hear("drawing", serial=page.ask("set", style=style, options={"nodes": 500, "seed": number}))
        if (number + 1) % max(1, drawings // 10) == 0:
            found.append(process.memory_info().rss / 1e6)
    return found


def many(url, data, n):
    """Times until the ink comes of pages that all draw at the same time."""
    pages = [opened(url, data) for _ in range(n)]
    times = []

    def use(page):
        for seed in range(3):
            times.append(timed(page, "exact", options={"offset": seed / 50}))
            page.hear(
                "drawing", serial=page.ask("set", style="tone", options={"nodes": 2000, "seed": seed}), timeout=600
            )

    threads = [threading.Thread(target=use, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for page in pages:
        page.close()
    return times


def measure(url, process, arguments):
    for style in recipes.STYLES:
        longest = [between_questions(image.load(photo), style) for photo in ("coffee", "cat", "horse")]
        longest = ", ".join(f"{each:.0f}" for each in longest)
        print(
            f"processor time between two questions whether to stop ({style}), at most, for three photos: {longest} ms"
        )
    data = megapixel()
    with opened(url, data) as page:
        timed(page, "ink")
        for what, times in ink_of(page, process):
            print(f"ink of 1 megapixel while a slider moves ({what}): {times}")
        for style in ("mesh", "tone"):
            times = [timed(page, "drawing", style=style, options={"seed": seed}) for seed in range(8)]
            print(f"first frame of the growth ({style}): {said(times)}")
        for style, options in SLOW:
            times = [stopped(page, style, options, wait) for wait in np.linspace(0.02, 3, 20)]
            times = [each for each in times if each is not None] or [0.0]
            what = f"{style}, {options}, {len(times)} times"
            print(f"from a new setting to the end of the drawing before ({what}): {said(times)}")
        memory = memory_of(page, process, arguments.drawings)
        print(f"memory after each tenth of {arguments.drawings} drawings, in MB:", *(f"{each:.0f}" for each in memory))
    times = many(url, data, arguments.pages)
    print(f"ink on {arguments.pages} pages that all draw: {said(times)}")
    print(f"memory after that, in MB: {process.memory_info().rss / 1e6:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawings", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20)
    arguments = parser.parse_args()
    program = subprocess.Popen(
        [sys.executable, "-m", "gng_fast", "studio", "--no-browser"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        url = re.search(r"http://\S+/", program.stdout.readline())[0]
        measure(url, psutil.Process(program.pid), arguments)
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(20)


if __name__ == "__main__":
    main()
