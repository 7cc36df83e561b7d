"""A person finishes a task at the very moment its deadline fires: one of the two happens, never both, never neither."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from core.actor import Actor, Door
from models import database, work
from tasks.beat import ticking
from tasks.desk import working
from tasks.lifecycle import MoveNotAllowed

Office = Any

DEADLINE = """
process: story
title: A story
subject: term
cycle: start
start: {by hand: true, assign: client.account_manager}
steps:
  offer:
    action: offer
    deadline: {in: 2 days, next: remind}
    outcomes: {accepted: {next: bind}}
  remind: {action: call, outcomes: {done: {end: bad}}}
  bind: {action: bind, outcomes: {done: {end: good}}}
ends:
  good: {success: true}
  bad: {success: false}
"""
LATER = "2026-03-04 09:00"
TOGETHER = 12


@pytest.fixture
def office(house: Any, furnished: Callable[[Any], Any]) -> Office:
    """A furnished house in a database of its own, with a process that has a deadline."""
    with database.begin() as db:
        office = furnished(db)
        office.publish(DEADLINE)
        return office


def begin(office: Office) -> tuple[int, int]:
    """A case and its first task."""
    with database.begin() as db:
        office.db = db
        case_id: int = office.start("story")
        return case_id, office.task(case_id)["id"]


def accept(db: Connection, office: Office, task_id: int, at: datetime) -> None:
    """The client accepts, and Ona writes it down."""
    actor = Actor(door=Door.COMMAND_LINE, employee_id=office.ids["ona"])
    working.complete(db, actor, task_id=task_id, outcome="accepted", at=at)


def steps(engine: Engine, case_id: int) -> dict[str, str]:
    """What became of the tasks of a case, by step."""
    task = work.tasks.c
    with engine.connect() as db:
        return {
            row.step: row.status for row in db.execute(select(task.step, task.status).where(task.case_id == case_id))
        }


def test_the_beat_passes_by_a_task_that_is_just_being_finished(office: Office, fresh_engine: Engine) -> None:
    """The deadline does not wait for the person and does not fire afterwards."""
    case_id, task_id = begin(office)
    later = office.at(LATER)

    with fresh_engine.connect() as db, db.begin():
        accept(db, office, task_id, later)
        during = ticking.tick(at=later)
    afterwards = ticking.tick(at=later)

    assert (during.problems, afterwards.problems) == ([], [])
    assert (during.counts["timers"], afterwards.counts["timers"]) == (0, 0)
    assert steps(fresh_engine, case_id) == {"offer": "done", "bind": "open"}


def test_a_person_who_comes_a_moment_after_the_deadline_is_told(office: Office, fresh_engine: Engine) -> None:
    """The task was cancelled by its deadline, and the sentence says so."""
    case_id, task_id = begin(office)
    later = office.at(LATER)

    def attempt() -> None:
        with database.begin() as db:
            accept(db, office, task_id, later)

    with ThreadPoolExecutor(1) as pool:
        with fresh_engine.connect() as db, db.begin():
            fired = ticking.tick_within(db, at=later)
            attempted = pool.submit(attempt)
        with pytest.raises(MoveNotAllowed, match="because it is cancelled"):
            attempted.result(10)

    assert fired.counts["timers"] == 1
    assert steps(fresh_engine, case_id) == {"offer": "cancelled", "remind": "open"}


def test_of_many_races_each_has_one_winner(office: Office, fresh_engine: Engine) -> None:
    """Whoever is first, the case goes on one way, and nothing is left behind."""
    begun = [begin(office) for _ in range(TOGETHER)]
    later, ready = office.at(LATER), threading.Barrier(2)
    refused: list[str] = []

    def finish_all() -> None:
        ready.wait()
        for _, task_id in begun:
            try:
                with database.begin() as db:
                    accept(db, office, task_id, later)
            except MoveNotAllowed as sentence:
                refused.append(str(sentence))

    def beat() -> list[str]:
        ready.wait()
        return ticking.tick(at=later).problems

    with ThreadPoolExecutor(2) as pool:
        person, beating = pool.submit(finish_all), pool.submit(beat)
        person.result(30)
        problems = beating.result(30) + ticking.tick(at=later).problems

    won = [steps(fresh_engine, case_id) for case_id, _ in begun]
    assert problems == []
    assert all(it in ({"offer": "done", "bind": "open"}, {"offer": "cancelled", "remind": "open"}) for it in won)
    assert len(refused) == sum("remind" in it for it in won)


def test_nothing_is_left_behind_by_a_race(
    office: Office, fresh_engine: Engine, troubles: Callable[[Connection], list[str]]
) -> None:
    """Two beats and a person at once, on one task."""
    _, task_id = begin(office)
    later, ready = office.at(LATER), threading.Barrier(3)

    def beat() -> None:
        ready.wait()
        ticking.tick(at=later)

    def finish() -> bool:
        ready.wait()
        try:
            with database.begin() as db:
                accept(db, office, task_id, later)
        except MoveNotAllowed:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        beats = [pool.submit(beat) for _ in range(2)]
        has_won = pool.submit(finish).result(30)
        for one in beats:
            one.result(30)
    ticking.tick(at=later)

    with fresh_engine.connect() as db:
        assert troubles(db) == []
        fired = db.execute(select(work.timers.c.fired_at)).scalar_one()
    assert (fired is None) is has_won
