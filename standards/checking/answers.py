"""Checks of what is asked: one answer, one type."""

from __future__ import annotations

from collections.abc import Iterator

from standards.checking.flow import moves_of
from standards.problem import Problem
from standards.process import Process, Question, Step, StepKind, WhenAnchorMoves


def check_answers(process: Process) -> Iterator[Problem]:
    """All that is wrong with questions, and with who is asked again when an anchor moves."""
    yield from answers_of_two_types(process)
    for step in process.steps.values():
        yield from _asked_twice(process, step)
        yield from _unmoving(process, step)
        yield from _not_a_task(process, step)


def _problem(process: Process, line: int, message: str) -> Problem:
    return Problem(file=process.file, line=line, message=message)


def answers_of_two_types(process: Process) -> Iterator[Problem]:
    """An answer asked for in two places must be the same kind of answer in both."""
    first: dict[str, Question] = {}
    for question in _questions(process):
        before = first.setdefault(question.name, question)
        kinds = [(each.type, each.code_list) for each in (before, question)]
        if kinds[0] != kinds[1]:
            said = [each.code_list or each.type.value.replace("_", " or ") for each in (before, question)]
            message = (
                f"case.{question.name} is asked for as {said[1]} here and as {said[0]} on line {before.line}. "
                "Use one type, or two names."
            )
            yield _problem(process, question.line, message)


def _questions(process: Process) -> Iterator[Question]:
    for step in process.steps.values():
        yield from step.ask
        for move in moves_of(step):
            yield from move.transition.ask


def _asked_twice(process: Process, step: Step) -> Iterator[Problem]:
    always = {question.name for question in step.ask}
    for name, transition in step.outcomes.items():
        for question in transition.ask:
            if question.name in always:
                message = (
                    f"the outcome {name!r} asks for {question.name}, which {step.name} asks for anyway. Remove one."
                )
                yield _problem(process, question.line, message)
        if transition.reason and any(question.name == "reason" for question in transition.ask):
            message = f"the outcome {name!r} gives a reason and asks for one. Keep one of them."
            yield _problem(process, transition.line, message)


def _unmoving(process: Process, step: Step) -> Iterator[Problem]:
    has_anchor = step.limit is not None or any(each.moment for each in (*step.deadlines, *step.wait_for))
    if step.when_anchor_moves is not WhenAnchorMoves.MOVE and not has_anchor:
        message = (
            f"the step {step.name!r} says when anchor moves, but hangs on no anchor. Add no later than, or remove it."
        )
        yield _problem(process, step.line_of("when anchor moves"), message)


def _not_a_task(process: Process, step: Step) -> Iterator[Problem]:
    for route in (*step.assign, *process.assign):
        same = process.steps.get(route.step or "")
        if same is not None and same.kind is not StepKind.TASK:
            message = f"same as: {route.step} is done by nobody; it is not a person's task. Name a step with an action."
            yield _problem(process, route.line, message)
