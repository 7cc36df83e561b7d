"""The signs of life of the embedded server: who holds its lock, what it says of itself, what a killed one left."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.embedded.place import Place

PROCESSES = Path("/proc")
MAY_WE_ENCRYPT = bytes.fromhex("00000008 04d2162f")  # the one question a server answers to anybody, with one letter


def answers(place: Place) -> bool:
    """Whether the server takes connections: it answers on its socket and says it is ready."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(place.socket))
            probe.sendall(MAY_WE_ENCRYPT)
            return probe.recv(1) == b"N" and says_ready(place)
    except OSError:
        return False


def says_ready(place: Place) -> bool:
    """Whether the server's own lock file says it takes connections."""
    return _said(place, line=7).strip() == "ready"


def server_pid(place: Place) -> int | None:
    """The process id in the server's own lock file; None where there is none."""
    first = _said(place, line=0).strip()
    return int(first) if first.isdigit() else None


def _said(place: Place, *, line: int) -> str:
    try:
        lines = (place.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return lines[line] if len(lines) > line else ""


@contextmanager
def claim(place: Place) -> Iterator[int | None]:
    """The open lock file while we alone hold it; None where somebody else does.

    The server inherits the open file, so as long as any of its processes lives the lock says so: no other server can
    be started on the same data, and a process id used a second time by something else deceives nobody.
    """
    descriptor = os.open(place.lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        held: int | None = descriptor
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = None
        yield held
    finally:
        os.close(descriptor)  # never unlocked by hand: that would take it from the server too


def is_free(place: Place) -> bool:
    """Whether nobody sets up, starts or runs the server."""
    with claim(place) as held:
        return held is not None


def is_alive(pid: int) -> bool:
    """Whether a process has that id now, whoever owns it; one that ended and was not yet buried has not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return (PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2][
            1
        ] != "Z"
    except OSError:
        return True


def end_orphans(data: Path) -> None:
    """Ask the server processes that work in this data folder to end.

    A killed server's processes end by themselves when they next wait for something, but not in the middle of a long
    statement. Where there is no /proc to find them, they are waited for.
    """
    for pid in _server_processes_in(data):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)


def _server_processes_in(data: Path) -> Iterator[int]:
    for entry in PROCESSES.glob("[0-9]*"):
        try:
            works_here = (entry / "cwd").readlink() == data
            name = (entry / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        if works_here and name == "postgres":
            yield int(entry.name)
