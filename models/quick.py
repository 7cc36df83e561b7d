"""A snapshot read without SQLAlchemy, which takes longer to load than a list may take to be on the screen."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from core.settings import settings
from models.greeting import CONNECT_ARGS, OLDEST_SERVER
from models.upgrading import known_versions

if TYPE_CHECKING:
    from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - the driver's class has a small name
    from sqlalchemy import Connection

Wanted = TypeVar("Wanted")
_ADDRESS = re.compile(r"^postgres(ql)?(\+psycopg2)?://")
_FIRST_WORDS = "SET TIME ZONE 'UTC'; SELECT version_num FROM alembic_version"


class NotQuickError(Exception):
    """What is asked for needs the ordinary way; never seen outside this module."""


class Answer(list[Any]):
    """The rows of one statement, as SQLAlchemy would hand them out."""

    def all(self) -> list[Any]:
        """Every row."""
        return self

    def first(self) -> Any:
        """The first row, None when there is none."""
        return self[0] if self else None


class QuickConnection:
    """Stands where functions that only run plain SQL expect a connection; all else asked of it is refused."""

    def __init__(self, connection: PsycopgConnection) -> None:
        self._connection = connection

    def exec_driver_sql(self, sql: str, parameters: Mapping[str, Any]) -> Answer:
        """Run one statement; its rows have the names of its columns."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            row = namedtuple("Row", [column.name for column in cursor.description or ()])  # type: ignore[misc]
            return Answer(map(row._make, cursor))

    def __getattr__(self, name: str) -> Any:
        raise NotQuickError(name)


def quickly(work: Callable[[Connection], Wanted]) -> Wanted:
    """What `work` reads in one snapshot: the quick way when nothing stands in it, else as `models.database.read`.

    `work` may be called twice and must change nothing. Raises: what `read` raises, and what `work` raises.
    """
    try:
        with _quick_snapshot() as db:
            return work(cast("Connection", db))
    except (NotQuickError, psycopg2.Error, OSError):
        from models.database import read

        with read() as whole:
            return work(whole)


@contextmanager
def _quick_snapshot() -> Iterator[QuickConnection]:
    with closing(_connect()) as connection:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_WORDS)
            tables = cursor.fetchall()
        if connection.info.server_version < OLDEST_SERVER * 10_000 or tables != [(known_versions()[0],)]:
            raise NotQuickError("the tables are not those of this product")
        yield QuickConnection(connection)


def _connect() -> PsycopgConnection:
    own = settings().database_url
    if own is None:
        from models.embedded.server import embedded  # a database of one's own works where the embedded one does not

        return _connected(**embedded().driver_address(settings().house))
    if not _ADDRESS.match(own):
        raise NotQuickError("an address only SQLAlchemy understands")
    return _connected(dsn=_ADDRESS.sub("postgresql://", own))


def _connected(**address: Any) -> PsycopgConnection:
    made: PsycopgConnection = psycopg2.connect(**address, **CONNECT_ARGS)
    return made
