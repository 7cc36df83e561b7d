"""Checks that every name used is declared: steps, ends, actions, letters, lists, teams and codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from core.errors import did_you_mean
from standards import catalogue
from standards.catalogue import Field
from standards.checking.flow import moves_of, transitions_of, triggers_of
from standards.checking.surroundings import Surroundings
from standards.condition import AllOf, AnyOf, Compare, Condition, Negation
from standards.problem import Problem
from standards.process import EVERYTHING, Process, Question, Route, RouteKind, Step, StepKind

END_REASONS = "end_reasons"
LEAVE_OUT_REASONS = "leave_out_reasons"
REQUIREMENT_TYPES = "requirement_types"
ACTIONS = "actions"
SLIP = 0.8  # from here on two names are so alike that one is a slip of the pen; `complaints` is no `companies` (0.74)


def check_names(process: Process, around: Surroundings) -> Iterator[Problem]:
    """Every name that nothing bears."""
    yield from unknown_steps(process)
    yield from unknown_ends(process)
    yield from unknown_actions(process, around)
    yield from unknown_letters(process, around)
    yield from unknown_teams(process, around)
    yield from unknown_codes(process, around)


def _unknown(process: Process, line: int, what: str, name: str, known: Collection[str]) -> Problem:
    hint = did_you_mean(name, known) or "."
    listed = f" Known: {', '.join(known)}." if known else ""
    return Problem(file=process.file, line=line, message=f"unknown {what} {name!r}{hint}{listed}")


def unknown_steps(process: Process) -> Iterator[Problem]:
    """Steps named under next, then, cancel, after, begin, same as or in an anchor that do not exist."""
    for name, line in _steps_named(process):
        if name not in process.steps:
            yield _unknown(process, line, "step", name, process.steps)


def _steps_named(process: Process) -> Iterator[tuple[str, int]]:
    first = next(iter(process.steps.values()), None)
    yield from ((name, first.line if first else 0) for name in process.begin)
    for transition in transitions_of(process):
        yield from ((name, transition.line) for name in transition.next)
        if transition.cancel != EVERYTHING:
            yield from ((name, transition.line) for name in transition.cancel)
    for step in process.steps.values():
        yield from _steps_named_by(step)
    for route in _routes(process):
        if route.kind is RouteKind.SAME_AS and route.step:
            yield route.step, route.line
    yield from _steps_of_anchors(process)


def _steps_named_by(step: Step) -> Iterator[tuple[str, int]]:
    if step.after:
        yield from ((name, step.after.line) for name in step.after.steps)


def _steps_of_anchors(process: Process) -> Iterator[tuple[str, int]]:
    moments = [(step.limit, step.line_of("no later than")) for step in process.steps.values()]
    moments += [(trigger.moment, trigger.line) for trigger in triggers_of(process)]
    for moment, line in moments:
        name = catalogue.step_of_anchor(moment.anchor) if moment else None
        if name:
            yield name, line


def _routes(process: Process) -> Iterator[Route]:
    for ways in _ways_of_assigning(process):
        yield from ways


def _ways_of_assigning(process: Process) -> Iterator[tuple[Route, ...]]:
    """Each list of ways that are tried in order."""
    yield process.assign
    yield from (start.assign for start in process.starts)
    yield from (step.assign for step in process.steps.values())


def unknown_ends(process: Process) -> Iterator[Problem]:
    """Ends that are used and not declared."""
    for transition in transitions_of(process):
        if transition.end is not None and transition.end not in process.ends:
            yield _unknown(process, transition.line, "end", transition.end, process.ends)


def unknown_actions(process: Process, around: Surroundings) -> Iterator[Problem]:
    """Actions that no list has, or for which no standard says when they are due."""
    known = around.codes(ACTIONS)
    for step in process.steps.values():
        if step.action is None:
            continue
        if known is not None and step.action not in known:
            yield _unknown(process, step.line_of("action"), "action", step.action, known)
        elif around.is_timed is not None and not around.is_timed(process.name, step.name, step.action):
            message = f"no standard says when the action {step.action!r} is due. Give a standard for it a due time."
            yield Problem(file=process.file, line=step.line_of("action"), message=message)


def unknown_letters(process: Process, around: Surroundings) -> Iterator[Problem]:
    """Letters nobody has written."""
    for step in process.steps.values():
        if step.kind is StepKind.SEND and around.letters is not None and step.letter not in around.letters:
            yield _unknown(process, step.line_of("send"), "letter", step.letter or "", around.letters)


def unknown_teams(process: Process, around: Surroundings) -> Iterator[Problem]:
    """Teams the house does not have; a remark where the route goes on and no team is called nearly so."""
    for ways in _ways_of_assigning(process):
        for place, route in enumerate(ways):
            if not route.team or around.teams is None or route.team in around.teams:
                continue
            if place + 1 == len(ways) or get_close_matches(route.team, around.teams, n=1, cutoff=SLIP):
                yield _unknown(process, route.line, "team", route.team, around.teams)
            else:
                message = f"the house has no team {route.team!r}: what is meant for it goes the next way of its route."
                yield Problem(file=process.file, line=route.line, message=message, is_remark=True)


def unknown_codes(process: Process, around: Surroundings) -> Iterator[Problem]:
    """Reasons, requirements, choices and compared codes that no list has."""
    for list_name, code, line in _codes_used(process):
        known = around.codes(list_name)
        if known is not None and code not in known:
            hint = did_you_mean(code, known) or "."
            message = f"the list {list_name} has no code {code!r}{hint} Known: {', '.join(known)}."
            yield Problem(file=process.file, line=line, message=message)
    for question in _questions(process):
        if question.code_list and not _has_list(question.code_list, around):
            yield _unknown(process, question.line, "list", question.code_list, around.lists or ())


def _has_list(name: str, around: Surroundings) -> bool:
    in_the_book = any(field.code_list == name and not field.codes for field in catalogue.FIELDS.values())
    return around.lists is None or name in around.lists or in_the_book


def _codes_used(process: Process) -> Iterator[tuple[str, str, int]]:
    """List, code and line of every code that is written out."""
    for transition in transitions_of(process):
        if transition.reason:
            yield END_REASONS, transition.reason, transition.line
    for question in _questions(process):
        if question.name == "reason":
            yield from ((END_REASONS, code, question.line) for code in question.choices)
    for start in process.starts:
        yield from ((LEAVE_OUT_REASONS, reason, start.lines.get(reason, start.line)) for reason in start.leave_out)
    for condition in _conditions(process):
        yield from _codes_compared(condition)
    for step in process.steps.values():
        yield from _codes_of_step(step)


def _codes_of_step(step: Step) -> Iterator[tuple[str, str, int]]:
    yield from ((REQUIREMENT_TYPES, code, step.line_of("requires")) for code in step.requires)
    for assignment in step.sets:
        yield from _codes_of(catalogue.FIELDS.get(assignment.path), assignment.value, assignment.line)


def _questions(process: Process) -> Iterator[Question]:
    for step in process.steps.values():
        yield from step.ask
        for move in moves_of(step):
            yield from move.transition.ask


def _conditions(process: Process) -> Iterator[Condition]:
    for start in process.starts:
        yield start.where
        yield from start.leave_out.values()
    for trigger in triggers_of(process):
        yield trigger.condition
    for step in process.steps.values():
        yield from (choice.condition for choice in step.choices)


def _codes_compared(condition: Condition) -> Iterator[tuple[str, str, int]]:
    match condition:
        case AllOf() | AnyOf():
            for part in condition.parts:
                yield from _codes_compared(part)
        case Negation():
            yield from _codes_compared(condition.part)
        case Compare():
            known = catalogue.FIELDS.get(condition.path)
            for value in condition.value if isinstance(condition.value, tuple) else (condition.value,):
                yield from _codes_of(known, value, condition.line)


def _codes_of(known: Field | None, value: object, line: int) -> Iterator[tuple[str, str, int]]:
    """Codes of a field whose list the house keeps; those taktas itself knows were checked when they were read."""
    if known is not None and known.code_list and not known.codes and isinstance(value, str):
        yield known.code_list, value, line
