"""The ways through a process: which step leads to which, what may stop there, and what is limited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from standards.process import EVERYTHING, Process, Step, StepKind, Transition, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One transition out of a step, in words for a message; `is_beside` leaves the step as it is."""

    transition: Transition
    words: str
    is_beside: bool = False


def moves_of(step: Step) -> Iterator[Move]:
    """Every way out of a step, what comes at a limit included."""
    for move in _declared(step):
        yield move
        if move.transition.then is not None:
            yield Move(transition=move.transition.then, words=f"then of {move.words}", is_beside=move.is_beside)


def _declared(step: Step) -> Iterator[Move]:
    for name, transition in step.outcomes.items():
        yield Move(transition=transition, words=f"the outcome {name!r} of {step.name}")
    for number, choice in enumerate(step.choices, start=1):
        yield Move(transition=choice.transition, words=f"way {number} of {step.name}")
    for trigger in step.wait_for:
        yield Move(transition=trigger.transition, words=f"{trigger.name!r} of {step.name}")
    for trigger in (*step.deadlines, *step.on):
        yield Move(transition=trigger.transition, words=f"{trigger.name!r} beside {step.name}", is_beside=trigger.keeps)
    if step.after and step.after.otherwise:
        yield Move(transition=step.after.otherwise, words=f"otherwise of {step.name}")
    if step.then:
        yield Move(transition=step.then, words=f"then of {step.name}")
    if goes_on_by_itself(step):
        yield Move(transition=step.goes_on, words=f"the step {step.name!r}")


def goes_on_by_itself(step: Step) -> bool:
    """Whether the step's own transition is ever taken."""
    if step.kind is StepKind.TASK:
        return step.for_each is not None and not step.goes_on.finishes_branch
    if step.outcomes:
        return not step.goes_on.finishes_branch  # a waited-for process whose ends are told apart
    return step.kind not in {StepKind.CHOOSE, StepKind.WAIT}


def triggers_of(process: Process) -> Iterator[Trigger]:
    """Every trigger of a process, wherever it stands."""
    for step in process.steps.values():
        yield from (*step.wait_for, *step.deadlines, *step.on)
    yield from process.on


def transitions_of(process: Process) -> Iterator[Transition]:
    """Every transition of a process, wherever it stands."""
    for step in process.steps.values():
        yield from (move.transition for move in moves_of(step))
    for trigger in process.on:
        yield trigger.transition


class Flow:
    """The graph of a process.

    `torn` are steps with a way that could not be read; they are taken to lead anywhere, so that one mistake is told
    once. Unknown names are followed to the step that was probably meant.
    """

    def __init__(self, process: Process, torn: Collection[str] = ()) -> None:
        self.process = process
        self.steps = process.steps
        self.torn = frozenset(torn)

    @cached_property
    def has_lost_join(self) -> bool:
        """Whether some step waits for branches that could not be read: any branch may be one of them."""
        return any("after" in step.lines and not (step.after and step.after.steps) for step in self.steps.values())

    def meant(self, name: str) -> str | None:
        """The step of that name, or the one that was probably meant."""
        if name in self.steps:
            return name
        close = get_close_matches(name, list(self.steps), n=1, cutoff=0.6)
        return close[0] if close else None

    def targets(self, transition: Transition, step: str) -> tuple[str, ...]:
        """Where a transition out of a step leads, to the joins that hear of its finish included."""
        if transition.repeat_in or transition.repeat_now:
            return (step,)
        if transition.finishes_branch:
            return self.process.joins_of.get(step, ())
        return self.known(transition.next)

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """The steps of those names."""
        return tuple(found for name in names if (found := self.meant(name)) is not None)

    @cached_property
    def edges(self) -> dict[str, tuple[str, ...]]:
        """Step -> every step that may come of it."""
        return {
            name: tuple(self.steps) if name in self.torn else self._leads_to(step, beside=True)
            for name, step in self.steps.items()
        }

    def after_member(self, name: str) -> tuple[str, ...]:
        """Where a member's own branch leads from a for each, the step's common way on left out."""
        outcomes = self.steps[name].outcomes.values()
        ways = [way for outcome in outcomes for way in (outcome, outcome.then) if way is not None]
        kept = (way for way in ways if way.cancel != EVERYTHING)
        return tuple(dict.fromkeys(target for way in kept for target in self.targets(way, name)))

    def carrying(self, name: str) -> frozenset[str]:
        """Steps whose tasks carry a member of that for each: from it on along next, until a step with after."""
        waiting, seen = [name], {name}
        while waiting:
            current = waiting.pop()
            for target in self.after_member(current) if current == name else self._beside(current):
                if target not in seen and self.steps[target].after is None:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def _beside(self, name: str) -> tuple[str, ...]:
        """Where a step leads without closing all else: whoever moves the whole case leaves the member behind."""
        moves = (move for move in moves_of(self.steps[name]) if move.transition.cancel != EVERYTHING)
        return tuple(target for move in moves for target in self.targets(move.transition, name))

    def _leads_to(self, step: Step, *, beside: bool) -> tuple[str, ...]:
        moves = (move for move in moves_of(step) if beside or not _is_side(move))
        return tuple(dict.fromkeys(target for move in moves for target in self.targets(move.transition, step.name)))

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Steps some case can come to."""
        heard = [target for trigger in self.process.on for target in self.known(trigger.transition.next)]
        return self._reached([*self.known(self.process.begin), *heard], self.edges)

    @cached_property
    def on_the_main_way(self) -> frozenset[str]:
        """Steps a case comes to otherwise than beside another step: when these have stopped, the case must be over."""
        moved = [
            target
            for trigger in self.process.on
            if trigger.transition.cancel == EVERYTHING
            for target in self.known(trigger.transition.next)
        ]
        edges = {name: self._leads_to(step, beside=False) for name, step in self.steps.items()}
        return self._reached([*self.known(self.process.begin), *moved], edges)

    def _reached(self, roots: Iterable[str], edges: dict[str, tuple[str, ...]]) -> frozenset[str]:
        seen: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += edges.get(name, ())
        return frozenset(seen)

    @cached_property
    def can_end(self) -> frozenset[str]:
        """Steps from which an end can be reached; what runs beside the main way may also just stop."""
        before: dict[str, set[str]] = {name: set() for name in self.steps}
        for name, targets in self.edges.items():
            for target in targets:
                before[target].add(name)
        roots = [name for name, step in self.steps.items() if self._stops_here(step)]
        return self._reached(roots, {name: tuple(found) for name, found in before.items()})

    def _stops_here(self, step: Step) -> bool:
        is_beside = step.name not in self.on_the_main_way
        return step.name in self.torn or any(
            move.transition.end is not None
            or ((is_beside or self.has_lost_join) and move.transition.finishes_branch)
            or any(self.meant(name) is None for name in move.transition.next)
            for move in moves_of(step)
        )


def _is_side(move: Move) -> bool:
    return move.is_beside and move.transition.cancel != EVERYTHING
