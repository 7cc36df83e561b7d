"""Before a sending: what has lost its point is dropped, what dead senders left is taken back and may go again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, Select, Update, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from models.deliveries import Stage, message_attempts
from models.outbox import MessageState, messages
from notifications.outbox.moves import Move, sources, target
from notifications.outbox.states import PAUSES, POINTLESS, TRIES, Outcome
from notifications.outbox.word_back import tell_cases
from notifications.sending.ended import Ended
from notifications.wording.letters import is_sent_again

LEFT = "its sender ended before the answer came"
LEFT_EARLY = "its sender ended before the message had left"
NEVER_ANSWERED = (
    "given up after {attempts} attempts, none of which was answered: it may have arrived. Ask the receiver; "
    "`taktas messages retry` sends it once more"
)
_FREE: dict[str, Any] = {"lease_until": None, "sender": None}
_message = messages.c


def tidy(db: Connection, *, at: datetime) -> list[Ended]:
    """Do all of it. Returns what came to its end by that."""
    dropped = drop_pointless(db, at=at)
    lost = take_back_left(db, at=at)
    unknown = _unknown(db)
    again = [row for row in unknown if is_sent_again(db, row.letter_version_id)]
    held = lost.intersection(row.id for row in unknown).difference(row.id for row in again)
    send_again(db, [row for row in again if row.tries <= len(PAUSES)], at=at)
    given_up = _give_up(db, [row for row in again if row.tries > len(PAUSES)], at=at)
    return dropped + given_up + [_ended_unknown(number) for number in sorted(held)]


def _ended_unknown(number: int) -> Ended:
    return Ended(outcome=Outcome.UNKNOWN, count=1, number=number, words=LEFT)


def drop_pointless(db: Connection, *, at: datetime) -> list[Ended]:
    """Messages that have lost their point are not sent any more."""
    is_waiting = and_(_message.state.in_(sources(Move.CLAIM)), _message.pointless_after < at)
    dropped = update(messages).where(_message.id.in_(_unheld(is_waiting))).returning(_message.id)
    ids = db.scalars(dropped.values(state=target(Move.DROP).value, last_answer=POINTLESS))
    return [Ended(outcome=Outcome.DROPPED, count=1, number=number, words=POINTLESS) for number in ids]


def take_back_left(db: Connection, *, at: datetime) -> set[int]:
    """What dead senders left: before the final dot it is pending again, at data nobody knows. Each try is a row.

    Returns the numbers of those nobody knows about.
    """
    untried = _left(Move.GIVE_BACK).values(_FREE | {"state": target(Move.GIVE_BACK).value})
    at_data = _left(Move.LOSE).values(_FREE | {"state": target(Move.LOSE).value, "last_answer": LEFT})
    _remember(db, untried, Stage.WRITING, Outcome.RETRY, LEFT_EARLY, at=at)
    return _remember(db, at_data, Stage.DATA, Outcome.UNKNOWN, LEFT, at=at)


def _left(move: Move) -> Update:
    is_over = _message.lease_until < func.clock_timestamp()
    return update(messages).where(_message.id.in_(_unheld(and_(_message.state.in_(sources(move)), is_over))))


def _unheld(which: ColumnElement[bool]) -> Select[Any]:
    """Such messages but for those another sender has hold of just now: two that tidy up never wait for each other."""
    return select(_message.id).where(which).with_for_update(skip_locked=True)


def _remember(db: Connection, change: Update, stage: Stage, outcome: Outcome, words: str, *, at: datetime) -> set[int]:
    """Nobody knows when the try ended; it was found at that moment. Returns the numbers of the messages."""
    left = change.returning(_message.id, _message.attempts, _message.address).cte("left_behind")
    moment = literal(at, DateTime(timezone=True))
    said = [literal(stage.value), literal(outcome.value), literal(words)]
    names = ["message_id", "attempt", "address", "began_at", "ended_at", "stage", "outcome", "answer"]
    found = select(left.c.id, left.c.attempts, left.c.address, moment, moment, *said)
    written = insert(message_attempts).from_select(names, found).on_conflict_do_nothing()
    return set(db.scalars(written.returning(message_attempts.c.message_id)))


def _unknown(db: Connection) -> Sequence[Any]:
    """Messages nobody knows the fate of."""
    named = ("id", "key", "letter_version_id", "party_id", "subject_type", "subject_id", "case_id")
    found = select(*(_message[name] for name in named), TRIES.label("tries")).where(
        _message.state == MessageState.UNKNOWN
    )
    return db.execute(found.order_by(_message.id)).all()


def send_again(db: Connection, rows: Sequence[Any], *, at: datetime) -> None:
    """Let unknown messages go out once more, with the same Message-ID: the first time at once, then after longer waits.

    A server that takes everything and never says so would else fill the reader's mailbox with copies.
    """
    for tries in sorted({row.tries for row in rows}):
        values: dict[str, Any] = {"state": target(Move.SEND_AGAIN).value}
        if tries > 1:
            values["not_before"] = at + PAUSES[tries - 2]
        db.execute(_still_unknown([row.id for row in rows if row.tries == tries]).values(values))


def _give_up(db: Connection, rows: Sequence[Any], *, at: datetime) -> list[Ended]:
    """Tried as often as anything is tried: failed, for a person to see."""
    told = []
    for row in rows:
        words = NEVER_ANSWERED.format(attempts=row.tries)
        change = _still_unknown([row.id]).values(state=target(Move.REFUSE).value, last_answer=words)
        if db.execute(change).rowcount:
            tell_cases(db, [row], Outcome.FAILED, at=at)
            told.append(Ended(outcome=Outcome.FAILED, count=1, number=row.id, words=words))
    return told


def _still_unknown(ids: Sequence[int]) -> Update:
    return update(messages).where(_message.state == MessageState.UNKNOWN, _message.id == func.any(list(ids)))
