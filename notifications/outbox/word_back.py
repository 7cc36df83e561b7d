"""Word back to the work: a letter that left, or could not be delivered, is a happening its cases may hear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from notifications.outbox.states import Outcome
from tasks.beat import happening

KINDS = {Outcome.SENT: "letter.sent", Outcome.FAILED: "letter.bounced"}


def tell_cases(db: Connection, group: Sequence[Any], outcome: Outcome, *, at: datetime) -> None:
    """Report what became of letters to clients, once per message, about the subject each was written for.

    `group`: messages as they were claimed, or their rows.
    """
    kind = KINDS.get(outcome)
    told = [it for it in group if it.party_id and it.subject_type and it.subject_id]
    if kind and told:
        happening.report_all(
            db,
            kind=kind,
            at=at,
            about=[
                happening.Told(
                    subject_type=letter.subject_type,
                    subject_id=letter.subject_id,
                    key=f"{kind}:{letter.key}",
                    data={"message_id": letter.id, "case_id": letter.case_id},
                )
                for letter in told
            ],
        )
