"""The settings of the embedded PostgreSQL: made for a small machine, without giving up durability."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1024 * 1024
SMALLEST_CACHE = 64  # megabytes
LARGEST_CACHE = 2048  # megabytes
ENOUGH_SHARED_MEMORY = 512 * MEGABYTE
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only its size is read


def server_settings(*, memory: int, shared_memory: int | None, socket_folder: Path) -> dict[str, str]:
    """What the server is told, for a machine with `memory` bytes; `shared_memory` is None where it has no limit."""
    cache = min(max(memory // 8 // MEGABYTE, SMALLEST_CACHE), LARGEST_CACHE)
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{cache}MB",
        "effective_cache_size": f"{max(memory // 2 // MEGABYTE, 2 * SMALLEST_CACHE)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{min(256, cache)}MB",
        "dynamic_shared_memory_type": _shared_memory_type(shared_memory),
        "random_page_cost": "1.1",
        "jit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "wal_compression": "on",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
        # the log holds no statement and no value of a row: those are about people
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "lc_messages": "C",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }


def _shared_memory_type(shared_memory: int | None) -> str:
    """Containers often have 64 MB of shared memory, too little for parallel queries: then files do it."""
    small = shared_memory is not None and shared_memory < ENOUGH_SHARED_MEMORY
    return "mmap" if small else "posix"


def render(settings: Mapping[str, str]) -> str:
    """The settings as text of a PostgreSQL configuration file."""
    lines = [f"{name} = '{_escaped(value)}'\n" for name, value in settings.items()]
    return "# Written anew at every start. To change a setting for good: ALTER SYSTEM SET.\n" + "".join(lines)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def memory_of_machine() -> int:
    """Bytes of memory this machine, or the container we are in, may use."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = CONTAINER_LIMIT.read_text(encoding="utf-8").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def shared_memory_of_machine() -> int | None:
    """Bytes of /dev/shm; None where the system has no such folder."""
    try:
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return None
    return found.f_frsize * found.f_blocks
