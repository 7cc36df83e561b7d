"""Statements on the hot path: written in Core, compiled once, run on the driver's own cursor.

Completing a task runs nine statements; through SQLAlchemy's execution they took as long in Python as in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import psycopg2
from sqlalchemy import Connection, Table, bindparam, insert, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ClauseElement

Row = tuple[Any, ...]
_DIALECT = make_url("postgresql+psycopg2://").get_dialect()()


class Hot:
    """One statement. Its parameters are the names of its binds; columns of JSON take text.

    It runs in the transaction the connection is in. Raises: sqlalchemy.exc.DBAPIError, as any statement does.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        compiled = self._statement.compile(dialect=_DIALECT)
        known = compiled.params or {}
        return str(compiled), {name: value for name, value in known.items() if value is not None}

    def rows(self, db: Connection, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows."""
        with self._run(db, parameters) as cursor:
            found: list[Row] = cursor.fetchall()
        return found

    def first(self, db: Connection, parameters: Mapping[str, Any]) -> Row | None:
        """The first row, None when there is none."""
        with self._run(db, parameters) as cursor:
            found: Row | None = cursor.fetchone()
        return found

    def change(self, db: Connection, parameters: Mapping[str, Any]) -> int:
        """How many rows were changed."""
        with self._run(db, parameters) as cursor:
            count: int = cursor.rowcount
        return count

    def _run(self, db: Connection, parameters: Mapping[str, Any]) -> Any:
        sql, known = self._compiled
        return run(db, sql, known | dict(parameters))


class HotInsert:
    """Writing several rows of one table at once; columns of JSON take text."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table = table
        self._columns = tuple(columns)

    @cached_property
    def _one_row(self) -> str:
        """The place of one row's values, each cast as its column wants."""
        statement = insert(self._table).values({name: bindparam(name) for name in self._columns})
        return str(statement.compile(dialect=_DIALECT)).partition(" VALUES ")[2].split(" RETURNING ")[0]

    def change_many(self, db: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows, in their order."""
        names = ", ".join(self._columns)
        numbered = [self._one_row.replace(")s", f"_{place})s") for place in range(len(rows))]
        sql = f"INSERT INTO {self._table.name} ({names}) VALUES {', '.join(numbered)}"  # noqa: S608 - names of our own tables; every value is a parameter
        values = {f"{name}_{place}": row[name] for place, row in enumerate(rows) for name in self._columns}
        run(db, sql, values).close()


def run(db: Connection, sql: str, parameters: Mapping[str, Any] | Sequence[Any]) -> Any:
    """A driver's cursor that has run the statement; use it in a `with`. Raises: sqlalchemy.exc.DBAPIError."""
    cursor: Any = db.connection.cursor()
    try:
        cursor.execute(sql, parameters)
    except psycopg2.Error as error:
        raise _explained(db, sql, parameters, error) from error
    return cursor


def _explained(db: Connection, sql: str, parameters: Any, error: psycopg2.Error) -> BaseException:
    """The error as the rest of the product knows it: it says whether the connection is gone."""
    gone = db.dialect.is_disconnect(error, db.connection.dbapi_connection, None)  # type: ignore[arg-type]  # the driver's own error class
    return DBAPIError.instance(sql, parameters, error, psycopg2.Error, connection_invalidated=gone, dialect=db.dialect)
