"""Starting and stopping the embedded server, and waiting for others that do."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from models.embedded.account import Account, EmbeddedServerError, account_for
from models.embedded.creation import create
from models.embedded.place import Place
from models.embedded.programs import programs_for
from models.embedded.settings import memory_of_machine, render, server_settings, shared_memory_of_machine
from models.embedded.signs import answers, end_orphans, is_alive, is_free, says_ready, server_pid

PATIENCE = 300.0  # seconds: after a crash PostgreSQL first replays its log
PAUSE = 0.05  # seconds between two looks
ORPHANS_AFTER = 2.0  # seconds the processes of a killed server may take to end by themselves
LARGEST_LOG = 10 * 1024 * 1024  # bytes


def start(place: Place, claim: int, extra: Mapping[str, str]) -> None:
    """Bring the server up, creating it at the first use.

    We hold the lock, so nothing of an earlier server is alive: what lock files of its own it left are stale.
    Raises: EmbeddedServerError, OSError.
    """
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    account = account_for(place.data)
    programs = programs_for(account)
    if not place.cluster.exists():
        create(place, account, programs, claim, durable=extra.get("fsync") != "off")
    _prepare_socket_folder(place.socket_folder, account)
    for stale in (place.socket, Path(f"{place.socket}.lock")):
        stale.unlink(missing_ok=True)
    _write_settings(place, extra)
    _turn_over_log(place.log_file)
    _run_pg_ctl(place, account, programs, claim)


def _prepare_socket_folder(folder: Path, account: Account) -> None:
    """A folder only the server's user may enter; one that somebody else made is not trusted."""
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if found.st_uid != account.uid or found.st_mode & 0o170077 != 0o040000:
        raise EmbeddedServerError(
            f"The folder {folder}, where the embedded database would open its socket, belongs to somebody else or is "
            "open to others. Remove it and try again."
        )


def _write_settings(place: Place, extra: Mapping[str, str]) -> None:
    ours = server_settings(
        memory=memory_of_machine(), shared_memory=shared_memory_of_machine(), socket_folder=place.socket_folder
    )
    place.settings_file.write_text(render({**ours, **extra}), encoding="utf-8")
    place.settings_file.chmod(0o644)


def _turn_over_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def _run_pg_ctl(place: Place, account: Account, programs: Path, claim: int) -> None:
    length = place.log_file.stat().st_size if place.log_file.exists() else 0
    # pg_ctl hands these to a shell with poor quoting: names relative to the cluster need none
    log = str(place.log_file.relative_to(place.cluster))
    options = ["-D", place.data.name, "-l", log, "-w", "-s", "-t", f"{PATIENCE:.0f}"]
    done = account.run([programs / "pg_ctl", "start", *options], claim, place.cluster)
    if done.returncode != 0 or not answers(place):
        raise EmbeddedServerError(
            f"The embedded database in {place.home} did not start: {_complaint(place.log_file, length)}. "
            f"Its log is {place.log_file}."
        )


def _complaint(log: Path, since: int) -> str:
    """The last thing the server complained about after its log had that length."""
    try:
        with log.open("rb") as file:
            file.seek(since)
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return (fatal or lines or ["it gave no reason"])[-1].rstrip(".")


def wait_for_others(place: Place, deadline: float) -> None:
    """One look at a server that somebody else starts or stops, or whose processes were killed and are still ending.

    Raises: EmbeddedServerError after the deadline, or when the server lives but its socket was removed.
    """
    pid = server_pid(place)
    lost_socket = says_ready(place) and not place.socket.exists()
    if pid is not None and not is_alive(pid):
        _outlive(place, pid)
    elif (lost_socket and not is_free(place)) or time.monotonic() > deadline:
        raise EmbeddedServerError(
            f"The embedded database in {place.home} is running but does not answer on {place.socket}. "
            "Run `taktas db stop` and try again."
        )
    time.sleep(PAUSE)


def _outlive(place: Place, pid: int) -> None:
    patience = time.monotonic() + ORPHANS_AFTER
    while server_pid(place) == pid and not is_free(place):
        if time.monotonic() > patience:
            end_orphans(place.data)
            return
        time.sleep(PAUSE)


def stop_server(place: Place) -> None:
    """End the server and wait until the last of its processes is gone. Raises: EmbeddedServerError, OSError."""
    account = account_for(place.data)
    pg_ctl = programs_for(account) / "pg_ctl"
    deadline = time.monotonic() + PATIENCE
    while not is_free(place):
        pid = server_pid(place)
        if pid is not None and is_alive(pid):
            account.run([pg_ctl, "stop", "-D", place.data, "-m", "fast", "-w", "-s"])
        elif pid is not None:
            end_orphans(place.data)
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"The embedded database in {place.home} does not stop. Its log is {place.log_file}."
            )
        time.sleep(PAUSE)
