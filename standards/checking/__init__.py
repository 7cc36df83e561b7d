"""Checking a process that could be read: a list of functions, each of which returns what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from standards.checking.answers import check_answers
from standards.checking.flow import Flow
from standards.checking.joins import check_joins
from standards.checking.launches import check_launches, circles_of_processes
from standards.checking.names import check_names
from standards.checking.shape import check_shape
from standards.checking.starts import check_starts
from standards.checking.surroundings import NOTHING_KNOWN, LetterFacts, Surroundings
from standards.checking.texts import check_texts
from standards.problem import Problem, in_order
from standards.process import Process

__all__ = ["NOTHING_KNOWN", "LetterFacts", "Surroundings", "check_process", "check_processes"]


def check_process(
    process: Process, around: Surroundings = NOTHING_KNOWN, read: Sequence[Problem] = ()
) -> tuple[Problem, ...]:
    """Everything that is wrong with a process, by line, together with the problems of reading it.

    `read`: what was noted when its file was read; ways that were lost by a mistake told there are not told again.
    """
    flow = Flow(process, torn=_torn(process, read))
    found = [
        *read,
        *check_names(process, around),
        *check_shape(flow),
        *check_joins(flow),
        *check_starts(process),
        *check_launches(flow, around),
        *check_answers(process),
        *check_texts(flow, around),
    ]
    return in_order(found)


def check_processes(processes: Iterable[Process]) -> tuple[Problem, ...]:
    """What is wrong between processes."""
    return in_order(list(circles_of_processes({process.name: process for process in processes})))


def _torn(process: Process, read: Sequence[Problem]) -> set[str]:
    """The steps within whose lines a way was lost."""
    places = [(step.line, name) for name, step in process.steps.items()]
    places += [(start.line, "") for start in process.starts]
    places += [(trigger.line, "") for trigger in process.on]
    places += [(end.line, "") for end in process.ends.values()]
    lost = [problem.line for problem in read if problem.tears]
    above = (max((place for place in places if place[0] <= line), default=(0, "")) for line in lost)
    return {name for _, name in above if name}
