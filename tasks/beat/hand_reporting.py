"""Reporting by hand that something befell a subject, where no file and no step of a process says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.actor import Actor
from core.errors import TaktasError
from models import work
from standards.catalogue import HAPPENINGS
from tasks.beat.happening import check_kind, report
from tasks.facts.ground import GROUNDS

OURS = frozenset({"case.ended"})
"""What only the engine itself can know."""


class CannotReport(TaktasError):
    """A happening that cannot befall what it was reported about, or not then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The happening's number, and whether it has only just been reported."""

    id: int
    is_new: bool


def report_by_hand(
    db: Connection,
    actor: Actor,
    *,
    kind: str,
    subject_type: str,
    subject_id: int,
    at: datetime,
    now: datetime,
    key: str | None = None,
) -> Reported:
    """Report what somebody knows; `at` is when it happened, `now` when they say so.

    Exactly once for a key; without one, once for a kind, subject and moment. Raises: NoSuchHappening, CannotReport.
    """
    check_kind(kind)
    _check_subject(kind, subject_type)
    if at > now:
        raise CannotReport(
            f"{kind} cannot be reported for a moment that has not come yet. Report it when it has happened."
        )
    own_key = key.strip() if key and key.strip() else f"{kind}:{subject_type}:{subject_id}:{at.isoformat()}"
    unique = f"by hand:{own_key}"
    made = report(
        db,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        at=at,
        key=unique,
        reported_by=actor.employee_id,
    )
    if made is not None:
        return Reported(id=made, is_new=True)
    return Reported(id=_known(db, unique, kind, subject_type, subject_id), is_new=False)


def _check_subject(kind: str, subject_type: str) -> None:
    if kind in OURS:
        raise CannotReport(f"{kind} is reported by taktas itself, when it is so. It cannot be reported by hand.")
    known = HAPPENINGS.get(kind)
    wanted = known.subjects if known is not None and known.subjects else tuple(GROUNDS)
    if subject_type in wanted:
        return
    raise CannotReport(
        f"{kind} befalls a {_or(wanted)}, not a {_spoken(subject_type)}. "
        f"Name a {_or(wanted)}, such as --about {wanted[0]}:NUMBER."
    )


def _or(words: tuple[str, ...]) -> str:
    return " or a ".join(map(_spoken, words))


def _spoken(word: str) -> str:
    return word.replace("_", " ")


def _known(db: Connection, key: str, kind: str, subject_type: str, subject_id: int) -> int:
    row = db.execute(select(work.happenings).where(work.happenings.c.key == key)).one()
    if (row.kind, row.subject_type, row.subject_id) != (kind, subject_type, subject_id):
        raise CannotReport(
            f"That key was used already, for {row.kind} about {row.subject_type}:#{row.subject_id} "
            f"(happening {row.id}). Give this one a key of its own."
        )
    number: int = row.id
    return number
