"""Messages about single tasks: reminders that could not wait, escalations, limits that passed, dates to agree to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date, format_time
from sqlalchemy import Connection, select

from core.clock import zone
from core.settings import settings
from models.people import employees
from models.work import DEADLINE, ON_DESK, tasks
from notifications.outbox.states import Queued
from notifications.wording.receivers import NotWanted, Receiver
from notifications.wording.templating import fill
from notifications.wording.writing import Content
from standards.merge import neutral
from tasks.facts.titles import titles_of

LOCALES = {"en": "en_GB"}  # a European house writes the day first


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBy:
    """Somebody who was meant to hear of a task and is not told; no name where there is nobody of that kind."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTold:
    """A task as a message tells it; `due` on the reader's wall clock, '' where it has none."""

    number: int
    title: str
    due: str
    is_late: bool
    holder: str
    passed_by: tuple[PassedBy, ...] = ()
    wish: str = ""


def alone_content(db: Connection, group: Sequence[Queued], receiver: Receiver, *, at: datetime) -> Content:
    """One message about all tasks of the group that are still open. Raises: NoSuchTemplate, NotWanted."""
    about = {message.task_id: message.facts for message in group if message.task_id is not None}
    told = tasks_told(db, list(about), receiver, at=at)
    if not told:
        raise NotWanted("The work was done before this message left.")
    names = _names(db, about.values())
    with_facts = [_with_facts(task, about[task.number], names, receiver) for task in told]
    return fill(group[0].template, receiver.language, {"name": neutral(receiver.name), "tasks": with_facts})


def _names(db: Connection, facts: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    numbers = {it["employee_id"] for one in facts for it in one.get("passed_by") or () if it.get("employee_id")}
    if not numbers:
        return {}
    rows = db.execute(select(employees.c.id, employees.c.name).where(employees.c.id.in_(sorted(numbers))))
    return {row.id: neutral(row.name) for row in rows}


def _with_facts(task: TaskTold, facts: Mapping[str, Any], names: Mapping[int, str], receiver: Receiver) -> TaskTold:
    passed_by = tuple(
        PassedBy(name=names.get(it.get("employee_id"), ""), why=it["why"]) for it in facts.get("passed_by") or ()
    )
    wish = facts.get("wish_limit_at")
    return replace(task, passed_by=passed_by, wish=moment_text(datetime.fromisoformat(wish), receiver) if wish else "")


def tasks_told(db: Connection, ids: Sequence[int], receiver: Receiver, *, at: datetime) -> list[TaskTold]:
    """Those of the tasks that are still open, the most overdue first."""
    titles = titles_of(db, ids, receiver.language, at) if ids else {}
    rows = db.execute(
        select(tasks.c.id, DEADLINE.label("deadline"), employees.c.name.label("holder"))
        .outerjoin(employees, employees.c.id == tasks.c.assignee_id)
        .where(tasks.c.id.in_(ids), tasks.c.status.in_([status.value for status in ON_DESK]))
        .order_by(DEADLINE.nulls_last(), tasks.c.id)
    )
    return [
        TaskTold(
            number=row.id,
            title=titles[row.id],
            due=moment_text(row.deadline, receiver) if row.deadline else "",
            is_late=row.deadline is not None and row.deadline < at,
            holder=neutral(row.holder or ""),
        )
        for row in rows
    ]


def moment_text(moment: datetime, receiver: Receiver) -> str:
    """`Monday, 2 March 2026, 14:00` in the reader's language and zone."""
    local = moment.astimezone(zone(receiver.zone or settings().zone))
    return f"{day_text(local.date(), receiver)}, {format_time(local, 'short', locale=_locale(receiver))}"


def stretch_text(since: datetime, until: datetime, receiver: Receiver) -> tuple[str, str]:
    """Both ends as they stand after *from* and *to*: whole days are named by the first and the last of them."""
    where = zone(receiver.zone or settings().zone)
    ends = since.astimezone(where), until.astimezone(where)
    if any(end.time() != time.min for end in ends) or since >= until:
        return plain_moment_text(since, receiver), plain_moment_text(until, receiver)
    return date_text(ends[0].date(), receiver), date_text(ends[1].date() - timedelta(days=1), receiver)


def plain_moment_text(moment: datetime, receiver: Receiver) -> str:
    """`2 March 2026, 14:00`: after words like *from* and *since*, which would bend the name of a weekday."""
    local = moment.astimezone(zone(receiver.zone or settings().zone))
    return f"{date_text(local.date(), receiver)}, {format_time(local, 'short', locale=_locale(receiver))}"


def day_text(day: date, receiver: Receiver) -> str:
    """`Monday, 2 March 2026` in the reader's language."""
    return format_date(day, "full", locale=_locale(receiver))


def date_text(day: date, receiver: Receiver) -> str:
    """`2 March 2026`: for terms and stretches of days, where nobody names their weekdays."""
    return format_date(day, "long", locale=_locale(receiver))


def _locale(receiver: Receiver) -> str:
    return LOCALES.get(receiver.language, receiver.language)
