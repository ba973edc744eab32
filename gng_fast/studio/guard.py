"""Who may ask: only pages of this server itself, by an address that holds its token.

Any page of the web may send requests to a server on this machine. It cannot know the token, its requests carry its own
Origin, and a name of its own that leads here (DNS rebinding) stands in Host.
"""

import ipaddress
import secrets
import socket
from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("", "0.0.0.0", "::")
# Requests that change something must say which page they come from; browsers do so.
_HARMLESS = ("GET", "HEAD")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self' ws://{host}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(18)


class Hosts:
    """The names by which the server may be asked.

    Parameters
    ----------
    host : str
        The address that it listens at.
    port : int
    """

    def __init__(self, host: str, port: int) -> None:
        self._port = port
        self._everywhere = host in _EVERYWHERE
        self._names = {host.lower(), *_LOOPBACK} if host in _LOOPBACK or self._everywhere else {host.lower()}
        if self._everywhere:
            self._names.add(socket.gethostname().lower())

    def know(self, host: str) -> bool:
        """Whether a header Host names this server."""
        name, port = _name_and_port(host)
        return port == self._port and (name in self._names or (self._everywhere and _is_address(name)))


def _name_and_port(host: str) -> tuple[str, int]:
    """A header Host in its parts; -1 for a port that is none."""
    name, _, port = host.lower().rpartition(":") if not host.endswith("]") and ":" in host else (host.lower(), "", "80")
    return name.removeprefix("[").removesuffix("]"), int(port) if port.isdecimal() and len(port) < 6 else -1


def _is_address(name: str) -> bool:
    """Whether a name is a number, which no foreign page can have for its name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """The application behind the checks; what does not pass them is answered in one line.

    Parameters
    ----------
    app : ASGI application
        It is asked with the token taken off its paths.
    token : str
        The first part of every path.
    hosts : Hosts
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Hosts) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        host = request.headers.get("host", "")
        refusal = self._refusal(scope, request.headers.getlist("host"), request.headers.getlist("origin"))
        if refusal is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                answer = PlainTextResponse(f"{refusal}\n", 403, {"connection": "close"})
                await answer(scope, receive, send)
            return
        _, _, path = scope["path"].split("/", 2)
        headers = [
            (b"content-security-policy", _POLICY.format(host=host).encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cache-control", b"no-store"),
        ]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        inner = {**scope, "path": f"/{path}", "raw_path": f"/{path}".encode(), "root_path": ""}
        await self._app(inner, receive, send_guarded)

    def _refusal(self, scope: Scope, hosts: Iterable[str], origins: Iterable[str]) -> str | None:
        """What is wrong with a request, in one line; None if nothing is."""
        hosts, origins = list(hosts), list(origins)
        if len(hosts) != 1 or not self._hosts.know(hosts[0]):
            return "refused: the studio has another address"
        if origins and origins != [f"http://{hosts[0]}"]:
            return "refused: another page may not use the studio"
        if not origins and (scope["type"] == "websocket" or scope["method"] not in _HARMLESS):
            return "refused: a request that changes something must say what page it comes from"
        parts = scope["path"].split("/", 2)
        if len(parts) < 3 or not secrets.compare_digest(parts[1].encode(), self._token):
            return "refused: the address lacks the token that gng-fast studio has printed"
        return None
