"""Which process holds a ringing, and whether it still lives: host, number and start of the process together."""

from __future__ import annotations

import os
import socket
import subprocess
from functools import cache
from pathlib import Path

PROCESSES = Path("/proc")
STARTED = 19  # of the fields behind the name in /proc/<pid>/stat: a number used again has another start


def own_holder() -> str:
    """This process, as a ringing keeps it."""
    return f"{_host()}/{os.getpid()}/{started(os.getpid())}"


def is_gone(holder: str) -> bool:
    """Whether that process is known to have ended; of another machine's nothing is known."""
    host, number, start = holder.rsplit("/", 2)
    return host == _host() and number.isdigit() and started(int(number)) != start


def started(pid: int) -> str | None:
    """When the process began, in whatever the system counts; None when there is none, or it waits to be buried."""
    if not PROCESSES.is_dir():
        return _asked_of_ps(pid)
    try:
        said = (PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = said.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[STARTED]


def _asked_of_ps(pid: int) -> str | None:
    told = subprocess.run(  # noqa: S603 - a fixed list, no shell
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "-".join(told.stdout.split()) or None


@cache
def _host() -> str:
    return socket.gethostname().replace("/", "-")
