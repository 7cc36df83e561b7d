"""The way to the database: one engine per process, a transaction to change things, a snapshot to read them."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import orjson
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812 - the driver's class has a small name
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, OperationalError

from core.errors import TaktasError
from core.settings import settings
from models.greeting import CONNECT_ARGS, OLDEST_SERVER
from models.upgrading import refuse_old_tables, upgrade_tables


class DatabaseUnreachable(TaktasError):
    """No connection could be made, or it broke in the middle of the work."""


class DatabaseNotUsable(TaktasError):
    """What answers at the address is not a database this product can work with."""


class DatabaseGaveUp(TaktasError):
    """The database could not do what was asked: a full disk, a deadlock, a statement cancelled from outside."""


@cache
def engine() -> Engine:
    """The engine of this process, for the database of the settings; it connects at the first use.

    Raises: DatabaseNotUsable, EmbeddedServerError.
    """
    own = settings().database_url
    if own is not None:
        return new_engine(own)
    from models.embedded.server import (
        embedded_url,  # a database of one's own works on systems the embedded one does not
    )

    made = new_engine(embedded_url(settings().house))
    event.listen(made, "do_connect", _start_the_server)
    return made


@cache
def prepared_engine() -> Engine:
    """The engine of this process, its tables found to be those this product needs.

    The embedded database is upgraded by itself; a database of one's own when its owner says so.
    Raises: SchemaBehind, SchemaAhead, DatabaseUnreachable, DatabaseNotUsable, EmbeddedServerError.
    """
    with explained(engine()):
        if settings().database_url is None:
            upgrade_tables(engine())
        else:
            with engine().connect() as db:
                refuse_old_tables(db)
    return engine()


def upgrade() -> bool:
    """Bring the tables of the settings' database to the newest version; False when they already were.

    Raises: SchemaAhead, DatabaseUnreachable, DatabaseNotUsable, EmbeddedServerError.
    """
    with explained(engine()):
        return upgrade_tables(engine())


def forget_engine() -> None:
    """Close the engine of this process, so that the next use reads the settings again."""
    _forget(close=True)


def _forget(*, close: bool) -> None:
    if engine.cache_info().currsize:
        engine().dispose(close=close)
    engine.cache_clear()
    prepared_engine.cache_clear()


def _leave_to_parent() -> None:
    """A forked child must not talk over its parent's connections."""
    _forget(close=False)


os.register_at_fork(after_in_child=_leave_to_parent)


def new_engine(url: str) -> Engine:
    """An engine for that address. Raises: DatabaseNotUsable when it is not one of a PostgreSQL."""
    made = create_engine(
        _checked(url),
        connect_args=CONNECT_ARGS,
        isolation_level="READ COMMITTED",
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        max_overflow=20,
    )
    event.listen(made, "connect", _greet)
    event.listen(made, "checkout", _refuse_a_dead_connection)
    return made


def _start_the_server(*_told: object) -> None:
    """Before every new connection to the embedded server: it may have been stopped since the last."""
    from models.embedded.server import ensure_running

    ensure_running()


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseNotUsable(
            "TAKTAS_DATABASE_URL is not the address of a database. Write it as postgresql://user:password@host/name."
        ) from error
    kind = parsed.drivername.partition("+")[0]
    if kind not in {"postgresql", "postgres"}:
        raise DatabaseNotUsable(
            f"TAKTAS_DATABASE_URL names a database of the kind {kind!r}; taktas works with PostgreSQL only. "
            "Write it as postgresql://user:password@host/name."
        )
    return parsed.set(drivername="postgresql+psycopg2")


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _greet(connection: PsycopgConnection, _record: object) -> None:
    """Every new connection: the server's age is checked, and moments come back in UTC."""
    check_version(connection.info.server_version)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = False


def check_version(version: int) -> None:
    """`version` as PostgreSQL counts it: 150004 is 15.4. Raises: DatabaseNotUsable when it is too old."""
    if version < OLDEST_SERVER * 10_000:
        raise DatabaseNotUsable(
            f"The database server is PostgreSQL {version // 10_000}; taktas needs {OLDEST_SERVER} or newer. "
            "Upgrade it, or leave TAKTAS_DATABASE_URL empty to use the embedded one."
        )


def _refuse_a_dead_connection(connection: PsycopgConnection, _record: object, _proxy: object) -> None:
    """The server was restarted while the connection lay in the pool: take another.

    An idle connection has nothing to say; if its socket can be read, the server closed it. Looking costs
    microseconds, asking the server would cost a round trip per transaction.
    """
    if connection.closed or _can_be_read(connection.fileno()):
        raise DisconnectionError("the server closed the connection")


def _can_be_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def begin() -> Iterator[Connection]:
    """One transaction to change things: kept when the block ends, taken back when it raises (READ COMMITTED).

    Raises: DatabaseUnreachable, DatabaseNotUsable, SchemaBehind, SchemaAhead.
    """
    with explained(engine()), prepared_engine().begin() as db:
        yield db


@contextmanager
def read() -> Iterator[Connection]:
    """One snapshot to read from: everything is seen as of one moment, nothing can be changed (REPEATABLE READ).

    Raises: DatabaseUnreachable, DatabaseNotUsable, SchemaBehind, SchemaAhead.
    """
    with explained(engine()), prepared_engine().connect() as connection:
        db = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with db.begin():
            yield db


@contextmanager
def explained(target: Engine) -> Iterator[None]:
    """Say in a sentence what the database could not do; errors of the statements themselves pass as they are.

    Raises: DatabaseUnreachable, DatabaseGaveUp.
    """
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnreachable(_lost(target.url)) from error
        if isinstance(error, OperationalError):
            raise _sentence(target.url, error) from error
        raise


def _sentence(url: URL, error: OperationalError) -> TaktasError:
    if error.statement is None:
        said = " ".join(str(error.orig).split())
        return DatabaseUnreachable(f"Cannot reach the database at {address(url)}; is it running? It said: {said}")
    said = str(error.orig).splitlines()[0].rstrip(".")
    return DatabaseGaveUp(
        f"The database at {address(url)} gave up: {said}. Nothing of this step is kept; mend that if it is not "
        "passing, and run the command again."
    )


def _lost(url: URL) -> str:
    return (
        f"The connection to the database at {address(url)} broke in the middle of the work. "
        "What was not finished is taken back; run the command again."
    )


def address(url: URL) -> str:
    """Where a database is, without user and password: `host:port/name`."""
    host = url.host or str(url.query.get("host", "localhost"))
    port = url.port or url.query.get("port", 5432)
    return f"{host}:{port}/{url.database or ''}"
