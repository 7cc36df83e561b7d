"""Word to the people of the house that leaves late still finds them at their desks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notifications.outbox.states import WAS_KEPT, Queued
from standards.working_time.open_time import BeyondCalendar
from tasks.seating.desks import desks
from tasks.seating.presence import Desk

LATE = timedelta(minutes=15)
"""What leaves no later than this after its moment was queued for working time, and goes without another look."""

Group = Sequence[Queued]


def until_at_desk(db: Connection, groups: Sequence[Group], *, at: datetime) -> dict[int, datetime]:
    """The groups that wait, by the number of their first message, and until when: their reader's next working moment.

    A sender that was down over the evening, or for a week, writes to nobody at night. What may come at any hour, what
    was tried before and what has waited once goes at once.
    """
    late = {group[0].id: group[0].employee_id for group in groups if _is_late(group, at)}
    staff = desks(db, {number for number in late.values() if number is not None}, at) if late else {}
    back = {number: _back_at(desk, at) for number, desk in staff.items()}
    moments = {first: back.get(number or 0, at) for first, number in late.items()}
    return {first: moment for first, moment in moments.items() if moment > at}


def _is_late(group: Group, at: datetime) -> bool:
    first = group[0]
    may_go = first.employee_id is None or first.rendered is not None
    may_go = may_go or any(it.facts.get("any_hour") or it.facts.get(WAS_KEPT) for it in group)
    return not may_go and at - max(it.not_before for it in group) > LATE


def _back_at(desk: Desk, at: datetime) -> datetime:
    """Now, for whoever has left, or whose calendar does not reach so far: that is told where the message is written."""
    if desk.is_gone:
        return at
    try:
        return desk.open_time.without((it.starts_at, it.ends_at) for it in desk.absences).next_open(at)
    except BeyondCalendar:
        return at
