"""The quick way to the database: the same answers as the ordinary one, and that one wherever the quick one ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from core.settings import settings
from models import quick, upgrading
from models.database import DatabaseUnreachable, begin, forget_engine
from models.quick import quickly

pytestmark = pytest.mark.database


def test_a_statement_is_answered_in_a_snapshot_that_cannot_change_anything(fresh_engine: Engine) -> None:
    """Moments are in UTC, lists are arrays, and rows have the names of their columns."""
    seen: list[Any] = []

    def work(db: Connection) -> Any:
        seen.append(db)
        sql = (
            "SELECT current_setting('transaction_isolation') AS level, current_setting('TimeZone') AS zone, %(a)s AS a"
        )
        return db.exec_driver_sql(sql, {"a": [1, 2]}).first()

    row = quickly(work)

    assert (row.level, row.zone, row.a) == ("repeatable read", "UTC", [1, 2])
    assert [type(db) for db in seen] == [quick.QuickConnection]


def test_what_needs_more_than_plain_sql_goes_the_ordinary_way(fresh_engine: Engine) -> None:
    """The work is done again from its beginning."""
    seen: list[Any] = []

    def work(db: Connection) -> Any:
        seen.append(db)
        return db.execute(text("SELECT 7")).scalar_one()

    assert quickly(work) == 7
    assert [isinstance(db, Connection) for db in seen] == [False, True]


def test_tables_of_another_version_are_left_to_the_ordinary_way(
    fresh_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It upgrades them or says what to do."""
    with begin() as db:
        db.execute(text("SELECT 1"))
    monkeypatch.setattr(quick, "known_versions", lambda: ("another", frozenset()))

    assert isinstance(quickly(lambda db: db), Connection)
    assert upgrading.known_versions()[0] != "another"


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings name a server nobody runs."""
    monkeypatch.setenv("TAKTAS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    settings.cache_clear()
    forget_engine()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    forget_engine()


@pytest.mark.usefixtures("database_away")
def test_a_database_that_is_away_is_told_in_the_ordinary_sentence() -> None:
    """Not in the driver's."""
    with pytest.raises(DatabaseUnreachable, match=r"Cannot reach the database at 127\.0\.0\.1:1/nothing"):
        quickly(lambda db: db.exec_driver_sql("SELECT 1", {}))
