"""What came of attempts, written down for many messages at once: the state of each, and a row for the attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Connection, DateTime, Integer, Text, and_, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from models.deliveries import Stage, message_attempts
from models.listed import listed
from models.outbox import messages
from notifications.outbox.moves import Move, sources, target
from notifications.outbox.states import PAUSES, POINTLESS, Outcome, Queued, still
from notifications.outbox.word_back import tell_cases
from notifications.sending.addresses import mark_refused
from notifications.sending.carrier import Answer
from tasks.record.hot import Hot

MOVES = {
    Outcome.SENT: Move.ACCEPT,
    Outcome.RETRY: Move.DEFER,
    Outcome.FAILED: Move.REFUSE,
    Outcome.UNKNOWN: Move.LOSE,
    Outcome.DROPPED: Move.DROP,
}
_MOMENT = DateTime(timezone=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an attempt came to in the end: of a message, or of several that left as one; ended `at`."""

    group: Sequence[Queued]
    outcome: Outcome
    words: str
    answer: Answer
    at: datetime
    again_at: datetime | None = None


def settlement(group: Sequence[Queued], answer: Answer, *, at: datetime) -> Settlement:
    """Decide what follows: a retry waits longer each time, and ends when the waits or the message's point are over.

    What we broke off ourselves, before anybody was asked, is no try, and gives no message up.
    """
    first = group[0]
    outcome, words, again_at = answer.outcome, answer.words, None
    if outcome is Outcome.RETRY:
        tries = first.tries + (answer.stage is not Stage.WRITING)
        pause = pause_after(tries)
        again_at = at + pause if pause is not None else None
        points = [one.pointless_after for one in group]
        ends_at = max(filter(None, points), default=None) if all(points) else None
        if again_at is None:
            outcome, words = Outcome.FAILED, f"given up after {tries} attempts: {words}"
        elif ends_at is not None and ends_at < again_at:
            outcome, words, again_at = Outcome.DROPPED, f"{POINTLESS} before the next attempt: {words}", None
    return Settlement(group=group, outcome=outcome, words=words, answer=answer, at=at, again_at=again_at)


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None when it is time to give up."""
    return PAUSES[max(tries, 1) - 1] if tries <= len(PAUSES) else None


def settle(db: Connection, settlements: Sequence[Settlement]) -> None:
    """Write down each, where the message is still ours, and tell the cases what they wait for."""
    for outcome in Outcome:
        chosen = [one for one in settlements if one.outcome is outcome]
        if chosen:
            _settled(MOVES[outcome]).change(db, _values(chosen))
            told = [message for one in chosen for message in one.group]
            tell_cases(db, told, outcome, at=max(one.at for one in chosen))
    for one in settlements:
        mark_refused(db, one.group[0].id, one.answer, at=one.at)
    if settlements:
        _ATTEMPTS.change(db, _attempts(settlements))


_ended = listed("ended", id=BigInteger(), attempt=Integer(), words=Text(), sent_at=_MOMENT, again_at=_MOMENT)


@cache
def _settled(move: Move) -> Hot:
    message = messages.c
    is_ours = and_(message.id == _ended.c.id, message.attempts == _ended.c.attempt, still(sources(move)))
    values = {
        "state": target(move).value,
        "last_answer": _ended.c.words,
        "sent_at": func.coalesce(_ended.c.sent_at, message.sent_at),
        "not_before": func.coalesce(_ended.c.again_at, message.not_before),
        "lease_until": null(),
        "sender": null(),
    }
    return Hot(update(messages).where(is_ours).values(values))


def _values(chosen: Sequence[Settlement]) -> dict[str, list[Any]]:
    rows = [(message, one) for one in chosen for message in one.group]
    return {
        "ended_id": [message.id for message, _ in rows],
        "ended_attempt": [message.attempt for message, _ in rows],
        "ended_words": [one.words for _, one in rows],
        "ended_sent_at": [one.at if one.outcome is Outcome.SENT else None for _, one in rows],
        "ended_again_at": [one.again_at for _, one in rows],
    }


_tried = listed(
    "tried",
    message_id=BigInteger(),
    attempt=Integer(),
    began_at=_MOMENT,
    ended_at=_MOMENT,
    stage=Text(),
    outcome=Text(),
    code=Integer(),
    answer=Text(),
    host=Text(),
)
_went_to = select(*_tried.c, messages.c.address).join_from(_tried, messages, messages.c.id == _tried.c.message_id)
_written = insert(message_attempts).from_select([*_tried.c.keys(), "address"], _went_to)
_ATTEMPTS = Hot(
    _written.on_conflict_do_update(  # kept before, when the answer was lost; or its sender was taken for dead
        index_elements=["message_id", "attempt"],
        set_={name: _written.excluded[name] for name in [*_tried.c.keys(), "address"][2:]},
    )
)


def _attempts(settlements: Sequence[Settlement]) -> dict[str, list[Any]]:
    rows = chain.from_iterable(_attempt_rows(one) for one in settlements)
    columns = list(zip(*rows, strict=True))
    return {f"tried_{name}": list(values) for name, values in zip(_tried.c.keys(), columns, strict=True)}


def _attempt_rows(one: Settlement) -> list[tuple[Any, ...]]:
    answer, began = one.answer, one.at - timedelta(seconds=one.answer.took)
    said = (began, one.at, answer.stage.value, one.outcome.value, answer.code, one.words, answer.host)
    return [(message.id, message.attempt, *said) for message in one.group]
