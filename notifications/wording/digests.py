"""Digests, written from what is so when they leave: somebody's own work, and what befell it while they were away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from notifications.outbox.states import Queued
from notifications.wording.digest_parts import Part, desk_of, names_of, part_of
from notifications.wording.receivers import NotWanted, Receiver
from notifications.wording.task_words import moment_text, stretch_text
from notifications.wording.templating import fill
from notifications.wording.writing import Content
from standards.merge import neutral
from standards.working_time.open_time import OpenTime
from tasks.beat.telling import WORK_DIGEST
from tasks.digests.away import WhileAway, while_away
from tasks.digests.making import RETURN_DIGEST
from tasks.digests.outcomes import outcome_label
from tasks.digests.own_work import OwnWork, own_work, told_until
from tasks.facts.titles import titles_of

OWN_DIGESTS = frozenset({WORK_DIGEST, RETURN_DIGEST})
"""Digests of somebody's own work: those that are due together leave as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneTold:
    """A task somebody else finished, as the message tells it."""

    number: int
    title: str
    outcome: str
    by: str
    when: str


def own_digest(db: Connection, group: Sequence[Queued], receiver: Receiver, *, at: datetime) -> Content:
    """One message from all the digests of one person that are due. Raises: NoSuchTemplate, NotWanted."""
    employee_id = group[0].employee_id or 0
    clock = _clock_of_who_is_there(db, employee_id, receiver, at)
    returns = [message for message in group if message.template == RETURN_DIGEST]
    first_of_work = min((it.key for it in group if it.template == WORK_DIGEST), default="")
    since = told_until(db, first_of_work, at) if first_of_work else at
    own = own_work(db, employee_id, clock, since=since, at=at)
    if returns:
        return _return_digest(db, returns, own, receiver, at=at)
    if not own.all:
        raise NotWanted("Nothing was left of what this digest would have told: the work was done or handed on.")
    return fill(WORK_DIGEST, receiver.language, {"name": neutral(receiver.name), **_parts(db, own, receiver, at)})


def _clock_of_who_is_there(db: Connection, employee_id: int, receiver: Receiver, at: datetime) -> OpenTime:
    """Their working time. Raises: NotWanted for somebody who is away now, or has left."""
    desk = desk_of(db, employee_id, at)
    if desk.is_gone:
        raise NotWanted(f"{receiver.name} does not work here any more; what is left undone is among the exceptions.")
    if any(it.starts_at <= at < it.ends_at for it in desk.absences):
        raise NotWanted(f"{receiver.name} is away; the digest on their return tells everything.")
    return desk.open_time


def _parts(db: Connection, own: OwnWork, receiver: Receiver, at: datetime) -> dict[str, Part]:
    return {
        "overdue": part_of(db, own.overdue, receiver, at=at),
        "today": part_of(db, own.today, receiver, at=at),
        "coming": part_of(db, own.coming, receiver, at=at),
        "returned": part_of(db, own.returned, receiver, at=at),
    }


def _return_digest(
    db: Connection, returns: Sequence[Queued], own: OwnWork, receiver: Receiver, *, at: datetime
) -> Content:
    """What befell while away, and below it the day's own digest without what was told above."""
    since = min(datetime.fromisoformat(message.facts["since"]) for message in returns)
    until = max(datetime.fromisoformat(message.facts["until"]) for message in returns)
    away = while_away(db, returns[0].employee_id or 0, since=since.astimezone(UTC), at=at)
    if away.is_empty and not own.all:
        raise NotWanted("Nothing happened to their work while they were away.")
    told = {*away.with_others, *away.came_back, *away.became_overdue}
    rest = OwnWork(
        overdue=tuple(number for number in own.overdue if number not in told),
        today=tuple(number for number in own.today if number not in told),
        coming=tuple(number for number in own.coming if number not in told),
    )
    first, last = stretch_text(since, until, receiver)
    facts = {
        "name": neutral(receiver.name),
        "since": first,
        "until": last,
        "done": _done(db, away, receiver, at),
        "with_others": part_of(db, away.with_others, receiver, at=at),
        "came_back": part_of(db, away.came_back, receiver, at=at),
        "became_overdue": part_of(db, away.became_overdue, receiver, at=at),
    }
    return fill(RETURN_DIGEST, receiver.language, facts | _parts(db, rest, receiver, at))


def _done(db: Connection, away: WhileAway, receiver: Receiver, at: datetime) -> list[DoneTold]:
    if not away.done:
        return []
    titles = titles_of(db, [it.task_id for it in away.done], receiver.language, at)
    names = names_of(db, [it.by for it in away.done if it.by is not None])
    return [
        DoneTold(
            number=it.task_id,
            title=titles[it.task_id],
            outcome=neutral(outcome_label(db, it.task_id, it.outcome, receiver.language)),
            by=names.get(it.by or 0, ""),
            when=moment_text(it.at, receiver),
        )
        for it in away.done
    ]
