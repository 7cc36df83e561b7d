"""Rows on their way in: a temporary table of one import, filled by COPY."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from psycopg2.errors import QueryCanceled
from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Integer, MetaData, Numeric, Table, Text, text
from sqlalchemy.types import TypeEngine

from core.errors import TaktasError
from intake.cells.formats import ValueKind
from intake.cells.slots import Value
from intake.import_kinds import KINDS
from intake.mappings.row_finishing import FACTS
from models.columns import Json, Moment

ROWS_AT_ONCE = 2_000

_TYPES: dict[ValueKind, type[TypeEngine[Any]]] = {
    ValueKind.MONEY: Numeric,
    ValueKind.NUMBER: Numeric,
    ValueKind.WHOLE: Integer,
    ValueKind.DATE: Date,
    ValueKind.YES_NO: Boolean,
}


@cache
def staged_table(name: str) -> Table:
    """For that kind: one column for every field, whether the file brings it or not, and the number of the row."""
    kind = KINDS[name]
    columns: list[Column[Any]] = [Column("row", Integer, nullable=False)]
    for field in kind.fields:
        is_moment = field.kind in {ValueKind.START, ValueKind.END}
        columns.append(Column(field.staged, Moment() if is_moment else _TYPES.get(field.kind, Text)()))
    columns += [Column(f"{name}_sort_key", Text) for name in ("client", "employee") if f"{name}.name" in kind.by_path]
    columns += [Column(FACTS, Json)] if kind.has_objects else []
    return _temporary("staged_rows", columns)


@cache
def planned_terms_table() -> Table:
    """Which row is which term: `term_id` is NULL for a new one, `first_row` the first row about the same term."""
    return _temporary(
        "planned_terms",
        [
            Column("row", Integer, nullable=False),
            Column("first_row", Integer, nullable=False),
            Column("term_id", BigInteger),
            Column("sequence", Integer, nullable=False),
        ],
    )


def _temporary(name: str, columns: Sequence[Column[Any]]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def create(db: Connection, *tables: Table) -> None:
    """Make the temporary tables anew; before a transaction becomes READ ONLY, for afterwards none can be made."""
    for table in tables:
        db.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table.name}"))
        table.create(db)


def copy_in(db: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Value | int]]) -> None:
    """Stream rows into the table; a few thousand of them are in memory at a time."""
    listed, stream = ", ".join(names), _Stream(rows)
    cursor = db.connection.cursor()
    try:
        cursor.copy_expert(f"COPY {table.name} ({listed}) FROM STDIN (FORMAT csv)", stream)
    except QueryCanceled:
        if stream.refusal is not None:  # the driver tells the server to stop, and loses why
            raise stream.refusal from None
        raise
    finally:
        cursor.close()
    db.execute(text(f"ANALYZE {table.name}"))


class _Stream(io.TextIOBase):
    """What COPY reads from: rows written as CSV when they are asked for. An empty field is NULL."""

    def __init__(self, rows: Iterable[Sequence[Value | int]]) -> None:
        self._pieces = _pieces(iter(rows))
        self._left = ""
        self.refusal: TaktasError | None = None

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def read(self, size: int | None = -1) -> str:
        """The next characters; fewer than `size` where a piece ends."""
        if not self._left:
            self._left = self._next_piece()
        end = len(self._left) if size is None or size < 0 else size
        taken, self._left = self._left[:end], self._left[end:]
        return taken

    def _next_piece(self) -> str:
        try:
            return next(self._pieces, "")
        except TaktasError as refusal:
            self.refusal = refusal
            raise


def _pieces(rows: Iterator[Sequence[Value | int]]) -> Iterator[str]:
    while True:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerows(islice(rows, ROWS_AT_ONCE))  # both signs are then quoted
        piece = buffer.getvalue()
        if not piece:
            return
        yield piece
