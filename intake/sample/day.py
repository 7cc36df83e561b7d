"""One day of work in the sample brokerage: people begin what is most urgent on their list, and say how it went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from core.actor import Actor, Door
from intake.sample.brokerage import SEED, Sample
from intake.sample.clock import LightClock
from intake.sample.dice import Dice
from intake.sample.people import PEOPLE, Person
from models.contracts import policies, terms
from models.people import employees
from models.work import TaskStatus, resolutions, tasks
from tasks.advancing.requirements import RequirementMissing
from tasks.desk.working import complete, resume, start, wait
from tasks.seating.desks import desk

TAKEN = ("call", "offer", "bind")
MOST_TASKS = 12


@dataclass(slots=True, kw_only=True)
class Day:
    """What one person did. `refused`: sentences with which the house said no."""

    login: str
    name: str
    is_away: bool = False
    done: int = 0
    late: int = 0
    waiting: int = 0
    opened: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Todo:
    """One open task as the story needs it."""

    id: int
    action: str
    status: str
    effort_minutes: int
    premium: Decimal | None
    number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """Who has a go at a task, and from when to when."""

    actor: Actor
    person: Person
    dice: Dice
    begun_at: datetime
    ended_at: datetime


def people() -> tuple[Person, ...]:
    """Everybody who works here, in the order of their teams."""
    return PEOPLE


def work_a_day(db: Connection, sample: Sample, person: Person) -> Day:
    """What one person does on that Monday, in the caller's transaction, through the same doors as everybody."""
    day = Day(login=person.login, name=person.name)
    number = db.execute(select(employees.c.id).where(employees.c.login == person.login)).scalar_one()
    clock = _hours(db, number, sample)
    if clock is None:
        day.is_away = True
        return day
    actor = Actor(door=Door.COMMAND_LINE, employee_id=number)
    dice = Dice(SEED).fork(f"monday {person.login}")
    at = clock.add(sample.now, dice.between(0, 900))
    for todo in _list(db, number, sample.now):
        ends_at = clock.add(at, max(5, todo.effort_minutes) * 60)
        if ends_at <= at or ends_at - at > timedelta(hours=3):
            break
        _work(db, _Turn(actor=actor, person=person, dice=dice, begun_at=at, ended_at=ends_at), todo, day)
        at = clock.add(ends_at, dice.between(60, 600))
    return day


def _hours(db: Connection, number: int, sample: Sample) -> LightClock | None:
    """Their open hours of the day; None when they are away."""
    found = desk(db, number, sample.now)
    if found is None:
        return None
    present = found.open_time.without((away.starts_at, away.ends_at) for away in found.absences)
    tomorrow = sample.now + timedelta(hours=18)
    return LightClock(present, sample.now, tomorrow) if present.open_intervals(sample.now, until=tomorrow) else None


def _list(db: Connection, number: int, at: datetime) -> list[_Todo]:
    """The most urgent on their list."""
    rows = db.execute(
        select(
            tasks.c.id,
            resolutions.c.action,
            tasks.c.status,
            resolutions.c.effort_minutes,
            terms.c.premium_gross.label("premium"),
            policies.c.number,
        )
        .join_from(tasks, resolutions, resolutions.c.id == tasks.c.resolution_id)
        .outerjoin(terms, (tasks.c.subject_type == "term") & (terms.c.id == tasks.c.subject_id))
        .outerjoin(policies, policies.c.id == terms.c.policy_id)
        .where(
            tasks.c.assignee_id == number,
            tasks.c.status.in_([TaskStatus.OPEN.value, TaskStatus.ACTIVE.value]),
            resolutions.c.action.in_(TAKEN),
            tasks.c.opened_at <= at + timedelta(hours=2),
        )
        .order_by(tasks.c.due_at, tasks.c.id)
        .limit(MOST_TASKS)
    )
    return [_Todo(**row) for row in rows.mappings()]


def _work(db: Connection, turn: _Turn, todo: _Todo, day: Day) -> None:
    """Begin, perhaps wait for somebody, and finish."""
    dice, begun_at, ended_at = turn.dice, turn.begun_at, turn.ended_at
    outcome, answers = _said(todo, turn.person, dice)
    try:
        with db.begin_nested():
            if todo.status == TaskStatus.OPEN.value:
                start(db, turn.actor, task_id=todo.id, at=begun_at)
            if todo.action == "offer" and dice.chance(0.15):
                wait(db, turn.actor, task_id=todo.id, reason="client", at=ended_at)
                day.waiting += 1
                return
            if todo.action == "call" and dice.chance(0.1):
                wait(db, turn.actor, task_id=todo.id, reason="colleague", at=begun_at)
                resume(db, turn.actor, task_id=todo.id, at=begun_at + (ended_at - begun_at) / 2)
            completion = complete(db, turn.actor, task_id=todo.id, outcome=outcome, answers=answers, at=ended_at)
    except RequirementMissing as refusal:
        day.refused.append(str(refusal))
        return
    day.done += 1
    day.late += completion.is_late
    day.opened += len(completion.task_ids)
    day.ended.update(code for _, code in completion.ended)


def _said(todo: _Todo, person: Person, dice: Dice) -> tuple[str, dict[str, Any]]:
    """How it came out, and the answers that asks for; better people hear yes more often."""
    yes = dice.chance(person.success)
    if todo.action == "bind":
        return ("bound", {"policy_number": todo.number}) if todo.number else ("withdrawn", {"reason": "other"})
    if todo.action == "offer":
        if yes and todo.premium is not None:
            return "accepted", {"premium": f"{todo.premium:.2f}"}
        return ("declined", {"reason": "price"}) if dice.chance(0.6) else ("thinking", {})
    if yes:
        return "interested", {}
    outcome = dice.weighted((("no_answer", 5), ("thinking", 3), ("declined", 2)))
    return outcome, {"reason": "competitor"} if outcome == "declined" else {}
