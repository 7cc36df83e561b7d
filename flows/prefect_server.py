"""Our own Prefect server: started when a flow is to run, answering on this machine only, ended with its starter."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from core.errors import TaktasError
from flows.place import FIRST_START, home, server_environment
from tasks.timetable.holder import started

USUAL_PORT = 4200  # people know it from Prefect's manual
BACKLOG = 512  # connections that may wait to be answered
LOOK_EVERY = 0.1  # seconds
PATIENCE = 4.0  # seconds a server has to end before it is killed


class PrefectServerFailed(TaktasError):
    """Our own Prefect server did not come up."""


@dataclass(slots=True, kw_only=True)
class PrefectServer:
    """One server process of ours. `url`: of its interface for people; `api`: where flows report to."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """Where flows report to."""
        return f"{self.url}/api"

    @property
    def sign(self) -> tuple[int, str | None]:
        """Number and start of its process: together they are used once."""
        return self.process.pid, started(self.process.pid)

    def is_running(self) -> bool:
        """Whether its process has not ended."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it, first politely; returns when it is gone."""
        with suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        if self.is_running():
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def launch(port: int = USUAL_PORT) -> PrefectServer:
    """Start a server process on that port, or on another where it is taken; does not wait for it to answer.

    The port is taken here and handed to it: it needs many seconds to begin, and nobody else may answer in its place.
    """
    home().mkdir(parents=True, exist_ok=True)
    with closing(_listener(port)) as listener, (home() / "server.log").open("wb") as log:
        port = listener.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603 - a fixed list, no shell
            [sys.executable, "-m", "flows.server_process", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, **server_environment(port)},
            cwd="/",
            start_new_session=True,
        )
    return PrefectServer(process=process, port=port)


def start() -> PrefectServer:
    """Start a server and wait until it answers: about two seconds, up to half a minute in a new home.

    Raises: PrefectServerFailed.
    """
    server = launch()
    deadline = time.monotonic() + FIRST_START
    while not is_healthy(server.api):
        if not server.is_running() or time.monotonic() > deadline:
            server.stop()
            raise PrefectServerFailed(f"Prefect's server did not start; {log_file()} says why.")
        time.sleep(LOOK_EVERY)
    return server


def log_file() -> Path:
    """What the server complained about."""
    return home() / "server.log"


def _listener(wanted: int) -> socket.socket:
    """A socket that listens on this machine only: on the wanted port where it is free, else on any."""
    try:
        return socket.create_server(("127.0.0.1", wanted), backlog=BACKLOG)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)


def is_healthy(api: str, *, timeout: float = 1.0) -> bool:
    """Whether a Prefect server answers there within so many seconds."""
    try:
        with urlopen(f"{api}/health", timeout=timeout) as answer:  # noqa: S310 - an address of our own making
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False
