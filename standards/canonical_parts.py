"""How each part of a process is written back in the words of the language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from standards.process import (
    EVERYTHING,
    AnswerType,
    Assignment,
    End,
    Group,
    Join,
    Launch,
    Question,
    Route,
    RouteKind,
    Step,
    StepKind,
    Transition,
)
from standards.working_time.duration import AnchoredMoment, Duration

Data = Any
"""What JSON can hold."""


def said(**entries: Data) -> dict[str, Data]:
    """The entries that say something; underscores in a name stand for spaces.

    A `then` or an `otherwise` may say nothing and mean it: the branch stops there.
    """
    given = {key: value for key, value in entries.items() if value is not None}
    return {
        key.strip("_").replace("_", " "): value
        for key, value in given.items()
        if value not in ((), [], {}) or key in {"then", "otherwise"}
    }


def transition_data(transition: Transition) -> dict[str, Data]:
    """A transition; moving to a step is cancelling everything and going there."""
    moves = transition.cancel == EVERYTHING and len(transition.next) == 1
    return said(
        move_to=transition.next[0] if moves else None,
        next=None if moves else list(transition.next),
        repeat_in=str(transition.repeat_in) if transition.repeat_in else None,
        repeat="now" if transition.repeat_now else None,
        end=transition.end,
        reason=transition.reason,
        ask=dict(question_data(question) for question in transition.ask),
        at_most=transition.at_most,
        then=transition_data(transition.then) if transition.then else None,
        cancel=None if moves else "everything" if transition.cancel == EVERYTHING else list(transition.cancel),
    )


def task_data(step: Step) -> dict[str, Data]:
    """A person's task."""
    outcomes = {
        name: transition_data(transition) | said(label=step.labels.get(name))
        for name, transition in step.outcomes.items()
    }
    return {"action": step.action, "outcomes": outcomes} | said(
        ask=dict(question_data(question) for question in step.ask),
        assign=[route_data(route) for route in step.assign],
        no_later_than=str(step.limit) if step.limit else None,
        requires=list(step.requires),
        for_each=step.for_each.path if step.for_each else None,
        proceed_when=step.for_each.proceed if step.for_each else None,
    )


def started_data(step: Step) -> dict[str, Data]:
    """A step that starts another process."""
    started = launch_data(step.launch) if step.launch else {}
    outcomes = {name: transition_data(transition) for name, transition in step.outcomes.items()}
    return {"start": started | said(wait=step.launch_waits or None)} | said(outcomes=outcomes)


def sent_data(step: Step) -> dict[str, Data]:
    """A letter."""
    return {"send": step.letter, "to": step.letter_to}


def set_data(step: Step) -> dict[str, Data]:
    """Fields that are set."""
    return {"set": dict(assignment_data(assignment) for assignment in step.sets)}


def recorded_data(step: Step) -> dict[str, Data]:
    """A next term."""
    return {"record": "next term"} | said(from_=step.records)


KINDS: dict[StepKind, Callable[[Step], dict[str, Data]]] = {
    StepKind.TASK: task_data,
    StepKind.SEND: sent_data,
    StepKind.START: started_data,
    StepKind.SET: set_data,
    StepKind.RECORD: recorded_data,
}


def launch_data(launch: Launch) -> dict[str, Data]:
    """Which process is started, for what."""
    return {"process": launch.process} | said(for_=launch.for_path, for_each=launch.for_each)


def join_data(join: Join | None) -> dict[str, Data] | None:
    """The branches a step waits for."""
    if join is None:
        return None
    way = "all of" if join.count is None else f"{join.count} of"
    otherwise = transition_data(join.otherwise) if join.otherwise else None
    return {way: list(join.steps)} | said(cancel_the_rest=join.cancels_rest or None, otherwise=otherwise)


def question_data(question: Question) -> tuple[str, Data]:
    """A question and how it is asked."""
    if question.type in {AnswerType.CODE, AnswerType.CODES}:
        key = "one of" if question.type is AnswerType.CODE else "any of"
        data: dict[str, Data] = {key: question.code_list or list(question.choices)}
    else:
        data = {"type": question.type.value.replace("_", " ").replace("yes no", "yes or no")}
    return question.name, data | said(optional=question.optional or None)


def route_data(route: Route) -> Data:
    """A way of finding a person."""
    match route.kind:
        case RouteKind.ROLE:
            return route.path
        case RouteKind.SAME_AS:
            return {"same as": route.step}
        case RouteKind.QUEUE:
            return {"queue": route.team} if route.team else "queue"
        case _:
            return {"team": route.team, "by": "turn" if route.kind is RouteKind.BY_TURN else "load"}


def assignment_data(assignment: Assignment) -> tuple[str, Data]:
    """A field and its value."""
    if assignment.from_path:
        return assignment.path, {"from": assignment.from_path}
    return assignment.path, "today" if assignment.is_today else plain_data(assignment.value)


def group_data(group: Group | None) -> str | None:
    """What is done together."""
    if group is None:
        return None
    return f"client within {group.within}" if group.within else group.by


def end_data(end: End) -> dict[str, Data]:
    """An end."""
    success = "not counted" if end.success is None else end.success
    return {"success": success} | said(title=end.title, start=[launch_data(launch) for launch in end.launches])


def plain_data(value: object) -> Data:
    """A value as JSON has it: amounts without needless zeros, dates as 2026-03-31."""
    match value:
        case tuple():
            return [plain_data(part) for part in value]
        case AnchoredMoment() | Duration():
            return str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
        case date():
            return value.isoformat()  # a moment is a date too, and writes its time and zone
        case _:
            return value
