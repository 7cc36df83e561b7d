"""Steps that set a field of the book: to a plain value, to another field's value, or to the day of the step."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update

from core.clock import start_of, zone
from core.errors import TaktasError
from core.settings import settings
from standards.catalogue import FIELDS, FieldType
from standards.process import Assignment, Step
from tasks.advancing.course import Course, Enter, Take
from tasks.advancing.history import Place
from tasks.facts.case_facts import forget, read
from tasks.facts.ground import GROUNDS, SAME_AS
from tasks.facts.members import entity_id


class NothingToSet(TaktasError):
    """The row whose field is to be set does not exist for this case."""


def come_to_set(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """Set the fields and go on. Raises: NothingToSet."""
    for assignment in step.sets:
        _assign(course, assignment, place)
    forget(course)
    course.note("step.passed", place, set=[assignment.path for assignment in step.sets])
    course.agenda.append(Take(place, step.goes_on))


def _assign(course: Course, assignment: Assignment, place: Place) -> None:
    entity, _, name = assignment.path.partition(".")
    entity = SAME_AS.get(entity, entity)
    ground = GROUNDS[course.case.subject_type]
    link = ground.links.get(entity)
    table = ground.table if entity == ground.entity or link is None else link.table
    key = table.c["id" if link is None else link.on]
    number = _number(course, "interaction" if entity == "complaint" else entity)
    if number is None:
        raise NothingToSet(
            f"Step {place.step} of case {course.case.id} sets {assignment.path}, but this {course.case.subject_type} "
            f"has no {entity}. Add it to the book, or take the step out of {course.process.name}."
        )
    course.db.execute(update(table).where(key == number).values({name: _value(course, assignment, place)}))  # type: ignore[arg-type]  # links lead to tables only


def _number(course: Course, entity: str) -> int | None:
    if entity == GROUNDS[course.case.subject_type].entity:
        return course.case.subject_id
    return entity_id(course.db, course.case.subject_type, course.case.subject_id, entity, course.at)


def _value(course: Course, assignment: Assignment, place: Place) -> object:
    kind = FIELDS[assignment.path].type
    if assignment.is_today:
        return course.at if kind is FieldType.MOMENT else course.today
    value: object = assignment.value
    if assignment.from_path is not None:
        value = read(course, [assignment.from_path], place.member)[assignment.from_path]
    if kind is FieldType.DATE and isinstance(value, datetime):
        return value.astimezone(zone(settings().zone)).date()
    if kind is FieldType.MOMENT and isinstance(value, date) and not isinstance(value, datetime):
        return start_of(value, settings().zone)
    return value
