"""The outbox as people look at it: a list, and one message with everything that befell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, exists, func, or_, select

from core.actor import Actor
from core.errors import UsageError, did_you_mean
from models.contacts import notes
from models.deliveries import BounceKind, bounces, message_attempts, message_decisions
from models.outbox import messages
from models.parties import parties
from models.people import employees
from notifications.outbox.seeing import NoSuchMessage, seen

_message = messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """What is asked of the list; nothing set means everything. `to` is part of an address, a name or a login."""

    states: tuple[str, ...] = ()
    template: str | None = None
    to: str | None = None
    since: datetime | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message as a list shows it; `is_back`: it was sent, and came back."""

    id: int
    state: str
    template: str
    message_class: str
    receiver: str
    address: str | None
    not_before: datetime
    attempts: int
    last_answer: str | None
    case_id: int | None
    task_id: int | None
    is_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message whole: its line, what was stored of it, and its attempts, decisions and bounces in order."""

    line: MessageLine
    key: str
    message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    pointless_after: datetime | None
    rendered: bytes | None
    attempts: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    bounces: Sequence[Mapping[str, Any]]


_IS_BACK = exists().where(bounces.c.message_id == _message.id, bounces.c.kind == BounceKind.BOUNCED.value)
_LINE = (
    select(
        *(_message[name] for name in ("id", "state", "template", "message_class", "address", "not_before")),
        *(_message[name] for name in ("attempts", "last_answer", "case_id", "task_id")),
        func.coalesce(employees.c.name, parties.c.name, "").label("receiver"),
        _IS_BACK.label("is_back"),
    )
    .select_from(messages)
    .outerjoin(employees, employees.c.id == _message.employee_id)
    .outerjoin(parties, parties.c.id == _message.party_id)
)
_ATTEMPTS = select(message_attempts).order_by(message_attempts.c.attempt)
_DECISIONS = (
    select(message_decisions, employees.c.name.label("who"), notes.c.body.label("why"))
    .outerjoin(employees, employees.c.id == message_decisions.c.employee_id)
    .outerjoin(notes, notes.c.id == message_decisions.c.note_id)
    .order_by(message_decisions.c.id)
)
_BOUNCES = select(bounces.c.read_at, bounces.c.kind, bounces.c.status, bounces.c.words).order_by(bounces.c.id)


def list_messages(db: Connection, actor: Actor, wanted: MessageFilter, *, limit: int) -> list[MessageLine]:
    """What the actor may see of the outbox, the newest first. Raises: UsageError for a letter there has never been."""
    asked = _LINE.where(*seen(db, actor), *_conditions(wanted)).order_by(_message.id.desc()).limit(limit)
    found = [MessageLine(**row) for row in db.execute(asked).mappings()]
    if not found and wanted.template is not None:
        _check_template(db, wanted.template)
    return found


def _check_template(db: Connection, template: str) -> None:
    known = sorted(db.scalars(select(_message.template).distinct()))
    if known and template not in known:
        hint = did_you_mean(template, known) or "."
        raise UsageError(f"No message has ever been written from {template!r}{hint} There are: {', '.join(known)}.")


def show_message(db: Connection, actor: Actor, number: int) -> MessageView:
    """One message with all that befell it. Raises: NoSuchMessage, also for one the actor may not see."""
    found = db.execute(_LINE.where(_message.id == number, *seen(db, actor))).mappings().first()
    if found is None:
        raise NoSuchMessage(number)
    whole = db.execute(select(messages).where(_message.id == number)).one()
    return MessageView(
        line=MessageLine(**found),
        key=whole.key,
        message_id=whole.message_id,
        created_at=whole.created_at,
        sent_at=whole.sent_at,
        pointless_after=whole.pointless_after,
        rendered=whole.rendered if whole.rendered is not None else _of_first(db, whole.message_id),
        attempts=_rows(db, _ATTEMPTS.where(message_attempts.c.message_id == number)),
        decisions=_rows(db, _DECISIONS.where(message_decisions.c.message_id == number)),
        bounces=_rows(db, _BOUNCES.where(bounces.c.message_id == number)),
    )


def _rows(db: Connection, asked: Executable) -> list[Mapping[str, Any]]:
    return [dict(row) for row in db.execute(asked).mappings()]


def _of_first(db: Connection, message_id: str | None) -> bytes | None:
    """What rows that left as one share is kept with the first of them."""
    same = select(_message.rendered).where(_message.message_id == message_id, _message.rendered.is_not(None)).limit(1)
    return db.execute(same).scalar() if message_id else None


def _conditions(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(_message.state.in_(wanted.states))
    if wanted.template is not None:
        found.append(_message.template == wanted.template)
    if wanted.since is not None:
        found.append(_message.created_at >= wanted.since)
    if wanted.after is not None:
        found.append(_message.id < wanted.after)
    if wanted.to is not None:
        asked = f"%{_escaped(wanted.to.strip().lower())}%"
        names = (_message.address, employees.c.name, employees.c.login, parties.c.name, parties.c.number)
        found.append(or_(*(func.lower(name).like(asked, escape="\\") for name in names)))
    return found


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
