"""A process or a condition back as plain data, the same however it was written, and the hash of that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from standards.condition import ALWAYS, AllOf, AnyOf, Compare, Condition, Negation
from standards.duration import AnchoredMoment, Duration
from standards.process import (
    EVERYTHING,
    AnswerType,
    Assignment,
    Choice,
    End,
    Group,
    Join,
    Launch,
    Process,
    Question,
    Route,
    RouteKind,
    Start,
    StartKind,
    Step,
    StepKind,
    Transition,
    Trigger,
    WhenAnchorMoves,
)

Data = Any
"""What JSON can hold."""


def process_data(process: Process) -> dict[str, Data]:
    """The process in the words of the language: read again, it is equal to what it was."""
    return _Writer(sorts=False).process(process)


def condition_data(condition: Condition) -> dict[str, Data]:
    """The condition in the words of the language: read again, it is equal to what it was."""
    return _Writer(sorts=False).condition(condition)


def content_hash(process: Process) -> str:
    """What makes two versions the same: comments, line breaks and the order of keys do not count.

    The order of the steps and of the reasons for leaving out does: the first step begins, the first reason is told.
    """
    data = _Writer(sorts=True).process(process)
    data["steps"] = list(data["steps"].items())
    data["start"] = [_ordered(start) for start in data["start"]]
    written = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


def _ordered(start: dict[str, Data]) -> dict[str, Data]:
    return start | ({"leave out": list(start["leave out"].items())} if "leave out" in start else {})


def _kept(**entries: Data) -> dict[str, Data]:
    """The entries that say something; underscores in a name stand for spaces."""
    return {
        key.strip("_").replace("_", " "): value for key, value in entries.items() if value not in (None, (), [], {})
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """`sorts` puts the parts of conditions into one order, whatever order they were written in."""

    sorts: bool

    def process(self, process: Process) -> dict[str, Data]:
        return _kept(
            process=process.name,
            title=process.title,
            subject=process.subject,
            cycle=process.cycle,
            start=[self.start(start) for start in process.starts],
            begin=list(process.begin),
            assign=[_route(route) for route in process.assign],
            steps={name: self.step(step) for name, step in process.steps.items()},
            on=self.heard(process.on),
            ends={name: _end(end) for name, end in process.ends.items()},
        )

    def start(self, start: Start) -> dict[str, Data]:
        kinds: dict[StartKind, dict[str, Data]] = {
            StartKind.SCHEDULE: {"schedule": str(start.schedule)},
            StartKind.HAPPENING: {"on": start.happening},
            StartKind.LIST: {"list": start.list_path},
            StartKind.BY_HAND: {"by hand": True},
        }
        return kinds[start.kind] | _kept(
            when=str(start.when) if start.when else None,
            where=self.where(start.where),
            leave_out={reason: self.condition(condition) for reason, condition in start.leave_out.items()},
            group=_group(start.group),
            assign=[_route(route) for route in start.assign],
        )

    def where(self, condition: Condition) -> dict[str, Data] | None:
        return None if condition == ALWAYS else self.condition(condition)

    def condition(self, condition: Condition) -> dict[str, Data]:
        match condition:
            case AllOf():
                return {"all": self.parts(condition.parts)}
            case AnyOf():
                return {"any": self.parts(condition.parts)}
            case Negation():
                return {"not": self.condition(condition.part)}
            case Compare():
                value = True if condition.value is None else _plain(condition.value)
                return {condition.path: {condition.operator.value: value}}

    def parts(self, parts: Iterable[Condition]) -> list[Data]:
        written = [self.condition(part) for part in parts]
        return sorted(written, key=lambda part: json.dumps(part, sort_keys=True)) if self.sorts else written

    def heard(self, triggers: Iterable[Trigger]) -> dict[str, Data]:
        return {
            trigger.name: _kept(where=self.where(trigger.condition), keep=trigger.keeps or None)
            | _transition(trigger.transition)
            for trigger in triggers
        }

    def step(self, step: Step) -> dict[str, Data]:
        common = _kept(
            title=step.title,
            after=_join(step.after),
            at_most=step.at_most,
            then=_transition(step.then) if step.then else None,
            deadline=[self.timed(trigger) for trigger in step.deadlines],
            on=self.heard(step.on),
            when_anchor_moves=None if step.when_anchor_moves is WhenAnchorMoves.MOVE else step.when_anchor_moves.value,
        )
        return self.kind(step) | common | _transition(step.goes_on)

    def kind(self, step: Step) -> dict[str, Data]:
        if step.kind is StepKind.WAIT:
            return self.wait(step)
        if step.kind is StepKind.CHOOSE:
            return {"choose": [self.choice(choice) for choice in step.choices]}
        return _KINDS[step.kind](step)

    def wait(self, step: Step) -> dict[str, Data]:
        if len(step.wait_for) != 1:
            return {"first of": [self.timed(trigger) for trigger in step.wait_for]}
        (trigger,) = step.wait_for
        if trigger.happening:
            return {"wait for": trigger.happening} | _kept(where=self.where(trigger.condition))
        return {"wait": str(trigger.span)} if trigger.span else {"wait until": str(trigger.moment)}

    def timed(self, trigger: Trigger) -> dict[str, Data]:
        return _kept(
            on=trigger.happening,
            in_=str(trigger.span) if trigger.span else None,
            at=str(trigger.moment) if trigger.moment else None,
            every=str(trigger.every) if trigger.every else None,
            at_most=trigger.at_most,
            keep=trigger.keeps or None,
            where=self.where(trigger.condition),
        ) | _transition(trigger.transition)

    def choice(self, choice: Choice) -> dict[str, Data]:
        if choice.condition == ALWAYS:
            return {"otherwise": _transition(choice.transition)}
        return {"when": self.condition(choice.condition)} | _transition(choice.transition)


def _transition(transition: Transition) -> dict[str, Data]:
    moves = transition.cancel == EVERYTHING and len(transition.next) == 1
    return _kept(
        move_to=transition.next[0] if moves else None,
        next=None if moves else list(transition.next),
        repeat_in=str(transition.repeat_in) if transition.repeat_in else None,
        repeat="now" if transition.repeat_now else None,
        end=transition.end,
        reason=transition.reason,
        ask=dict(_question(question) for question in transition.ask),
        at_most=transition.at_most,
        then=_transition(transition.then) if transition.then else None,
        cancel=None if moves else "everything" if transition.cancel == EVERYTHING else list(transition.cancel),
    )


def _task(step: Step) -> dict[str, Data]:
    outcomes = {
        name: _transition(transition) | _kept(label=step.labels.get(name)) for name, transition in step.outcomes.items()
    }
    return {"action": step.action, "outcomes": outcomes} | _kept(
        ask=dict(_question(question) for question in step.ask),
        assign=[_route(route) for route in step.assign],
        no_later_than=str(step.limit) if step.limit else None,
        requires=list(step.requires),
        for_each=step.for_each.path if step.for_each else None,
        proceed_when=step.for_each.proceed if step.for_each else None,
    )


def _started(step: Step) -> dict[str, Data]:
    started = _launch(step.launch) if step.launch else {}
    outcomes = {name: _transition(transition) for name, transition in step.outcomes.items()}
    return {"start": started | _kept(wait=step.launch_waits or None)} | _kept(outcomes=outcomes)


def _sent(step: Step) -> dict[str, Data]:
    return {"send": step.letter, "to": step.letter_to}


def _set(step: Step) -> dict[str, Data]:
    return {"set": dict(_assignment(assignment) for assignment in step.sets)}


def _recorded(step: Step) -> dict[str, Data]:
    return {"record": "next term"} | _kept(from_=step.records)


_KINDS: dict[StepKind, Callable[[Step], dict[str, Data]]] = {
    StepKind.TASK: _task,
    StepKind.SEND: _sent,
    StepKind.START: _started,
    StepKind.SET: _set,
    StepKind.RECORD: _recorded,
}


def _launch(launch: Launch) -> dict[str, Data]:
    return {"process": launch.process} | _kept(for_=launch.for_path, for_each=launch.for_each)


def _join(join: Join | None) -> dict[str, Data] | None:
    if join is None:
        return None
    way = "all of" if join.count is None else f"{join.count} of"
    otherwise = _transition(join.otherwise) if join.otherwise else None
    return {way: list(join.steps)} | _kept(cancel_the_rest=join.cancels_rest or None, otherwise=otherwise)


def _question(question: Question) -> tuple[str, Data]:
    if question.type in {AnswerType.CODE, AnswerType.CODES}:
        key = "one of" if question.type is AnswerType.CODE else "any of"
        data: dict[str, Data] = {key: question.code_list or list(question.choices)}
    else:
        data = {"type": question.type.value.replace("_", " ").replace("yes no", "yes or no")}
    return question.name, data | _kept(optional=question.optional or None)


def _route(route: Route) -> Data:
    match route.kind:
        case RouteKind.ROLE:
            return route.path
        case RouteKind.SAME_AS:
            return {"same as": route.step}
        case RouteKind.QUEUE:
            return {"queue": route.team} if route.team else "queue"
        case _:
            return {"team": route.team, "by": "turn" if route.kind is RouteKind.BY_TURN else "load"}


def _assignment(assignment: Assignment) -> tuple[str, Data]:
    if assignment.from_path:
        return assignment.path, {"from": assignment.from_path}
    return assignment.path, "today" if assignment.is_today else _plain(assignment.value)


def _group(group: Group | None) -> str | None:
    if group is None:
        return None
    return f"client within {group.within}" if group.within else group.by


def _end(end: End) -> dict[str, Data]:
    success = "not counted" if end.success is None else end.success
    return {"success": success} | _kept(title=end.title, start=[_launch(launch) for launch in end.launches])


def _plain(value: object) -> Data:
    match value:
        case tuple():
            return [_plain(part) for part in value]
        case AnchoredMoment() | Duration():
            return str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
        case date():
            return value.isoformat()  # a moment is a date too, and writes its time and zone
        case _:
            return value
