"""What was assigned, what became of it, and how long it took."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from core.actor import Actor, Door
from models import contracts, work
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency import Efficiency, efficiency
from reports.period import Period
from reports.sight import seen_by

MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")


def at(day: int, hour: int = 8) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def figures(desk: Any, *by: By, as_of: datetime | None = None, **question: Any) -> Efficiency:
    """The report of March, as of the 20th."""
    asked = Question(period=question.pop("period", MARCH), by=by, as_of=as_of or at(20), **question)
    return efficiency(desk.db, asked)


def only(told: Efficiency) -> Any:
    """The row of all together."""
    return told.total.iloc[0]


def test_open_and_overdue_counts_as_late(desk: Any) -> None:
    """Whoever leaves the hard ones open gains nothing."""
    asta = desk.employee("Asta")
    desk.done(by=asta, at=at(3), due_at=at(4))
    desk.task(assignee_id=asta, due_at=at(4))
    desk.task(assignee_id=asta, due_at=at(30))

    row = only(figures(desk, By.ACTION))

    assert (row.assigned, row.done, row.on_time, row.late, row.open_in_time) == (3, 1, 1, 1, 1)
    assert row.late_reasons == {"still_open": 1}
    assert row.on_time_rate == pytest.approx(1 / 3)


def test_done_at_the_very_minute_is_on_time(desk: Any) -> None:
    """Due is the last moment, not the first after it."""
    asta = desk.employee("Asta")
    desk.done(by=asta, at=at(4), due_at=at(4))
    desk.done(by=asta, at=at(4) + timedelta(seconds=1), due_at=at(4), late_reason="client_away")

    row = only(figures(desk, By.EMPLOYEE))

    assert (row.on_time, row.late, row.late_reasons) == (1, 1, {"client_away": 1})


def test_only_work_assigned_in_the_period_counts(desk: Any) -> None:
    """Days are those of the house: 31 March 22:30 in UTC is already April in Vilnius."""
    asta = desk.employee("Asta")
    for opened in (datetime(2026, 2, 28, 21, 59, tzinfo=UTC), datetime(2026, 3, 31, 21, 30, tzinfo=UTC)):
        desk.task(assignee_id=asta, opened_at=opened)
    desk.task(assignee_id=asta, opened_at=datetime(2026, 2, 28, 22, 0, tzinfo=UTC))

    assert only(figures(desk, By.EMPLOYEE, as_of=datetime(2026, 5, 1, tzinfo=UTC))).assigned == 1
    assert only(figures(desk, By.TEAM, as_of=datetime(2026, 5, 1, tzinfo=UTC))).assigned == 1


def test_what_ended_later_was_open_then(desk: Any) -> None:
    """As of a moment the report says what was so at that moment."""
    desk.done(by=desk.employee("Asta"), at=at(10), due_at=at(12))

    then, now = only(figures(desk, By.EMPLOYEE, as_of=at(9))), only(figures(desk, By.EMPLOYEE))

    assert (then.done, then.open_in_time) == (0, 1)
    assert (now.done, now.on_time) == (1, 1)


def test_a_handover_is_charged_to_each_by_the_due_time_they_had(desk: Any) -> None:
    """One handed it on past due, the other finished in time; the task itself was on time once."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    task = desk.task(status="done", assignee_id=benas, due_at=at(15), finished_at=at(12))
    desk.hold(task, by=asta, ended_at=at(10), ended_by="reassigned", working=7200)
    desk.hold(task, by=benas, began_at=at(10), ended_at=at(12), ended_by="done", working=3600)
    desk.put(
        work.events,
        task_id=task,
        number=1,
        kind="task.reassigned",
        at=at(10),
        door="cli",
        data={"was_due_at": at(5).isoformat()},
    )

    people, tasks = figures(desk, By.EMPLOYEE), figures(desk, By.ACTION)

    rows = {row["employee_name"]: row for row in people.rows.to_dict("records")}
    assert (rows["Asta"]["late"], rows["Asta"]["late_reasons"]) == (1, {"reassigned": 1})
    assert (rows["Benas"]["on_time"], rows["Benas"]["working_hours_mean"]) == (1, 1.0)
    assert (only(tasks).assigned, only(tasks).on_time, only(tasks).working_hours_mean) == (1, 1, 3.0)


def test_a_handover_in_time_is_neither_late_nor_done(desk: Any) -> None:
    """It is told apart."""
    asta = desk.employee("Asta")
    task = desk.task(due_at=at(15))
    desk.hold(task, by=asta, ended_at=at(10), ended_by="reassigned")

    told = figures(desk, By.EMPLOYEE)

    assert {row.employee_name: row.handed_on for row in told.rows.itertuples()} == {"Asta": 1, "(nobody yet)": 0}


def test_time_in_a_queue_is_nobodys(desk: Any) -> None:
    """A task that was taken from a queue counts for whoever took it."""
    asta = desk.employee("Asta")
    task = desk.task(assignee_id=asta, held_since=at(10), due_at=at(25))
    desk.hold(task, by=None, ended_at=at(10), ended_by="reassigned")

    told = figures(desk, By.EMPLOYEE)

    assert [(row.employee_name, row.assigned) for row in told.rows.itertuples()] == [("Asta", 1)]


