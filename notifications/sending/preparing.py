"""Messages taken up and written, many in one transaction: each is stored whole before it can leave."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.errors import TaktasError
from core.settings import settings
from models.deliveries import Stage
from notifications.outbox import states
from notifications.outbox.message_id import message_id, secret_of_house
from notifications.outbox.states import Outcome, Queued, Written
from notifications.sending.brakes import FIRST_PAUSE, FREE, Brakes
from notifications.sending.carrier import Answer, Parcel
from notifications.sending.desk_hours import until_at_desk
from notifications.sending.settling import Settlement, settle, settlement
from notifications.sending.verp import return_path
from notifications.wording.gathering import gathered, key_of
from notifications.wording.headers import usable_address
from notifications.wording.letters import letter_contents
from notifications.wording.receivers import NotWanted, Receiver, receivers_of
from notifications.wording.staff import staff_content
from notifications.wording.writing import Content, Envelope, sender_address, write

CROWD = 60  # messages in hand for a slow domain, beyond which its others wait a minute

Group = list[Queued]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Who takes messages, of which moment, for how long they are theirs, and whether only those to clients.

    `in_hand`: how many the sender has already for each domain.
    """

    sender: str
    at: datetime
    lease: timedelta
    brakes: Brakes
    is_for_letters: bool = False
    in_hand: Mapping[str, int] = field(default_factory=dict)

    def wait_until(self, domain: str) -> datetime | None:
        """Until when its messages are left where they are: it is in peace, or so many are in hand that others wait."""
        if (paused_until := self.brakes.paused_until(domain, self.at)) is not None:
            return paused_until
        is_slow = self.brakes.at_once(domain, self.at) < FREE
        return self.at + FIRST_PAUSE if is_slow and self.in_hand.get(domain, 0) >= CROWD else None


@dataclass(slots=True, kw_only=True)
class Taken:
    """What was taken up: parcels with their rows, and what came at once of those that cannot be written."""

    parcels: list[tuple[Group, Parcel]] = field(default_factory=list)
    refused: list[Settlement] = field(default_factory=list)
    postponed: int = 0

    @property
    def count(self) -> int:
        """How many messages were taken up."""
        parcels = sum(len(group) for group, _ in self.parcels)
        return parcels + sum(len(one.group) for one in self.refused)

    @property
    def is_empty(self) -> bool:
        """Nothing was due."""
        return not (self.parcels or self.refused or self.postponed)


def take_up(db: Connection, taking: Taking, *, limit: int) -> Taken:
    """Claim what is due, with all of each digest it belongs to, and write it.

    Domains that are left in peace, or are slow and have many in hand, keep waiting; so do late words to people of the
    house who are not at their desks. What cannot be written is settled at once.
    """
    locked = states.lock_due(db, at=taking.at, limit=limit, is_for_letters=taking.is_for_letters)
    taken, claimed = Taken(), list[Written]()
    groups = _for_now(db, gathered([*locked, *states.lock_companions(db, locked, at=taking.at)]), taken, at=taking.at)
    if not groups:
        return taken
    taking.brakes.read(db)
    for group, parcel in zip(groups, _soundly_written(db, groups, at=taking.at), strict=True):
        if isinstance(parcel, Parcel) and (until := taking.wait_until(parcel.domain)):
            states.postpone(db, group, until)
            taken.postponed += len(group)
            continue
        claimed += _claimed(group, parcel)
        if isinstance(parcel, Parcel):
            taken.parcels.append((group, parcel))
        else:
            taken.refused.append(settlement(group, parcel, at=taking.at))
    states.claim(db, claimed, sender=taking.sender, lease=taking.lease)
    settle(db, taken.refused)
    return taken


def _for_now(db: Connection, groups: Sequence[Group], taken: Taken, *, at: datetime) -> list[Group]:
    """Without those that wait until their reader is at their desk."""
    waiting = until_at_desk(db, groups, at=at)
    for group in groups:
        if (until := waiting.get(group[0].id)) is not None:
            states.keep(db, group, until)
            taken.postponed += len(group)
    return [group for group in groups if group[0].id not in waiting]


