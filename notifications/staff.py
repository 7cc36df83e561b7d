"""Reminders and escalations: what the people of the house are told about the tasks they answer for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date, format_time
from sqlalchemy import Connection, func, select

from core.clock import zone
from core.settings import settings
from models.people import employees
from models.work import tasks
from notifications.receivers import Receiver
from notifications.states import Queued
from notifications.templating import fill
from notifications.writing import Content
from standards.merge import neutral
from tasks.facts.titles import titles_of

LOCALES = {"en": "en_GB"}  # a European house writes the day first


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTold:
    """A task as a message tells it; `due` on the reader's wall clock, '' where it has none."""

    number: int
    title: str
    due: str
    is_late: bool
    holder: str


def staff_content(db: Connection, group: Sequence[Queued], receiver: Receiver, *, at: datetime) -> Content:
    """One message about all tasks of the group. Raises: NoSuchTemplate."""
    ids = list(dict.fromkeys(message.task_id for message in group if message.task_id is not None))
    told = tasks_told(db, ids, receiver, at=at)
    return fill(group[0].template, receiver.language, {"name": neutral(receiver.name), "tasks": told})


def tasks_told(db: Connection, ids: Sequence[int], receiver: Receiver, *, at: datetime) -> list[TaskTold]:
    """The tasks, the most overdue first."""
    titles = titles_of(db, ids, receiver.language, at)
    deadline = func.coalesce(tasks.c.due_at, tasks.c.limit_at).label("deadline")
    rows = db.execute(
        select(tasks.c.id, deadline, employees.c.name.label("holder"))
        .outerjoin(employees, employees.c.id == tasks.c.assignee_id)
        .where(tasks.c.id.in_(ids))
        .order_by(deadline.nulls_last(), tasks.c.id)
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
    locale = LOCALES.get(receiver.language, receiver.language)
    local = moment.astimezone(zone(receiver.zone or settings().zone))
    return f"{format_date(local, 'full', locale=locale)}, {format_time(local, 'short', locale=locale)}"
