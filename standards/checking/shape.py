"""Checks of the ways through a process: everything reachable, every way leads to an end, no endless circle."""

from __future__ import annotations

from collections.abc import Iterator

from standards.checking.flow import Flow, moves_of
from standards.problem import Problem
from standards.process import Process, Step, StepKind


def check_shape(flow: Flow) -> Iterator[Problem]:
    """All that is wrong with the ways through a process."""
    yield from unreachable_steps(flow)
    yield from steps_without_an_end(flow)
    yield from ends_never_reached(flow)
    yield from circles_without_a_limit(flow)
    yield from branches_nobody_waits_for(flow)
    yield from tasks_that_go_on(flow)


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def unreachable_steps(flow: Flow) -> Iterator[Problem]:
    """Steps no case ever comes to."""
    for name, step in flow.steps.items():
        if name not in flow.reachable and name not in flow.torn:
            message = f"no way leads to the step {name!r}. Name it under next, after or begin, or remove it."
            yield _problem(flow.process, step.line, message)


def steps_without_an_end(flow: Flow) -> Iterator[Problem]:
    """Steps at which a case would stay for ever."""
    for name, step in flow.steps.items():
        if name in flow.reachable and name not in flow.can_end:
            message = (
                f"no end can be reached from the step {name!r}. Give one of its ways an end, or a next that has one."
            )
            yield _problem(flow.process, step.line, message)


def ends_never_reached(flow: Flow) -> Iterator[Problem]:
    """Ends that no step and no happening leads to."""
    process = flow.process
    used = {move.transition.end for step in process.steps.values() for move in moves_of(step)}
    used |= {trigger.transition.end for trigger in process.on}
    for name, end in process.ends.items():
        if name not in used and not flow.torn:
            message = f"nothing ends a case as {name!r}. Use end: {name} somewhere, or remove it."
            yield _problem(process, end.line, message)


def branches_nobody_waits_for(flow: Flow) -> Iterator[Problem]:
    """Ways that just stop although no join listens: the case would hang without a task."""
    for name in frozenset() if flow.has_lost_join else flow.on_the_main_way - flow.torn:
        step = flow.steps[name]
        if flow.process.joins_of.get(name) or _members_are_counted(step):
            continue
        for move in moves_of(step):
            if move.transition.finishes_branch and not move.is_beside:
                yield _problem(
                    flow.process,
                    move.transition.line or step.line,
                    f"{move.words} stops here, and no step waits for it. "
                    f"Give it a next or an end, or name {name} under after of the step that waits.",
                )


def _members_are_counted(step: Step) -> bool:
    """A task for each member may stop at an outcome: the step itself goes on when enough members are done."""
    return step.for_each is not None and not step.goes_on.finishes_branch


def tasks_that_go_on(flow: Flow) -> Iterator[Problem]:
    """A person's task goes where its outcome says; a next beside the outcomes would never be taken."""
    for name, step in flow.steps.items():
        if step.kind is StepKind.TASK and step.for_each is None and not step.goes_on.finishes_branch:
            message = (
                f"the step {name!r} has a next or end of its own, but its outcomes decide. Move it into the outcomes."
            )
            yield _problem(flow.process, step.line_of("next" if step.goes_on.next else "end"), message)


def circles_without_a_limit(flow: Flow) -> Iterator[Problem]:
    """Circles a case could run through for ever: limits count over the whole case, so one in each circle is enough."""
    edges = _unlimited_edges(flow)
    told: set[str] = set()
    for name in flow.steps:
        circle = _circle_through(name, edges) if name not in told else ()
        if circle:
            told |= set(circle)
            way = " → ".join((*circle, circle[0]))
            message = f"the circle {way} has no limit. Add at most and then to one of its steps or outcomes."
            yield _problem(flow.process, flow.steps[circle[0]].line, message)


def _unlimited_edges(flow: Flow) -> dict[str, tuple[str, ...]]:
    """Where a case can go without using up a limit: out of a limited step only by its `then`."""
    edges: dict[str, tuple[str, ...]] = {}
    for name, step in flow.steps.items():
        if name in flow.torn:
            edges[name] = ()
        elif step.at_most is not None:
            edges[name] = flow.targets(step.then, name) if step.then else ()
        else:
            edges[name] = _unlimited(flow, step)
    return edges


def _unlimited(flow: Flow, step: Step) -> tuple[str, ...]:
    free = (move.transition for move in moves_of(step) if move.transition.at_most is None)
    return tuple(dict.fromkeys(target for transition in free for target in flow.targets(transition, step.name)))


def _circle_through(start: str, edges: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest circle through a step; empty when there is none."""
    before: dict[str, str] = {}
    waiting = [start]
    for name in waiting:
        for target in edges.get(name, ()):
            if target == start:
                return _back(name, start, before)
            if target not in before:
                before[target] = name
                waiting.append(target)
    return ()


def _back(name: str, start: str, before: dict[str, str]) -> tuple[str, ...]:
    way = [name]
    while way[-1] != start:
        way.append(before[way[-1]])
    return tuple(reversed(way))
