"""Words beside the ledger: notes and reasons that point to the client, so that a person's data can be erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from core.actor import Actor
from core.errors import TaktasError
from models import contacts
from standards.lists import code_of
from tasks.handbooks import handbook

OTHER = "other"
"""The code of a reason that was given in words only."""

_INSERT = insert(contacts.notes).returning(contacts.notes.c.id)


class ReasonMissing(TaktasError):
    """Something that needs a reason was asked for without one."""


def write_note(
    db: Connection,
    actor: Actor,
    *,
    body: str,
    purpose: str,
    on_type: str,
    on_id: int,
    client_id: int | None,
    at: datetime,
) -> int:
    """Keep words (`purpose`: note, reason or answer) about a task, case or party. Returns the note's number."""
    row = {
        "client_id": client_id,
        "on_type": on_type,
        "on_id": on_id,
        "purpose": purpose,
        "body": body,
        "written_at": at,
        "written_by": actor.employee_id,
    }
    number: int = db.execute(_INSERT, row).scalar_one()
    return number


def reason_code(
    db: Connection,
    actor: Actor,
    reason: str,
    *,
    listed: str,
    what: str,
    on_type: str,
    on_id: int,
    client_id: int | None,
    at: datetime,
) -> str:
    """The code of a reason from the house's list; one in other words is kept as a note under the code `other`.

    `what` is what was asked, as in "Cancelling task 7". Raises: ReasonMissing.
    """
    codes = handbook.lists(db).codes(listed)
    if not reason.strip():
        known = f" Known reasons: {', '.join(codes)}." if codes else ""
        raise ReasonMissing(f"{what} needs a reason. Add --reason and say why, in a word or a sentence.{known}")
    code = code_of(reason)
    if code in codes:
        return code
    write_note(
        db, actor, body=reason.strip(), purpose="reason", on_type=on_type, on_id=on_id, client_id=client_id, at=at
    )
    return OTHER
