"""To whom a message goes, and whether it still may: address, name, and for marketing the consent of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.errors import TaktasError
from models.outbox import MessageClass
from models.parties import parties
from models.people import employees
from notifications.states import Queued
from tasks.facts.fields import facts


class NoAddress(TaktasError):
    """The receiver has no e-mail address."""


class NotWanted(TaktasError):
    """The receiver may not be written to any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who reads it; `zone` is None where only the house's is known."""

    name: str
    address: str
    language: str
    zone: str | None = None


def receiver_of(db: Connection, message: Queued, *, at: datetime) -> Receiver:
    """The receiver as things stand now. Raises: NoAddress, NotWanted."""
    if message.employee_id is not None:
        return _employee(db, message.employee_id)
    return _party(db, message, at=at)


def _employee(db: Connection, employee_id: int) -> Receiver:
    row = db.execute(select(employees).where(employees.c.id == employee_id)).one()
    if not row.email:
        raise NoAddress(f"{row.name} has no e-mail address. Add it, then send again.")
    return Receiver(name=row.name, address=row.email, language=row.language, zone=row.zone)


def _party(db: Connection, message: Queued, *, at: datetime) -> Receiver:
    party = db.execute(select(parties).where(parties.c.id == message.party_id)).one()
    known = facts(db, "client", party.id, ["client.email", "client.has_marketing_consent"], at)
    if party.erased_at is not None:
        raise NotWanted("The data of this client were erased; nothing is sent to them.")
    if message.message_class == MessageClass.MARKETING and not known["client.has_marketing_consent"]:
        raise NotWanted(f"{party.name} has not agreed to marketing, or has withdrawn it; the letter is not sent.")
    if not known["client.email"]:
        raise NoAddress(f"{party.name} has no e-mail address that works. Add one, then send again.")
    return Receiver(name=party.name, address=str(known["client.email"]), language=message.language)
