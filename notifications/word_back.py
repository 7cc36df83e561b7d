"""Word back to the work: a letter that left, or could not be delivered, is a happening its cases may hear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from notifications.states import Outcome, Queued
from tasks.beat import happening

KINDS = {Outcome.SENT: "letter.sent", Outcome.FAILED: "letter.bounced"}


def tell_cases(db: Connection, group: Sequence[Queued], outcome: Outcome, *, at: datetime) -> None:
    """Report what became of letters to clients, once per message, about the subject each was written for."""
    kind = KINDS.get(outcome)
    for letter in group:
        if kind and letter.party_id and letter.subject_type and letter.subject_id:
            happening.report(
                db,
                kind=kind,
                subject_type=letter.subject_type,
                subject_id=letter.subject_id,
                at=at,
                key=f"{kind}:{letter.key}",
                data={"message_id": letter.id, "case_id": letter.case_id},
            )
