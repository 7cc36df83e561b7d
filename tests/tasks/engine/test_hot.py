"""Statements on the driver's own cursor fail as all others do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError

from models import database, definitions, people
from models.database import DatabaseUnreachable
from tasks.record.hot import Hot, HotInsert

NAMES = definitions.processes.c


def test_a_statement_gives_rows_the_first_row_and_how_many_it_changed(db: Connection) -> None:
    """Its literals are kept, its parameters given."""
    add = HotInsert(definitions.processes, ("name", "subject"))
    read = Hot(select(NAMES.name).where(NAMES.subject == bindparam("subject")).order_by(NAMES.name))
    rename = Hot(definitions.processes.update().where(NAMES.name == bindparam("old")).values(subject="policy"))

    add.change_many(db, [{"name": name, "subject": "term"} for name in ("b", "a")])
    changed = rename.change(db, {"old": "b"})

    assert read.rows(db, {"subject": "term"}) == [("a",)]
    assert read.first(db, {"subject": "nothing"}) is None
    assert changed == 1


def test_a_broken_promise_of_the_database_is_the_same_error(db: Connection) -> None:
    """Of the same class, with the statement."""
    add = Hot(insert(definitions.processes).values(name=bindparam("name"), subject=bindparam("subject")))
    add.change(db, {"name": "a", "subject": "term"})

    with pytest.raises(IntegrityError, match="uq_processes_name"), db.begin_nested():
        add.change(db, {"name": "a", "subject": "term"})


def test_a_value_the_database_cannot_take_is_the_same_error(db: Connection) -> None:
    """No date looks like that."""
    add = HotInsert(people.employees, ("login", "joined_on"))

    with pytest.raises(DataError), db.begin_nested():
        add.change_many(db, [{"login": "a", "joined_on": "never"}])


def test_a_connection_that_broke_is_said_in_a_sentence(house: Any) -> None:
    """As for every other statement."""
    read = Hot(select(NAMES.id))

    def work() -> None:
        with database.begin() as db:
            pid = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with house.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            read.rows(db, {})

    with pytest.raises(DatabaseUnreachable, match="broke in the middle of the work"):
        work()
