"""Resolutions: one per distinct combination and book, written once, explained for good."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

from sqlalchemy import Connection, Engine, event, func, insert, select

from models.definitions import standard_books
from models.work import resolutions
from standards.service.standard import Dimensions
from standards.working_time.duration import Duration, Unit
from tasks.handbooks import resolving
from tasks.handbooks.book_sources import book_hash, read_sources

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
CALLS = """\
standards:
  any call:
    for: {action: call}
    due: 2 working days
    effort: 1 hour
  calls to vip clients:
    for: {action: call, client.tier: vip}
    due: 4 working hours
    remind: [{when: when overdue, at once: true}]
"""
VIP_CALL = Dimensions(action="call", process="renewal", step="call", client_tier="vip")


def publish(db: Connection, source: str = CALLS, version: int = 1) -> int:
    """Publish a book of one file; its number."""
    sources = {"standards/calls.yaml": source}
    row = insert(standard_books).values(
        version=version, content_hash=book_hash(read_sources(sources)), sources=sources, published_at=AT
    )
    return int(db.execute(row.returning(standard_books.c.id)).scalar_one())


def test_a_combination_is_resolved_and_kept(db: Connection) -> None:
    """The row says what holds, how long it takes, and why."""
    book = publish(db)

    number, fields = resolving.resolve_task(db, VIP_CALL)

    kept = db.execute(select(resolutions).where(resolutions.c.id == number)).one()
    assert fields.due == Duration(value=4, unit=Unit.WORKING_HOUR)
    assert (kept.standard_book_id, kept.effort_minutes, kept.client_tier) == (book, 60, "vip")
    assert kept.fields == {
        "due": "4 working hours",
        "effort": "1 hour",
        "remind": [{"when": "when overdue", "at once": True}],
    }
    assert kept.explanation["due"]["winner"]["name"] == "calls to vip clients"
    assert kept.explanation["due"]["losers"][0]["file"] == "standards/calls.yaml"


def test_the_same_combination_is_kept_once(db: Connection) -> None:
    """Tasks of the same kind point to one row, and it reads back the same."""
    publish(db)
    first = resolving.resolve_task(db, VIP_CALL)

    again = resolving.resolve_task(db, VIP_CALL)

    assert again == first
    assert resolving.resolution_id(db, VIP_CALL) == first[0]
    assert resolving.dimensions_of(db, first[0]) == VIP_CALL
    assert resolving.explanation_of(db, first[0])["effort"]["winner"]["value"] == "1 hour"
    assert db.execute(select(func.count()).select_from(resolutions)).scalar_one() == 1


def test_known_combinations_cost_one_statement(db: Connection) -> None:
    """Opening a task asks the database once which standard holds."""
    publish(db)
    resolving.resolve_task(db, VIP_CALL)
    asked: list[str] = []

    def note(*facts: object) -> None:
        asked.append(str(facts[2]))

    event.listen(db, "before_cursor_execute", note)
    resolving.resolve_task(db, VIP_CALL)

    assert len(asked) == 1


def test_another_book_resolves_anew(db: Connection) -> None:
    """A new standard holds from the next task on; the old explanation stays as it was."""
    publish(db)
    old, _ = resolving.resolve_task(db, VIP_CALL)
    publish(db, CALLS.replace("4 working hours", "1 working hour"), version=2)

    new, fields = resolving.resolve_task(db, VIP_CALL)

    assert new != old
    assert fields.due == Duration(value=1, unit=Unit.WORKING_HOUR)
    assert resolving.fields_of(db, old).due == Duration(value=4, unit=Unit.WORKING_HOUR)


def test_many_combinations_are_resolved_together(db: Connection) -> None:
    """A run asks for all its combinations at once."""
    publish(db)
    wanted = [Dimensions(action="call", insurer=f"i{n}") for n in range(20)]

    found = resolving.resolve_tasks(db, [*wanted, *wanted])

    assert len({number for number, _ in found.values()}) == 20
    assert all(fields.due == Duration(value=2, unit=Unit.WORKING_DAY) for _, fields in found.values())


def test_without_a_book_nothing_is_asked_of_a_task(db: Connection) -> None:
    """A house that published no standards still works."""
    number, fields = resolving.resolve_task(db, VIP_CALL)

    assert fields.names() == ()
    assert db.execute(select(resolutions.c.standard_book_id).where(resolutions.c.id == number)).scalar_one() is None


def test_two_at_once_write_one_row(fresh_engine: Engine) -> None:
    """Whoever comes second takes what the first wrote."""
    with fresh_engine.begin() as db:
        publish(db)
    found: list[int] = []

    def open_task() -> None:
        with fresh_engine.begin() as db:
            found.append(resolving.resolution_id(db, VIP_CALL))

    threads = [Thread(target=open_task) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    assert len(found) == 4
