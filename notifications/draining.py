"""Sending: what is due is claimed, written, handed over and remembered, one message after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import TaktasError
from core.settings import settings
from models.database import DatabaseUnreachable, begin
from notifications import states
from notifications.carrier import Answer, Carrier, CarrierDown, Parcel
from notifications.files import FileCarrier
from notifications.gathering import gathered, key_of
from notifications.letters import is_sent_again, letter_content
from notifications.message_id import message_id
from notifications.receivers import NotWanted, Receiver, receiver_of
from notifications.staff import staff_content
from notifications.states import Outcome, Queued
from notifications.word_back import tell_cases
from notifications.writing import Envelope, sender_address, write

BATCH = 50  # messages claimed at once

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class DrainReport:
    """What one sending did; `refusals` say why a message failed, `problem` why it had to stop."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    refusals: list[tuple[int, str]] = field(default_factory=list)
    where: str = ""
    problem: str | None = None

    @property
    def tried(self) -> int:
        """How many messages were taken up."""
        return sum(self.counts.values())


def drain(
    at: datetime, *, limit: int | None = None, carrier: Carrier | None = None, step: Callable[[int], None] | None = None
) -> DrainReport:
    """Send what is due at that moment, at most `limit` messages; `step` is told of each.

    Raises: DatabaseUnreachable and its kin; everything else that goes wrong is remembered with the message.
    """
    report = DrainReport()
    with carrier or chosen_carrier() as way:
        report.where = str(way.folder) if isinstance(way, FileCarrier) else way.name
        tidy(report, at=at)
        while report.problem is None and (limit is None or report.tried < limit):
            room = BATCH if limit is None else min(BATCH, limit - report.tried)
            groups = claim(at=at, limit=room)
            if not groups:
                break
            _send_all(groups, way, report, at=at, step=step)
    return report


def chosen_carrier() -> Carrier:
    """The mail server of the settings, else files."""
    if settings().smtp_host is None:
        return FileCarrier()
    from notifications.smtp import SmtpCarrier

    return SmtpCarrier()


def tidy(report: DrainReport, *, at: datetime) -> None:
    """Before sending: drop what has lost its point, take back what dead senders left, let reminders go out again."""
    with begin() as db:
        report.counts[Outcome.DROPPED] += states.drop_pointless(db, at=at)
        states.take_back_left(db)
        again = [number for number, version in states.unknown(db) if is_sent_again(db, version)]
        states.send_again(db, again)


def claim(*, at: datetime, limit: int) -> list[list[Queued]]:
    """Take what is due, and with it all of each digest it belongs to."""
    with begin() as db:
        claimed = states.claim(db, at=at, limit=limit)
        return gathered([*claimed, *states.claim_companions(db, claimed, at=at)])


def _send_all(
    groups: list[list[Queued]], way: Carrier, report: DrainReport, *, at: datetime, step: Callable[[int], None] | None
) -> None:
    """Each in turn; when nothing can leave any more, the rest is given back untried."""
    for place, group in enumerate(groups):
        try:
            _send(group, way, report, at=at)
        except CarrierDown as error:
            report.problem = str(error)
            with begin() as db:
                for left in groups[place:]:
                    states.release(db, left)
            return
        if step is not None:
            step(len(group))


def _send(group: list[Queued], way: Carrier, report: DrainReport, *, at: datetime) -> None:
    """Write one message, hand it over, remember what came of it. Raises: CarrierDown."""
    parcel = _written(group, at=at)
    answer = parcel if isinstance(parcel, Answer) else way.carry(parcel, lambda: _mark(group, way))
    if answer.outcome is None:
        return  # our lease ended and another sender has it
    with begin() as db:
        outcome = states.settle(db, group, answer.outcome, answer.words, at=at)
        tell_cases(db, group, outcome, at=at)
    report.counts[outcome] += len(group)
    if outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
        report.refusals.append((group[0].id, answer.words))


def _mark(group: list[Queued], way: Carrier) -> bool:
    with begin() as db:
        return states.mark_at_data(db, group, way.name)


def _written(group: list[Queued], *, at: datetime) -> Parcel | Answer:
    """The message as it leaves, stored before it does; or why it cannot be written."""
    try:
        return _prepare(group, at=at)
    except DatabaseUnreachable:
        raise
    except NotWanted as refusal:
        return Answer(outcome=Outcome.DROPPED, words=str(refusal))
    except TaktasError as refusal:
        return Answer(outcome=Outcome.FAILED, words=str(refusal))
    except Exception as mistake:
        log.debug("message %s could not be written", group[0].id, exc_info=True)
        return Answer(outcome=Outcome.FAILED, words=f"it could not be written: {type(mistake).__name__}: {mistake}")


def _prepare(group: list[Queued], *, at: datetime) -> Parcel:
    first = group[0]
    with begin() as db:
        receiver = receiver_of(db, first, at=at)
        sender, number = settings().mail_from, first.message_id or message_id(key_of(group))
        content = first.rendered
        if content is None:
            told = staff_content(db, group, receiver, at=at) if first.employee_id else letter_content(db, first, at=at)
            content = write(_envelope(first, receiver, sender, number), told)
        states.keep_rendered(db, group, rendered=content, message_id=number, address=receiver.address)
    return Parcel(
        content=content,
        sender=sender_address(sender),
        address=receiver.address,
        message_id=number,
        written_at=first.created_at,
    )


def _envelope(message: Queued, receiver: Receiver, sender: str, number: str) -> Envelope:
    headers = {"Auto-Submitted": "auto-generated"}
    if message.message_class == "marketing":
        headers["List-Unsubscribe"] = f"<mailto:{sender_address(sender)}?subject=unsubscribe>"
    return Envelope(
        sender=sender,
        address=receiver.address,
        name=receiver.name,
        message_id=number,
        written_at=message.created_at,
        headers=headers,
    )
