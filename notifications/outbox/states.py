"""Statements that move many messages at once through their states; each changes only rows that stand as read.

A lease says how long a sender may be silent before it counts as dead. Leases are measured by the database's clock, not
by the moment a command was told to work as of: a sender dies in real time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Interval,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from models.deliveries import Stage, message_attempts
from models.listed import listed
from models.outbox import MessageState, messages
from notifications.outbox.moves import Move, sources, target
from tasks.record.hot import Hot

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
POINTLESS = "it has lost its point"


class Outcome(StrEnum):
    """What came of an attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One message as it was claimed; `attempt` tells a sender that lost its lease from the one that has it.

    `tries` counts the attempts before it in which somebody was asked to take the message.
    """

    id: int
    key: str
    message_class: str
    template: str
    letter_version_id: int | None
    language: str
    employee_id: int | None
    party_id: int | None
    role: str | None
    subject_type: str | None
    subject_id: int | None
    case_id: int | None
    task_id: int | None
    facts: dict[str, Any]
    created_at: datetime
    not_before: datetime
    pointless_after: datetime | None
    attempt: int
    tries: int
    message_id: str | None
    rendered: bytes | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is stored of a message when it is claimed; `rendered` is None where another row of its group has it."""

    message: Queued
    rendered: bytes | None = None
    message_id: str | None = None
    address: str | None = None


_message = messages.c
_ATTEMPT = _message.attempts + 1
_asked = (
    select(func.count())
    .where(message_attempts.c.message_id == _message.id, message_attempts.c.stage != Stage.WRITING)
    .correlate(messages)
    .scalar_subquery()
)
TRIES = case((_message.attempts > 0, _asked), else_=0)
"""How often somebody was asked to take a message: a sender that died before that says nothing of the message."""
_COMPUTED = {"attempt": _ATTEMPT, "tries": TRIES}
_READ = [_COMPUTED[name].label(name) if name in _COMPUTED else _message[name] for name in Queued.__slots__]
_NOW = func.clock_timestamp()
_LEASE = bindparam("lease", type_=Interval())
_FREE: dict[str, Any] = {"lease_until": null(), "sender": null()}


def still(states: Collection[MessageState]) -> ColumnElement[bool]:
    """A message looked up by its number still stands in one of these states.

    Said so that no partial index can answer it: PostgreSQL takes the index of leased messages for empty, as it mostly
    is, and then reads all of it, the dead rows too, for every few messages.
    """
    return func.coalesce(_message.state, "") == func.any(array([literal(state.value) for state in states]))


def lock_due(db: Connection, *, at: datetime, limit: int, is_for_letters: bool = False) -> list[Queued]:
    """Take hold of messages that are due, oldest first, until the transaction ends; others skip what we hold."""
    due = _due(at).where(_IS_LETTER) if is_for_letters else _due(at)
    return _read(db, due.order_by(_message.not_before, _message.id).limit(limit))


def count_letters(db: Connection, *, at: datetime, most: int) -> int:
    """How many messages to clients are due; it counts to `most` and no further."""
    due = select(_message.id).where(_is_due(at), _IS_LETTER).limit(most)
    return db.execute(select(func.count()).select_from(due.subquery())).scalar_one()


def lock_companions(db: Connection, locked: Sequence[Queued], *, at: datetime) -> list[Queued]:
    """Everything else that is due for the same employees, so that a digest is never torn in two."""
    receivers = {message.employee_id for message in locked if message.employee_id is not None}
    if not receivers:
        return []
    known = {message.id for message in locked}
    found = _read(db, _due(at).where(_message.employee_id.in_(receivers)))
    return sorted((it for it in found if it.id not in known), key=lambda it: (it.not_before, it.id))


def _due(at: datetime) -> Select[Any]:
    return select(*_READ).where(_is_due(at)).with_for_update(of=messages, skip_locked=True)


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(_message.state.in_(sources(Move.CLAIM)), _message.channel == "email", _message.not_before <= at)


_IS_LETTER = _message.employee_id.is_(None)


def _read(db: Connection, statement: Select[Any]) -> list[Queued]:
    return [Queued(**dict(zip(Queued.__slots__, row, strict=True))) for row in db.execute(statement)]


