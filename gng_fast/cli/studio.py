"""gng-fast studio: a page in the browser that draws pictures while one moves its sliders."""

import os
import threading
import time
import webbrowser
from typing import Any

import click

from gng_fast.art import image
from gng_fast.cli.command import Argument, Command, Option
from gng_fast.cli.kinds import File, Text, Whole
from gng_fast.cli.signals import Signals
from gng_fast.optional import need
from gng_fast.parameters import Range

_PORT = Range(0, 65535, integer=True)
_LOOPBACK = "127.0.0.1"
# Seconds that threads have to end after Ctrl-C.
_GRACE = 0.7


def _run(ctx: click.Context) -> None:
    """Serve the page until Ctrl-C."""
    port = int(_PORT.check("port", ctx.params["port"]))
    for library in ("starlette", "uvicorn", "websockets"):
        need(library, "the studio")
    from gng_fast.studio.server import serve

    for picture in ctx.params["images"]:
        if not os.path.isfile(picture):
            image.load(picture)  # a built-in picture, or it says what is wrong
    others = set(threading.enumerate())
    try:
        serve(list(ctx.params["images"]), ctx.params["host"], port, lambda address: _show(ctx, address))
    except (KeyboardInterrupt, SystemExit) as stop:
        code = stop.code if isinstance(stop, SystemExit) else Signals.interrupted_code
        threading.Thread(target=_leave, args=(others, code), name="leave", daemon=True).start()
        if isinstance(stop, SystemExit):
            raise
        raise KeyboardInterrupt("the studio is closed") from None


def _leave(others: set[threading.Thread], code: Any) -> None:
    """End the process soon, although a thread of the studio may be in one long call of a library, which nothing stops.

    Python would wait for it at its end; but nobody waits for what it works out, and it writes nothing.

    others : threads that are not the studio's
    code : what the process ends with
    """
    end = time.monotonic() + _GRACE
    left = [thread for thread in threading.enumerate() if not thread.daemon and thread not in others]
    for thread in left:
        thread.join(max(0, end - time.monotonic()))
    if any(thread.is_alive() for thread in left):
        os._exit(code)


def _show(ctx: click.Context, address: str) -> None:
    """Say where the page is, and open it."""
    click.echo(f"the studio is at {address} until Ctrl-C")
    if ctx.params["browser"]:
        webbrowser.open(address)


COMMAND = Command(
    "studio",
    "Open a page in the browser that draws pictures while one moves its sliders.",
    [
        Argument(
            ["images"],
            nargs=-1,
            metavar="[IMAGE]...",
            type=File("IMAGE", image.BUILT_IN),
            about=f"pictures to begin with: files, or names of built-in ones ({', '.join(image.BUILT_IN)})",
        ),
        Option("--port", type=Whole(), default=0, help="where the page is served (default: a port that is free)"),
        Option(
            "--host",
            type=Text("ADDRESS"),
            default=_LOOPBACK,
            help=f"who is served; 0.0.0.0 is everybody who knows the address with its token (default {_LOOPBACK}: "
            "this machine alone)",
        ),
        Option("--browser/--no-browser", default=True, help="open the page, or only say where it is"),
    ],
    _run,
)
