"""Addresses that are marked because mail came back from them: seen, and trusted again when somebody knows better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from core.actor import Actor
from core.errors import TaktasError, did_you_mean
from models.parties import Responsibility, contact_points, parties
from models.people import employees
from tasks.desk.access import clients_of, sees_everything
from tasks.desk.noting import ReasonMissing, write_note
from tasks.facts.computed import AsOf, responsible

_point, _party = contact_points.c, parties.c


class NotMarked(TaktasError):
    """No address of that name is marked, or none of that person's clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A client's address nothing is sent to any more; `owner` is the account manager."""

    party_id: int
    number: str
    name: str
    address: str
    since: datetime
    reason: str
    owner: str | None


def list_marked(db: Connection, actor: Actor, *, at: datetime, limit: int) -> list[Marked]:
    """Those of the actor's clients, of all for managers and for what nobody does by hand; the newest first."""
    owner = responsible(Responsibility.ACCOUNT_MANAGER)(_point.party_id, AsOf.of(at)).lateral("owner")
    asked = (
        select(
            _point.party_id,
            _party.number,
            _party.name,
            _point.value.label("address"),
            _point.bounced_at.label("since"),
            func.coalesce(_point.bounce_reason, "").label("reason"),
            employees.c.name.label("owner"),
        )
        .join_from(contact_points, parties)
        .outerjoin(owner, true())
        .outerjoin(employees, employees.c.id == owner.c[0])
        .where(*_marked(db, actor))
        .order_by(_point.bounced_at.desc(), _point.id.desc())
        .limit(limit)
    )
    return [Marked(**row) for row in db.execute(asked).mappings()]


def trust(db: Connection, actor: Actor, address: str, *, reason: str, at: datetime) -> list[int]:
    """Write to a marked address again, because somebody has learnt that it works. Returns the clients' numbers.

    Raises: NotMarked, ReasonMissing.
    """
    wanted = address.strip().lower()
    chosen = select(_point.id).where(func.lower(_point.value) == wanted, *_marked(db, actor))
    if not reason.strip():
        raise ReasonMissing(
            f"Trusting {address} again needs a reason. Add --reason and say how you know that it works."
        )
    values = {"bounced_at": None, "bounce_reason": None, "verified_at": at, "verified_by": actor.employee_id}
    mended = update(contact_points).where(_point.id.in_(chosen)).values(values).returning(_point.party_id)
    clients = sorted(set(db.scalars(mended)))
    if not clients:
        raise _not_marked(db, actor, address)
    for client in clients:
        words = f"{address}: {reason.strip()}"
        write_note(db, actor, body=words, purpose="reason", on_type="party", on_id=client, client_id=client, at=at)
    return clients


def _not_marked(db: Connection, actor: Actor, address: str) -> NotMarked:
    known = list(db.scalars(select(_point.value).where(*_marked(db, actor)).limit(1000)))
    hint = did_you_mean(address, known) or "."
    return NotMarked(
        f"{address} is not marked as not working, or is of none of your clients{hint} "
        "`taktas bounces marked` lists those that are."
    )


def _marked(db: Connection, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[Any] = [_point.channel == "email", _point.bounced_at.is_not(None)]
    if actor.employee_id is not None and not sees_everything(db, actor):
        found.append(_point.party_id.in_(clients_of(actor.employee_id)))
    return found
