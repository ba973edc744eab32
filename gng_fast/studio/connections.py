"""How many connections there may be, and how long one may take to say what it wants.

The server waits for ever for the rest of a request, and refuses new ones where too many wait: a program that opens
connections and says nothing could so lock everybody out. Here the oldest that has said nothing yet makes place, and
the rest of a request must come soon.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds within which a request must be there, but for its body.
REQUEST_SECONDS = 5.0
#: As many connections may be about to ask something.
MOST_WAITING = 64


class Connection(H11Protocol):
    """A connection that is closed if it does not ask for anything."""

    #: Connections that have not asked yet, the oldest first.
    waiting: "dict[Connection, asyncio.TimerHandle]" = {}

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.waiting) >= MOST_WAITING:
            next(iter(self.waiting)).refuse(503, "too many connections that ask nothing")
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self.cycle is not None and self.cycle.response_complete:
            self._wait()  # for the rest of a request that follows an earlier one
        before = self.scope
        super().data_received(data)
        if self.scope is not before:
            self._waited()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waited()
        super().connection_lost(exc)

    def refuse(self, status: int, why: str) -> None:
        """Answer in one line, and close the connection."""
        self._waited()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status} Refused\r\nconnection: close\r\ncontent-type: text/plain\r\n"
            line = f"refused: {why}\n"
            self.transport.write(f"{head}content-length: {len(line)}\r\n\r\n{line}".encode())
            self.transport.close()

    def _wait(self) -> None:
        """Close the connection if no request comes in time."""
        if self not in self.waiting:
            message = "the rest of the request did not come in time"
            self.waiting[self] = self.loop.call_later(REQUEST_SECONDS, self.refuse, 408, message)

    def _waited(self) -> None:
        """End the waiting: a request is there, or the connection has gone."""
        handle = self.waiting.pop(self, None)
        if handle is not None:
            handle.cancel()