def test_what_was_cancelled_with_a_voided_case_is_no_work(desk: Any) -> None:
    """Errors and duplicates are left out; what was called off otherwise is told."""
    asta = desk.employee("Asta")
    void, lost = desk.case(end_code="void"), desk.case(end_code="lost", is_success=False)
    for case in (void, lost):
        task = desk.task(status="cancelled", case_id=case, assignee_id=asta, finished_at=at(3), due_at=at(9))
        desk.hold(task, by=asta, ended_at=at(3), ended_by="cancelled")

    for by in (By.EMPLOYEE, By.ACTION):
        row = only(figures(desk, by))
        assert (row.assigned, row.called_off) == (1, 1)


def test_success_counts_each_case_once(desk: Any) -> None:
    """Two tasks of one case, a shared task of two cases, a case that still runs, and one that is not judged."""
    won, lost, running = (
        desk.case(end_code="won", is_success=True),
        desk.case(end_code="lost", is_success=False),
        desk.case(),
    )
    unjudged = desk.case(end_code="answered", is_success=None)
    for number, case in enumerate((won, won, running, unjudged), start=1):
        desk.task(case_id=case, round=number)
    shared = desk.task(step=None)
    for case in (won, lost):
        desk.put(work.task_items, task_id=shared, case_id=case, step="x")

    row = only(figures(desk, By.ACTION))

    assert (row.cases, row.succeeded, row.undecided) == (3, 1, 1)
    assert row.success_rate == pytest.approx(1 / 3)


def test_dimensions_combine_and_carry_their_names(desk: Any) -> None:
    """Names of products in the reader's language; what has none says so."""
    desk.put(contracts.product_lines, code="motor", labels={"en": "Motor", "lt": "Transportas"})
    desk.task(dimensions={"product_line": "motor"})
    desk.task(action="offer", dimensions={"product_line": "motor"})
    desk.task()

    question = Question(period=MARCH, by=(By.PRODUCT, By.ACTION), as_of=at(20))
    told = efficiency(desk.db, question, language="lt")

    named = [(row.product_name, row.action_name, row.assigned) for row in told.rows.itertuples()]
    assert named == [("(none)", "call", 1), ("Transportas", "call", 1), ("Transportas", "offer", 1)]


def test_weeks_and_months_are_named_by_their_first_day(desk: Any) -> None:
    """In the zone of the house: Sunday 22:30 in UTC is Monday in Vilnius."""
    desk.task(opened_at=datetime(2026, 3, 8, 22, 30, tzinfo=UTC))

    row = figures(desk, By.DAY, By.WEEK, By.MONTH).rows.to_dict("records")[0]

    assert [row[name] for name in ("day", "week", "month")] == ["2026-03-09", "2026-03-09", "2026-03-01"]


def test_an_empty_period_is_all_zeros(desk: Any) -> None:
    """And no rate is claimed."""
    told = figures(desk, By.EMPLOYEE, By.PRODUCT)

    assert len(told.rows) == 0
    assert int(told.total["assigned"].sum()) == 0


def test_everybody_sees_their_own_figures_and_managers_all(desk: Any) -> None:
    """What nobody does by hand sees the whole house."""
    asta, boss = desk.employee("Asta"), desk.employee("Ponas", is_manager=True)
    desk.task(assignee_id=asta)
    desk.task(assignee_id=boss)

    own = seen_by(desk.db, Actor(door=Door.COMMAND_LINE, employee_id=asta))

    assert own == (asta,)
    assert only(figures(desk, By.ACTION, employee_ids=own)).assigned == 1
    assert seen_by(desk.db, Actor(door=Door.COMMAND_LINE, employee_id=boss)) is None
    assert seen_by(desk.db, Actor(door=Door.COMMAND_LINE)) is None


HOW = some.sampled_from(["open", "waiting", "done", "cancelled", "expired"])
ONE = some.tuples(HOW, some.one_of(some.none(), some.integers(3, 28)), some.integers(3, 28))


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(ONE, max_size=12))
def test_every_assigned_task_is_exactly_one_thing(desk: Any, work_done: list[tuple[str, int | None, int]]) -> None:
    """The counts add up to what was assigned, split by people or not."""
    with desk.db.begin_nested() as inner:
        asta = desk.employee("Asta")
        for status, due, end in work_done:
            limit = None if due is None else at(due)
            if status in {"open", "waiting"}:
                desk.task(status=status, assignee_id=asta, due_at=limit)
            else:
                desk.done(by=asta, at=at(end), due_at=limit, status=status)
        for by in (By.EMPLOYEE, By.ACTION):
            row = only(figures(desk, by)) if work_done else None
            if row is not None:
                parts = ("on_time", "late", "open_in_time", "called_off", "handed_on", "done_without_due")
                assert row.assigned == len(work_done) == sum(row[part] for part in parts)
                assert sum(row.late_reasons.values()) == row.late
        inner.rollback()
        desk.resolutions.clear()
