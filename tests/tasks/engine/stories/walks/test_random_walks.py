"""Random processes walked at random: whatever people do in whatever order, the engine keeps its promises."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from core.actor import Actor, Door
from core.errors import TaktasError
from models import contracts, people, work
from standards.checking import check_process
from standards.lists import code_of
from standards.parsing import process_of
from standards.process import StepKind
from tasks.advancing import moving
from tasks.beat import happening
from tasks.desk import correcting, ending_by_hand, handover, working
from tasks.generation.running import generate_here
from tasks.handbooks import handbook

House = Any

ASKED_FOR = os.environ.get("TAKTAS_TEST_WALKS")
WALKS = int(ASKED_FOR or "40")
"""How many are walked: the same ones every time, unless more are asked for; a night's worth of new ones finds more."""
MOST_MOVES = 20
ENOUGH_TO_END = 150
"""Moves within which a case must come to an end once everybody does what leads forward."""
HAPPENINGS = ("custom.go", "custom.skip", "custom.note", "custom.stop", "custom.move")
MOVES = st.one_of(
    st.tuples(st.just("complete"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("complete"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("pass_time"), st.integers(1, 80), st.just(0)),
    st.tuples(st.just("hear"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("hear"), st.integers(0, len(HAPPENINGS) - 1), st.just(0)),
    st.tuples(st.just("correct"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("begin"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 5), st.integers(0, 3)),
    st.tuples(st.just("reassign"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("void"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("go_away"), st.integers(0, 2), st.integers(1, 60)),
    st.tuples(st.just("leave"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("rewrite"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("end"), st.integers(0, 5), st.integers(0, 1)),
)
PEOPLE = ("jonas", "ruta", "ona")


@dataclass
class Walk:
    """The cases of a random process, and everything people do to them."""

    house: House
    source: str
    may_strand: bool = False
    rewritten: int = 0
    refusals: list[str] = field(default_factory=list)

    def move(self, what: str, which: int, how: int) -> None:
        """One move, kept as a whole or refused in a sentence."""
        try:
            with self.house.db.begin_nested():
                getattr(self, what)(which, how)
            event(f"did {what}")
        except TaktasError as refused:
            event(f"refused: {type(refused).__name__}")
            self.refusals.append(str(refused))
        self.house.now += timedelta(minutes=1)

    def _pick(self, which: int, **where: Any) -> Any:
        live = self.house.tasks(**where)
        return live[which % len(live)] if live else None

    def complete(self, which: int, how: int) -> None:
        """Some open task comes out somehow."""
        task = self._pick(which)
        if task is not None:
            self.finish(task, how)

    def finish(self, task: Any, how: int) -> None:
        """Complete a task, begun and resumed first where it must be."""
        outcome, answers = self._outcome(task, how)
        if task["status"] == "planned":
            self.house.begin(task)
        if task["status"] == "waiting":
            working.resume(self.house.db, self.house.actor("ona"), task_id=task["id"], at=self.house.now)
        shares = self._shares(task)
        only = {"case_id": shares[how % len(shares)]["case_id"]} if shares and how % 2 else {}
        self.house.complete(task, outcome, **answers, **only)

    def _shares(self, task: Any) -> list[Any]:
        """The open shares of several cases in one task; none of a task for a single case."""
        rows = self.house.rows(work.task_items)
        return [row for row in rows if row["task_id"] == task["id"] and row["status"] == "open"]

    def _outcome(self, task: Any, how: int) -> tuple[str, dict[str, Any]]:
        shares = self._shares(task)
        case_id, step = (shares[0]["case_id"], shares[0]["step"]) if shares else (task["case_id"], task["step"])
        outcomes = self._process(case_id).steps[step].outcomes
        outcome = list(outcomes)[how % len(outcomes)]
        codes = [["ash"], ["ash", "birch"], ["birch", "ash", "cedar"]][how % 3]
        return outcome, {question.name: codes for question in outcomes[outcome].ask}

    def _process(self, case_id: int) -> Any:
        return handbook.process_version(self.house.db, self.house.case(case_id)["version_id"])

    def pass_time(self, hours: int, _how: int) -> None:
        """Time goes by, and the beat comes; nothing may stand in its way."""
        self.house.now += timedelta(hours=hours)
        assert self.house.tick().problems == []

    def hear(self, which: int, _how: int) -> None:
        """Something befalls the term."""
        happening.report(
            self.house.db,
            kind=HAPPENINGS[which],
            subject_type="term",
            subject_id=self.house.ids["term P-1"],
            at=self.house.now,
            key=f"walk {len(self.house.rows(work.happenings))}",
        )
        assert self.house.tick().problems == []

    def correct(self, which: int, how: int) -> None:
        """Some outcome was wrong."""
        done = [task for task in self.house.tasks(live=False, status="done") if task["case_id"] is not None]
        if done:
            task = done[which % len(done)]
            outcome, answers = self._outcome(task, how)
            correcting.correct(
                self.house.db,
                self.house.actor("ona"),
                task_id=task["id"],
                outcome=outcome,
                answers=answers,
                reason="a slip",
                at=self.house.now,
            )
            self.may_strand = True

    def cancel(self, which: int, _how: int) -> None:
        """Some task is not wanted."""
        task = self._pick(which)
        if task is not None:
            self.house.cancel(task)
            self.may_strand = True

    def begin(self, which: int, _how: int) -> None:
        """Somebody begins a task."""
        task = self._pick(which)
        if task is not None:
            self.house.begin(task)

    def wait(self, which: int, how: int) -> None:
        """Somebody leaves a task waiting."""
        task = self._pick(which)
        if task is not None:
            reason = ("client", "insurer", "colleague", "other")[how]
            working.wait(self.house.db, self.house.actor("ona"), task_id=task["id"], reason=reason, at=self.house.now)

    def reassign(self, which: int, how: int) -> None:
        """A task changes hands."""
        task = self._pick(which)
        if task is not None:
            self.house.reassign(task, PEOPLE[how])

    def void(self, which: int, _how: int) -> None:
        """Some case was an error."""
        running = [row["id"] for row in self.house.rows(work.cases) if row["status"] == "running"]
        if running:
            self.house.void(running[which % len(running)])
            self.may_strand = True

    def end(self, which: int, how: int) -> None:
        """Somebody says how a case ended: only where nothing is left in it."""
        running = [row["id"] for row in self.house.rows(work.cases) if row["status"] == "running"]
        if running:
            ending_by_hand.end_by_hand(
                self.house.db,
                self.house.actor("ona"),
                case_id=running[which % len(running)],
                end=("good", "bad")[how],
                at=self.house.now,
            )

    def go_away(self, who: int, hours: int) -> None:
        """Somebody is away from the next hour on, with somebody to stand in."""
        began = self.house.now + timedelta(hours=1)
        self.house.add(
            people.absences,
            employee_id=self.house.ids[PEOPLE[who]],
            starts_at=began,
            ends_at=began + timedelta(hours=hours),
            kind="holiday",
            substitute_id=self.house.ids[PEOPLE[who - 1]],
        )

    def leave(self, who: int, _how: int) -> None:
        """Somebody leaves the house, and everything of theirs goes to another."""
        handover.leave(
            self.house.db,
            self.house.actor("ona"),
            employee_id=self.house.ids[PEOPLE[who]],
            to_employee_id=self.house.ids[PEOPLE[who + 1]],
            at=self.house.now,
        )

    def rewrite(self, which: int, how: int) -> None:
        """The process is published anew, one step called otherwise or without deadline; cases move to it."""
        lines = dict(line.split(": ", 1) for line in self.source.splitlines())
        steps = json.loads(lines["steps"])
        names = [name for name in steps if name.split()[0] in {"task", "wait", "race", "each", "second"}]
        if not names:
            return
        self.rewritten += 1
        old = names[which % len(names)]
        new = f"{old.split()[0]} anew {self.rewritten}" if how else old
        if not how:
            steps[old].pop("deadline", None)
        lines |= {"steps": json.dumps(steps), "title": f"A walk {self.rewritten}"}
        lines["begin"] = new if lines["begin"] == old else lines["begin"]
        renamed = {key: text.replace(json.dumps(old), json.dumps(new)) for key, text in lines.items()}
        source = "\n".join(f"{key}: {text}" for key, text in renamed.items())
        if check_process(process_of(source)):
            return  # without its deadline a step may have no way on
        self.house.publish(source)
        newest = handbook.current(self.house.db, "walk")
        rules = moving.MoveRules(version_id=newest.version_id, renamed={code_of(old): code_of(new)})
        for case_id in moving.cases_behind(self.house.db, newest.process_id, newest.version_id):
            moving.move_case(self.house.db, self.house.actor("ona"), case_id, rules, at=self.house.now)
        self.source = source

    def too_many_joins(self) -> list[str]:
        """Joins that fired more often than their branches were begun."""
        return [found for row in self.house.rows(work.cases) for found in self._joins_of(row["id"])]

    def _joins_of(self, case_id: int) -> list[str]:
        told = self.house.events(case_id, ("join.fired", "task.completed", "task.corrected", "item.completed"))
        fired, begun = Counter[str](), Counter[str]()
        for row in told:
            step = row["data"]["step"]
            if row["kind"] == "join.fired":
                fired[step] += 1
            elif step.startswith("before_"):
                begun["_".join(step.split("_")[1:3])] += 1
        return [
            f"{join} fired {times} times, begun {begun[join]}" for join, times in fired.items() if times > begun[join]
        ]

    def to_the_end(self) -> None:
        """Everybody does what leads forward, and time goes by, until nothing is left to do."""
        for _ in range(ENOUGH_TO_END):
            task = self._pick(0)
            if task is not None:
                with self.house.db.begin_nested():
                    self.finish(task, 0)
            elif any(row["status"] == "running" for row in self.house.rows(work.cases)):
                self.hear(0, 0)
                self.pass_time(24, 0)
            else:
                return
            if self.may_strand and self._is_stranded():
                return
        told = [self.house.kinds(row["id"]) for row in self.house.rows(work.cases) if row["status"] == "running"]
        pytest.fail(f"some cases did not come to an end: {told}")

    def _is_stranded(self) -> bool:
        """Whether a cancelled task, here or in a sub-process, was the last thing that could have led on."""
        waits = {row["kind"] for row in self.house.rows(work.waits) if row["ended_at"] is None}
        return not waits - {"child"} and not self.house.tasks()


def _begin(house: House, *, is_crowd: bool) -> None:
    """One case by hand; or, where the process begins with a task, one for each policy of a client at once."""
    process = handbook.current(house.db, "walk").process
    first = process.steps[process.begin[0]]
    if not is_crowd or first.kind is not StepKind.TASK or first.for_each is not None:
        house.start("walk")
        return
    event("a crowd")
    tally = generate_here(house.db, Actor(door=Door.RUN), "walk", house.now)
    assert tally.cases == len(house.rows(contracts.terms))


@settings(
    max_examples=WALKS,
    derandomize=ASKED_FOR is None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), is_crowd=st.booleans(), moves=st.lists(MOVES, min_size=5, max_size=MOST_MOVES))
def test_whatever_people_do_the_engine_keeps_its_promises(
    *,
    walkway: House,
    troubles: Callable[[Connection], list[str]],
    composed: st.SearchStrategy[str],
    data: st.DataObject,
    is_crowd: bool,
    moves: list[tuple[str, int, int]],
) -> None:
    """Only sentences are refusals; what runs has something to do, what ended has nothing; and all of it ends."""
    house, source = replace(walkway, ids=dict(walkway.ids)), data.draw(composed, label="process")
    assert check_process(process_of(source)) == ()

    with house.db.begin_nested() as walked:
        house.publish(source)
        walk = Walk(house, source)
        _begin(house, is_crowd=is_crowd)
        for move in moves:
            walk.move(*move)
        found = troubles(house.db)
        walk.to_the_end()
        found += [*troubles(house.db), *walk.too_many_joins()]
        walked.rollback()
    refused = [sentence for sentence in walk.refusals if not sentence.endswith((".", "?"))]

    assert [one for one in found if not (walk.may_strand and one.startswith("a running case has nothing"))] == []
    assert refused == []
