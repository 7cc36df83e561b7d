"""Ending what a killed embedded server left behind: its processes that have not noticed yet."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

PROCESSES = Path("/proc")


def is_alive(pid: int) -> bool:
    """Whether a process has that id now, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_orphans(data: Path) -> None:
    """Ask the server processes that work in this data folder to end; elsewhere than on Linux they end by themselves."""
    for pid in _server_processes_in(data):
        try:
            os.kill(pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            continue


def _server_processes_in(data: Path) -> Iterator[int]:
    if not PROCESSES.is_dir():
        return
    for entry in PROCESSES.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            works_here = (entry / "cwd").readlink() == data
            name = (entry / "comm").read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        if works_here and name == "postgres":
            yield int(entry.name)
