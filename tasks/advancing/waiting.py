"""Steps that wait: for a moment, a span, a happening, a sub-process, or whichever of several comes first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from models import work
from standards.process import Step, Transition, Trigger
from tasks.advancing.closing import close, end_wait
from tasks.advancing.course import Alive, Course, Enter, Take
from tasks.advancing.history import Place
from tasks.advancing.timers import Purpose, cancel_timers, set_deadlines, set_timers
from tasks.facts.case_facts import is_so
from tasks.handbooks import calendars

_INSERT = insert(work.waits)


def come_to_wait(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """The case waits here until the first of its triggers comes."""
    purpose = Purpose.WAIT if len(step.wait_for) == 1 else Purpose.RACE
    timed = [trigger for trigger in step.wait_for if trigger.happening is None]
    kind = "race" if purpose is Purpose.RACE else ("timer" if timed else "happening")
    row = {
        "case_id": course.case.id,
        "step": place.step,
        "member": place.member,
        "round": place.round,
        "kind": kind,
        "began_at": course.at,
    }
    course.db.execute(_INSERT, row)
    _, clock = calendars.calendar_of(course.db)
    until = set_timers(course, place, timed, clock, purpose)
    set_deadlines(course, step, place, clock)
    course.note("step.waited", place, kind=kind, until=until)
    course.changed()


def alive_at(course: Course, place: Place) -> Alive | None:
    """What is alive at a place: the guard of everything that fires."""
    return next((one for one in course.alive() if one.place == place), None)


def end_race(course: Course, one: Alive, trigger: Trigger, kind: str, **facts: Any) -> bool:
    """What a step waited for has come. Returns False when its condition does not hold now."""
    if not is_so(course, trigger.condition, one.place.member):
        return False
    end_wait(course, one, trigger.name)
    cancel_timers(course, one.place)
    taken = course.history.was_taken(one.place.step, one.place.member, trigger.name)
    course.note(kind, one.place, branch=trigger.name, closes=True, **facts)
    course.agenda.append(Take(one.place, trigger.transition, taken=taken))
    return True


def ring(course: Course, one: Alive, trigger: Trigger, kind: str, reason: str, **facts: Any) -> bool:
    """A deadline passes, or a happening befalls a step. Returns False when its condition does not hold now.

    Unless it keeps the step, the step is closed by it.
    """
    if not is_so(course, trigger.condition, one.place.member):
        return False
    taken = course.history.was_taken(one.place.step, one.place.member, trigger.name)
    event = course.note(kind, one.place, branch=trigger.name, **facts)
    course.cause = event.number
    if not trigger.keeps:
        close(course, one, reason)
    if not trigger.keeps or not trigger.transition.finishes_branch:
        course.agenda.append(Take(one.place, trigger.transition, taken=taken))
    return True


def end_of_child(course: Course, one: Alive, end: str, case_id: int) -> None:
    """A sub-process this step waited for has ended: its end decides, else the step simply goes on."""
    step = course.step(one.place.step)
    transition: Transition = step.outcomes.get(end, step.goes_on)
    end_wait(course, one, end)
    cancel_timers(course, one.place)
    taken = course.history.was_taken(one.place.step, one.place.member, end)
    event = course.note("step.passed", one.place, outcome=end, case=case_id)
    course.cause = event.number
    course.agenda.append(Take(one.place, transition, taken=taken))
