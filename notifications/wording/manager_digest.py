"""The manager's weekly digest: the exceptions first, each with the command that shows it, then the plain counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from models.people import teams
from notifications.outbox.states import Queued
from notifications.wording.receivers import Receiver
from notifications.wording.task_words import date_text, moment_text, plain_moment_text
from notifications.wording.templating import fill
from notifications.wording.writing import Content
from standards.merge import neutral
from tasks.exceptions.line import Kind, Line
from tasks.exceptions.listing import list_exceptions, scope_of

LONGEST = 12
"""Lines of one part; the rest is a number, and the command shows all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTold:
    """One exception as the message tells it; what is not known is ''. `state` is a code."""

    what: str
    state: str
    client: str
    who: str
    when: str
    is_late: bool
    note: str
    level: int
    is_past_limit: bool
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTold:
    """All exceptions of one kind."""

    kind: str
    total: int
    lines: tuple[LineTold, ...]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.total - len(self.lines)


def manager_content(db: Connection, message: Queued, receiver: Receiver, *, at: datetime) -> Content:
    """The week's exceptions as they are now, for the house or for a team. Raises: NoSuchTemplate."""
    team_id = message.facts.get("team_id")
    scope = scope_of(db, at=at, team_id=team_id, language=receiver.language, at_most=LONGEST)
    found = list_exceptions(db, scope)
    team = db.execute(select(teams.c.name, teams.c.code).where(teams.c.id == team_id)).first() if team_id else None
    facts = {
        "name": neutral(receiver.name),
        "team": neutral(team.name) if team else "",
        "since": date_text(scope.first_day, receiver),
        "until": date_text(scope.today, receiver),
        "ahead": date_text(scope.ahead, receiver),
        "parts": [
            PartTold(
                kind=part.kind.value,
                total=part.total,
                lines=tuple(_told(it, part.kind, receiver, at) for it in part.lines),
            )
            for part in found.parts
        ],
        "counts": dict(found.counts),
        "command": f"taktas tasks exceptions --team {team.code}" if team else "taktas tasks exceptions",
    }
    return fill(message.template, receiver.language, facts)


_OF_TASKS = frozenset({Kind.UNOWNED, Kind.BREACHED, Kind.ESCALATED})


def _told(line: Line, kind: Kind, receiver: Receiver, at: datetime) -> LineTold:
    return LineTold(
        what=neutral(line.what),
        state=line.state or "",
        client="" if line.client and line.client in line.what else neutral(line.client or ""),
        who=neutral(line.who or ""),
        when=_when(line, kind, receiver),
        is_late=line.at is not None and line.at < at,
        note=neutral(line.note or ""),
        level=line.level or 0,
        is_past_limit=line.is_past_limit,
        command=line.command,
    )


def _when(line: Line, kind: Kind, receiver: Receiver) -> str:
    if line.on is not None:
        return date_text(line.on, receiver)
    if line.at is None:
        return ""
    return moment_text(line.at, receiver) if kind in _OF_TASKS else plain_moment_text(line.at, receiver)
