"""What a folder would break in the published processes it leaves as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from standards.checking import check_process
from standards.checking.surroundings import Surroundings
from standards.problem import Problem
from standards.process import Process


def check_what_stays(kept: Iterable[Process], before: Surroundings, after: Surroundings) -> Iterator[Problem]:
    """Problems that published processes would have after publishing and have not now.

    Lines that are wrong already are not told: whoever publishes something else cannot be asked to mend them.
    """
    for process in kept:
        placed = replace(process, file=f"processes/{process.name}.yaml")
        wrong_already = {problem.line for problem in check_process(placed, before)}
        for problem in check_process(placed, after):
            if problem.line not in wrong_already:
                yield as_published(problem)


def as_published(problem: Problem) -> Problem:
    """The same, told of what is in force: the folder has no such file."""
    return replace(problem, file=f"{problem.file} (published)")
