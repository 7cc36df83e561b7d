"""Nudges, many at a time: reminders, levels of escalation and hard limits, decided task by task, written together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.actor import Actor
from standards.service.standard import Level, Receiver, Reminder
from standards.working_time.duration import Duration, Unit
from tasks.beat.nudge_rows import NUDGES, Changed, Rows
from tasks.beat.retiming import is_limit_passed, moments_of
from tasks.beat.telling import Reminding, alone, work_digest
from tasks.desk.finishing import place_of
from tasks.handbooks.clocks import clock_of_task
from tasks.handbooks.resolving import fields_of
from tasks.moments import Firing, Nudges, RemembersCounts, next_firing, nudges
from tasks.record.holds import stands_still
from tasks.record.rows import TaskRow
from tasks.seating.directory import Directory
from tasks.seating.receivers import ROLES, Heard, Roles, hearers, roles_of
from tasks.seating.slots import SlotAt

COUNTED = {Firing.REMIND: "reminders", Firing.ESCALATE: "escalations", Firing.LIMIT: "limits met"}
"""What a beat calls them in its report."""
_AT_LIMIT = Level(after=Duration(value=0, unit=Unit.MINUTE), to=Receiver.MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One thing that happened to a task: the how manieth, when it was to be, and what its standard says of it."""

    what: Firing
    number: int = 0
    moment: datetime
    reminder: Reminder | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of one task."""

    changed: Changed
    rung: tuple[Rung, ...]


def decide_nudges(task: TaskRow, coming: Nudges, at: datetime) -> Decided:
    """Everything that is due for a task at that moment, in order, and what comes next; late beats catch up at once.

    While the owner's clock stands still nobody is reminded and nobody above is told; its hard limit still comes.
    """
    state = _State(task=task, coming=coming)
    found = (task.next_at, Firing(task.next_what)) if task.next_at and task.next_what else None
    while found is not None and found[0] <= at and found[1] in NUDGES:
        state.ring(found[1], found[0])
        found = state.next()
    next_at, next_what = found or (None, None)
    changed = Changed(
        task=task, reminded=state.reminded, escalated=state.escalated, next_at=next_at, next_what=next_what
    )
    return Decided(changed=changed, rung=tuple(state.rung))


@dataclass(slots=True, kw_only=True)
class _State:
    task: TaskRow
    coming: Nudges
    reminded: int = 0
    escalated: int = 0
    is_limit_passed: bool = False
    is_still: bool = False
    rung: list[Rung] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reminded, self.escalated = self.task.reminded, self.task.escalated
        self.is_limit_passed, self.is_still = is_limit_passed(self.task), stands_still(self.task)

    def ring(self, what: Firing, moment: datetime) -> None:
        if what is Firing.LIMIT:
            self.is_limit_passed = True
            self.rung.append(Rung(what=what, moment=moment))
        elif not self.is_still and what is Firing.REMIND:
            reminders = self.coming.reminders[self.reminded : self.reminded + 1]
            self.reminded += 1
            reminder = reminders[0][1] if reminders else None
            self.rung.append(Rung(what=what, number=self.reminded, moment=moment, reminder=reminder))
        elif not self.is_still:
            levels = self.coming.levels[self.escalated : self.escalated + 1]
            self.escalated += 1
            level = levels[0][1] if levels else None
            self.rung.append(Rung(what=what, number=self.escalated, moment=moment, level=level))

    def next(self) -> tuple[datetime, Firing] | None:
        return next_firing(
            self.coming,
            reminded=len(self.coming.reminders) if self.is_still else self.reminded,
            escalated=len(self.coming.levels) if self.is_still else self.escalated,
            is_limit_passed=self.is_limit_passed,
        )


def nudge(db: Connection, actor: Actor, staff: Directory, tasks: Sequence[TaskRow], *, at: datetime) -> Counter[str]:
    """Nudge locked tasks whose moment has come, and set their next. Returns what was done, by its name in the report.

    Raises: BeyondCalendar and whatever else one task may bring about; then nothing of it may be kept.
    """
    decided = _decide_all(db, tasks, at)
    words = _Words(db=db, staff=staff, roles=_roles(db, decided, at), reminding=_reminding(db, staff, decided))
    rows = Rows(changed=[one.changed for one in decided])
    for one in decided:
        reminders = [rung for rung in one.rung if rung.what is Firing.REMIND]
        for rung in one.rung:
            words.say(rows, one.changed.task, rung, is_said=rung not in reminders[:-1])
    rows.write(db, actor, at)
    return Counter(COUNTED[rung.what] for one in decided for rung in one.rung)


def _decide_all(db: Connection, tasks: Sequence[TaskRow], at: datetime) -> list[Decided]:
    clocks: dict[int, RemembersCounts] = {}
    found = []
    for task in tasks:
        if task.next_at is None or task.next_at > at:
            continue
        clock = clock_of_task(db, task)
        if id(clock) not in clocks:
            clocks[id(clock)] = RemembersCounts(clock)
        coming = nudges(fields_of(db, task.resolution_id), clocks[id(clock)], moments_of(task))
        found.append(decide_nudges(task, coming, at))
    return found


def _roles(db: Connection, decided: Sequence[Decided], at: datetime) -> Roles:
    wanted = {
        (rung.level.to, one.changed.task.client_id)
        for one in decided
        for rung in one.rung
        if rung.level is not None and rung.level.to in ROLES and one.changed.task.client_id is not None
    }
    return roles_of(db, wanted, at)


def _reminding(db: Connection, staff: Directory, decided: Sequence[Decided]) -> Reminding:
    reminded = {one.changed.task.assignee_id for one in decided for rung in one.rung if rung.what is Firing.REMIND}
    return Reminding(db, staff, [number for number in reminded if number is not None and staff.here(number)])


def _too_late(task: TaskRow, rung: Rung, slot: datetime) -> bool:
    """Whether a reminder of what is still to come would leave with its slot only when the task is due already."""
    return task.due_at is not None and rung.moment < task.due_at <= slot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What is said of each nudge: to the ledger, and to whoever is to hear."""

    db: Connection
    staff: Directory
    roles: Roles
    reminding: Reminding

    def say(self, rows: Rows, task: TaskRow, rung: Rung, *, is_said: bool) -> None:
        """Into the ledger whatever happened; of several reminders a late beat finds only the last is said."""
        if rung.what is Firing.REMIND:
            self._note(rows, task, "task.reminded", occurrence=rung.number, assignee_id=task.assignee_id)
            if is_said:
                self._remind(rows, task, rung)
        elif rung.what is Firing.ESCALATE:
            self._escalate(rows, task, rung)
        else:
            self._meet_limit(rows, task)

    def _remind(self, rows: Rows, task: TaskRow, rung: Rung) -> None:
        holder = task.assignee_id
        if holder is None or not self.staff.here(holder):
            return
        at_once = rung.reminder is not None and rung.reminder.at_once
        any_hour = rung.reminder is not None and rung.reminder.any_hour
        slot = self.reminding.slot_for(holder, rung.moment)
        by_itself = at_once or (slot is not None and _too_late(task, rung, slot.at))
        if slot is not None and (not by_itself or self._says_it_as_soon(slot, holder, any_hour=any_hour)):
            rows.messages.append(work_digest(self.staff, holder, slot.at))
            return
        facts = {"at_once": at_once, "any_hour": any_hour or None}
        occurrence = f"remind:{rung.number}"
        rows.messages.append(
            alone(self.staff, task, "task_reminder", holder, occurrence, facts=facts, any_hour=any_hour)
        )

    def _says_it_as_soon(self, slot: SlotAt, holder: int, *, any_hour: bool) -> bool:
        """Whether what has to wait for their next opening would only stand beside the digest of that opening."""
        back = self.staff.back_at(holder)
        return self.staff.is_away(holder) or (not any_hour and back is not None and slot.at <= back)

    def _escalate(self, rows: Rows, task: TaskRow, rung: Rung) -> None:
        heard = self._heard(task, rung.level) if rung.level is not None else Heard()
        passed_by = [one.facts() for one in heard.passed_by] or None
        self._note(rows, task, "task.escalated", level=rung.number, to=heard.to, passed_by=passed_by)
        facts = {"level": rung.number, "passed_by": passed_by}
        for employee_id in heard.to:
            occurrence = f"escalate:{rung.number}"
            rows.messages.append(alone(self.staff, task, "task_escalated", employee_id, occurrence, facts=facts))

    def _meet_limit(self, rows: Rows, task: TaskRow) -> None:
        """The hard limit has come: whoever has the task and whoever they answer to hear at once."""
        heard = self._heard(task, _AT_LIMIT)
        holder = task.assignee_id
        is_there = self.staff.here(holder) and holder is not None and not self.staff.is_away(holder)
        everybody = tuple(dict.fromkeys((*((holder,) if is_there and holder is not None else ()), *heard.to)))
        passed_by = [one.facts() for one in heard.passed_by if one.employee_id is not None] or None
        self._note(rows, task, "task.escalated", level="limit", to=everybody, passed_by=passed_by)
        for employee_id in everybody:
            facts = {"level": "limit", "at_once": True, "passed_by": passed_by}
            rows.messages.append(alone(self.staff, task, "task_limit", employee_id, "limit", facts=facts))

    def _heard(self, task: TaskRow, level: Level) -> Heard:
        """Levels that look at nothing but whose task it is have the same answer for all tasks of one person."""
        if level.to in ROLES or level.to is Receiver.CASE_OWNER:
            return hearers(self.db, self.staff, level, task, self.roles)
        key = (level, task.assignee_id, task.team_id)
        known: Heard | None = self.staff.known.get(key)
        if known is None:
            known = self.staff.known[key] = hearers(self.db, self.staff, level, task, self.roles)
        return known

    @staticmethod
    def _note(rows: Rows, task: TaskRow, kind: str, **facts: Any) -> None:
        place = place_of(task).facts() if task.step else {}
        rows.events.append((task, kind, place | facts))
