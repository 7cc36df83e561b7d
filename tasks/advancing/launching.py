"""Starting another process: for the subject found along a path, or for each member of a list."""

from __future__ import annotations

from sqlalchemy import insert

from models import work
from standards.catalogue import subject_of_entity
from standards.process import Launch, Step
from tasks.advancing.beginning import Birth, begin
from tasks.advancing.course import Course, Enter, Take
from tasks.advancing.history import Place
from tasks.advancing.timers import set_deadlines
from tasks.facts.case_facts import answers_of
from tasks.facts.members import entity_id, members_of, subject_of
from tasks.handbooks import calendars, handbook

_INSERT_WAIT = insert(work.waits)


def come_to_launch(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """The case comes to a step that starts another process, and waits for its end if it says so."""
    begun = launch(course, step.launch, place) if step.launch is not None else []
    if begun and step.launch_waits:
        _wait(course, step, place)
        return
    course.note("step.passed", place, cases=begun or None)
    course.agenda.append(Take(place, step.goes_on))


def _wait(course: Course, step: Step, place: Place) -> None:
    row = {
        "case_id": course.case.id,
        "step": place.step,
        "member": place.member,
        "round": place.round,
        "kind": "child",
        "began_at": course.at,
    }
    course.db.execute(_INSERT_WAIT, row)
    set_deadlines(course, step, place, calendars.calendar_of(course.db)[1])
    course.note("step.waited", place, kind="child")
    course.changed()


def launch(course: Course, wanted: Launch, place: Place | None = None) -> list[int]:
    """Begin the cases; they take their first steps once this case has taken its own. Returns their numbers.

    A subject that already has a case in this cycle keeps the one it has. Raises: NotPublished.
    """
    published = handbook.current(course.db, wanted.process)
    begun = []
    for subject_type, subject_id in _subjects(course, wanted):
        birth = Birth(
            process_id=published.process_id,
            version_id=published.version_id,
            subject_type=subject_type,
            subject_id=subject_id,
            parent_id=course.case.id,
            parent_step=place.step if place else None,
            parent_member=place.member if place else None,
            parent_round=place.round if place else None,
        )
        child = begin(course.db, course.actor, birth, at=course.at, effects=course.effects)
        if child is not None:
            course.children.append(child)
            begun.append(child.case.id)
    return begun


def _subjects(course: Course, wanted: Launch) -> list[tuple[str, int]]:
    case = course.case
    if wanted.for_each is not None:
        known = answers_of(course).get(wanted.for_each.partition(".")[2])
        members = members_of(course.db, case, wanted.for_each, known, course.at)
        return [subject for subject in map(subject_of, members) if subject is not None]
    path = wanted.for_path or ""
    subject_type = subject_of_entity(path)
    if path == case.subject_type:
        return [(case.subject_type, case.subject_id)]
    found = entity_id(course.db, case.subject_type, case.subject_id, path, course.at)
    return [(subject_type, found)] if subject_type is not None and found is not None else []
