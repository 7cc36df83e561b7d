"""Making digests: for each slot that has come one row in the outbox, however many beats there are and however late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, DateTime, Text, bindparam, column, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from models import outbox, people, work
from models.outbox import Message, MessageClass
from models.work import TaskStatus
from standards.service.digests import Slot
from standards.working_time.open_time import BeyondCalendar, OpenTime
from tasks.beat.nudge_rows import queue_staff
from tasks.beat.telling import WORK_DIGEST, digest_key, work_digest
from tasks.seating.directory import Directory
from tasks.seating.presence import Absence
from tasks.seating.slots import SlotAt, last_slot, weekly_slot

RETURN_DIGEST, MANAGER_DIGEST = "absence_digest", "manager_digest"
RETURNED_WITHIN = timedelta(days=7)
"""How long after somebody's return they are still told what befell their work."""

_task, _absence = work.tasks.c, people.absences.c
_LIVE = or_(*(_task.status == status.value for status in (TaskStatus.OPEN, TaskStatus.ACTIVE, TaskStatus.WAITING)))
_ASKED = (
    func.unnest(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("slots", type_=ARRAY(DateTime(timezone=True))))
    .table_valued(column("id", BigInteger), column("slot", DateTime(timezone=True)))
    .render_derived()
)
_HAVE_OVERDUE = select(_ASKED.c.id).where(
    or_(  # each finds its way through the index of lists; their union does not
        exists().where(_task.assignee_id == _ASKED.c.id, _LIVE, _task.due_at <= _ASKED.c.slot),
        exists().where(
            _task.assignee_id == _ASKED.c.id, _LIVE, _task.due_at.is_(None), _task.limit_at <= _ASKED.c.slot
        ),
    )
)
_MADE = select(outbox.messages.c.key).where(outbox.messages.c.key == func.any(bindparam("keys", type_=ARRAY(Text))))
_ENDED = (
    select(_absence.employee_id, _absence.starts_at, _absence.ends_at)
    .where(_absence.ends_at <= bindparam("at"), _absence.ends_at > bindparam("since"))
    .order_by(_absence.employee_id, _absence.starts_at)
)


def make_digests(db: Connection, staff: Directory) -> int:
    """Queue whatever digests are due now for whoever is at their desk. Returns how many are new."""
    wanted = [*_mornings(staff), *_returns(db, staff), *_weekly(staff)]
    made = set(db.execute(_MADE, {"keys": [one.key for one in wanted]}).scalars()) if wanted else set()
    new = [one for one in wanted if one.key not in made]
    return queue_staff(db, _worth_sending(db, staff, new))


def _worth_sending(db: Connection, staff: Directory, new: Iterable[Message]) -> list[Message]:
    """The digest of a morning only for whoever had something overdue by then: what is to come joins by its reminders.

    What became overdue after it is told by its own reminder, and by the next morning's digest.
    """
    found = list(new)
    mornings = [one for one in found if one.template == WORK_DIGEST]
    asked = {"ids": [it.employee_id for it in mornings], "slots": [it.facts["slot"] for it in mornings]}
    late = set(db.execute(_HAVE_OVERDUE, asked).scalars()) if mornings else set()
    return [one for one in found if one.template != WORK_DIGEST or one.employee_id in late]


def _at_their_desks(staff: Directory) -> list[int]:
    return [number for number in staff.people if staff.is_at_desk(number)]


def _mornings(staff: Directory) -> Iterator[Message]:
    """The last slot that comes whether or not something is new; worked out once for all who share a calendar."""
    always = [slot for slot in staff.digests.daily if not slot.only_news]
    known: dict[int, SlotAt | None] = {}
    for number in _at_their_desks(staff) if always else ():
        clock = staff.people[number].desk.open_time
        if id(clock) not in known:
            known[id(clock)] = _last_slot(clock, always, staff.at)
        slot = known[id(clock)]
        if slot is not None:
            yield work_digest(staff, number, slot.at)


def _last_slot(clock: OpenTime, slots: Sequence[Slot], at: datetime) -> SlotAt | None:
    try:
        return last_slot(clock, slots, at)
    except BeyondCalendar:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Somebody is back: since when they were away, until when, and the opening they came back to."""

    employee_id: int
    since: datetime
    until: datetime
    slot: datetime


def returns(staff: Directory, ended: Iterable[tuple[int, Absence]]) -> list[Return]:
    """Who came back, from absences that have ended; those without working time between them are one."""
    by_person: dict[int, list[Absence]] = {}
    for number, absence in ended:
        by_person.setdefault(number, []).append(absence)
    there = set(_at_their_desks(staff))
    return [one for number, gaps in by_person.items() if number in there for one in _returns_of(staff, number, gaps)]


def _returns_of(staff: Directory, number: int, gaps: list[Absence]) -> Iterator[Return]:
    usual = staff.people[number].desk.open_time
    clock = staff.clock(number).without((it.starts_at, it.ends_at) for it in gaps)
    slots: dict[datetime, list[Absence]] = {}
    for gap in gaps:
        slot = clock.next_open(gap.ends_at)
        if slot <= staff.at and usual.between(gap.starts_at, gap.ends_at) > 0:
            slots.setdefault(slot, []).append(gap)
    for slot, missed in slots.items():
        since, until = min(it.starts_at for it in missed), max(it.ends_at for it in missed)
        yield Return(employee_id=number, since=since, until=until, slot=slot)


def _returns(db: Connection, staff: Directory) -> Iterator[Message]:
    rows = db.execute(_ENDED, {"at": staff.at, "since": staff.at - RETURNED_WITHIN})
    ended = [(it.employee_id, Absence(starts_at=it.starts_at, ends_at=it.ends_at)) for it in rows]
    for one in returns(staff, ended):
        facts = {"since": one.since.isoformat(), "until": one.until.isoformat()}
        yield _digest(staff, one.employee_id, "return", one.slot.isoformat(), template=RETURN_DIGEST, facts=facts)


def _weekly(staff: Directory) -> Iterator[Message]:
    """To whoever sees the house, about the house; to whoever leads a team besides, about the team."""
    weekday = staff.digests.weekly
    there = set(_at_their_desks(staff)) if weekday is not None else set()
    for number, team_id in _scopes(staff):
        if number not in there or weekday is None:
            continue
        try:
            slot = weekly_slot(staff.people[number].desk.open_time, weekday, staff.at)
        except BeyondCalendar:
            continue
        if slot is not None:
            scope = "house" if team_id is None else f"team {team_id}"
            facts = {"team_id": team_id, "week": slot[0].isoformat()}
            yield _digest(staff, number, f"manager {scope}", slot[0].isoformat(), template=MANAGER_DIGEST, facts=facts)


def _scopes(staff: Directory) -> list[tuple[int, int | None]]:
    """Who is told about what: a number of a team, or nothing for the house."""
    house = staff.house()
    above = [number for number in house if staff.people[number].team_id is None] or house
    teams = sorted({person.team_id for person in staff.people.values() if person.team_id is not None})
    leads = [(number, team_id) for team_id in teams for number in staff.leads(team_id) if number not in above]
    return [*((number, None) for number in above), *leads]


def _digest(
    staff: Directory, employee_id: int, name: str, slot: str, *, template: str, facts: dict[str, Any]
) -> Message:
    return Message(
        key=digest_key(employee_id, name, slot),
        message_class=MessageClass.STAFF,
        template=template,
        language=staff.people[employee_id].language,
        created_at=staff.at,
        not_before=staff.at,
        employee_id=employee_id,
        facts=facts,
    )
