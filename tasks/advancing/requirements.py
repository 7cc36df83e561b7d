"""Papers a step demands: no binding without a mandate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, and_, or_, select

from core.errors import TaktasError
from models import parties
from standards.catalogue import SUBJECTS
from standards.process import Step
from tasks.advancing.course import Course
from tasks.facts.members import entity_id

FULFILLED = ("received", "accepted", "waived")
_ENTITIES = ("term", "policy", "claim")


class RequirementMissing(TaktasError):
    """A step demands papers the house does not have."""


def check_requirements(course: Course, step: Step, doing: Callable[[], str]) -> None:
    """Refuse a step's work while papers it demands are missing or out of date; `doing` says what was asked.

    A paper may hang on the client, the policy, the term, the claim or the case itself. Raises: RequirementMissing.
    """
    if not step.requires:
        return
    held = _held(course.db, _places(course), course.today)
    missing = [name for name in step.requires if name not in held]
    if missing:
        papers = " and ".join(name.replace("_", " ") for name in missing)
        raise RequirementMissing(
            f"Cannot {doing()} without the {papers} of the client. Ask for it, record it as received "
            "(taktas import documents), then try again."
        )


def _places(course: Course) -> list[tuple[str, int]]:
    """Where a paper that counts for this case may hang."""
    case = course.case
    found: list[tuple[str, int]] = [("case", case.id)]
    if case.client_id is not None:
        found.append(("party", case.client_id))
    for entity in _ENTITIES:
        if entity in SUBJECTS[case.subject_type].reaches:
            number = entity_id(course.db, case.subject_type, case.subject_id, entity, course.at)
            found += [(entity, number)] if number is not None else []
    return found


def _held(db: Connection, places: list[tuple[str, int]], today: date) -> set[str]:
    paper = parties.requirements.c
    here = or_(*(and_(paper.on_type == kind, paper.on_id == number) for kind, number in places))
    fulfilled = select(paper.type).where(
        here, paper.state.in_(FULFILLED), or_(paper.valid_until.is_(None), paper.valid_until >= today)
    )
    return set(db.execute(fulfilled).scalars())
