"""A page of the studio without a browser: its WebSocket, what it sends, and what it is told."""

import json
import struct
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from websockets.sync.client import connect


class LivePage:
    """An open page. url : the address that `gng-fast studio` prints"""

    def __init__(self, url, origin=None):
        parts = urlsplit(url)
        self.url, self.origin = url, origin or f"http://{parts.netloc}"
        self.stack = ExitStack()
        self.socket = self.stack.enter_context(
            connect(f"ws://{parts.netloc}{parts.path}live", origin=self.origin, max_size=None, compression=None)
        )
        self.serial = 0
        self.number = self.hear("hello")["page"]

    def ask(self, what, **told):
        self.serial += 1
        self.socket.send(json.dumps({"ask": what, "serial": self.serial, **told}))
        return self.serial

    def next(self, timeout=60):
        """The facts of the next message, with its bytes as "data"."""
        message = self.socket.recv(timeout=timeout)
        (length,) = struct.unpack_from("<I", message)
        return json.loads(message[4 : 4 + length]) | {"data": message[4 + length :]}

    def hear(self, *kinds, serial=None, timeout=60):
        """The next message of one of these kinds, for these settings if a serial number is given."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            facts = self.next(timeout)
            if facts["kind"] in kinds and serial in (None, facts["serial"]):
                return facts
        raise TimeoutError(f"none of {kinds}")

    def open(self, picture):
        return self.hear("picture", serial=self.ask("open", picture=picture))

    def draw(self, **told):
        return self.hear("drawing", "failed", serial=self.ask("set", **told))

    def close(self):
        self.stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
