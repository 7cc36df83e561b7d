"""The state of the database: whether it runs, how large it is, which version of the tables it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text

from core.settings import settings
from models.database import DatabaseUnreachable, address, engine, explained
from models.upgrading import known_versions, schema_version


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStatus:
    """What there is to know about the database; sizes in bytes."""

    embedded: bool
    running: bool
    address: str
    server_version: str | None = None
    size: int | None = None
    schema_version: str | None = None
    newest_schema_version: str | None = None
    folder: Path | None = None
    log_file: Path | None = None
    problem: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether the tables are those this version of the product needs."""
        return self.running and self.schema_version == self.newest_schema_version


def database_status() -> DatabaseStatus:
    """The state of the settings' database; an embedded server that does not run is not started for it.

    Raises: DatabaseNotUsable, EmbeddedServerError.
    """
    return _status_of_embedded() if settings().database_url is None else _status_of_own()


def _status_of_own() -> DatabaseStatus:
    where = DatabaseStatus(embedded=False, running=False, address=address(engine().url))
    try:
        return _asked(where)
    except DatabaseUnreachable as error:
        return replace(where, problem=str(error))


def _status_of_embedded() -> DatabaseStatus:
    from models.embedded.server import embedded

    server = embedded()
    place = server.place()
    if place is None:
        return DatabaseStatus(embedded=True, running=False, address=str(settings().data_dir), problem="not set up yet")
    where = DatabaseStatus(
        embedded=True, running=False, address=str(place.home), folder=place.home, log_file=place.log_file
    )
    return _asked(where) if server.is_running() else where


def _asked(where: DatabaseStatus) -> DatabaseStatus:
    """Complete with what the running server says."""
    with explained(engine()), engine().connect() as db:
        found = db.execute(
            text("SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size")
        ).one()
        return replace(
            where,
            running=True,
            address=address(db.engine.url),
            server_version=found.version,
            size=found.size,
            schema_version=schema_version(db),
            newest_schema_version=known_versions()[0],
        )
