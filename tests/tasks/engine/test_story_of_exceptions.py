"""What managers hear of, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models import deliveries, outbox
from tasks.exceptions.line import Kind, Line
from tasks.exceptions.listing import list_exceptions, scope_of

House = Any


def letter(house: House, name: str, *, state: str, written: int, tried: int | None = None) -> None:
    """A letter written so many days ago, and tried last so many days ago."""
    at = house.now - timedelta(days=written)
    facts = {"message_class": "service", "language": "en", "party_id": house.ids["C-1"], "facts": {}}
    number = house.add(
        outbox.messages, key=name, template=name, state=state, created_at=at, not_before=at, attempts=1, **facts
    )
    if tried is not None:
        moment = house.now - timedelta(days=tried)
        told = {"stage": "rcpt", "outcome": "failed", "answer": "550 no", "began_at": moment, "ended_at": moment}
        attempts = deliveries.message_attempts.insert().values(message_id=number, attempt=1, **told)
        house.db.execute(attempts)


def told(house: House, kind: Kind) -> tuple[Line, ...]:
    """What a manager of the whole house hears of that kind."""
    found = list_exceptions(house.db, scope_of(house.db, at=house.now))
    (part,) = [it for it in found.parts if it.kind is kind]
    return part.lines


def test_a_letter_that_failed_on_its_day_is_told_however_long_ago_it_was_written(small_house: House) -> None:
    """What failed weeks ago was told then; what nobody knows the fate of is told until somebody decides."""
    house = small_house
    letter(house, "planned_for_today", state="failed", written=30, tried=1)
    letter(house, "of_last_month", state="failed", written=30, tried=29)
    letter(house, "refused_at_once", state="failed", written=2)
    letter(house, "lost_its_answer", state="unknown", written=30, tried=29)

    assert [(line.what, line.state) for line in told(house, Kind.MESSAGES)] == [
        ("lost its answer", "unknown"),
        ("refused at once", "failed"),
        ("planned for today", "failed"),
    ]


def test_work_that_waits_beyond_its_hard_limit_is_overdue(small_house: House) -> None:
    """It has no due time while the client is waited for, but no pause moves its last moment."""
    house = small_house
    call = house.task(house.start())
    house.wait(call)
    waiting = house.task()
    house.now = house.at("2026-03-24 09:00")
    before = told(house, Kind.BREACHED)

    house.now = house.at("2026-03-30 09:00")
    (line,) = told(house, Kind.BREACHED)
    counts = list_exceptions(house.db, scope_of(house.db, at=house.now)).counts

    assert (waiting["due_at"], before) == (None, ())
    assert (line.at, line.is_past_limit, line.command) == (waiting["limit_at"], True, f"taktas tasks show {call['id']}")
    assert counts["overdue"] == 1
