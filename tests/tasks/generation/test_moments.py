"""When a task is due, by when it must be begun, and when something next happens to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import pytest

from standards.service.standard import Base, Fields, Level, Offset, Receiver, Reminder
from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.duration import Direction, Duration, Unit
from standards.working_time.open_time import OpenTime
from tasks.moments import Firing, TaskMoments, next_firing, nudges, task_moments
from tasks.seating.presence import Absence, Desk, seat

MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # 09:00 in Vilnius: the house opens


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026, in UTC: two hours behind the wall clock."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def working(value: int, unit: Unit) -> Duration:
    """So many of that unit."""
    return Duration(value=value, unit=unit)


@cache
def clock() -> OpenTime:
    """Monday to Friday 09:00-17:00 in Vilnius."""
    week = {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "09:00-17:00"}}
    return OpenTime.from_resolved(
        resolve([CalendarDefinition.model_validate(week)], date(2026, 1, 1), date(2026, 12, 31))
    )


TWO_DAYS = Fields(due=working(2, Unit.WORKING_DAY), effort=working(60, Unit.MINUTE))


def test_due_is_counted_from_the_opening() -> None:
    """Two working days after Monday is Wednesday at closing."""
    moments = task_moments(TWO_DAYS, clock(), opens_at=MONDAY)

    assert moments == TaskMoments(opens_at=MONDAY, due_at=at(4, 15))


def test_due_is_never_later_than_the_limit() -> None:
    """What the standard would allow beyond it is cut off, and the task is flagged."""
    moments = task_moments(TWO_DAYS, clock(), opens_at=MONDAY, limit_at=at(3, 15))

    assert (moments.due_at, moments.is_tight) == (at(3, 15), True)


def test_a_limit_that_leaves_room_is_no_reason_to_worry() -> None:
    """Due before the limit, with more than the effort of open time left."""
    moments = task_moments(TWO_DAYS, clock(), opens_at=MONDAY, limit_at=at(20, 15))

    assert (moments.due_at, moments.is_tight) == (at(4, 15), False)


def test_a_task_is_tight_when_its_effort_does_not_fit_before_the_limit() -> None:
    """Half an hour of open time for an hour's work."""
    fields = Fields(due=working(10, Unit.WORKING_MINUTE), effort=working(60, Unit.MINUTE))

    assert task_moments(fields, clock(), opens_at=MONDAY, limit_at=at(2, 7, 30)).is_tight


def test_without_a_standard_the_limit_is_when_it_is_due() -> None:
    """Without either it is never due."""
    assert task_moments(Fields(), clock(), opens_at=MONDAY, limit_at=at(4, 15)).due_at == at(4, 15)
    assert task_moments(Fields(), clock(), opens_at=MONDAY).due_at is None


def test_a_task_is_to_be_begun_no_later_than_it_is_due() -> None:
    """Four working hours to begin, cut at the due time."""
    fields = Fields(start_within=working(4, Unit.WORKING_HOUR), due=working(2, Unit.WORKING_HOUR))

    assert task_moments(fields, clock(), opens_at=MONDAY).start_by == at(2, 9)


def nudged() -> Fields:
    """Reminded when opened and a working day before due, escalated twice, expired a week after due."""
    return Fields(
        due=working(2, Unit.WORKING_DAY),
        remind=(
            Reminder(when=Offset(base=Base.DUE, direction=Direction.BEFORE, span=working(1, Unit.WORKING_DAY))),
            Reminder(when=Offset(base=Base.OPENED), at_once=True),
            Reminder(when=Offset(base=Base.START_BY)),
        ),
        escalate=(
            Level(after=working(1, Unit.WORKING_DAY), to=Receiver.MANAGER),
            Level(after=working(3, Unit.WORKING_DAY), to=Receiver.HOUSE),
        ),
        expires=Offset(base=Base.DUE, direction=Direction.AFTER, span=working(7, Unit.DAY)),
    )


def test_everything_that_will_happen_to_a_task_is_known_in_order() -> None:
    """A reminder about a moment the task does not have is left out."""
    moments = task_moments(nudged(), clock(), opens_at=MONDAY, limit_at=at(20, 15))

    coming = nudges(nudged(), clock(), moments)

    assert [moment for moment, _ in coming.reminders] == [MONDAY, at(3, 7)]
    assert [moment for moment, _ in coming.levels] == [at(5, 15), at(9, 15)]
    assert (coming.limit_at, coming.expires_at) == (at(20, 15), at(11, 15))


