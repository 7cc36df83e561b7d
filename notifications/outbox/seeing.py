"""Who sees which messages: everybody what was written to them and to their clients, managers everything."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select

from core.actor import Actor
from core.errors import TaktasError
from models.outbox import messages
from models.parties import responsibilities
from tasks.desk.views import staff_of


class NoSuchMessage(TaktasError):
    """There is no message of that number, or it is not for that person to see."""

    def __init__(self, number: int) -> None:
        """The same sentence for both: whoever may not see it need not know of it."""
        super().__init__(f"There is no message {number} for you. `taktas messages list` shows those there are.")


def seen(db: Connection, actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions on the outbox, all of which must hold. What nobody does by hand sees everything."""
    if actor.employee_id is None or staff_of(db, actor.employee_id).is_manager:
        return []
    held = responsibilities.c
    clients = select(held.client_id).where(held.employee_id == actor.employee_id, held.until.is_(None))
    return [or_(messages.c.employee_id == actor.employee_id, messages.c.party_id.in_(clients))]
