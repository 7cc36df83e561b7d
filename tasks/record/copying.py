"""Many rows at once into the tables of work: numbers drawn together, rows streamed by COPY."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, select


def numbers(db: Connection, table: Table, count: int) -> list[int]:
    """So many new numbers of a table."""
    if not count:
        return []
    sequence = db.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, count).table_valued("n"))
    return list(db.scalars(drawn))


def copy_rows(db: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> bool:
    """Stream rows with the same keys into a table; an empty text is NULL but for `member`. False: there was none."""
    first = next(rows, None)
    if first is None:
        return False
    may_be_empty = " , FORCE_NOT_NULL (member)" if "member" in first else ""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([_written(value) for value in row.values()] for row in chain((first,), rows))
    buffer.seek(0)
    cursor = db.connection.cursor()
    try:
        cursor.copy_expert(f"COPY {table.name} ({', '.join(first)}) FROM STDIN (FORMAT csv{may_be_empty})", buffer)
    finally:
        cursor.close()
    return True


def _written(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
