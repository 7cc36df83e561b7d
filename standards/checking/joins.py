"""Checks of parallel branches: what is waited for can come, and nobody walks into a step that only joins."""

from __future__ import annotations

from collections.abc import Iterator

from standards.checking.flow import Flow, moves_of
from standards.problem import Problem
from standards.process import Join, Process, Step


def check_joins(flow: Flow) -> Iterator[Problem]:
    """All that is wrong with branches that meet."""
    for step in flow.steps.values():
        if step.after is not None:
            yield from _join(flow, step, step.after)
    yield from steps_led_to_and_joined(flow)
    yield from lists_within_lists(flow)


def lists_within_lists(flow: Flow) -> Iterator[Problem]:
    """A for each within the branch of another: its tasks would belong to two members at once."""
    for name, step in flow.steps.items():
        inner = flow.carrying(name) - {name} if step.for_each is not None else frozenset()
        for other in sorted(inner, key=lambda it: flow.steps[it].line):
            within = flow.steps[other]
            if within.for_each is not None and step.for_each is not None:
                message = (
                    f"{other} is a for each of {within.for_each.path} inside the for each of {name}, for every member "
                    f"of {step.for_each.path} again, which is not possible. Let a step with after collect the first "
                    "list before the second begins, or start a process of its own for each member."
                )
                yield _problem(flow.process, within.line_of("for each"), message)


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def _join(flow: Flow, step: Step, join: Join) -> Iterator[Problem]:
    for name in join.steps:
        if name == step.name:
            yield _problem(flow.process, join.line, f"the step {name!r} waits for itself. Remove it from its after.")
        elif name in flow.steps and name not in flow.torn and not _stops(flow.steps[name]):
            message = (
                f"{step.name} waits for {name}, which never finishes its branch: all its ways lead on. "
                "Leave out the next of the way that should arrive here, or remove it from after."
            )
            yield _problem(flow.process, join.line, message)
    if join.count is not None and join.count > len(join.steps) and not _has_members(flow, join):
        message = (
            f"{step.name} waits for {join.count} branches but lists {len(join.steps)}. List more or wait for fewer."
        )
        yield _problem(flow.process, join.line, message)


def _stops(step: Step) -> bool:
    return any(move.transition.finishes_branch for move in moves_of(step)) or step.for_each is not None


def _has_members(flow: Flow, join: Join) -> bool:
    """Each member of a for-each arrives by itself, so that a single step can arrive many times."""
    per_member = {name for name, step in flow.steps.items() if step.for_each is not None}
    carried = set(per_member)
    waiting = list(per_member)
    while waiting:
        for target in flow.edges[waiting.pop()]:
            if target not in carried and flow.steps[target].after is None:
                carried.add(target)
                waiting.append(target)
    return bool(carried & set(join.steps))


def steps_led_to_and_joined(flow: Flow) -> Iterator[Problem]:
    """A step is started by next or by after, never by both."""
    process = flow.process
    for name in process.begin:
        if name in flow.steps and flow.steps[name].after is not None:
            message = (
                f"the process begins with {name!r}, which waits for branches under after. Begin with another step."
            )
            yield _problem(process, flow.steps[name].line, message)
    for words, names, line in _ways(flow):
        for name in names:
            if name in flow.steps and flow.steps[name].after is not None:
                message = (
                    f"{words} leads to {name!r}, which waits for branches under after. A step uses next or after: "
                    "leave out this next to arrive there, or remove the after."
                )
                yield _problem(process, line, message)


def _ways(flow: Flow) -> Iterator[tuple[str, tuple[str, ...], int]]:
    for step in flow.steps.values():
        for move in moves_of(step):
            yield move.words, move.transition.next, move.transition.line or step.line
    for trigger in flow.process.on:
        yield f"on {trigger.name}", trigger.transition.next, trigger.transition.line
