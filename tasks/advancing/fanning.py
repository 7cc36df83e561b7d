"""One branch for each member of a list, and what comes when enough of them have finished."""

from __future__ import annotations

from sqlalchemy import insert

from models import work
from standards.process import ForEach, Step
from tasks.advancing.closing import end_wait
from tasks.advancing.course import FAN, Alive, Course, Enter, Take
from tasks.facts.case_facts import answers_of
from tasks.facts.members import members_of

_INSERT = insert(work.waits)


def fan_out(course: Course, step: Step, for_each: ForEach) -> None:
    """Begin a branch of the step for each member. An empty list counts as all of them done."""
    codes = answers_of(course).get(for_each.path.partition(".")[2]) if for_each.path.startswith("case.") else None
    members = members_of(course.db, course.case, for_each.path, codes, course.at)
    place = course.next_place(step.name, "")
    if not members:
        course.note("step.passed", place)
        course.agenda.append(Take(place, step.goes_on))
        return
    row = {
        "case_id": course.case.id,
        "step": place.step,
        "member": "",
        "round": place.round,
        "kind": FAN,
        "began_at": course.at,
    }
    course.db.execute(_INSERT, row)
    course.note("step.waited", place, members=members)
    course.changed()
    course.agenda.extend(Enter(step.name, member) for member in members)


def settle_fans(course: Course) -> bool:
    """Go on after every list of which enough members have finished. Returns whether anything follows."""
    if not any(step.for_each for step in course.process.steps.values()):
        return False
    return any(_settle(course, one) for one in course.alive() if one.kind == FAN)


def _settle(course: Course, one: Alive) -> bool:
    step = course.step(one.place.step)
    members = set(course.history.fans.get(one.place, ()))
    alive = {other.place.member for other in course.alive() if other.kind != FAN} & members
    finished = members - alive - course.history.dropped
    enough = step.for_each.proceed if step.for_each else None
    if alive and (enough is None or len(finished) < enough):
        return False
    end_wait(course, one, FAN)
    course.note("step.passed", one.place)
    if step.goes_on.finishes_branch:
        return False  # each member has arrived by itself
    course.agenda.append(Take(one.place, step.goes_on))
    return True
