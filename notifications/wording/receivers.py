"""To whom a message goes, and whether it still may: address, name, and for marketing the consent of the moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, func, select

from core.errors import TaktasError
from models.outbox import MessageClass
from models.parties import parties
from models.people import employees
from notifications.outbox.states import Queued
from tasks.facts.fields import facts_of_many


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


def receivers_of(
    db: Connection, wanted: Sequence[Queued], *, at: datetime
) -> dict[int, Receiver | NoAddress | NotWanted]:
    """The receiver of each message by its number, or why there is none, as things stand now; read all at once."""
    staff = _rows(db, _EMPLOYEE, {it.employee_id for it in wanted if it.employee_id is not None})
    clients = {it.party_id for it in wanted if it.employee_id is None and it.party_id is not None}
    known = facts_of_many(db, "client", sorted(clients), _FACTS, at) if clients else {}
    rows = _rows(db, _PARTY, clients)
    return {
        it.id: _employee(staff[it.employee_id])
        if it.employee_id is not None
        else _party(it, rows[it.party_id or 0], known[it.party_id or 0])
        for it in wanted
    }


_FACTS = ("client.email", "client.has_marketing_consent")


_EMPLOYEE = [employees.c[name] for name in ("id", "name", "email", "language", "zone")]
_PARTY = [parties.c[name] for name in ("id", "name", "erased_at", "blacklisted_at")]


def _rows(db: Connection, columns: Sequence[Column[Any]], ids: Collection[int]) -> dict[int, Any]:
    if not ids:
        return {}
    found = select(*columns).where(columns[0] == func.any(sorted(ids)))
    return {row.id: row for row in db.execute(found)}


def _employee(row: Any) -> Receiver | NoAddress:
    if not row.email:
        return NoAddress(f"{row.name} has no e-mail address. Add it, then send again.")
    return Receiver(name=row.name, address=row.email, language=row.language, zone=row.zone)


def _party(message: Queued, party: Any, known: Mapping[str, Any]) -> Receiver | NoAddress | NotWanted:
    if party.erased_at is not None:
        return NotWanted("The data of this client were erased; nothing is sent to them.")
    if message.message_class == MessageClass.MARKETING and party.blacklisted_at is not None:
        return NotWanted(f"{party.name} is blacklisted; no marketing is sent to them.")
    if message.message_class == MessageClass.MARKETING and not known["client.has_marketing_consent"]:
        return NotWanted(f"{party.name} has not agreed to marketing, or has withdrawn it; the letter is not sent.")
    if not known["client.email"]:
        return NoAddress(f"{party.name} has no e-mail address that works. Add one, then send again.")
    return Receiver(name=party.name, address=str(known["client.email"]), language=message.language)
