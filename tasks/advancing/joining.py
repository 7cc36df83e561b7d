"""Parallel branches that meet: arrivals, and the firing of joins under the case's lock."""

from __future__ import annotations

from math import inf

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from models import work
from standards.process import Join
from tasks.advancing.closing import close_all
from tasks.advancing.course import Alive, Course, Enter, Take
from tasks.advancing.history import JoinFired, Place
from tasks.advancing.outlook import (
    Ahead,
    Arrival,
    Verdict,
    ahead_of,
    beginnings_of,
    decide_join,
    leads,
    outlook,
    way_to,
)

NOTHING_AHEAD = Ahead(pending=frozenset(), is_open=False)
_arrival = work.arrivals.c
_INSERT = (
    insert(work.arrivals)
    .on_conflict_do_nothing(index_elements=["case_id", "join_step", "join_round", "from_step", "member"])
    .returning(_arrival.id)
)
_ARRIVED = select(_arrival.from_step, _arrival.member).where(
    _arrival.case_id == bindparam("case_id"),
    _arrival.join_step == bindparam("join_step"),
    _arrival.join_round == bindparam("join_round"),
)


def arrive(course: Course, place: Place) -> None:
    """A branch has finished at a step: it arrives at every join that lists the step."""
    for join_step in course.process.joins_of.get(place.step, ()):
        fired = course.history.last_firing(join_step)
        if fired and _is_counted(course, join_step, fired, place):
            continue
        is_late = fired is not None and fired.awaits(place.step, place.member)
        if fired and is_late and _arrive_in(course, join_step, fired.round, place):
            course.note("join.joined", place, join=join_step)
        else:
            _arrive_in(course, join_step, _round(course, join_step), place)


def _is_counted(course: Course, join_step: str, fired: JoinFired, place: Place) -> bool:
    """Whether what has fired counts this coming to the step already; a corrected outcome does not arrive once more."""
    branch = (place.step, place.member)
    came = course.history.rounds.get(branch, {}).get(place.round, inf)
    counted = course.history.joined.get((join_step, *branch), 0) if fired.awaits(*branch) else fired.number
    return came < counted and branch in _arrived_in_round(course, join_step, fired.round)


def _round(course: Course, join_step: str) -> int:
    """The round that is being collected."""
    fired = course.history.last_firing(join_step)
    return fired.round + 1 if fired else 1


def _arrive_in(course: Course, join_step: str, join_round: int, place: Place) -> bool:
    row = {
        "case_id": course.case.id,
        "join_step": join_step,
        "join_round": join_round,
        "from_step": place.step,
        "member": place.member,
        "at": course.at,
    }
    return course.db.execute(_INSERT, row).first() is not None


def settle_joins(course: Course) -> bool:
    """Let one join fire, if one is ready as things stand. Returns whether anything follows.

    Of several that are ready, one that leads to a branch of another fires first: that branch is still to arrive. In a
    circle, where each leads to the other in the end, the nearer way counts.
    """
    joins = {step.name: step.after for step in course.process.steps.values() if step.after is not None}
    decided = {name: _decide(course, name, join) for name, join in joins.items()}
    ready = [name for name, (verdict, _) in decided.items() if verdict is not Verdict.WAIT]
    if not ready:
        return False
    first = max(ready, key=lambda name: _way_from_others(course, name, joins[name], ready)) if ready[1:] else ready[0]
    _fire(course, first, joins[first], *decided[first])
    return True


def _way_from_others(course: Course, join_step: str, join: Join, ready: list[str]) -> float:
    """How far another join that is ready lies before a branch of this one that has not arrived."""
    missing = set(join.steps) - {step for step, _ in _arrived(course, join_step)}
    return min(way_to(course.process, other, missing, join_step) for other in ready if other != join_step)


def _decide(course: Course, join_step: str, join: Join) -> tuple[Verdict, Ahead]:
    """What becomes of a join, and what may still arrive at it."""
    arrived = _arrived(course, join_step)
    if not arrived and join.otherwise is None:
        return Verdict.WAIT, NOTHING_AHEAD
    ahead = outlook(course.process, join_step, join, arrived, (one.token for one in course.alive()))
    has_begun = bool(arrived) or course.history.has_begun(join_step, join.steps)
    return decide_join(join, arrived, ahead, has_begun=has_begun), ahead


def _arrived(course: Course, join_step: str) -> set[Arrival]:
    return _arrived_in_round(course, join_step, _round(course, join_step))


def _arrived_in_round(course: Course, join_step: str, join_round: int) -> set[Arrival]:
    key = {"case_id": course.case.id, "join_step": join_step, "join_round": join_round}
    return {(row.from_step, row.member) for row in course.db.execute(_ARRIVED, key)}


def _fire(course: Course, join_step: str, join: Join, verdict: Verdict, ahead: Ahead) -> None:
    place = Place(join_step, "", _round(course, join_step))
    is_rest_dropped = verdict is Verdict.FIRE and join.cancels_rest
    late = [] if is_rest_dropped else sorted(ahead.pending)
    if is_rest_dropped:
        close_all(course, _rest(course, join_step, join), "not_needed")
    outcome = "otherwise" if verdict is Verdict.OTHERWISE else None
    course.note("join.fired", place, late=late or None, outcome=outcome)
    if verdict is Verdict.OTHERWISE and join.otherwise is not None:
        course.agenda.append(Take(place, join.otherwise))
    else:
        course.agenda.append(Enter(join_step))


def _rest(course: Course, join_step: str, join: Join) -> list[Alive]:
    """What is still alive on its way to a branch of the join; going back to begin the branches anew is no such way."""
    listed, beginnings = set(join.steps), beginnings_of(course.process, join.steps)
    found = []
    for one in course.alive():
        step = course.step(one.place.step)
        starts = {*leads(step.goes_on, step.name), step.name} if one.token.is_fan else {step.name}
        if ahead_of(course.process, starts, avoiding={join_step, *(beginnings - starts)}) & listed:
            found.append(one)
    return found
