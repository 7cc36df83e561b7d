"""The way of a message from the row to whoever takes it: claimed, at data, and what came of it; one statement each.

A lease says how long a sender may be silent before it counts as dead. Leases are measured by the database's clock, not
by the moment a command was told to work as of: a sender dies in real time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, and_, func, select, tuple_, update
from sqlalchemy.sql.dml import ReturningUpdate

from models.outbox import MessageState, messages

LEASE = timedelta(minutes=20)  # longer than the ten minutes a server may take over the final dot
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))


class Outcome(StrEnum):
    """What came of an attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One message as it was claimed; `attempt` tells a sender that lost its lease from the one that has it."""

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
    attempt: int
    message_id: str | None
    rendered: bytes | None
    address: str | None


_KEPT = [messages.c[name] for name in Queued.__slots__ if name != "attempt"]


def claim(db: Connection, *, at: datetime, limit: int) -> list[Queued]:
    """Take messages that are due, oldest first; others skip what we hold."""
    statement = _claiming(
        select(messages.c.id)
        .where(_is_due(at))
        .order_by(messages.c.not_before, messages.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return _read(db, statement)


def claim_companions(db: Connection, claimed: Sequence[Queued], *, at: datetime) -> list[Queued]:
    """Everything else that is due for the same employees, so that a digest is never torn in two."""
    receivers = {message.employee_id for message in claimed if message.employee_id is not None}
    if not receivers:
        return []
    statement = _claiming(
        select(messages.c.id)
        .where(_is_due(at), messages.c.employee_id.in_(receivers))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return _read(db, statement)


def _is_due(at: datetime) -> ColumnElement[bool]:
    is_waiting = messages.c.state.in_((MessageState.PENDING, MessageState.RETRY))
    return and_(is_waiting, messages.c.channel == "email", messages.c.not_before <= at)


def _claiming(due: CTE) -> ReturningUpdate[Any]:
    return (
        update(messages)
        .where(messages.c.id == due.c.id)
        .values(
            state=MessageState.CLAIMED.value,
            attempts=messages.c.attempts + 1,
            lease_until=func.clock_timestamp() + LEASE,
        )
        .returning(*_KEPT, messages.c.attempts.label("attempt"))
    )


def _read(db: Connection, statement: ReturningUpdate[Any]) -> list[Queued]:
    found = [Queued(**row) for row in db.execute(statement).mappings()]
    return sorted(found, key=lambda message: (message.not_before, message.id))


def release(db: Connection, group: Sequence[Queued]) -> None:
    """Give back what was claimed and not tried."""
    untouched = {"state": MessageState.PENDING.value, "attempts": messages.c.attempts - 1, "lease_until": None}
    db.execute(update(messages).where(_ours(group), messages.c.state == MessageState.CLAIMED).values(untouched))


def keep_rendered(db: Connection, group: Sequence[Queued], *, rendered: bytes, message_id: str, address: str) -> None:
    """Store the message before it leaves: whole with its first row, by its Message-ID with the others."""
    first, *others = group
    facts = {"message_id": message_id, "address": address}
    db.execute(update(messages).where(messages.c.id == first.id).values(rendered=rendered, **facts))
    if others:
        db.execute(update(messages).where(messages.c.id.in_([other.id for other in others])).values(facts))


def mark_at_data(db: Connection, group: Sequence[Queued], carrier: str) -> bool:
    """The last word before the final dot: from now on the receiver may have it. False when the lease was lost."""
    marked = db.execute(
        update(messages)
        .where(_ours(group), messages.c.state == MessageState.CLAIMED)
        .values(
            state=MessageState.AT_DATA.value,
            lease_until=func.clock_timestamp() + LEASE,
            last_answer=f"given to {carrier}",
        )
    )
    return marked.rowcount == len(group)


def settle(db: Connection, group: Sequence[Queued], outcome: Outcome, answer: str, *, at: datetime) -> Outcome:
    """Write what came of the attempt; a retry waits longer each time, and fails when the waits are used up."""
    pause = pause_after(group[0].attempt)
    if outcome is Outcome.RETRY and pause is None:
        outcome, answer = Outcome.FAILED, f"given up after {group[0].attempt} attempts: {answer}"
    values: dict[str, Any] = {"state": outcome.value, "last_answer": answer, "lease_until": None}
    if outcome is Outcome.SENT:
        values["sent_at"] = at
    if outcome is Outcome.RETRY and pause is not None:
        values["not_before"] = at + pause
    in_hand = messages.c.state.in_((MessageState.CLAIMED, MessageState.AT_DATA))
    db.execute(update(messages).where(_ours(group), in_hand).values(values))
    return outcome


def _ours(group: Sequence[Queued]) -> ColumnElement[bool]:
    """The rows as we claimed them: one that somebody else has claimed since has another attempt."""
    return tuple_(messages.c.id, messages.c.attempts).in_([(message.id, message.attempt) for message in group])


def pause_after(attempt: int) -> timedelta | None:
    """How long to wait after so many attempts; None when it is time to give up."""
    return PAUSES[attempt - 1] if attempt <= len(PAUSES) else None


def drop_pointless(db: Connection, *, at: datetime) -> int:
    """Messages that have lost their point are not sent any more. Returns how many."""
    waiting = messages.c.state.in_((MessageState.PENDING, MessageState.RETRY))
    statement = update(messages).where(waiting, messages.c.pointless_after < at)
    dropped = db.execute(statement.values(state=MessageState.DROPPED.value, last_answer="it has lost its point"))
    return dropped.rowcount


def take_back_left(db: Connection) -> int:
    """What a dead sender left: before data it is pending again; at data nobody knows. Returns how many are unknown."""
    is_over = messages.c.lease_until < func.clock_timestamp()
    db.execute(
        update(messages)
        .where(messages.c.state == MessageState.CLAIMED, is_over)
        .values(state=MessageState.PENDING.value, lease_until=None)
    )
    left = db.execute(
        update(messages)
        .where(messages.c.state == MessageState.AT_DATA, is_over)
        .values(
            state=MessageState.UNKNOWN.value, lease_until=None, last_answer="its sender ended before the answer came"
        )
    )
    return left.rowcount


def unknown(db: Connection) -> list[tuple[int, int | None]]:
    """Messages nobody knows the fate of: their numbers, and the letter each is (None for messages to staff)."""
    found = select(messages.c.id, messages.c.letter_version_id).where(messages.c.state == MessageState.UNKNOWN)
    return [(row.id, row.letter_version_id) for row in db.execute(found.order_by(messages.c.id))]


def send_again(db: Connection, ids: Sequence[int]) -> None:
    """Let unknown messages go out once more, with the same Message-ID, unless they were tried too often."""
    is_unknown = and_(messages.c.state == MessageState.UNKNOWN, messages.c.attempts <= len(PAUSES))
    db.execute(update(messages).where(messages.c.id.in_(ids), is_unknown).values(state=MessageState.RETRY.value))
