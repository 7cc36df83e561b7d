"""A mail server that takes everything and keeps nothing: as little work as possible for each message."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen

ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
DOT = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._out, self._heard, self._is_message = transport, b"", False
        self._out.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command; a message ends with a dot on its own line."""
        self._heard += data
        while True:
            end = DOT if self._is_message else b"\r\n"
            told, found, rest = self._heard.partition(end)
            if not found:
                return
            self._heard = rest
            verb = told[:4].upper()
            self._out.write(b"250 ok\r\n" if self._is_message else ANSWERS.get(verb, b"250 ok\r\n"))
            self._is_message = not self._is_message and verb == b"DATA"


@contextmanager
def sink_process() -> Iterator[int]:
    """The sink in a process of its own. Yields its port."""
    process = Popen([sys.executable, "-m", "scenery.sink"], stdout=PIPE, text=True, cwd=sys.path[0])
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


async def serve() -> None:
    """Serve on a free port of this machine, and say which."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
