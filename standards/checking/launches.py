"""Checks of processes that start other processes."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import did_you_mean
from standards import catalogue
from standards.checking.flow import Flow
from standards.checking.starts import EACH_ITS_OWN
from standards.checking.surroundings import Surroundings
from standards.notebook import with_article
from standards.problem import Problem
from standards.process import Launch, Process, Step


def check_launches(flow: Flow, around: Surroundings) -> Iterator[Problem]:
    """All that is wrong with what a process starts."""
    if around.processes is None:
        return
    process = flow.process
    for launch in launches_of(process):
        yield from _launch(process, launch, around)
    for step in process.steps.values():
        child = around.processes.get(step.launch.process) if step.launch and step.launch_waits else None
        if child is not None:
            yield from _outcomes(flow, step, child)


def launches_of(process: Process) -> Iterator[Launch]:
    """Everything a process starts, at its steps and at its ends."""
    yield from (step.launch for step in process.steps.values() if step.launch)
    for end in process.ends.values():
        yield from end.launches


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def _launch(process: Process, launch: Launch, around: Surroundings) -> Iterator[Problem]:
    processes = around.processes or {}
    started = processes.get(launch.process)
    if started is None:
        hint = did_you_mean(launch.process, processes) or "."
        yield _problem(process, launch.line, f"unknown process {launch.process!r}{hint} Known: {', '.join(processes)}.")
        return
    about = subject_of_launch(process, launch)
    if about is not None and about != started.subject:
        wanted, path = with_article(started.subject), launch.for_path or launch.for_each
        message = f"{launch.process} is about {wanted}, but {path} leads to {with_article(about)}. Name another path."
        yield _problem(process, launch.line, message)


def subject_of_launch(process: Process, launch: Launch) -> str | None:
    """The type of subject a started process gets; None when the path cannot be followed."""
    if process.subject not in catalogue.SUBJECTS:
        return None
    if launch.for_path:
        return catalogue.subject_along(process.subject, launch.for_path)
    collection = catalogue.COLLECTIONS.get(launch.for_each or "")
    return collection.member if collection else None


def _outcomes(flow: Flow, step: Step, child: Process) -> Iterator[Problem]:
    for name, transition in step.outcomes.items():
        if name not in child.ends:
            hint = did_you_mean(name, child.ends) or "."
            message = f"{child.name} never ends as {name!r}{hint} Known: {', '.join(child.ends)}."
            yield _problem(flow.process, transition.line or step.line, message)
    missing = [name for name in child.ends if name not in step.outcomes]
    stops = step.goes_on.finishes_branch and not flow.process.joins_of.get(step.name)
    if step.outcomes and missing and stops:
        message = (
            f"{step.name} does not say what comes when {child.name} ends as {' or '.join(missing)}. "
            "Add an outcome, or a next for all the others."
        )
        yield _problem(flow.process, step.line, message)


def circles_of_processes(processes: dict[str, Process]) -> Iterator[Problem]:
    """Processes that start one another for ever: a circle needs one process with a cycle of its own to stop it."""
    for name, process in processes.items():
        circle = _circle(name, processes)
        if circle and name == min(circle):
            way = " → ".join((*circle, circle[0]))
            message = (
                f"the processes {way} start one another for ever, because each start is a new cycle. "
                "Give one of them a cycle, or let one stop."
            )
            yield _problem(process, 1, message)


def _circle(start: str, processes: dict[str, Process]) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        process = processes[way[-1]]
        if process.cycle != EACH_ITS_OWN:
            continue
        for launch in launches_of(process):
            if launch.process == start:
                return way
            if launch.process in processes and launch.process not in seen:
                seen.add(launch.process)
                ways.append((*way, launch.process))
    return ()
