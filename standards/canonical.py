"""A process or a condition back as plain data, the same however it was written, and the hash of that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from standards.canonical_parts import (
    KINDS,
    Data,
    end_data,
    group_data,
    join_data,
    plain_data,
    route_data,
    said,
    transition_data,
)
from standards.condition import ALWAYS, AllOf, AnyOf, Compare, Condition, Negation
from standards.process import (
    Choice,
    Process,
    Start,
    StartKind,
    Step,
    StepKind,
    Trigger,
    WhenAnchorMoves,
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """`sorts` puts the parts of conditions into one order, whatever order they were written in."""

    sorts: bool

    def process(self, process: Process) -> dict[str, Data]:
        return said(
            process=process.name,
            title=process.title,
            subject=process.subject,
            cycle=process.cycle,
            start=[self.start(start) for start in process.starts],
            begin=list(process.begin),
            assign=[route_data(route) for route in process.assign],
            steps={name: self.step(step) for name, step in process.steps.items()},
            on=self.heard(process.on),
            ends={name: end_data(end) for name, end in process.ends.items()},
        )

    def start(self, start: Start) -> dict[str, Data]:
        kinds: dict[StartKind, dict[str, Data]] = {
            StartKind.SCHEDULE: {"schedule": str(start.schedule)},
            StartKind.HAPPENING: {"on": start.happening},
            StartKind.LIST: {"list": start.list_path},
            StartKind.BY_HAND: {"by hand": True},
        }
        return kinds[start.kind] | said(
            when=str(start.when) if start.when else None,
            where=self.where(start.where),
            leave_out={reason: self.condition(condition) for reason, condition in start.leave_out.items()},
            group=group_data(start.group),
            assign=[route_data(route) for route in start.assign],
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
                value = True if condition.value is None else plain_data(condition.value)
                return {condition.path: {condition.operator.value: value}}

    def parts(self, parts: Iterable[Condition]) -> list[Data]:
        written = [self.condition(part) for part in parts]
        return sorted(written, key=lambda part: json.dumps(part, sort_keys=True)) if self.sorts else written

    def heard(self, triggers: Iterable[Trigger]) -> dict[str, Data]:
        return {
            trigger.name: said(where=self.where(trigger.condition), keep=trigger.keeps or None)
            | transition_data(trigger.transition)
            for trigger in triggers
        }

    def step(self, step: Step) -> dict[str, Data]:
        common = said(
            title=step.title,
            after=join_data(step.after),
            at_most=step.at_most,
            then=transition_data(step.then) if step.then else None,
            deadline=[self.timed(trigger) for trigger in step.deadlines],
            on=self.heard(step.on),
            when_anchor_moves=None if step.when_anchor_moves is WhenAnchorMoves.MOVE else step.when_anchor_moves.value,
        )
        return self.kind(step) | common | transition_data(step.goes_on)

    def kind(self, step: Step) -> dict[str, Data]:
        if step.kind is StepKind.WAIT:
            return self.wait(step)
        if step.kind is StepKind.CHOOSE:
            return {"choose": [self.choice(choice) for choice in step.choices]}
        return KINDS[step.kind](step)

    def wait(self, step: Step) -> dict[str, Data]:
        if len(step.wait_for) != 1:
            return {"first of": [self.timed(trigger) for trigger in step.wait_for]}
        (trigger,) = step.wait_for
        if trigger.happening:
            return {"wait for": trigger.happening} | said(where=self.where(trigger.condition))
        return {"wait": str(trigger.span)} if trigger.span else {"wait until": str(trigger.moment)}

    def timed(self, trigger: Trigger) -> dict[str, Data]:
        return said(
            on=trigger.happening,
            in_=str(trigger.span) if trigger.span else None,
            at=str(trigger.moment) if trigger.moment else None,
            every=str(trigger.every) if trigger.every else None,
            at_most=trigger.at_most,
            keep=trigger.keeps or None,
            where=self.where(trigger.condition),
        ) | transition_data(trigger.transition)

    def choice(self, choice: Choice) -> dict[str, Data]:
        if choice.condition == ALWAYS:
            return {"otherwise": transition_data(choice.transition)}
        return {"when": self.condition(choice.condition)} | transition_data(choice.transition)
