"""What is so about a case: fields of its subject, its own answers, its owner, and the moments of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from core.clock import zone
from core.settings import settings
from models import people
from standards.catalogue import step_of_anchor
from standards.condition import ALWAYS, Condition
from standards.holding import holds, paths_of
from standards.lists import code_of
from standards.working_time.duration import AnchoredMoment
from standards.working_time.open_time import DateEdge, OpenTime
from tasks.advancing.course import Course
from tasks.desk.answering import answer_types, fact_of, known_answers
from tasks.facts.fields import Fact
from tasks.facts.members import member_name
from tasks.facts.prepared import Question, ask

OWN = ("case.", "member.")
"""Fields that hang on the case itself, not on its subject."""
OWNER = "case.owner"
ANSWERS, DIMENSIONS = "its answers", "its dimensions"

_LOGIN = select(people.employees.c.login).where(people.employees.c.id == bindparam("id"))


def answers_of(course: Course) -> Mapping[str, Any]:
    """The case's answers as they are stored, read once."""
    if ANSWERS not in course.facts:
        course.facts[ANSWERS] = known_answers(course.db, course.case.id)
    known: Mapping[str, Any] = course.facts[ANSWERS]
    return known


def prime(
    course: Course, *, paths: Iterable[str] = (), people_paths: Iterable[str] = (), dimensions: bool = False
) -> None:
    """Read what will be needed of the subject in one round trip; it is kept until a step changes the book.

    Raises: FieldOutOfReach.
    """
    known = course.facts
    question = Question(
        subject_type=course.case.subject_type,
        paths=tuple(dict.fromkeys(path for path in paths if not path.startswith(OWN) and path not in known)),
        people=tuple(dict.fromkeys(path for path in people_paths if path != OWNER and _person(path) not in known)),
        dimensions=dimensions and DIMENSIONS not in known,
    )
    told = ask(course.db, question, course.case.subject_id, course.at)
    known.update(told.values)
    known.update({_person(path): number for path, number in told.people.items()})
    if question.dimensions:
        known[DIMENSIONS] = told.dimensions


def forget(course: Course) -> None:
    """A step changed the book: what was read of it is asked again."""
    course.facts.clear()


def read(course: Course, paths: Iterable[str], member: str = "") -> dict[str, Fact]:
    """The values of these fields, whatever they hang on. Raises: FieldOutOfReach."""
    wanted = tuple(dict.fromkeys(paths))
    prime(course, paths=wanted)
    return {path: _own(course, path, member) if path.startswith(OWN) else course.facts[path] for path in wanted}


def person_of(course: Course, path: str) -> int | None:
    """The number of the employee a field names. Raises: FieldOutOfReach."""
    if path == OWNER:
        return course.history.owner_id
    prime(course, people_paths=[path])
    number: int | None = course.facts[_person(path)]
    return number


def dimensions_of(course: Course) -> Mapping[str, str]:
    """The dimensions that follow from the subject."""
    prime(course, dimensions=True)
    known: Mapping[str, str] = course.facts[DIMENSIONS]
    return known


def _person(path: str) -> str:
    return f"number of {path}"


def _own(course: Course, path: str, member: str) -> Fact:
    entity, _, name = path.partition(".")
    if entity == "member":
        return member_name(course.db, member) if member else None
    if path == "case.started_at":
        return course.case.started_at
    if path == OWNER:
        return course.db.execute(_LOGIN, {"id": course.history.owner_id}).scalar_one_or_none()
    known = answers_of(course)
    return fact_of(known[name], answer_types(course.process).get(name)) if name in known else None


def anchor_of(course: Course, anchor: str) -> Any:
    """The date or moment an anchor has for this case, None when it has none yet. Raises: FieldOutOfReach."""
    step = step_of_anchor(anchor)
    if step is not None:
        return course.history.completed_at.get(step) or course.history.completed_at.get(code_of(step))
    return read(course, [anchor])[anchor]


def moment_of(
    course: Course, anchored: AnchoredMoment | None, clock: OpenTime, *, edge: DateEdge = DateEdge.END
) -> datetime | None:
    """The moment counted from an anchor of this case on a calendar; None while the anchor has no value.

    Raises: FieldOutOfReach, BeyondCalendar.
    """
    if anchored is None:
        return None
    anchor = anchor_of(course, anchored.anchor)
    return clock.resolve_anchor(anchored, anchor, bare_date=edge) if anchor is not None else None


def is_so(course: Course, condition: Condition, member: str = "") -> bool:
    """Whether a condition holds for this case now. Raises: FieldOutOfReach."""
    if condition == ALWAYS:
        return True
    facts = read(course, paths_of(condition), member)
    return holds(condition, facts, course.today, zone(settings().zone))
