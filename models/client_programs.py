"""PostgreSQL's own programs for backup: which ones fit the server, and running them without showing a password."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import make_dsn
from sqlalchemy import Engine

from core.errors import TaktasError

NEEDED = ("pg_dump", "pg_restore", "psql")


class ProgramsMissing(TaktasError):
    """No pg_dump that can talk to the server is on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPrograms:
    """A folder of PostgreSQL programs, and how they reach the database."""

    folder: Path
    target: str
    env: dict[str, str]

    def command(self, name: str, *options: str) -> list[str]:
        """The words of a command line; the password is not among them but in `env`."""
        return [str(self.folder / name), *options]


def client_programs(engine: Engine, server_version: int, *, bundled_first: bool) -> list[ClientPrograms]:
    """All programs at least as new as the server, those to be preferred first.

    A server elsewhere may ask for ways of proving who we are that the bundled ones lack: for it those on the PATH
    come first. `server_version` as PostgreSQL counts it: 150004 is 15.4. Raises: ProgramsMissing.
    """
    wanted = server_version // 10_000
    found = {folder: _major(folder) for folder in _folders(bundled_first=bundled_first)}
    fitting = [folder for folder, major in found.items() if major >= wanted]
    if not fitting:
        newest = max(found.values(), default=0)
        has = f"the newest pg_dump on this machine is {newest}" if newest else "there is no pg_dump on this machine"
        raise ProgramsMissing(
            f"The database server is PostgreSQL {wanted}, and {has}. Install the PostgreSQL {wanted} client programs "
            "(Debian and Ubuntu: postgresql-client) and try again."
        )
    _, told = engine.dialect.create_connect_args(engine.url)
    password = told.pop("password", None)
    env = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    target = make_dsn(**told)
    return [ClientPrograms(folder=folder, target=target, env=env) for folder in fitting]


def _folders(*, bundled_first: bool) -> Iterator[Path]:
    on_path = shutil.which("pg_dump")
    theirs = [Path(on_path).parent] if on_path else []
    for folder in (*_bundled(), *theirs) if bundled_first else (*theirs, *_bundled()):
        if all((folder / name).is_file() for name in NEEDED):
            yield folder


def _bundled() -> Iterator[Path]:
    from models.embedded.account import EmbeddedServerError
    from models.embedded.programs import installation

    try:
        yield installation() / "bin"
    except EmbeddedServerError:
        return


def _major(folder: Path) -> int:
    said = subprocess.run(  # noqa: S603 - a fixed list, no shell
        [folder / "pg_dump", "--version"], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(number.group(1)) if number else 0
