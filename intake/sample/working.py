"""How one piece of work went in the half year behind: who had it, when it was begun, waited, late, and finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from intake.sample.clock import LightClock
from intake.sample.dice import Dice
from intake.sample.people import Person
from models.work import TaskStatus
from standards.process import Step
from standards.service.standard import Fields
from standards.working_time.duration import AnchoredMoment
from standards.working_time.open_time import OpenTime
from standards.working_time.stopped_clock import moved_due
from tasks.moments import TaskMoments, next_firing, nudges, task_moments
from tasks.seating.presence import Desk, seat

LATE_REASONS = (
    ("too_much_work", 5),
    ("client_unreachable", 4),
    ("client_undecided", 3),
    ("insurer_late", 2),
    ("documents_missing", 2),
    ("forgotten", 1),
)
LEAST_SECONDS = 600
SOON = timedelta(days=8)  # no renewal task is due later


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Somebody, their desk, and the hours in which they are there."""

    person: Person
    desk: Desk
    present: LightClock

    def is_away_around(self, moment: datetime) -> bool:
        """Whether an absence could keep them from work that opens then."""
        return any(away.starts_at < moment + SOON and away.ends_at > moment for away in self.desk.absences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stretch in which the client was waited for."""

    began_at: datetime
    ended_at: datetime
    due_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One task as it went; without `finished_at` it is still on the desk."""

    step: str
    round: int
    worker: Worker
    resolution_id: int
    fields: Fields
    moments: TaskMoments
    owner_id: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    wait: Wait | None = None
    late_reason: str | None = None
    spent_minutes: int | None = None

    @property
    def due_at(self) -> datetime | None:
        """When it was due in the end: later when the client was waited for."""
        return self.wait.due_after if self.wait is not None else self.moments.due_at

    @property
    def bumped_from_id(self) -> int | None:
        """Whose it would have been, were they not away."""
        return self.owner_id if self.owner_id != self.worker.desk.employee_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What is to be done: a round of a step, opened at a moment, with its limit anchored to a date."""

    step: Step
    round: int
    opens_at: datetime
    resolution_id: int
    fields: Fields
    expires_on: date


@lru_cache(maxsize=20_000)
def _limit_of(clock: OpenTime, limit: AnchoredMoment, expires_on: date) -> datetime:
    """Many terms end on the same day."""
    return clock.resolve_anchor(limit, expires_on)


def take_seat(workers: Mapping[int, Worker], first: int, given: Assignment) -> tuple[Worker, TaskMoments]:
    """Who does it: the person meant, or whoever stands in; the person meant when nobody is there."""

    def moments_on(desk: Desk) -> TaskMoments:
        limit_at = _limit_of(desk.open_time, given.step.limit, given.expires_on) if given.step.limit else None
        return task_moments(given.fields, desk.open_time, opens_at=given.opens_at, limit_at=limit_at)

    def desk_of(number: int) -> Desk | None:
        return workers[number].desk if number in workers else None

    if not workers[first].is_away_around(given.opens_at):
        return workers[first], moments_on(workers[first].desk)
    found = seat(first, desk_of, moments_on, given.fields.effort_minutes)
    if found is None:
        return workers[first], moments_on(workers[first].desk)
    return workers[found.desk.employee_id], found.moments


def do_work(workers: Mapping[int, Worker], first: int, given: Assignment, now: datetime, dice: Dice) -> Work:
    """The task as it went up to `now`."""
    worker, moments = take_seat(workers, first, given)
    work = Work(
        step=given.step.name,
        round=given.round,
        worker=worker,
        resolution_id=given.resolution_id,
        fields=given.fields,
        moments=moments,
        owner_id=first,
    )
    return _worked(work, now, dice)


def _worked(work: Work, now: datetime, dice: Dice) -> Work:
    present, opens_at = work.worker.present, work.moments.opens_at
    due = work.moments.due_at or present.add(opens_at, 8 * 3600)
    allowed = max(present.between(opens_at, due), LEAST_SECONDS)
    if dice.chance(work.worker.person.on_time):
        finished_at = present.add(opens_at, max(LEAST_SECONDS, int(allowed * (0.06 + 0.86 * dice.share()))))
    else:
        too_late = max(due, opens_at)  # a round that opens behind its limit is due before it opens
        finished_at = present.add(too_late, max(LEAST_SECONDS, int(allowed * (0.1 + 0.9 * dice.share()))))
    effort = max(5, work.fields.effort_minutes)
    spent = max(3, int(effort * (0.6 + dice.share()) * (1.25 - 0.4 * work.worker.person.on_time)))
    started_at = max(opens_at, present.add(finished_at, -spent * 60))
    wait = _wait(work, started_at, finished_at, now, dice)
    if wait is not None:
        finished_at = present.add(wait.ended_at, spent * 60)
    if finished_at >= now:
        return replace(work, started_at=started_at if started_at < now else None)
    done = replace(work, started_at=started_at, finished_at=finished_at, wait=wait, spent_minutes=spent)
    is_late = done.due_at is not None and finished_at > done.due_at
    return replace(done, late_reason=dice.weighted(LATE_REASONS) if is_late else None)


def _wait(work: Work, started_at: datetime, finished_at: datetime, now: datetime, dice: Dice) -> Wait | None:
    """Every fifth offer waits for the client for a day or two; the owner's clock stands still."""
    due_at = work.moments.due_at
    if work.step != "offer" or due_at is None or finished_at > due_at or not dice.chance(0.2):
        return None
    clock = work.worker.desk.open_time
    began_at = work.worker.present.add(started_at, 300)
    ended_at = work.worker.present.add(began_at, dice.between(2, 14) * 3600)
    if ended_at >= min(now, work.moments.limit_at or now) - timedelta(hours=12):
        return None
    moved = moved_due(clock, due_at, [(began_at, ended_at)])
    limit_at = work.moments.limit_at
    return Wait(began_at=began_at, ended_at=ended_at, due_after=min(moved, limit_at) if limit_at else moved)


def opening_facts(work: Work, status: str = "open") -> dict[str, Any]:
    """What the ledger remembers of the task's beginning."""
    desk, moments = work.worker.desk, work.moments
    return {
        "step": work.step,
        "round": work.round,
        "status": status,
        "assignee_id": desk.employee_id,
        "team_id": desk.team_id,
        "calendar_version_id": desk.calendar_version_id,
        "bumped_from_id": work.bumped_from_id,
        "opens_at": moments.opens_at,
        "due_at": moments.due_at,
        "limit_at": moments.limit_at,
        "resolution_id": work.resolution_id,
    }


def task_row(
    work: Work, *, beat: datetime, outcome: str | None, cancelled_at: datetime | None = None
) -> dict[str, Any]:
    """The task's columns as they stand; `beat`: until when reminders and escalations have gone out."""
    desk, moments = work.worker.desk, work.moments
    ended_at = work.finished_at if outcome is not None else cancelled_at
    row = {
        "step": work.step,
        "member": "",
        "round": work.round,
        "status": _status(work, outcome, cancelled_at).value,
        "resolution_id": work.resolution_id,
        "assignee_id": desk.employee_id,
        "team_id": desk.team_id,
        "calendar_version_id": desk.calendar_version_id,
        "bumped_from_id": work.bumped_from_id,
        "opens_at": moments.opens_at,
        "opened_at": moments.opens_at,
        "start_by": moments.start_by,
        "due_at": work.due_at,
        "limit_at": moments.limit_at,
        "is_tight": moments.is_tight,
        "started_at": work.started_at if cancelled_at is None else None,
        "finished_at": ended_at,
        "held_since": moments.opens_at if ended_at is None else None,
        "waited_seconds": _waited(work) if outcome is not None else 0,
        "outcome": outcome,
        "late_reason": work.late_reason if outcome is not None else None,
        "spent_minutes": work.spent_minutes if outcome is not None else None,
    }
    return row | (_coming(work, beat) if ended_at is None else _NOTHING_COMES)


def planned_row(work: Work) -> dict[str, Any]:
    """The columns of a task whose moment has not come."""
    row = task_row(work, beat=work.moments.opens_at, outcome=None)
    return row | {
        "status": TaskStatus.PLANNED.value,
        "opened_at": None,
        "held_since": None,
        "next_at": work.moments.opens_at,
        "next_what": "open",
        "reminded": 0,
        "escalated": 0,
    }


_NOTHING_COMES: dict[str, Any] = {"next_at": None, "next_what": None, "reminded": 0, "escalated": 0}


def _status(work: Work, outcome: str | None, cancelled_at: datetime | None) -> TaskStatus:
    if outcome is not None:
        return TaskStatus.DONE
    if cancelled_at is not None:
        return TaskStatus.CANCELLED
    return TaskStatus.ACTIVE if work.started_at is not None else TaskStatus.OPEN


def _waited(work: Work) -> int:
    wait = work.wait
    return work.worker.desk.open_time.between(wait.began_at, wait.ended_at) if wait is not None else 0


def _coming(work: Work, beat: datetime) -> dict[str, Any]:
    """What has nudged a task on the desk so far, and what comes next."""
    coming = nudges(work.fields, work.worker.desk.open_time, work.moments)
    reminded = sum(at <= beat for at, _ in coming.reminders)
    escalated = sum(at <= beat for at, _ in coming.levels)
    is_limit_passed = coming.limit_at is not None and coming.limit_at <= beat
    then = next_firing(coming, reminded=reminded, escalated=escalated, is_limit_passed=is_limit_passed)
    next_at, what = then or (None, None)
    return {
        "next_at": next_at,
        "next_what": what.value if what is not None else None,
        "reminded": reminded,
        "escalated": escalated,
    }
