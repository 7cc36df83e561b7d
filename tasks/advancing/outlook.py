"""Where a case can still get to: the steps ahead of a place, and which branches can still arrive at a join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from standards.process import Join, Process, Step, Transition

Arrival = tuple[str, str]
"""A step that a branch arrives from, and the member of a list it was for ('' for none)."""


@dataclass(frozen=True, slots=True)
class Token:
    """Something alive in a case. `is_fan`: the step only waits for its members, which are tokens of their own."""

    step: str
    member: str = ""
    is_fan: bool = False


class Verdict(StrEnum):
    """What becomes of a join now."""

    WAIT = "wait"
    FIRE = "fire"
    OTHERWISE = "otherwise"


def leads(transition: Transition, own_step: str) -> Iterator[str]:
    """The steps a transition can go to, its repetition and what is taken beyond its limit included."""
    yield from transition.next
    if transition.repeat_in is not None or transition.repeat_now:
        yield own_step
    if transition.then is not None:
        yield from leads(transition.then, own_step)


def transitions_of(step: Step) -> Iterator[Transition]:
    """Every transition a step can take."""
    yield from step.outcomes.values()
    yield step.goes_on
    yield from (choice.transition for choice in step.choices)
    yield from (trigger.transition for trigger in (*step.deadlines, *step.on, *step.wait_for))
    if step.then is not None:
        yield step.then
    if step.after is not None and step.after.otherwise is not None:
        yield step.after.otherwise


def targets(process: Process, name: str) -> frozenset[str]:
    """The steps one move away, the joins that await this step included."""
    step = process.steps[name]
    ahead = {target for transition in transitions_of(step) for target in leads(transition, name)}
    return frozenset(ahead | set(process.joins_of.get(name, ())))


def ahead_of(process: Process, starts: Iterable[str], avoiding: Iterable[str] = ()) -> set[str]:
    """The steps that can be reached from any of `starts`, themselves included, without passing any of `avoiding`."""
    open_to_us = process.steps.keys() - set(avoiding)
    found: set[str] = set()
    left = [name for name in starts if name in open_to_us]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += targets(process, name) & open_to_us
    return found


def beginnings_of(process: Process, branches: Iterable[str]) -> frozenset[str]:
    """Steps that every way from the beginning to any of the branches passes: coming there again is a new round."""
    listed = frozenset(branches)
    entries = {*process.begin, *(target for trigger in process.on for target in leads(trigger.transition, ""))}
    return frozenset(
        name for name in process.steps.keys() - listed if not ahead_of(process, entries, avoiding=[name]) & listed
    )


def way_to(process: Process, start: str, goals: Iterable[str], avoiding: str) -> float:
    """How many moves lead from a step to the nearest of `goals` without passing `avoiding`; infinite where none do."""
    wanted, seen, layer = frozenset(goals), {avoiding}, {start}
    for moves in range(len(process.steps)):
        if layer & wanted:
            return moves
        seen |= layer
        layer = {target for name in layer for target in targets(process, name) if target in process.steps} - seen
    return inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What may still arrive at a join. `is_open`: a list of unknown length lies ahead, so it cannot be counted."""

    pending: frozenset[Arrival]
    is_open: bool


def outlook(process: Process, join_step: str, join: Join, arrived: Iterable[Arrival], alive: Iterable[Token]) -> Ahead:
    """Which branches may still arrive: those alive at, or on a way to, a listed step that has not arrived yet."""
    listed, pending, is_open = set(join.steps), set[Arrival](), False
    for token in alive:
        starts = leads(process.steps[token.step].goes_on, token.step) if token.is_fan else (token.step,)
        reached = ahead_of(process, starts, avoiding=[join_step])
        pending |= {(step, token.member) for step in reached & listed}
        if reached & listed and not token.member:
            is_open = is_open or any(process.steps[step].for_each for step in reached)
    return Ahead(pending=frozenset(pending - set(arrived)), is_open=is_open)


def decide_join(join: Join, arrived: set[Arrival], ahead: Ahead, *, has_begun: bool) -> Verdict:
    """Whether a join fires. `has_begun`: the case came to one of its branches since it last fired.

    `all` waits for whatever can still arrive and fires with those that did; `n of` fires with the nth. When nobody,
    or too few, can arrive any more, `otherwise` is taken.
    """
    if join.count is None:
        if ahead.pending:
            return Verdict.WAIT
        is_enough = bool(arrived)
    else:
        is_enough = len(arrived) >= join.count
        if not is_enough and (ahead.is_open or len(arrived) + len(ahead.pending) >= join.count):
            return Verdict.WAIT
    if is_enough:
        return Verdict.FIRE
    return Verdict.OTHERWISE if join.otherwise is not None and has_begun else Verdict.WAIT
