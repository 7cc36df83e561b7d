"""What comes next: transitions are taken and steps come to, until the case rests on somebody's desk or waits."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import bindparam, select

from models import work
from models.work import CaseStatus
from standards.process import EVERYTHING, Step, StepKind, Transition
from tasks.advancing.closing import close_all, listed
from tasks.advancing.course import MOST_TRANSITIONS, Course, Enter, Take, open_course
from tasks.advancing.ending import CLOSED_WITH_PARENT, close_case, end_case
from tasks.advancing.fanning import fan_out, settle_fans
from tasks.advancing.history import Place
from tasks.advancing.joining import arrive, settle_joins
from tasks.advancing.launching import come_to_launch
from tasks.advancing.lettering import come_to_letter
from tasks.advancing.opening import come_to_task
from tasks.advancing.renewing import come_to_record
from tasks.advancing.setting import come_to_set
from tasks.advancing.waiting import come_to_wait
from tasks.facts.case_facts import is_so
from tasks.record.rows import lock_cases

_CHILDREN = select(work.cases.c.id).where(
    work.cases.c.parent_id == bindparam("parent_id"),
    work.cases.c.parent_step == bindparam("step"),
    work.cases.c.parent_member == bindparam("member"),
    work.cases.c.parent_round == bindparam("round"),
    work.cases.c.status == CaseStatus.RUNNING.value,
)


def advance(course: Course) -> None:
    """Do all that is on the case's agenda and all that follows from it, write its ledger, then its sub-processes'.

    Raises: CourseTooLong, and whatever a step refuses; nothing is kept then, as the caller's transaction is undone.
    """
    left, opened = MOST_TRANSITIONS, len(course.effects.opened)
    while not course.is_over and (course.agenda or settle_fans(course) or settle_joins(course)):
        item = course.agenda.popleft()
        if isinstance(item, Take):
            left -= 1
            if not left:
                raise course.too_long()
            take(course, item)
        else:
            enter(course, item)
    if not course.is_over and len(course.effects.opened) == opened and not course.alive():
        course.effects.stranded.append(course.case.id)
    course.close()
    _follow_children(course)


def _follow_children(course: Course) -> None:
    for place in course.orphaned:
        _close_children(course, place)
    for child in course.children:
        advance(child)
    course.orphaned, course.children = [], []


def _close_children(course: Course, place: Place) -> None:
    """The cases a closed step waited for are wanted no more."""
    key = {"parent_id": course.case.id, "step": place.step, "member": place.member, "round": place.round}
    ids = course.db.execute(_CHILDREN, key).scalars().all()
    for row in lock_cases(course.db, ids) if ids else ():
        child = open_course(course.db, course.actor, row, at=course.at, effects=course.effects)
        if not child.is_over:
            close_case(child, CLOSED_WITH_PARENT, success=None, reason=None)
        child.close()
        _follow_children(child)


def take(course: Course, item: Take) -> None:
    """Take a transition, or beyond its limit what it says then."""
    transition, place = within_limit(item.transition, item.taken), item.place
    if transition.cancel == EVERYTHING:
        close_all(course, course.alive(), "moved_on")
    elif transition.cancel:
        close_all(course, listed(course, transition.cancel), "not_needed")
    if transition.end is not None:
        end_case(course, transition)
    elif transition.repeat_in is not None or transition.repeat_now:
        course.agenda.append(Enter(place.step, place.member, wait=transition.repeat_in, after=item.after))
    elif transition.next:
        member = "" if transition.cancel == EVERYTHING else place.member
        course.agenda.extend(Enter(name, member) for name in transition.next)
    else:
        arrive(course, place)


def within_limit(transition: Transition, taken: int) -> Transition:
    """The transition itself, or what stands in for it once it has been taken so many times; never resets."""
    while transition.at_most is not None and taken >= transition.at_most:
        taken -= transition.at_most
        transition = transition.then or Transition()
    return transition


def enter(course: Course, entering: Enter) -> None:
    """Come to a step; beyond its limit over the whole case, to what it says then."""
    step = course.step(entering.step)
    if step.for_each is not None and not entering.member:
        fan_out(course, step, step.for_each)
    elif step.at_most is not None and course.history.times(step.name, entering.member) >= step.at_most:
        place = Place(step.name, entering.member, course.history.round_of(step.name, entering.member))
        course.agenda.append(Take(place, step.then or Transition()))
    else:
        place = course.next_place(step.name, entering.member)
        _COME_TO[step.kind](course, step, place, entering)


def _come_to_choice(course: Course, step: Step, place: Place, _entering: Enter) -> None:
    """The first way whose condition holds is taken."""
    for number, choice in enumerate(step.choices, start=1):
        if is_so(course, choice.condition, place.member):
            key = f"way {number}"
            taken = course.history.was_taken(step.name, place.member, key)
            course.note("step.passed", place, choice=key)
            course.agenda.append(Take(place, choice.transition, taken=taken))
            return
    course.note("step.passed", place)
    course.agenda.append(Take(place, step.goes_on))


_COME_TO: dict[StepKind, Callable[[Course, Step, Place, Enter], object]] = {
    StepKind.TASK: come_to_task,
    StepKind.SEND: come_to_letter,
    StepKind.START: come_to_launch,
    StepKind.SET: come_to_set,
    StepKind.RECORD: come_to_record,
    StepKind.WAIT: come_to_wait,
    StepKind.CHOOSE: _come_to_choice,
}