_given = listed("given", id=BigInteger(), rendered=LargeBinary(), message_id=Text(), address=Text())
_CLAIM = Hot(
    update(messages)
    .where(_message.id == _given.c.id, still(sources(Move.CLAIM)))
    .values(
        state=target(Move.CLAIM).value,
        attempts=_ATTEMPT,
        lease_until=_NOW + _LEASE,
        sender=bindparam("sender_word"),
        rendered=func.coalesce(_given.c.rendered, _message.rendered),
        message_id=func.coalesce(_given.c.message_id, _message.message_id),
        address=func.coalesce(_given.c.address, _message.address),
    )
)


def claim(db: Connection, written: Sequence[Written], *, sender: str, lease: timedelta) -> None:
    """Claim what we hold, and store each message before it leaves."""
    if not written:
        return
    values = {
        "given_id": [one.message.id for one in written],
        "given_rendered": [one.rendered for one in written],
        "given_message_id": [one.message_id for one in written],
        "given_address": [one.address for one in written],
    }
    _CLAIM.change(db, values | {"sender_word": sender, "lease": lease})


_ours = listed("ours", id=BigInteger(), attempt=Integer())
_IS_OURS = and_(_message.id == _ours.c.id, _message.attempts == _ours.c.attempt)


_GIVEN_BACK = _FREE | {"state": target(Move.GIVE_BACK).value, "attempts": _message.attempts - 1}
_GIVE_BACK = update(messages).where(_IS_OURS, still(sources(Move.GIVE_BACK))).values(_GIVEN_BACK)
_BEFORE_DOT = (*sources(Move.MARK), target(Move.MARK))  # or our first word was kept, and its answer was lost
_MARK = Hot(
    update(messages)
    .where(_IS_OURS, still(_BEFORE_DOT))
    .values(state=target(Move.MARK).value, lease_until=_NOW + _LEASE)
    .returning(_message.id)
)
_IN_HAND = (MessageState.CLAIMED, MessageState.AT_DATA)
_RENEW = update(messages).where(_IS_OURS, still(_IN_HAND)).values(lease_until=_NOW + _LEASE)


def give_back(db: Connection, group: Sequence[Queued]) -> None:
    """What was claimed and not tried waits again."""
    db.execute(_GIVE_BACK, _numbers(group))


def mark(db: Connection, group: Sequence[Queued], *, lease: timedelta) -> set[int]:
    """The last word before the final dot: from now on the receivers may have them. Returns those still ours."""
    return {number for (number,) in _MARK.rows(db, _numbers(group) | {"lease": lease})} if group else set()


def renew(db: Connection, group: Sequence[Queued], *, lease: timedelta) -> None:
    """We are alive, and still at these."""
    db.execute(_RENEW, _numbers(group) | {"lease": lease})


def _numbers(group: Sequence[Queued]) -> dict[str, Any]:
    return {"ours_id": [message.id for message in group], "ours_attempt": [message.attempt for message in group]}


def take_back_own(db: Connection, sender: str, known: Sequence[int]) -> None:
    """What we claimed without hearing that it was kept waits again."""
    is_lost = and_(
        _message.sender == sender, _message.state.in_(sources(Move.GIVE_BACK)), _message.id != func.all(list(known))
    )
    db.execute(update(messages).where(is_lost).values(_GIVEN_BACK))


def postpone(db: Connection, group: Sequence[Queued], until: datetime) -> None:
    """Messages that nobody has claimed wait for a later moment, in the state they are in."""
    is_waiting = and_(_message.id.in_([message.id for message in group]), still(sources(Move.CLAIM)))
    db.execute(update(messages).where(is_waiting).values(not_before=until))


WAS_KEPT = "was_kept"
"""Among the facts of a message that has waited for its reader once: it does not wait again."""


def keep(db: Connection, group: Sequence[Queued], until: datetime) -> None:
    """`postpone`, once: for a reader who is not at their desk, so that a sender called only at night starves nobody."""
    is_waiting = and_(_message.id.in_([message.id for message in group]), still(sources(Move.CLAIM)))
    kept = _message.facts.concat(literal({WAS_KEPT: True}, JSONB))
    db.execute(update(messages).where(is_waiting).values(not_before=until, facts=kept))
