"""The server of the studio: its addresses, and how it starts and ends."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import resources
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from gng_fast.art import image
from gng_fast.progress import Stopped
from gng_fast.studio import pictures
from gng_fast.studio.connections import Connection
from gng_fast.studio.drawings import DOWNLOADS
from gng_fast.studio.guard import Guard, Hosts, new_token
from gng_fast.studio.pages import Page
from gng_fast.studio.settings import controls
from gng_fast.studio.works import Workshop, warnings_to_pages

#: The largest file that may be uploaded, in bytes.
MOST_BYTES = 100 * 2**20
#: Within so many seconds it must be there.
UPLOAD_SECONDS = 60.0
#: So many pages may be open at the same time.
MOST_PAGES = 64
# A message of a page is no longer than this.
_MOST_MESSAGE = 1 << 16
_FILES = {
    "index.html": "text/html",
    "studio.css": "text/css",
    "studio.svg": "image/svg+xml",
    **dict.fromkeys(
        ("main.js", "connection.js", "controls.js", "stage.js", "tools.js", "state.js", "files.js"), "text/javascript"
    ),
}


class Studio:
    """The application.

    Parameters
    ----------
    named : list of str
        The pictures that the command line names.
    """

    def __init__(self, named: list[str]) -> None:
        self._named = named
        self._pages: dict[str, Page] = {}
        self._workshop = Workshop()
        folder = resources.files("gng_fast.studio").joinpath("page")
        self._files = {name: folder.joinpath(name).read_bytes() for name in _FILES}
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/controls", self._controls),
                WebSocketRoute("/live", self._live),
                Route("/pages/{page}/{what:str}", self._upload, methods=["POST"]),
                Route("/pages/{page}/drawing{ending:str}", self._download),
                Route("/{name:str}", self._file),
            ],
            lifespan=self._lifespan,
        )
        self.app.router.redirect_slashes = False

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        with warnings_to_pages():
            yield
            for page in self._pages.values():
                page.close()
            self._workshop.close()

    # ---- the page itself ----

    async def _index(self, _: Request) -> Response:
        return Response(self._files["index.html"], media_type="text/html")

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return _refused(404, "there is no such file")
        return Response(self._files[name], media_type=_FILES[name])

    async def _controls(self, _: Request) -> Response:
        named = [pictures.plain_name(name) for name in self._named]
        return JSONResponse({**controls(), "named": named, "most_bytes": MOST_BYTES})

    # ---- what a page asks for ----

    async def _live(self, socket: WebSocket) -> None:
        """The life of a page: it tells what it wants, and is told what there is."""
        if len(self._pages) >= MOST_PAGES:
            await socket.close(1013, "too many pages are open")
            return
        await socket.accept()
        page, number = Page(self._workshop, self._named, image.BUILT_IN), secrets.token_urlsafe(12)
        self._pages[number] = page
        page.outbox.put({"kind": "hello", "serial": 0, "page": number})
        sending = asyncio.create_task(self._send(socket, page))
        try:
            while True:
                page.take(await socket.receive_text())
        except (WebSocketDisconnect, KeyError):  # a KeyError: bytes in place of text
            pass
        finally:
            sending.cancel()
            del self._pages[number]
            page.close()

    async def _send(self, socket: WebSocket, page: Page) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the page has gone
            while True:
                await socket.send_bytes(await page.outbox.next())

    async def _upload(self, request: Request) -> Response:
        """Take a picture or a mask, whose bytes are the body of the request."""
        page, what = self._pages.get(request.path_params["page"]), request.path_params["what"]
        if page is None or what not in ("picture", "mask"):
            return _refused(404, "there is no such page")
        try:
            serial = int(request.query_params.get("serial", "0"))
            async with asyncio.timeout(UPLOAD_SECONDS):
                data = await _body(request)
        except TimeoutError:
            return _refused(408, "the file did not come in time")
        except ValueError as error:
            return _refused(413, str(error))
        if what == "mask":
            page.open_mask(serial, data)
        else:
            page.open(serial, data, pictures.plain_name(request.query_params.get("name", "")))
        return Response(status_code=204)

    async def _download(self, request: Request) -> Response:
        """Give a file of what was drawn."""
        page, ending = self._pages.get(request.path_params["page"]), request.path_params["ending"]
        if page is None or ending not in DOWNLOADS:
            return _refused(404, "there is no such file")
        pixels = request.query_params.get("pixels", "")
        if pixels and not (pixels.isdecimal() and len(pixels) < 10):
            return _refused(409, f"pixels must be a whole number, got {pixels[:20]!r}")
        try:
            name, data = await page.written(ending, int(pixels) if pixels else None)
        except (ValueError, TypeError, ImportError, MemoryError, Stopped) as error:
            return _refused(409, " ".join(str(error).split()))
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(data, media_type=DOWNLOADS[ending], headers={"content-disposition": disposition})


async def _body(request: Request) -> bytes:
    """The body of a request; ValueError as soon as it is known to be too long."""
    too_long = ValueError(f"a file may have {MOST_BYTES // 2**20} MB")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > MOST_BYTES):
        raise too_long
    parts, total = [], 0
    async for part in request.stream():
        total += len(part)
        if total > MOST_BYTES:
            raise too_long
        parts.append(part)
    return b"".join(parts)


def _refused(status: int, why: str) -> Response:
    """An answer of one line; the connection is closed, or the rest of what is refused would still be read."""
    return PlainTextResponse(f"refused: {why}\n", status, {"connection": "close"})


# ---- start and end --------------------------------------------------------------------------------------------------


def serve(named: list[str], host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the studio until the process is interrupted.

    Parameters
    ----------
    named : list of str
        Pictures for the pages: paths, or names of built-in ones.
    host : str
        Where to listen; "127.0.0.1" serves this machine alone.
    port : int
        0 takes one that is free.
    ready : callable(address)
        Called with the address of the page, once it can be opened.

    Raises
    ------
    OSError
        If the port is taken.
    KeyboardInterrupt
        At the end.
    """
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    token = new_token()
    studio = Studio(named)
    config = uvicorn.Config(
        Guard(studio.app, token, Hosts(host, port)),
        http=Connection,
        ws="websockets-sansio",
        ws_max_size=_MOST_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=1,
    )
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    server = uvicorn.Server(config)

    async def run() -> None:
        ready(f"http://{name}:{port}/{token}/")
        await server.serve(sockets=[listening])

    with listening:
        asyncio.run(run())


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise OSError(f"cannot listen at {host}:{port}: {error.strerror or error}") from error
    return listening
