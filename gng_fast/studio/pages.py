"""An open page: its picture, its settings, and the one work that is done for it."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gng_fast.art import recipes
from gng_fast.art.image.picture import Picture as Pixels
from gng_fast.progress import Stopped
from gng_fast.studio import drawings, pictures, pieces
from gng_fast.studio.drawings import Made
from gng_fast.studio.pictures import Picture
from gng_fast.studio.settings import Settings
from gng_fast.studio.works import Work, Workshop


class Outbox:
    """Messages on their way to a page; of frames only the newest waits there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._messages: deque[tuple[str, bytes]] = deque()
        self._there = asyncio.Event()

    def put(self, facts: dict[str, Any], data: bytes = b"") -> None:
        """Send a message, from any thread."""
        message = pieces.message(facts, data)
        try:
            self._loop.call_soon_threadsafe(self._append, str(facts["kind"]), message)
        except RuntimeError:
            pass  # the server has ended

    def _append(self, kind: str, message: bytes) -> None:
        if kind in ("frame", "progress"):
            self._messages = deque(each for each in self._messages if each[0] != kind)
        self._messages.append((kind, message))
        self._there.set()

    async def next(self) -> bytes:
        """Return the next message, as soon as there is one."""
        while not self._messages:
            self._there.clear()
            await self._there.wait()
        return self._messages.popleft()[1]


