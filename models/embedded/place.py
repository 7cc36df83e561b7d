"""Where the embedded PostgreSQL keeps its files."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from models.embedded.account import EmbeddedServerError, account_for

PORT = 5432
LONGEST_SOCKET_PATH = 103  # bytes: macOS allows 104 with the closing zero, Linux 108
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # needs no quoting in a URL, in libpq or in a configuration file
ROOT_FOLDER = Path("/var/lib/taktas")
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - what we make there is checked to be ours alone before use


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
        """PostgreSQL's own folder; it belongs to the user that runs the server."""
        return self.cluster / "data"

    @property
    def password_file(self) -> Path:
        """The password of the database's owner, readable by us alone."""
        return self.cluster / "password"

    @property
    def settings_file(self) -> Path:
        """Outside the data, where only we can write it."""
        return self.cluster / "taktas.conf"

    @property
    def log_file(self) -> Path:
        """What the server complains about."""
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
        return SHORT_FOLDER / f"taktas-{_digest(self.home)}"

    @property
    def socket(self) -> Path:
        """What clients connect to."""
        return self.socket_folder / socket_name()


def socket_name() -> str:
    """How PostgreSQL names the socket of its port."""
    return f".s.PGSQL.{PORT}"


def find_place(data_dir: Path) -> Place | None:
    """The place of the embedded server of this data directory; None where none was set up yet."""
    inside = data_dir / "postgres"
    if os.geteuid() == 0 and _pointer(data_dir).is_file():
        return Place(home=Path(_pointer(data_dir).read_text(encoding="utf-8").strip()))
    return Place(home=inside) if inside.is_dir() else None


def settle(data_dir: Path) -> Place:
    """Find the place, or choose and create it.

    Root cannot run PostgreSQL. Where the unprivileged user that runs it for root cannot reach the data directory
    (/root is usually closed), the server lives in /var/lib/taktas and a pointer file says so: no permission of a
    folder above the data directory is ever changed.

    Raises: EmbeddedServerError, OSError.
    """
    as_root = os.geteuid() == 0
    mode = 0o711 if as_root else 0o700
    make_folder(data_dir, mode)
    make_folder(data_dir / "postgres", mode)
    place = find_place(data_dir) or Place(home=data_dir / "postgres")
    if as_root and not place.cluster.exists():
        place = _place_for_root(data_dir)
    if place.home.stat().st_uid != os.geteuid():
        raise EmbeddedServerError(
            f"The embedded database in {place.home} belongs to another user of this machine. Run taktas as that user, "
            "or set TAKTAS_DATA_DIR to a folder of your own."
        )
    return place


def _place_for_root(data_dir: Path) -> Place:
    inside = data_dir / "postgres"
    elsewhere = ROOT_FOLDER / _digest(data_dir)
    if account_for(inside).can_enter(inside) and not elsewhere.exists():
        _pointer(data_dir).unlink(missing_ok=True)
        return Place(home=inside)
    make_folder(ROOT_FOLDER, 0o755)
    make_folder(elsewhere, 0o711)
    if not account_for(elsewhere).can_enter(elsewhere):
        raise EmbeddedServerError(
            f"Root cannot run PostgreSQL itself, and the user that runs it for root can enter neither {inside} nor "
            f"{elsewhere}. Set TAKTAS_DATA_DIR to a folder below one that everybody may enter."
        )
    _pointer(data_dir).write_text(f"{elsewhere}\n", encoding="utf-8")
    return Place(home=elsewhere)


def _pointer(data_dir: Path) -> Path:
    return data_dir / "postgres" / "elsewhere"


def make_folder(path: Path, mode: int) -> None:
    """Create the folder with that mode whatever the umask says; leave one that exists as it is."""
    if path.is_dir():
        return
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
