"""Processes composed at random from everything the language can say, and the small house they are walked in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

House = Any
Draw = Any
Transition = dict[str, Any]

DEEPEST = 2
"""How deep parallel branches and lists may lie within one another."""
CROWD = ("P-2", "P-3")
"""Other policies of the same client, which come up with the first and share its task."""
MASS = {
    "schedule": "every monday at 06:00",
    "when": "45 days before term.expires_on",
    "group": "client within 30 days",
    "assign": "client.account_manager",
}
CHILD = """
process: errand
title: An errand
subject: term
cycle: start
start: {by hand: true}
steps:
  inner:
    action: other
    deadline: {in: 3 working days, end: bad}
    outcomes:
      good: {end: good}
      again: {repeat in: 1 working day, at most: 1, then: {end: bad}}
      bad: {end: bad}
ends:
  good: {success: true}
  bad: {success: false}
"""


@dataclass
class Writer:
    """Steps of a process while it is being written, from the last to the first."""

    draw: Draw
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0

    def name(self, kind: str) -> str:
        """A name no other step has."""
        return f"{kind} {len(self.steps) + 1}"

    def add(self, kind: str, step: dict[str, Any]) -> str:
        """Write a step down."""
        name = self.name(kind)
        self.steps[name] = step
        return name

    def one_of(self, *options: Any) -> Any:
        """One of them."""
        return self.draw(st.sampled_from(options))

    def perhaps(self) -> bool:
        """Yes or no."""
        return bool(self.draw(st.booleans()))

    def side(self) -> str:
        """A task beside the plan: nobody waits for it."""
        return self.add("side", {"action": "review", "outcomes": {"go": {}}})

    def chain(self, depth: int, then: Transition, *, ends_in_task: bool = False) -> tuple[str, str]:
        """Some blocks one after another that lead on to `then`. Returns the first step and the last."""
        last = first = self.block(depth, then, "task" if ends_in_task else "")
        for _ in range(self.one_of(1, 2, 3) if depth == DEEPEST else self.one_of(0, 0, 1)):
            first = self.block(depth, {"next": first}, "")
        return first, last

    def block(self, depth: int, then: Transition, kind: str) -> str:
        """One construct that leads on to `then`."""
        plain = ("task", "task", "wait", "race", "choice", "errand")
        nested = ("parallel", "parallel", "parallel", "list", "carried") if depth else ()
        chosen = kind or self.one_of(*nested, *plain)
        event(f"with {chosen}")
        step: str = getattr(self, f"_{chosen}")(depth, then)
        return step

    def _task(self, _depth: int, then: Transition) -> str:
        step: dict[str, Any] = {"action": "call", "outcomes": self._outcomes(then)}
        if self.perhaps():
            step["deadline"] = self._deadline(then)
        if self.perhaps():
            step["on"] = {"custom.skip": then} if self.perhaps() else {"custom.note": self._beside()}
        return self.add("task", step)

    def _outcomes(self, then: Transition) -> dict[str, Transition]:
        outcomes: dict[str, Transition] = {"go": then}
        if self.perhaps():
            span = self.one_of("1 working day", "2 days", "3 working hours")
            outcomes["later"] = {"repeat in": span, "at most": self.one_of(1, 2), "then": then}
        if self.perhaps():
            outcomes["again"] = {"repeat": "now", "at most": self.one_of(1, 2), "then": {"end": "bad"}}
        if self.perhaps():
            outcomes["fail"] = {"end": "bad"}
        return outcomes

    def _beside(self) -> Transition:
        return {"keep": True, "next": self.side()}

    def _deadline(self, then: Transition) -> Any:
        closing = {"in": self.one_of("2 working days", "3 days"), **then}
        if self.perhaps():
            return closing
        ringing = {"every": "1 day", "at most": 2, **self._beside()}
        return [ringing, closing] if self.perhaps() else ringing

    def _wait(self, _depth: int, then: Transition) -> str:
        if self.perhaps():
            return self.add("wait", {"wait": self.one_of("1 day", "2 working hours"), **then})
        step = {"wait for": "custom.go", "deadline": {"in": "2 days", **then}, **then}
        return self.add("wait", step)

    def _race(self, _depth: int, then: Transition) -> str:
        ways = [{"on": "custom.go", **then}, {"in": self.one_of("2 working days", "1 day"), **then}]
        return self.add("race", {"first of": ways})

    def _choice(self, _depth: int, then: Transition) -> str:
        premium = self.one_of(50, 500)
        ways = [{"when": {"term.premium_gross": {"at least": premium}}, **then}, {"otherwise": then}]
        return self.add("choice", {"choose": ways})

    def _errand(self, _depth: int, then: Transition) -> str:
        step: dict[str, Any] = {"start": {"process": "errand", "for": "term", "wait": self.perhaps()}, **then}
        if step["start"]["wait"] and self.perhaps():
            step["outcomes"] = {"bad": {"end": "bad"}}
        if step["start"]["wait"] and self.perhaps():
            step["deadline"] = self._deadline(then)
        return self.add("errand", step)

    def _parallel(self, depth: int, then: Transition) -> str:
        branches = [self.chain(depth - 1, {}, ends_in_task=True) for _ in range(self.one_of(2, 3))]
        lasts = [last for _, last in branches]
        after: dict[str, Any] = {self.one_of("all of", "any of", "2 of"): lasts}
        if self.perhaps():
            after["cancel the rest"] = True
        if self.perhaps():
            after["otherwise"] = {"end": "bad"}
        join = self.add("join", {"action": "meet", "after": after, "outcomes": self._outcomes(then)})
        fork: dict[str, Transition] = {"go": {"next": [first for first, _ in branches]}}
        if self.perhaps():
            self.steps[lasts[0]]["outcomes"]["alone"] = {"cancel": [branches[1][0]]}
        return self.add(f"before {join} fork", {"action": "plan", "outcomes": fork})

    def _asking(self, step: str, answer: str, kind: str = "ask") -> str:
        ask = {answer: {"any of": ["ash", "birch", "cedar"]}}
        return self.add(kind, {"action": "ask", "outcomes": {"go": {"next": step, "ask": ask}}})

    def _answer(self) -> str:
        self.asked += 1
        return f"trees_{self.asked}"

    def _list(self, _depth: int, then: Transition) -> str:
        answer = self._answer()
        each: dict[str, Any] = {"action": "visit", "for each": f"case.{answer}", **then}
        each |= {"proceed when": self.one_of("all", "any", 2), "outcomes": self._outcomes({})}
        if self.perhaps():
            each["deadline"] = {"in": "3 working days"}
        return self._asking(self.add("each", each), answer)

    def _carried(self, _depth: int, then: Transition) -> str:
        answer = self._answer()
        second = self.add("second", {"action": "write", "outcomes": self._outcomes({})})
        after = {self.one_of("all of", "any of"): [second]}
        gather = self.add("gather", {"action": "gather", "after": after, "outcomes": {"go": then}})
        each = {"action": "visit", "for each": f"case.{answer}", "outcomes": self._outcomes({"next": second})}
        return self._asking(self.add("each", each), answer, f"before {gather} ask")


@st.composite
def processes(draw: Draw) -> str:
    """A process that passes the checker, as its source."""
    writer = Writer(draw)
    first, last = writer.chain(DEEPEST, {"end": "good"}, ends_in_task=True)
    if writer.perhaps() and last != first:
        writer.steps[last]["outcomes"]["back"] = {"next": first, "at most": 1, "then": {"end": "bad"}}
    on: dict[str, Transition] = {"custom.stop": {"end": "bad"}}
    if writer.perhaps():
        on["custom.move"] = {"move to": last}
    written = {
        "process": "walk",
        "title": "A walk",
        "subject": "term",
        "cycle": "term",
        "start": [{"by hand": True, "assign": "client.account_manager"}, MASS],
        "begin": first,
        "steps": dict(reversed(writer.steps.items())),
        "on": on,
        "ends": {"good": {"success": True}, "bad": {"success": False}},
    }
    return "\n".join(
        f"{key}: {value if isinstance(value, str) else json.dumps(value)}" for key, value in written.items()
    )


@pytest.fixture(scope="session")
def composed() -> st.SearchStrategy[str]:
    """Processes that pass the checker, as their sources."""
    return processes()


@pytest.fixture(scope="module")
def _walkway(_shared_engine: Engine) -> Iterator[tuple[Connection, list[House]]]:
    """One transaction for all walks, taken back after the last; the house in it is made once."""
    with _shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection, []
        transaction.rollback()


@pytest.fixture
def walkway(_walkway: tuple[Connection, list[House]], furnished: Callable[[Connection], House]) -> House:
    """The small house with the errand published; each walk leaves it as it was."""
    db, made = _walkway
    if not made:
        made.append(furnished(db))
        made[0].publish(CHILD)
        for number in CROWD:
            made[0].term(number, expires="2026-04-05")
    return made[0]
