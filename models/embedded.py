"""The embedded PostgreSQL: set up at first use, started when needed, shared by all processes, left running."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.settings import settings
from models.embedded_orphans import end_orphans, is_alive
from models.embedded_place import (
    PORT,
    Account,
    EmbeddedServerError,
    Place,
    account_for,
    find_place,
    make_folder,
    programs_for,
    settle,
)
from models.embedded_settings import memory_of_machine, render, server_settings, shared_memory_of_machine

OWNER = "taktas"
PATIENCE = 300.0  # seconds: after a crash PostgreSQL first replays its log
PAUSE = 0.05  # seconds between two looks
ORPHANS_AFTER = 2.0  # seconds a dead server's processes may take to end by themselves
LARGEST_LOG = 10 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """One PostgreSQL server in one data directory; `extra` settings win over ours."""

    data_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def ensure_running(self) -> Place:
        """Start the server if it does not run; costs well under a millisecond when it does.

        Raises: EmbeddedServerError.
        """
        place = find_place(self._folder())
        if place is not None and answers(place):
            return place
        place = settle(self._folder())
        deadline = time.monotonic() + PATIENCE
        while not answers(place):
            with _claim(place) as claim:
                if claim is not None:
                    _start(place, claim, self.extra)
                    return place
            _wait_for_others(place, deadline)
        return place

    def is_running(self) -> bool:
        """Whether the server answers now."""
        place = find_place(self._folder())
        return place is not None and answers(place)

    def place(self) -> Place | None:
        """Where its files are; None before the first use."""
        return find_place(self._folder())

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database in this server, which is started if needed; it holds the password."""
        place = self.ensure_running()
        password = place.password_file.read_text(encoding="ascii").strip()
        return f"postgresql+psycopg2://{OWNER}:{password}@/{database}?host={place.socket_folder}&port={PORT}"

    def house_url(self, house: str) -> str:
        """Like `url`, for a database that is created if it is missing."""
        url = self.url(house)
        place = self.ensure_running()
        _create_if_missing(place, house)
        return url

    def stop(self) -> bool:
        """Stop the server, ending its connections; False when none was running. Raises: EmbeddedServerError."""
        place = find_place(self._folder())
        if place is None or not place.lock_file.exists():
            return False
        with _claim(place) as claim:
            if claim is not None:
                return False
        _stop(place)
        return True

    def _folder(self) -> Path:
        return Path(os.path.realpath(self.data_dir))


def embedded() -> EmbeddedServer:
    """The server of this process's data directory."""
    return EmbeddedServer(data_dir=settings().data_dir)


def ensure_running() -> None:
    """Start the embedded server of the settings if it does not run. Raises: EmbeddedServerError."""
    embedded().ensure_running()


def embedded_url(house: str) -> str:
    """The SQLAlchemy address of a house's database in the embedded server, both made ready if needed.

    Raises: EmbeddedServerError.
    """
    return embedded().house_url(house)


def stop() -> bool:
    """Stop the embedded server of the settings; False when none was running. Raises: EmbeddedServerError."""
    return embedded().stop()


def answers(place: Place) -> bool:
    """Whether the server takes connections: its socket is open and it says it is ready."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(place.socket))
    except OSError:
        return False
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
def _claim(place: Place) -> Iterator[int | None]:
    """The open lock file while we alone hold it; None where somebody else does.

    The server inherits the open file, so the lock says as long as any of its processes lives that it does: no other
    can be started on the same data, and a process id used a second time by something else deceives nobody.
    """
    descriptor = os.open(place.lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor
    finally:
        os.close(descriptor)  # never unlocked by hand: that would take it from the server too


def _wait_for_others(place: Place, deadline: float) -> None:
    """Somebody else starts or stops it, or processes of a killed server are still ending."""
    pid = server_pid(place)
    if pid is not None and not is_alive(pid):
        _end_orphans_of(place, pid)
    elif time.monotonic() > deadline:
        raise EmbeddedServerError(
            f"The embedded database in {place.home} is running but does not answer on {place.socket}. "
            "Run `taktas db stop` and try again."
        )
    time.sleep(PAUSE)


def _end_orphans_of(place: Place, pid: int) -> None:
    patience = time.monotonic() + ORPHANS_AFTER
    while server_pid(place) == pid and not _is_free(place):
        if time.monotonic() > patience:
            end_orphans(place.data)
            return
        time.sleep(PAUSE)


def _is_free(place: Place) -> bool:
    with _claim(place) as claim:
        return claim is not None


def _start(place: Place, claim: int, extra: Mapping[str, str]) -> None:
    """Bring the server up. We hold the lock, so nothing of an earlier server is alive any more."""
    account = account_for(place.data if place.data.exists() else place.home)
    programs = programs_for(account)
    for leftover in place.home.glob("new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if not place.cluster.exists():
        _create(place, account, programs, claim)
    _prepare_socket_folder(place.socket_folder, account)
    _write_settings(place, extra)
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for name in (place.socket, Path(f"{place.socket}.lock")):
        name.unlink(missing_ok=True)
    if place.log_file.exists() and place.log_file.stat().st_size > LARGEST_LOG:
        place.log_file.replace(place.log_file.with_suffix(".log.1"))
    _run_pg_ctl(place, account, programs, claim)


def _run_pg_ctl(place: Place, account: Account, programs: Path, claim: int) -> None:
    command = [
        programs / "pg_ctl",
        "start",
        "-D",
        place.data,
        "-l",
        place.log_file,
        "-w",
        "-s",
        "-t",
        str(int(PATIENCE)),
    ]
    done = _run(command, account, claim)
    if done.returncode != 0 or not answers(place):
        raise EmbeddedServerError(
            f"The embedded database in {place.home} did not start: {_last_words(place, done.stderr)}. "
            f"Its log is {place.log_file}."
        )


def _last_words(place: Place, otherwise: str) -> str:
    """The last complaint in the server's log, else what the starting program said."""
    try:
        lines = place.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = otherwise.splitlines()
    complaints = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    said = (complaints or lines or ["it gave no reason"])[-1]
    return said.rsplit("FATAL:", 1)[-1].strip().rstrip(".")


