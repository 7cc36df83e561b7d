"""What people decide about messages that stand still: try again what failed, and say what became of the unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.actor import Actor
from core.errors import TaktasError
from models.deliveries import Decision, message_attempts, message_decisions
from models.outbox import MessageState, messages
from notifications.outbox.moves import Move, decide
from notifications.outbox.seeing import NoSuchMessage, seen
from notifications.outbox.states import Outcome
from notifications.outbox.word_back import tell_cases
from tasks.desk.noting import ReasonMissing, write_note

MOVES = {
    Decision.RETRIED: Move.SEND_AGAIN,
    Decision.SENT_AGAIN: Move.SEND_AGAIN,
    Decision.DELIVERED: Move.CONFIRM,
    Decision.DROPPED: Move.DROP,
}
_DOINGS = {
    Decision.RETRIED: "Sending message {} again",
    Decision.SENT_AGAIN: "Sending message {} again",
    Decision.DELIVERED: "Saying that message {} arrived",
    Decision.DROPPED: "Dropping message {}",
}
_BEGINS = {Decision.RETRIED: MessageState.FAILED}
_message = messages.c


class NotToBeDecided(TaktasError):
    """The message does not wait for that decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Who decides what, why and when."""

    actor: Actor
    decision: Decision
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided: about the message, and about the others that left as one with it."""

    numbers: tuple[int, ...]
    before: MessageState
    after: MessageState


def retry(db: Connection, actor: Actor, number: int, *, reason: str, at: datetime) -> Decided:
    """Try a failed message once more, written anew: its address or its facts may have been mended since.

    One that may have arrived goes out as it was: what somebody may hold in their hands is never written over.

    Raises: NoSuchMessage, MoveNotAllowed, NotToBeDecided, ReasonMissing.
    """
    return _decided(db, number, _Wish(actor=actor, decision=Decision.RETRIED, reason=reason, at=at))


def release(db: Connection, actor: Actor, number: int, decision: Decision, *, reason: str, at: datetime) -> Decided:
    """Say of a message of unknown fate that it is sent again as it was, that it arrived, or that it is dropped.

    Raises: NoSuchMessage, MoveNotAllowed, NotToBeDecided, ReasonMissing.
    """
    return _decided(db, number, _Wish(actor=actor, decision=decision, reason=reason, at=at))


def _decided(db: Connection, number: int, wish: _Wish) -> Decided:
    row = _locked(db, wish.actor, number)
    before = MessageState(row.state)
    after = decide(MOVES[wish.decision], before, number)
    _check_begins(wish.decision, before, number)
    _check_has_point(wish, row)
    if not wish.reason.strip():
        doing = _DOINGS[wish.decision].format(number)
        raise ReasonMissing(f"{doing} needs a reason. Add --reason and say why, in a word or a sentence.")
    rows = [row, *_companions(db, row)]
    values = _values(wish, after, is_kept=_may_have_arrived(db, rows))
    db.execute(update(messages).where(_message.id.in_([it.id for it in rows])).values(values))
    for one in rows:
        _write_down(db, wish, one, after)
    if wish.decision is Decision.DELIVERED:
        tell_cases(db, rows, Outcome.SENT, at=wish.at)
    return Decided(numbers=tuple(it.id for it in rows), before=before, after=after)


def _locked(db: Connection, actor: Actor, number: int) -> Any:
    row = db.execute(select(messages).where(_message.id == number, *seen(db, actor)).with_for_update()).first()
    if row is None:
        raise NoSuchMessage(number)
    return row


def _companions(db: Connection, row: Any) -> list[Any]:
    """Rows that left as one message with it stand and fall together; one that was never written left with no other."""
    if row.message_id is None:
        return []
    same = (_message.message_id == row.message_id, _message.state == row.state, _message.id != row.id)
    return list(db.execute(select(messages).where(*same).order_by(_message.id).with_for_update()))


def _check_begins(decision: Decision, before: MessageState, number: int) -> None:
    """Failed messages are tried again, unknown ones released: the reader should know which of the two it is."""
    begins = _BEGINS.get(decision, MessageState.UNKNOWN)
    if before is begins:
        return
    way = "retry" if before is MessageState.FAILED else "release"
    what = "failed" if before is MessageState.FAILED else "is of unknown fate"
    raise NotToBeDecided(f"Message {number} {what}: use `taktas messages {way} {number}`.")


def _check_has_point(wish: _Wish, row: Any) -> None:
    goes_out = MOVES[wish.decision] is Move.SEND_AGAIN
    if goes_out and row.pointless_after is not None and row.pointless_after < wish.at:
        raise NotToBeDecided(
            f"Message {row.id} has lost its point on {row.pointless_after:%Y-%m-%d}: what it was about is over. "
            "Look at its case, and start there what is wanted now."
        )


def _may_have_arrived(db: Connection, rows: Sequence[Any]) -> bool:
    """Whether a try of it was handed over and never answered."""
    tried = message_attempts.c
    lost = tried.message_id.in_([it.id for it in rows]) & (tried.outcome == Outcome.UNKNOWN.value)
    return db.execute(select(tried.attempt).where(lost).limit(1)).first() is not None


def _values(wish: _Wish, after: MessageState, *, is_kept: bool) -> dict[str, Any]:
    values: dict[str, Any] = {"state": after.value, "lease_until": None}
    if wish.decision is Decision.RETRIED and is_kept:
        values |= {"not_before": wish.at}
    elif wish.decision is Decision.RETRIED:
        values |= {"not_before": wish.at, "rendered": None, "address": None}
    elif wish.decision is Decision.SENT_AGAIN:
        values |= {"not_before": wish.at}
    elif wish.decision is Decision.DELIVERED:
        values |= {"sent_at": wish.at}
    return values


def _write_down(db: Connection, wish: _Wish, row: Any, after: MessageState) -> None:
    about = {"purpose": "reason", "on_type": "message", "on_id": row.id, "client_id": row.party_id}
    note = write_note(db, wish.actor, body=wish.reason.strip(), at=wish.at, **about)
    db.execute(
        insert(message_decisions).values(
            message_id=row.id,
            decision=wish.decision.value,
            state_before=row.state,
            state_after=after.value,
            at=wish.at,
            employee_id=wish.actor.employee_id,
            on_behalf_of=wish.actor.on_behalf_of,
            door=wish.actor.door.value,
            note_id=note,
        )
    )
