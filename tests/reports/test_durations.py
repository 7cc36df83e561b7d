"""How long work took between its beginning and its end: on the wall, while it was open, and waiting, told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models import work
from reports.assignment import Question
from reports.dimension import By
from reports.event_log.durations import durations_report
from reports.period import Period

PERIOD = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")
HOUR = 3600


def at(day: int, hour: int) -> datetime:
    """A moment in March on the clock of Vilnius, where it is open from nine to five."""
    return datetime(2026, 3, day, hour - 2, tzinfo=UTC)


def piece(
    desk: Any, who: int, start: datetime, end: datetime, *waits: tuple[str, datetime, datetime], had: Any = None
) -> int:
    """Somebody's work from its beginning to its end with these waits; `had`: since when it was theirs."""
    task: int = desk.task(status="done", assignee_id=who, started_at=start, finished_at=end)
    began = had or start
    desk.hold(task, by=who, began_at=began, ended_at=end, ended_by="done", waiting=60 if waits else 0)
    told: list[tuple[str, datetime, dict[str, str]]] = [("task.started", start, {})]
    for reason, since, until in waits:
        told += [("task.waited", since, {"waiting_for": reason}), ("task.resumed", until, {})]
    for number, (kind, moment, data) in enumerate([*told, ("task.completed", end, {})], start=1):
        desk.put(work.events, task_id=task, number=number, kind=kind, at=moment, employee_id=who, door="web", data=data)
    return task


def figures(desk: Any, *by: By) -> dict[str, tuple[Any, ...]]:
    """Who -> pieces of work, mean on the wall; mean, median, ninetieth of working hours; mean wait. In hours."""
    question = Question(period=PERIOD, by=by or (By.EMPLOYEE,), as_of=at(20, 12))
    (sheet,) = durations_report(desk.db, question).sheets
    names = ("mean", "working", "working_median", "working_p90", "waiting")
    rows = [*sheet.rows, sheet.total or {}]
    return {row["employee_name"]: (row["items"], *(row[name] for name in names)) for row in rows}


def test_the_night_is_on_the_wall_and_no_working_time(desk: Any) -> None:
    """Monday from four to Tuesday ten: eighteen hours, two of them open."""
    piece(desk, desk.employee("Asta"), at(2, 16), at(3, 10))

    assert figures(desk)["Asta"] == (1, 18.0, 2.0, 2.0, 2.0, 0.0)


def test_waiting_for_the_client_is_told_apart(desk: Any) -> None:
    """Monday ten to Tuesday eleven is nine open hours: six of them waiting for the client, for a colleague none."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    piece(desk, asta, at(2, 10), at(3, 11), ("client", at(2, 12), at(3, 10)))
    piece(desk, benas, at(2, 10), at(3, 11), ("colleague", at(2, 12), at(3, 10)), ("insurer", at(3, 10), at(3, 11)))

    assert figures(desk)["Asta"] == (1, 25.0, 3.0, 3.0, 3.0, 6.0)
    assert figures(desk)["Benas"] == (1, 25.0, 8.0, 8.0, 8.0, 1.0)


def test_what_was_waited_before_the_beginning_is_no_part_of_it(desk: Any) -> None:
    """It waited on Monday and was begun when the client answered."""
    piece(desk, desk.employee("Asta"), at(3, 10), at(3, 12), ("client", at(2, 10), at(3, 10)), had=at(2, 9))

    assert figures(desk)["Asta"] == (1, 2.0, 2.0, 2.0, 2.0, 0.0)


def test_others_time_is_not_theirs(desk: Any) -> None:
    """Begun by somebody else on Monday, handed on while it waited: Benas had it for an hour."""
    piece(desk, desk.employee("Benas"), at(2, 10), at(3, 12), ("client", at(2, 11), at(3, 11)), had=at(3, 10))

    assert figures(desk)["Benas"] == (1, 26.0, 1.0, 1.0, 1.0, 1.0)


def test_all_together_is_counted_from_the_pieces_and_not_from_the_means(desk: Any) -> None:
    """One hour of Asta; two, three and six of Benas: mean 3, median 2.5, nine in ten below 5.1."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    piece(desk, asta, at(4, 9), at(4, 10))
    for hours in (2, 3):
        piece(desk, benas, at(4, 9), at(4, 9 + hours))
    piece(desk, benas, at(4, 9), at(4, 16), ("insurer", at(4, 12), at(4, 13)))

    told = figures(desk)

    assert told["Asta"][2:] == (1.0, 1.0, 1.0, 0.0)
    assert told["Benas"][2:] == pytest.approx((11 / 3, 3.0, 5.4, 1 / 3))
    assert told["all together"] == pytest.approx((4, 3.25, 3.0, 2.5, 5.1, 0.25))


def test_any_dimensions_go_together(desk: Any) -> None:
    """By person and month; narrowed, only what is left is counted."""
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    piece(desk, asta, at(2, 16), at(3, 10))
    piece(desk, benas, at(2, 10), at(3, 11), ("client", at(2, 12), at(3, 10)))
    only = Question(period=PERIOD, by=(By.MONTH, By.ACTION), as_of=at(20, 12), only=((By.EMPLOYEE, benas),))

    (row,) = durations_report(desk.db, only).sheets[0].rows

    assert figures(desk, By.EMPLOYEE, By.MONTH)["Asta"][2] == 2.0
    assert (row["month_name"], row["working_seconds"], row["waiting_seconds"]) == ("2026-03", 3 * HOUR, 6 * HOUR)