def _create(place: Place, account: Account, programs: Path, claim: int) -> None:
    """Make a new cluster beside its final name, then rename it: it is there whole or not at all."""
    staging = Path(tempfile.mkdtemp(prefix="new-", dir=place.home))
    cluster = Place(home=staging)
    password = secrets.token_urlsafe(32)
    make_folder(cluster.cluster, 0o711)
    staging.chmod(0o711)
    make_folder(cluster.data, 0o700)
    _write_private(cluster.password_file, password)
    handed = cluster.cluster / "handed"  # initdb may run as another user, who must read it once
    _write_private(handed, password)
    for path in (cluster.data, handed):
        os.chown(path, account.uid, account.gid)
    _run_initdb(cluster.data, handed, account, programs, claim)
    handed.unlink()
    _include_our_settings(cluster)
    os.sync()
    cluster.cluster.rename(place.cluster)
    staging.rmdir()


def _run_initdb(data: Path, password_file: Path, account: Account, programs: Path, claim: int) -> None:
    # the password has 256 random bits: stretching it would only slow down every connection
    options = [
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--auth=scram-sha-256",
        f"--username={OWNER}",
        f"--pwfile={password_file}",
        "--set=scram_iterations=1",
        "--no-sync",
        "--no-instructions",
    ]
    done = _run([programs / "initdb", *options, data], account, claim)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise EmbeddedServerError(
            f"The embedded database cannot be created in {data.parents[2]}: {said[-1].removeprefix('initdb: ')}. "
            "Make room there or set TAKTAS_DATA_DIR to another folder."
        )


def _include_our_settings(place: Place) -> None:
    """Ours are read last; they lie outside the data, where only we can write them."""
    descriptor = os.open(place.data / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"\ninclude '../{place.settings_file.name}'\n")


def _write_settings(place: Place, extra: Mapping[str, str]) -> None:
    ours = server_settings(
        memory=memory_of_machine(), shared_memory=shared_memory_of_machine(), socket_folder=place.socket_folder
    )
    place.settings_file.write_text(render({**ours, **extra}), encoding="utf-8")
    place.settings_file.chmod(0o644)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{text}\n")


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


def _stop(place: Place) -> None:
    account = account_for(place.data)
    deadline = time.monotonic() + PATIENCE
    while not _is_free(place):
        pid = server_pid(place)
        if pid is not None and not is_alive(pid):
            end_orphans(place.data)
        elif pid is not None:
            _run([programs_for(account) / "pg_ctl", "stop", "-D", place.data, "-m", "fast", "-w", "-s"], account)
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"The embedded database in {place.home} does not stop. Its log is {place.log_file}."
            )
        time.sleep(PAUSE)


def _run(command: Sequence[str | Path], account: Account, claim: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as that user, cut off from our terminal and our PG* variables."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            umask=0o077,
            start_new_session=True,
            pass_fds=() if claim is None else (claim,),
            **account.for_popen(),
        )
        said.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stderr=said.read())


def _create_if_missing(place: Place, house: str) -> None:
    import psycopg2  # not needed to start or stop the server
    from psycopg2 import errors, sql

    connection = psycopg2.connect(
        user=OWNER,
        password=place.password_file.read_text(encoding="ascii").strip(),
        host=str(place.socket_folder),
        port=PORT,
        dbname="postgres",
    )
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (house,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(house)))
    except (errors.DuplicateDatabase, errors.UniqueViolation):
        pass  # another process was first
    finally:
        connection.close()
