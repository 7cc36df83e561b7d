"""Who sees which messages: everybody what was written to them and to their clients, managers everything."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_

from core.actor import Actor
from core.errors import TaktasError
from models.outbox import messages
from tasks.desk.access import clients_of, sees_everything


class NoSuchMessage(TaktasError):
    """There is no message of that number, or it is not for that person to see."""

    def __init__(self, number: int) -> None:
        """The same sentence for both: whoever may not see it need not know of it."""
        super().__init__(f"There is no message {number} for you. `taktas messages list` shows those there are.")


def seen(db: Connection, actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions on the outbox, all of which must hold. What nobody does by hand sees everything."""
    if actor.employee_id is None or sees_everything(db, actor):
        return []
    own = messages.c.employee_id == actor.employee_id
    return [or_(own, messages.c.party_id.in_(clients_of(actor.employee_id)))]
