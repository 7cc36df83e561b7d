"""Who keeps this house's beat: one process at a time, known by a locked file; what a dead one left is ended."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.errors import TaktasError
from core.settings import settings
from tasks.timetable.holder import started

PATIENCE = 4.0  # seconds a process has to end before it is killed
LOOK_EVERY = 0.05


class AlreadyUp(TaktasError):
    """Another process keeps the beat of this house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What stands in the file: the process that keeps the beat, and its Prefect server, each with its start."""

    pid: int
    start: str | None
    server_pid: int | None = None
    server_start: str | None = None
    api: str | None = None


class HouseKeys:
    """Held while the beat is kept; the system lets go of the file when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._signs = Signs(pid=os.getpid(), start=started(os.getpid()))

    @classmethod
    def take(cls) -> HouseKeys:
        """Take them, and end the Prefect server of a predecessor that was killed. Raises: AlreadyUp."""
        file = keys_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyUp(_sentence(read_signs())) from None
        left = read_signs()
        if left is not None:
            _end_left(left)
        keys = cls(descriptor)
        keys._write()
        return keys

    def show_server(self, pid: int, start: str | None, api: str) -> None:
        """Let other commands find our Prefect server, and a successor end it if we cannot."""
        self._signs = replace(self._signs, server_pid=pid, server_start=start, api=api)
        self._write()

    def give_back(self) -> None:
        """The beat is kept no more."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def _write(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(asdict(self._signs)).encode(), 0)
        os.set_inheritable(self._descriptor, False)


def keys_file() -> Path:
    """One per house in the data directory."""
    return settings().data_dir / f"up-{settings().house}.lock"


def read_signs() -> Signs | None:
    """What the file says, of a process alive or dead; None when it says nothing."""
    try:
        return Signs(**json.loads(keys_file().read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def server_of_running_up() -> str | None:
    """Where the Prefect server of the process that keeps the beat answers; None when there is none."""
    signs = read_signs()
    if signs is None or signs.api is None or started(signs.pid) != signs.start:
        return None
    return signs.api


def _sentence(signs: Signs | None) -> str:
    who = f" (process {signs.pid})" if signs else ""
    return (
        f"taktas is already up for the house {settings().house!r}{who}, and one beat is enough. Stop that one first, "
        "or work in another house with --house."
    )


def _end_left(left: Signs) -> None:
    """The server of one that was killed ends by itself; if it hangs it is ended here. Nobody else's process is."""
    if left.server_pid is None or left.server_start is None:
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE
        while started(left.server_pid) == left.server_start and time.monotonic() < deadline:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(left.server_pid, sign)
            time.sleep(LOOK_EVERY)
