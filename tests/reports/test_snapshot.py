"""The nightly snapshot: the same figures as counted anew, whatever happened since the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine, func, select, update

from models import work
from models.snapshots import snapshot_days, snapshot_figures, snapshots
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency import efficiency
from reports.period import Period
from reports.snapshot import bring_up, take_snapshot
from reports.snapshot_reading import NoSnapshot, NotKept, efficiency_of_snapshot, whole_months

ZONE = "Europe/Vilnius"
SPRING = Period(first=date(2026, 2, 10), last=date(2026, 4, 20), zone=ZONE)
USUAL = Question(period=SPRING, by=(By.EMPLOYEE, By.ACTION, By.PRODUCT), as_of=datetime(2026, 3, 1, tzinfo=UTC))


def at(day: int, hour: int = 8, month: int = 3) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def assert_the_same(db: Connection, question: Question, as_of: datetime) -> None:
    """What is kept equals what is counted anew, to the last digit."""
    kept = efficiency_of_snapshot(db, question)
    anew = efficiency(db, replace(question, as_of=as_of))
    assert kept.question.as_of == as_of
    assert_frame_equal(kept.rows, anew.rows, check_exact=True)
    assert_frame_equal(kept.total, anew.total, check_exact=True)


def event(desk: Any, number: int, *, moment: datetime, **ids: Any) -> None:
    """A row of the ledger, recorded long ago enough to count."""
    desk.put(work.events, number=number, kind="task.completed", at=moment, door="cli", **ids)


@pytest.fixture
def worked(desk: Any) -> Any:
    """Two people, three months, every way in which work can fare."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    won, runs = desk.case(end_code="won", is_success=True), desk.case()
    motor = {"product_line": "motor", "effort_minutes": 20}
    for month in (2, 3, 4):
        opened = at(12, month=month)
        shared = {"opened_at": opened, "due_at": opened + timedelta(days=2), "dimensions": motor}
        ended = opened + timedelta(days=month - 1)
        done = desk.task(
            status="done", assignee_id=asta, finished_at=ended, spent_minutes=25, case_id=won, round=month, **shared
        )
        desk.hold(done, by=asta, began_at=opened, ended_at=ended, ended_by="done", working=3600 * month, waiting=60)
        gone = desk.task(status="cancelled", assignee_id=benas, finished_at=ended, case_id=runs, round=month, **shared)
        desk.hold(gone, by=benas, began_at=opened, ended_at=ended, ended_by="cancelled")
        desk.task(assignee_id=benas, **shared)
        several = desk.task(action="offer", step=None, assignee_id=asta, opened_at=opened)
        for case in (won, runs):
            desk.put(work.task_items, task_id=several, case_id=case, step="x", round=month)
    return desk


@pytest.mark.parametrize(
    "by",
    [
        (By.EMPLOYEE, By.ACTION, By.PRODUCT),
        (By.EMPLOYEE,),
        (By.MONTH, By.EMPLOYEE),
        (By.WEEK, By.TEAM, By.EMPLOYEE),
        (By.EMPLOYEE, By.QUARTER, By.YEAR),
    ],
)
def test_the_figures_of_last_night_are_those_counted_anew(worked: Any, by: tuple[By, ...]) -> None:
    """Part of a month, whole months, and the rest; every count, hour and case."""
    bring_up(worked.db, at(1, month=5), ZONE)

    assert_the_same(worked.db, replace(USUAL, by=by), at(1, month=5))
    mine = replace(USUAL, by=by, employee_ids=(worked.db.scalar(select(func.min(work.tasks.c.assignee_id))),))
    assert_the_same(worked.db, mine, at(1, month=5))


def test_a_snapshot_taken_twice_changes_nothing(worked: Any) -> None:
    """But for the open days, nothing is even counted again."""
    first = bring_up(worked.db, at(1, month=5), ZONE)
    rows = worked.db.scalar(select(func.count()).select_from(snapshot_figures))

    again = bring_up(worked.db, at(1, month=5), ZONE)

    assert (first.days, first.first_day, first.last_day) == (3, date(2026, 2, 12), date(2026, 4, 12))
    assert again.days == 3
    assert worked.db.scalar(select(func.count()).select_from(snapshot_figures)) == rows
    assert_the_same(worked.db, USUAL, at(1, month=5))


