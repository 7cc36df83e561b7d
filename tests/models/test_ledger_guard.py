"""The database keeps the ledger append-only, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

AN_EVENT = "INSERT INTO events (case_id, number, kind, at, door) VALUES (1, 1, 'case.started', now(), 'cli')"


@pytest.mark.parametrize("change", ["UPDATE events SET kind = 'x'", "DELETE FROM events", "TRUNCATE events"])
def test_the_ledger_refuses_every_change_but_an_addition(db: Connection, change: str) -> None:
    """UPDATE, DELETE and TRUNCATE of the ledger fail in the database itself."""
    db.execute(text(AN_EVENT))

    with pytest.raises(DBAPIError, match="append-only: write a compensating event instead"):
        db.execute(text(change))


def test_an_event_has_one_number_within_its_case(db: Connection) -> None:
    """Two events of one case cannot bear the same number."""
    db.execute(text(AN_EVENT))

    with pytest.raises(DBAPIError, match="uq_events_case"):
        db.execute(text(AN_EVENT))
