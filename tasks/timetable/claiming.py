"""Claiming a ringing, keeping it, finishing it: whoever is first does the work, everybody else finds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL, insert

from core.errors import TaktasError
from models.timetable import CatchUp, ringings, schedules
from tasks.timetable.changing import find
from tasks.timetable.holder import is_gone
from tasks.timetable.house_schedules import idle_here
from tasks.timetable.moments_due import IN_TIME, Timed, timed

LEASE = timedelta(seconds=60)
"""So long a ringing is its claimer's without a word; while it works it says one every few seconds."""

PAUSES = (timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
"""After a failure it is tried again so much later; after the last of these it is given up."""

KEPT = timedelta(days=100)
"""So long ringings are kept to be looked at; what a run did is kept for ever, in the record of runs."""

SERVED_BY_LATER = "passed over: a later ringing served for it"

DIED_EVERY_TIME = "given up: every process that began it died"

_rung = ringings.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A ringing that is ours. `as_of`: the moment its work is done for; `claimed_at` tells it from later claims.

    `missed_since`: the first of the ringings before it that nobody rang, and that it serves for or passes over.
    """

    id: int
    code: str
    does: str
    arguments: dict[str, Any]
    due_at: datetime
    as_of: datetime
    holder: str
    claimed_at: datetime
    attempt: int
    missed_since: datetime | None = None
    is_caught_up: bool = True


def codes_due(db: Connection, at: datetime) -> tuple[list[str], dict[str, str]]:
    """The codes of the schedules for which a claim here may find something; and of those that cannot be told, why.

    Only a look: it takes no lock, and what it names may be somebody else's by the time it is claimed.
    """
    last = select(func.max(_rung.due_at)).where(_rung.schedule_id == schedules.c.id).scalar_subquery()
    left = select(_rung.id).where(_rung.schedule_id == schedules.c.id, _rung.finished_at.is_(None)).exists()
    rows = db.execute(
        select(schedules, last.label("last"), left.label("left")).where(_rings_here()).order_by(schedules.c.code)
    )
    due, troubles = list[str](), dict[str, str]()
    for row in rows.all():
        try:
            if row.left or timed(db, row).due(at, row.last) is not None:
                due.append(row.code)
        except TaktasError as error:
            troubles[row.code] = str(error)
    return due, troubles


def _rings_here() -> ColumnElement[bool]:
    """What has nothing to do on this machine is left to another, and makes no ringings of nothing."""
    return and_(~schedules.c.is_paused, schedules.c.retired_at.is_(None), schedules.c.does.not_in(list(idle_here())))


def claim(db: Connection, code: str, at: datetime, holder: str) -> Claim | None:
    """Take what that schedule is to ring for now; None when there is nothing, or somebody else is at it.

    The lock on the schedule's row lasts as long as the caller's short transaction; what lasts is the row of the
    ringing. What a claimer left that died or failed is taken again. Raises: ScheduleNotUnderstood, BeyondCalendar.
    """
    one = select(schedules).where(schedules.c.code == code, _rings_here())
    row = db.execute(one.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    schedule = timed(db, row)
    left = _unfinished(db, schedule)
    if any(not it.is_free for it in left):
        return None
    due = schedule.due(at, db.execute(select(func.max(_rung.due_at)).where(_of(schedule))).scalar())
    in_order = schedule.catches_up is CatchUp.EACH
    if due is not None and not (in_order and left):
        missed = _missed_since(db, schedule, due)
        _pass_over(db, left)
        return _take_new(db, schedule, due, at, holder, missed_since=missed)
    again = next(iter(left if in_order else left[::-1]), None)
    return _take_again(db, schedule, again, holder, at) if again is not None and again.is_ripe else None


def claim_now(db: Connection, code: str, at: datetime, holder: str) -> Claim | None:
    """Take what is due of that schedule, else a ringing for this very moment, paused or not; None: somebody is at it.

    Raises: NoSuchSchedule, ScheduleNotUnderstood, BeyondCalendar.
    """
    schedule = timed(db, find(db, code, lock=True))
    claimed = claim(db, code, at, holder)
    left = _unfinished(db, schedule) if claimed is None else []
    if claimed is not None or any(not it.is_free for it in left):
        return claimed
    _pass_over(db, left)
    return _take_new(db, schedule, at, at, holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """A ringing that is not finished: `is_free` of any claimer that lives, `is_ripe` to be tried again."""

    id: int
    due_at: datetime
    attempts: int
    was_held: bool
    is_free: bool
    is_ripe: bool


def _missed_since(db: Connection, schedule: Timed, due: datetime) -> datetime | None:
    """The first moment after the last ringing, where the one that is due now is a later one by more than a little."""
    if schedule.catches_up is CatchUp.EACH:
        return None
    last = db.execute(select(func.max(_rung.due_at)).where(_of(schedule), _rung.due_at < due)).scalar()
    first = schedule.next_after(last or schedule.starts_at - IN_TIME)
    return first if first < due - IN_TIME else None


def _of(schedule: Timed) -> ColumnElement[bool]:
    return _rung.schedule_id == schedule.id


def _unfinished(db: Connection, schedule: Timed) -> list[_Left]:
    is_over = func.coalesce(_rung.free_at <= func.clock_timestamp(), True)
    asked = select(_rung.id, _rung.due_at, _rung.attempts, _rung.claimed_by, is_over.label("is_over"))
    rows = db.execute(asked.where(_of(schedule), _rung.finished_at.is_(None)).order_by(_rung.due_at))
    return [_left(row) for row in rows]


def _left(row: Any) -> _Left:
    was_held = row.claimed_by is not None
    is_dead = was_held and is_gone(row.claimed_by)
    return _Left(
        id=row.id,
        due_at=row.due_at,
        attempts=row.attempts,
        was_held=was_held,
        is_free=not was_held or row.is_over or is_dead,
        is_ripe=row.is_over or is_dead,
    )


def _pass_over(db: Connection, left: Sequence[_Left]) -> None:
    if left:
        over = {"finished_at": func.clock_timestamp(), "free_at": None, "result": SERVED_BY_LATER}
        db.execute(update(ringings).where(_rung.id.in_([it.id for it in left])).values(over))


def _take_new(
    db: Connection, schedule: Timed, due: datetime, at: datetime, holder: str, *, missed_since: datetime | None = None
) -> Claim | None:
    facts = {"schedule_id": schedule.id, "due_at": due, "claimed_by": holder}
    facts |= {"claimed_at": func.clock_timestamp(), "free_at": _lease_end()}
    row = insert(ringings).values(facts).on_conflict_do_nothing(index_elements=["schedule_id", "due_at"])
    taken = db.execute(row.returning(ringings)).first()
    return _claimed(schedule, taken, at, missed_since) if taken else None


def _take_again(db: Connection, schedule: Timed, left: _Left, holder: str, at: datetime) -> Claim | None:
    if left.was_held and left.attempts > len(PAUSES):
        _let_it_be(db, left)
        return None
    facts = {"claimed_by": holder, "claimed_at": func.clock_timestamp(), "free_at": _lease_end()}
    facts["attempts"] = _rung.attempts + int(left.was_held)
    again = update(ringings).where(_rung.id == left.id, _rung.finished_at.is_(None))
    taken = db.execute(again.values(facts).returning(ringings)).first()
    return _claimed(schedule, taken, at, _missed_since(db, schedule, left.due_at)) if taken else None


def _let_it_be(db: Connection, left: _Left) -> None:
    """Whoever began it died, every time: it would take the next one with it."""
    facts = {"finished_at": func.clock_timestamp(), "free_at": None, "has_failed": True, "result": DIED_EVERY_TIME}
    db.execute(update(ringings).where(_rung.id == left.id).values(facts))


def _claimed(schedule: Timed, taken: Any, at: datetime, missed_since: datetime | None) -> Claim:
    return Claim(
        id=taken.id,
        code=schedule.code,
        does=schedule.does,
        arguments=schedule.arguments,
        due_at=taken.due_at,
        as_of=taken.due_at if schedule.catches_up is CatchUp.EACH else at,
        holder=taken.claimed_by,
        claimed_at=taken.claimed_at,
        attempt=taken.attempts,
        missed_since=missed_since,
        is_caught_up=schedule.catches_up is not CatchUp.SKIP,
    )


def _lease_end() -> ColumnElement[Any]:
    return func.clock_timestamp() + literal(LEASE, INTERVAL)


def _ours(claimed: Claim) -> ColumnElement[bool]:
    same = (_rung.id == claimed.id, _rung.claimed_by == claimed.holder, _rung.claimed_at == claimed.claimed_at)
    return and_(*same, _rung.finished_at.is_(None))


def keep(db: Connection, claimed: Sequence[Claim]) -> None:
    """The word that says that these are still being worked on."""
    for one in claimed:
        db.execute(update(ringings).where(_ours(one)).values(free_at=_lease_end()))


def give_back(db: Connection, claimed: Claim) -> None:
    """Nothing came of it and nothing is held against it: whoever comes next may take it."""
    db.execute(update(ringings).where(_ours(claimed)).values(claimed_by=None, free_at=None))


def was_restarted(db: Connection, claimed: Claim) -> bool:
    """Whether the database was restarted since this was claimed: then whatever went wrong may be laid to that."""
    return bool(db.execute(select(func.pg_postmaster_start_time() > claimed.claimed_at)).scalar())


def finish(db: Connection, claimed: Claim, result: str) -> bool:
    """Write what the ringing did; False when it had been taken from us meanwhile. Forgets what is long past."""
    done = {"finished_at": func.clock_timestamp(), "free_at": None, "result": result, "has_failed": False}
    is_ours = bool(db.execute(update(ringings).where(_ours(claimed)).values(done)).rowcount)
    of_schedule = select(schedules.c.id).where(schedules.c.code == claimed.code).scalar_subquery()
    past = (_rung.schedule_id == of_schedule, _rung.due_at < claimed.due_at - KEPT, _rung.finished_at.is_not(None))
    db.execute(delete(ringings).where(*past))
    return is_ours


def fail(db: Connection, claimed: Claim, why: str) -> datetime | None:
    """Write why it could not be done. Returns when it is to be tried again, by the database's clock; None: given up."""
    facts: dict[str, Any] = {"claimed_by": None, "result": why, "has_failed": True, "attempts": claimed.attempt + 1}
    if claimed.attempt > len(PAUSES):
        facts |= {"finished_at": func.clock_timestamp(), "free_at": None}
    else:
        facts["free_at"] = func.clock_timestamp() + literal(PAUSES[claimed.attempt - 1], INTERVAL)
    return db.execute(update(ringings).where(_ours(claimed)).values(facts).returning(_rung.free_at)).scalar()
