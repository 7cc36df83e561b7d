"""Checks of how cases begin: never twice in one cycle, and never for the whole past."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from standards import catalogue
from standards.catalogue import REPEATING
from standards.condition import AllOf, Compare, Condition, Operator
from standards.problem import Problem
from standards.process import Process, Start, StartKind

EACH_ITS_OWN = "start"
_CALENDAR = tuple(cycle for cycle in REPEATING if cycle != EACH_ITS_OWN)


def check_starts(process: Process) -> Iterator[Problem]:
    """All that is wrong with the ways in which cases begin."""
    yield from two_starts_for_one_cycle(process)
    for start in process.starts:
        if start.kind is StartKind.SCHEDULE:
            yield from _schedule(process, start)


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def two_starts_for_one_cycle(process: Process) -> Iterator[Problem]:
    """Two ways to begin that could both take the same subject in the same cycle."""
    automatic = [start for start in process.starts if start.kind is not StartKind.BY_HAND]
    for first, second in combinations(automatic, 2):
        if not _may_both_begin(process, first, second):
            continue
        same = "happening" if process.cycle == EACH_ITS_OWN else process.cycle
        message = (
            f"this start and the one on line {first.line} could both begin a case for the same {same}. "
            "Keep one, or let their where exclude each other."
        )
        yield _problem(process, second.line, message)
    by_hand = [start for start in process.starts if start.kind is StartKind.BY_HAND]
    for start in by_hand[1:]:
        yield _problem(process, start.line, "by hand is written twice. Keep one of them.")


def _may_both_begin(process: Process, first: Start, second: Start) -> bool:
    if process.cycle == EACH_ITS_OWN and (first.kind, first.happening) != (second.kind, second.happening):
        return False
    return not _exclude_each_other(first.where, second.where)


def _exclude_each_other(first: Condition, second: Condition) -> bool:
    """Whether both ask the same field for different values: then no subject can satisfy both."""
    wanted = dict(_values(first))
    return any(path in wanted and not wanted[path] & values for path, values in _values(second))


def _values(condition: Condition) -> Iterator[tuple[str, frozenset[object]]]:
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    for part in parts:
        if isinstance(part, Compare) and part.operator is Operator.EQUAL:
            yield part.path, frozenset((part.value,))
        elif isinstance(part, Compare) and part.operator is Operator.IN and isinstance(part.value, tuple):
            yield part.path, frozenset(part.value)


def _schedule(process: Process, start: Start) -> Iterator[Problem]:
    if process.cycle == EACH_ITS_OWN:
        message = (
            "a schedule would begin a new case at every ringing, because each start is its own cycle. "
            f"Write cycle: {' or '.join(_cycles(process))}."
        )
        yield _problem(process, start.line, message)
    elif start.when is None and process.cycle not in _CALENDAR:
        message = (
            f"this schedule does not say when in the {process.cycle} a case begins. "
            "Add when: and a moment, such as 45 days before term.expires_on."
        )
        yield _problem(process, start.line, message)
    elif start.when is not None and catalogue.step_of_anchor(start.when.anchor):
        message = f"a case cannot begin {start.when}: no step is completed before it begins. Count from a field."
        yield _problem(process, start.line, message)


def _cycles(process: Process) -> list[str]:
    subject = catalogue.SUBJECTS.get(process.subject)
    return [cycle for cycle in subject.cycles if cycle != EACH_ITS_OWN] if subject else list(_CALENDAR)
