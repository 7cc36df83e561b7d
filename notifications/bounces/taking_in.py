"""Bounces taken in: the address is marked, the case hears, and what nobody understood is kept for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from models.database import begin
from models.deliveries import BounceKind, bounces
from models.outbox import messages
from notifications.bounces.reading import Bounce, key_of, read_bounce
from notifications.outbox.message_id import sender_domain
from notifications.outbox.states import Outcome
from notifications.outbox.word_back import tell_cases
from notifications.sending.addresses import mark, may_work

BATCH = 100  # mails taken in with one transaction
STILL_NEW = timedelta(days=7)  # how long a setting that was missing when a mail was read may still be put right
_message = messages.c


@dataclass(slots=True, kw_only=True)
class BounceReport:
    """What one reading found: mails by kind, those known before, addresses marked.

    `spared`: letters that came back for a reason that says nothing against the address.
    """

    kinds: Counter[BounceKind] = field(default_factory=Counter)
    known: int = 0
    strange: int = 0
    spared: int = 0
    marked: list[str] = field(default_factory=list)


def take_in(mails: Iterable[tuple[str, bytes]], mailbox: str | None, *, at: datetime) -> BounceReport:
    """Read the mails and keep what they say, in batches; a mail read before changes nothing.

    Raises: DatabaseUnreachable and its kin; no mail raises anything.
    """
    report = BounceReport()
    batch: list[tuple[str, bytes]] = []
    for mail in mails:
        batch.append(mail)
        if len(batch) == BATCH:
            _keep_all(batch, mailbox, report, at=at)
            batch = []
    _keep_all(batch, mailbox, report, at=at)
    return report


def _keep_all(batch: Sequence[tuple[str, bytes]], mailbox: str | None, report: BounceReport, *, at: datetime) -> None:
    """All with one transaction. Those that were settled before are not read again: mailboxes only grow."""
    keys = [key_of(content) for _, content in batch]
    with begin() as db:
        settled = _settled(db, keys, at=at)
        for key, (place, content) in zip(keys, batch, strict=True):
            if key in settled:
                report.known += 1
            else:
                _keep(db, place, content, read_bounce(content, mailbox), report, at=at)


def _settled(db: Connection, keys: Sequence[str], *, at: datetime) -> set[str]:
    """Those known for what they are; what answered nothing of ours is looked at again for some days."""
    if not keys:
        return set()
    bounce = bounces.c
    is_clear = or_(bounce.message_id.is_not(None), bounce.read_at < at - STILL_NEW)
    return set(db.scalars(select(bounce.key).where(bounce.key == func.any(list(keys)), is_clear)))


def _keep(db: Connection, place: str, content: bytes, bounce: Bounce, report: BounceReport, *, at: datetime) -> None:
    letters = _answered(db, bounce)
    is_for_a_person = bounce.kind is BounceKind.NOT_UNDERSTOOD
    row = {
        "key": bounce.key,
        "kind": bounce.kind.value,
        "message_id": letters[0].id if letters else None,
        "address": bounce.address,
        "status": bounce.status,
        "words": bounce.words,
        "place": place,
        "arrived_at": bounce.arrived_at,
        "read_at": at,
        "content": content if is_for_a_person else None,
    }
    if not _is_news(db, row):
        report.known += 1
        return
    report.kinds[bounce.kind] += 1
    if bounce.kind is not BounceKind.BOUNCED:
        return
    if not letters:
        report.strange += 1  # not ours, or of a message long erased: an address is only marked on our own word
        return
    if may_work(bounce.status):
        report.spared += 1
    else:
        addresses = {letter.address for letter in letters if letter.address}
        report.marked += mark(db, addresses, _reason(bounce), at=at)
    tell_cases(db, letters, Outcome.FAILED, at=at)


def _is_news(db: Connection, row: Mapping[str, Any]) -> bool:
    """Written down for the first time; or known, but as answering nothing of ours: a setting may have been missing."""
    once = insert(bounces).values(row)
    understood = {name: once.excluded[name] for name in ("kind", "message_id", "address", "status", "words")}
    now_ours = bounces.c.message_id.is_(None) & once.excluded.message_id.is_not(None)
    kept = once.on_conflict_do_update(index_elements=["key"], set_=understood, where=now_ours)
    return db.execute(kept.returning(bounces.c.id)).scalar() is not None


def _reason(bounce: Bounce) -> str:
    is_said = bounce.status is None or bounce.status in bounce.words
    return bounce.words if is_said else f"{bounce.status} {bounce.words}"


def _answered(db: Connection, bounce: Bounce) -> list[Any]:
    """The messages the mail answers: by its return path, which decides; else by the Message-ID of what it returns."""
    known = (f"<{bounce.token}@{sender_domain()}>" if bounce.token else None, bounce.message_id)
    for number in filter(None, known):
        asked = select(messages).where(_message.message_id == number, _message.attempts > 0).order_by(_message.id)
        if found := list(db.execute(asked)):
            return found
    return []
