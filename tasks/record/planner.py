"""Telling PostgreSQL how to join where it cannot know: temporary tables and tables just written have no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, func, select

BY_HASH = {"enable_nestloop": "off", "enable_mergejoin": "off", "work_mem": "64MB"}
"""Many rows against many: read each table once."""

BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off"}
"""A question asked row by row: looked up, however small the table seemed when the statement was planned."""


@contextmanager
def planned(db: Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """Inside the block statements are planned so; when it fails, the transaction that held the settings is over."""
    before = {name: db.execute(select(func.current_setting(name))).scalar_one() for name in settings}
    _set(db, settings)
    yield
    _set(db, before)


def _set(db: Connection, values: Mapping[str, str]) -> None:
    db.execute(select(*(func.set_config(name, value, True) for name, value in values.items())))