class Page:
    """An open page.

    Parameters
    ----------
    workshop : Workshop
    named : list of str
        The pictures that the command line names: paths or names of built-in ones.
    built_in : iterable of str
        Names of the built-in pictures.
    """

    def __init__(self, workshop: Workshop, named: list[str], built_in: tuple[str, ...]) -> None:
        self.outbox = Outbox(asyncio.get_running_loop())
        self._workshop = workshop
        self._named = named
        self._built_in = built_in
        self._works: dict[str, tuple[Work, Future[None]]] = {}
        self._picture: Picture | None = None
        self._mask: Pixels | None = None
        self._made: Made | None = None

    # ---- what the page asks for ----

    def take(self, text: str) -> None:
        """Do what a message of the page asks for."""
        try:
            told = json.loads(text)
            serial = int(told["serial"])
            actions = {"open": self._open, "set": self._set, "thumbnails": self._thumbnails, "stop": self._stop_all}
            action = actions[told["ask"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            self.outbox.put({"kind": "failed", "serial": -1, "message": "the page has sent what nobody understands"})
            return
        try:
            action(serial, told)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self.outbox.put({"kind": "failed", "serial": serial, "message": " ".join(str(error).split())})

    def _open(self, serial: int, told: dict[str, Any]) -> None:
        """Open a picture that the command line names, by its number, or a built-in one, by its name."""
        wanted = told.get("picture")
        if isinstance(wanted, int) and 0 <= wanted < len(self._named):
            source = self._named[wanted]
        elif wanted in self._built_in:
            source = str(wanted)
        else:
            raise ValueError("there is no such picture")
        self.open(serial, source, pictures.plain_name(source))

    def open(self, serial: int, source: str | bytes, name: str) -> None:
        """Open a picture, in place of the one before. source : its path or name, or its bytes"""

        def function(work: Work) -> None:
            picture = pictures.load(source, name)
            work.check()
            self._picture, self._mask, self._made = picture, None, None
            height, width = picture.shape
            work.tell("picture", {"name": name, "width": width, "height": height}, picture.shown())

        self._stop("ink", "drawing", "thumbnails")
        self._start("open", "ink", serial, function)

    def open_mask(self, serial: int, data: bytes) -> None:
        """Take a mask that was painted."""

        def function(work: Work) -> None:
            self._mask = pictures.load_mask(data)
            work.tell("mask", {})

        self._stop("drawing")
        self._start("mask", "ink", serial, function)

    def _set(self, serial: int, told: dict[str, Any]) -> None:
        """Show the ink of new settings, at once or exactly, or draw; what was done for the old ones ends."""
        self._stop("ink", "drawing")
        settings = Settings.of(told)
        picture, mask, want = self._picture, self._mask, told.get("want", "drawing")
        if picture is None:
            raise ValueError("there is no picture yet")

        def show_ink(work: Work, exact: bool = want == "exact") -> None:
            data, share = picture.ink(settings, mask, exact, work)
            work.tell("ink", {"share": share, **_placed(picture, settings)}, data)

        def draw(work: Work) -> None:
            made = drawings.make(picture, settings, mask, work)
            work.check()
            self._made = made
            drawings.tell(made, work)
            if not picture.is_exact(settings):
                show_ink(work, exact=True)

        self._start("ink", "ink", serial, show_ink)
        if want == "drawing":
            self._made = None
            self._start("drawing", "drawing", serial, draw)

    def _thumbnails(self, serial: int, told: dict[str, Any]) -> None:
        """Draw the picture small in every style."""
        settings, picture = Settings.of(told), self._picture
        if picture is None:
            raise ValueError("there is no picture yet")

        def function(work: Work) -> None:
            for style in recipes.STYLES:
                try:
                    data = picture.thumbnail(style, settings, work)
                except ValueError:
                    continue  # a picture may have no tone, but a shape: what is wrong is said when it is drawn
                work.tell("thumbnail", {"style": style}, data)

        self._stop("thumbnails")
        self._start("thumbnails", "thumbnails", serial, function)

    def _stop_all(self, serial: int, told: dict[str, Any]) -> None:
        """Stop what is done."""
        self._stop("ink", "drawing")

    # ---- works ----

    def _start(self, what: str, pool: str, serial: int, function: Callable[[Work], None]) -> None:
        """Begin a work, in place of the one of its kind."""
        self._stop(what)
        work = Work(serial, self.outbox.put)
        future = self._workshop.start(pool, work, function)
        self._works[what] = work, future
        if what == "drawing":
            future.add_done_callback(lambda _: self._ended(work))

    def _ended(self, work: Work) -> None:
        """Tell the page that a drawing has ended that was stopped, and how long that took."""
        if work.stopped_at is not None:
            milliseconds = 1000 * (time.perf_counter() - work.stopped_at)
            self.outbox.put({"kind": "stopped", "serial": work.serial, "milliseconds": milliseconds})

    def _stop(self, *kinds: str) -> None:
        """Stop works of these kinds."""
        for kind in kinds:
            if kind in self._works:
                work, future = self._works.pop(kind)
                work.stop()
                future.cancel()

    def close(self) -> None:
        """Stop everything: the page has gone."""
        self._stop(*list(self._works))
        self._picture = self._mask = self._made = None

    # ---- files ----

    async def written(self, ending: str, pixels: int | None) -> tuple[str, bytes]:
        """Return the name and the bytes of a file of what was last drawn.

        Raises ValueError, TypeError or ImportError for what cannot be written, and Stopped if a new setting came.
        """
        made = self._made
        if made is None:
            raise ValueError("nothing is drawn yet")
        stem = made.picture.name.rpartition(".")[0] or made.picture.name
        name = f"{stem}{ending}"
        found: list[bytes] = []
        failed: list[Exception] = []

        def function(work: Work) -> None:
            try:
                found.append(drawings.written(made, ending, work, pixels))
            except Exception as error:
                failed.append(error)

        work = Work(0, self.outbox.put)
        self._stop("file")
        future = self._workshop.start("drawing", work, function)
        self._works["file"] = work, future
        await asyncio.wait([asyncio.wrap_future(future)])
        if failed:
            raise failed[0]
        if not found:
            raise Stopped("stopped by another file")
        work.tell("written", {"name": name})
        return name, found[0]


def _placed(picture: Picture, settings: Settings) -> dict[str, Any]:
    """The page in mm, and where the picture lies on it: left, top, width and height."""
    fit = picture.fit(settings)
    rows, columns = picture.drawn_shape(settings)
    left, top = fit([-0.5, 0.5]).tolist()
    return {"page": [fit.width, fit.height], "box": [left, top, columns * fit.scale, rows * fit.scale]}
