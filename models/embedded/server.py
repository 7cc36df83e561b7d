"""The embedded PostgreSQL: set up at first use, started when needed, shared by all processes, left running."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import settings
from models.embedded.account import EmbeddedServerError
from models.embedded.creation import OWNER
from models.embedded.place import PORT, Place, find_place, settle
from models.embedded.signs import answers, claim, is_free
from models.embedded.start import PATIENCE, start, stop_server, wait_for_others


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """One PostgreSQL server in one data directory; `extra` settings win over ours."""

    data_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def ensure_running(self) -> Place:
        """Start the server if it does not run; costs well under a millisecond when it does.

        Raises: EmbeddedServerError.
        """
        with self._explained():
            place = self._find()
            if place is not None and answers(place):
                return place
            return self._bring_up()

    def _bring_up(self) -> Place:
        place = settle(self._folder())
        deadline = time.monotonic() + PATIENCE
        while not answers(place):
            with claim(place) as held:
                if held is not None:
                    start(place, held, self.extra)
                    return place
            wait_for_others(place, deadline)
        return place

    def place(self) -> Place | None:
        """Where its files are; None before the first use. Raises: EmbeddedServerError."""
        with self._explained():
            return self._find()

    def is_running(self) -> bool:
        """Whether the server answers now. Raises: EmbeddedServerError."""
        place = self.place()
        return place is not None and answers(place)

    def stop(self) -> bool:
        """Stop the server, ending its connections; False when none was running. Raises: EmbeddedServerError."""
        with self._explained():
            place = self._find()
            if place is None or not place.lock_file.exists() or is_free(place):
                return False
            stop_server(place)
            return True

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database in this server, started if needed. It holds the password.

        Raises: EmbeddedServerError.
        """
        at = self.driver_address(database)
        return f"postgresql+psycopg2://{at['user']}:{at['password']}@/{database}?host={at['host']}&port={PORT}"

    def driver_address(self, database: str) -> dict[str, Any]:
        """How the driver reaches a database in this server, which runs; it holds the password.

        Raises: EmbeddedServerError.
        """
        place = self.ensure_running()
        with self._explained():
            return _address(place, database)

    def house_url(self, house: str) -> str:
        """Like `url`, for a database that is created if it is missing. Raises: EmbeddedServerError."""
        place = self.ensure_running()
        with self._explained():
            _create_if_missing(place, house)
        return self.url(house)

    def _find(self) -> Place | None:
        return find_place(self._folder())

    def _folder(self) -> Path:
        return Path(os.path.realpath(self.data_dir))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = f"{error.strerror}: {error.filename}" if error.filename else str(error)
            raise EmbeddedServerError(
                f"Cannot use the embedded database of {self.data_dir} ({what}). Set TAKTAS_DATA_DIR to a folder of "
                "your own with room in it, or TAKTAS_DATABASE_URL to a PostgreSQL of your own."
            ) from error


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


def _address(place: Place, database: str) -> dict[str, Any]:
    password = place.password_file.read_text(encoding="utf-8").strip()
    return {"user": OWNER, "password": password, "host": str(place.socket_folder), "port": PORT, "dbname": database}


def _create_if_missing(place: Place, house: str) -> None:
    import psycopg2  # not needed to start or stop the server
    from psycopg2 import errors, sql

    try:
        connection = psycopg2.connect(**_address(place, "postgres"))
    except psycopg2.OperationalError as error:
        raise EmbeddedServerError(
            f"The embedded database in {place.home} refuses us: {' '.join(str(error).split())}. Its log is "
            f"{place.log_file}."
        ) from error
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