def _claimed(group: Group, parcel: Parcel | Answer) -> list[Written]:
    """Whole with the first row, by its Message-ID with the others."""
    if isinstance(parcel, Answer):
        return [Written(message=message) for message in group]
    first, number, address = group[0], parcel.message_id, parcel.address
    return [
        Written(message=it, rendered=parcel.content if it is first else None, message_id=number, address=address)
        for it in group
    ]


def _soundly_written(db: Connection, groups: Sequence[Group], *, at: datetime) -> list[Parcel | Answer]:
    """All at once; where the database stumbles over one of them, each by itself, so that only that one fails."""
    try:
        with db.begin_nested():
            return _written(db, groups, at=at)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
    return [_written_alone(db, group, at=at) for group in groups]


def _written_alone(db: Connection, group: Group, *, at: datetime) -> Parcel | Answer:
    try:
        with db.begin_nested():
            return _written(db, [group], at=at)[0]
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return _refusal(group, error)


def _written(db: Connection, groups: Sequence[Group], *, at: datetime) -> list[Parcel | Answer]:
    firsts = [group[0] for group in groups]
    receivers = receivers_of(db, firsts, at=at)
    open_letters = [it for it in firsts if _is_open_letter(it) and isinstance(receivers[it.id], Receiver)]
    letters = letter_contents(db, open_letters, at=at)
    secret = secret_of_house(db)
    return [_parcel(db, group, receivers[group[0].id], letters, at=at, secret=secret) for group in groups]


def _is_open_letter(message: Queued) -> bool:
    return message.employee_id is None and message.rendered is None


def _parcel(
    db: Connection,
    group: Group,
    receiver: Receiver | TaktasError,
    letters: Mapping[int, Content | Exception],
    *,
    at: datetime,
    secret: str,
) -> Parcel | Answer:
    """The message as it leaves, or why it cannot be written."""
    if not isinstance(receiver, Receiver):
        return _refusal(group, receiver)
    first = group[0]
    try:
        usable_address(receiver.address)  # what was written for an earlier try may have another one by now
        number = first.message_id or message_id(key_of(group), secret)
        content = first.rendered or write(
            _envelope(first, receiver, number, at), _content(db, group, receiver, letters, at)
        )
        return Parcel(
            number=first.id,
            content=content,
            sender=_return_path(number),
            address=receiver.address,
            message_id=number,
            written_at=first.created_at,
        )
    except DBAPIError:
        raise
    except Exception as mistake:
        return _refusal(group, mistake)


def _content(
    db: Connection, group: Group, receiver: Receiver, letters: Mapping[int, Content | Exception], at: datetime
) -> Content:
    found = letters.get(group[0].id) or staff_content(db, group, receiver, at=at)
    if isinstance(found, Exception):
        raise found
    return found


def _refusal(group: Group, mistake: Exception) -> Answer:
    """Not wanted is dropped; what the house can mend says how; any other mistake is told as it is."""
    outcome = Outcome.DROPPED if isinstance(mistake, NotWanted) else Outcome.FAILED
    if isinstance(mistake, TaktasError):
        return Answer(outcome=outcome, words=str(mistake), stage=Stage.WRITING)
    log.debug("message %s could not be written", group[0].id, exc_info=mistake)
    words = f"it could not be written: {type(mistake).__name__}: {mistake}"
    return Answer(outcome=outcome, words=words, stage=Stage.WRITING)


def _return_path(number: str) -> str:
    """Where bounces go: an address of this message's own where there is a mailbox for them."""
    mailbox = settings().mail_bounces
    return sender_address(return_path(number, mailbox) if mailbox else settings().mail_from)


def _envelope(message: Queued, receiver: Receiver, number: str, at: datetime) -> Envelope:
    """Dated when it is written: a digest queued in the evening stands among the morning's mail, where it is read."""
    headers = {"Auto-Submitted": "auto-generated"}
    if message.message_class == "marketing":
        address = sender_address(settings().mail_from)
        headers["List-Unsubscribe"] = f"<mailto:{address}?subject=unsubscribe>"
    return Envelope(
        sender=settings().mail_from,
        address=receiver.address,
        name=receiver.name,
        message_id=number,
        written_at=at,
        headers=headers,
    )