def test_a_reminder_waits_for_working_hours() -> None:
    """A task opened on Saturday nudges on Monday morning; one that should have come before the opening never does."""
    fields = Fields(
        due=working(1, Unit.WORKING_HOUR),
        remind=(
            Reminder(when=Offset(base=Base.OPENED)),
            Reminder(when=Offset(base=Base.DUE, direction=Direction.BEFORE, span=working(3, Unit.WORKING_DAY))),
        ),
    )
    saturday = datetime(2026, 2, 28, 10, 0, tzinfo=UTC)

    coming = nudges(fields, clock(), task_moments(fields, clock(), opens_at=saturday))

    assert [moment for moment, _ in coming.reminders] == [MONDAY]


@pytest.mark.parametrize(
    ("reminded", "escalated", "is_limit_passed", "expected"),
    [
        (0, 0, False, (MONDAY, Firing.REMIND)),
        (1, 0, False, (at(3, 7), Firing.REMIND)),
        (2, 0, False, (at(5, 15), Firing.ESCALATE)),
        (2, 2, False, (at(11, 15), Firing.EXPIRE)),
    ],
)
def test_each_firing_leads_to_the_next(
    reminded: int, escalated: int, is_limit_passed: bool, expected: tuple[datetime, Firing]
) -> None:
    """Reminders, then levels, then the end."""
    coming = nudges(nudged(), clock(), task_moments(nudged(), clock(), opens_at=MONDAY, limit_at=at(20, 15)))

    found = next_firing(coming, reminded=reminded, escalated=escalated, is_limit_passed=is_limit_passed)

    assert found == expected


def test_the_limit_fires_once_and_then_nothing_is_left() -> None:
    """A task without standards has only its limit."""
    coming = nudges(Fields(), clock(), task_moments(Fields(), clock(), opens_at=MONDAY, limit_at=at(4, 15)))

    assert next_firing(coming) == (at(4, 15), Firing.LIMIT)
    assert next_firing(coming, is_limit_passed=True) is None


def desk(number: int, *absences: tuple[datetime, datetime, int | None], **more: object) -> Desk:
    """Somebody with the hours of the house."""
    away = tuple(Absence(starts_at=it[0], ends_at=it[1], substitute_id=it[2]) for it in absences)
    return Desk(employee_id=number, open_time=clock(), absences=away, **more)  # type: ignore[arg-type]  # named facts


def seated(first: int, *desks: Desk, opens_at: datetime = MONDAY, effort: int = 60) -> int | None:
    """On whose desk a task of two working days ends up."""
    known = {it.employee_id: it for it in desks}
    found = seat(first, known.get, lambda it: task_moments(TWO_DAYS, it.open_time, opens_at=opens_at), effort)
    return found.desk.employee_id if found else None


def test_somebody_who_is_there_keeps_their_work() -> None:
    """An absence that leaves enough open time before due is none for this task."""
    assert seated(1, desk(1)) == 1
    assert seated(1, desk(1, (at(2, 0), at(4, 13, 59), None))) == 1


def test_somebody_with_too_little_time_before_due_is_absent() -> None:
    """The substitute named for this absence stands in, else the one who always does."""
    away = (at(2, 0), at(4, 14, 1), 2)

    assert seated(1, desk(1, away), desk(2)) == 2
    assert seated(1, desk(1, (*away[:2], None), substitute_id=3), desk(3)) == 3


def test_substitutes_of_substitutes_are_asked_once() -> None:
    """A circle of people who are all away ends without anybody."""
    week = (at(1, 0), at(8, 0))

    assert seated(1, desk(1, (*week, 2)), desk(2, (*week, 3)), desk(3)) == 3
    assert seated(1, desk(1, (*week, 2)), desk(2, (*week, 1))) is None


def test_those_who_left_get_nothing() -> None:
    """Nor does somebody who does not exist."""
    assert seated(1, desk(1, is_gone=True, substitute_id=2), desk(2)) == 2
    assert seated(1, desk(1, is_gone=True)) is None
    assert seated(9, desk(1)) is None


def test_a_task_overdue_from_the_start_asks_who_is_there_now() -> None:
    """Where no effort fits before due, the first hours after opening decide."""
    late = Fields(due=working(0, Unit.WORKING_HOUR))

    def found(*absences: tuple[datetime, datetime, int | None]) -> int | None:
        known = {1: desk(1, *absences)}
        it = seat(1, known.get, lambda it: task_moments(late, it.open_time, opens_at=MONDAY), 60)
        return it.desk.employee_id if it else None

    assert found((at(10, 0), at(20, 0), None)) == 1
    assert found((at(1, 0), at(20, 0), None)) is None