def test_what_is_settled_is_left_alone_until_the_ledger_speaks_of_it(desk: Any) -> None:
    """A correction of an old task, and the end of an old case, count their days anew."""
    asta, case = desk.employee("Asta"), desk.case()
    task = desk.done(by=asta, at=at(3), due_at=at(4), case_id=case)
    desk.done(by=asta, at=at(12), due_at=at(14), opened_at=at(11))
    bring_up(desk.db, at(20), ZONE)
    assert bring_up(desk.db, at(21), ZONE).days == 0

    desk.db.execute(update(work.tasks).where(work.tasks.c.id == task).values(due_at=at(2)))
    event(desk, 1, moment=at(21), task_id=task)
    corrected = bring_up(desk.db, at(22), ZONE)
    assert (corrected.days, corrected.first_day) == (1, date(2026, 3, 2))
    assert_the_same(desk.db, USUAL, at(22))

    ended = {"status": "ended", "end_code": "won", "is_success": True, "ended_at": at(22, 12)}
    desk.db.execute(update(work.cases).where(work.cases.c.id == case).values(**ended))
    event(desk, 1, moment=at(22, 12), case_id=case)
    decided = bring_up(desk.db, at(23), ZONE)
    assert decided.days == 1
    assert_the_same(desk.db, USUAL, at(23))


def test_an_earlier_moment_or_another_zone_begins_anew(worked: Any) -> None:
    """What is kept is never older or newer than it says."""
    bring_up(worked.db, at(1, month=5), ZONE)

    earlier = bring_up(worked.db, at(20), ZONE)

    assert earlier.days == 2
    assert_the_same(worked.db, USUAL, at(20))
    assert bring_up(worked.db, at(21), "America/Lima").days == 2
    with pytest.raises(NoSnapshot):
        efficiency_of_snapshot(worked.db, USUAL)


def test_the_nightly_snapshot_keeps_its_own_transaction(fresh_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there for whoever looks next; an empty house has no days."""
    monkeypatch.setattr("reports.snapshot.begin", fresh_engine.begin)

    report = take_snapshot(at(1))

    assert (report.taken_at, report.days, report.first_day) == (at(1), 0, None)
    with fresh_engine.connect() as db:
        assert db.scalar(select(snapshots.c.taken_at)) == at(1)
        assert db.scalar(select(func.count()).select_from(snapshot_days)) == 0


def test_what_is_not_kept_is_refused(worked: Any) -> None:
    """With what can be asked instead."""
    with pytest.raises(NoSnapshot) as none:
        efficiency_of_snapshot(worked.db, USUAL)
    bring_up(worked.db, at(1, month=5), ZONE)
    with pytest.raises(NotKept) as insurer:
        efficiency_of_snapshot(worked.db, replace(USUAL, by=(By.EMPLOYEE, By.INSURER)))
    with pytest.raises(NotKept) as whole:
        efficiency_of_snapshot(worked.db, replace(USUAL, by=(By.ACTION,)))

    assert str(none.value) == (
        "There are no figures of last night yet: no snapshot was taken. "
        "Leave out --last-night to count them now, or let the nightly schedule take one (taktas up)."
    )
    assert str(insurer.value) == (
        "The figures of last night are not kept by insurer. "
        "Leave out --last-night, or split by employee, team, action, product and days, weeks or months."
    )
    assert str(whole.value) == (
        "The figures of last night are kept person by person, and this report would count each task once. "
        "Leave out --last-night, or split by employee too."
    )


def test_whole_months_are_those_wholly_inside() -> None:
    """The rest is added up by the day."""
    assert whole_months(SPRING) == [date(2026, 3, 1)]
    assert whole_months(Period(first=date(2026, 3, 2), last=date(2026, 3, 31), zone=ZONE)) == []
    year = Period(first=date(2025, 12, 1), last=date(2026, 2, 28), zone=ZONE)
    assert whole_months(year) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


DAY = some.integers(1, 28)
DEED = some.tuples(some.sampled_from(["open", "done", "cancelled", "reassigned"]), DAY, DAY, some.booleans())


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(DEED, max_size=6), some.lists(DEED, max_size=6))
def test_whatever_happens_between_two_nights_the_second_is_right(desk: Any, before: Any, after: Any) -> None:
    """Work assigned, finished and handed on, before the first snapshot and after it."""
    with desk.db.begin_nested() as inner:
        staff = (desk.employee("Asta"), desk.employee("Benas"))
        for deeds, night in ((before, at(15)), (after, at(29))):
            for how, opened, took, is_asta in deeds:
                _do(desk, how, at(opened), at(min(28, opened + took)), staff[0 if is_asta else 1])
            bring_up(desk.db, night, ZONE)
            assert_the_same(desk.db, USUAL, night)
        inner.rollback()
        desk.resolutions.clear()


def _do(desk: Any, how: str, opened: datetime, ended: datetime, who: int) -> None:
    """One task; what ends is written to the ledger."""
    shared = {"opened_at": opened, "due_at": opened + timedelta(days=3), "assignee_id": who}
    if how in {"open", "reassigned"}:
        task = desk.task(**shared | ({"held_since": ended} if how == "reassigned" else {}))
    else:
        task = desk.task(status=how, finished_at=ended, **shared)
    if how != "open":
        desk.hold(task, by=who, began_at=opened, ended_at=ended, ended_by=how, working=100)
    event(desk, 1, moment=opened, task_id=task)
