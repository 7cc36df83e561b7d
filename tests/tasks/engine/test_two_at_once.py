"""Two connections at the same time: branches that join, people at one task, beats that overlap, beats that die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from core.actor import Actor, Door
from models import database, outbox, work
from tasks.beat import ticking
from tasks.desk import working
from tasks.desk.completing import Completion
from tasks.lifecycle import MoveNotAllowed

PARALLEL = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
begin: [left, right]
steps:
  left: {action: left, outcomes: {done: }}
  right: {action: right, outcomes: {done: }}
  meet: {action: meet, after: {all of: [left, right]}, outcomes: {done: {end: good}}}
ends:
  good: {success: true}
"""


@pytest.fixture
def office(house: Any, furnished: Callable[[Any], Any]) -> Any:
    """A furnished house of its own, kept."""
    with database.begin() as db:
        return furnished(db)


@contextmanager
def holding(engine: Engine, what: Callable[[Connection], Any]) -> Iterator[None]:
    """Do something in a transaction that stays open while the block runs, then keep it."""
    with engine.connect() as db, db.begin():
        what(db)
        yield


def complete(office: Any, task_id: int, outcome: str, by: str = "ona") -> Callable[[Connection], Completion]:
    """Completing a task on some connection."""
    actor = Actor(door=Door.COMMAND_LINE, employee_id=office.ids[by])
    return lambda db: working.complete(db, actor, task_id=task_id, outcome=outcome, at=office.now)


def in_transaction(what: Callable[[Connection], Any]) -> Any:
    """Do something in a transaction of its own."""
    with database.begin() as db:
        return what(db)


def is_waiting(engine: Engine) -> bool:
    """Whether somebody waits for a lock."""
    with engine.connect() as db:
        waiting = db.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
    return bool(waiting)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    for _ in range(400):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it never came")


def test_two_branches_that_finish_at_once_still_join(office: Any, fresh_engine: Engine) -> None:
    """The second waits for the case's lock and sees the first's arrival."""
    with database.begin() as db:
        office.db = db
        office.publish(PARALLEL)
        case_id = office.start("story")
        left, right = (task["id"] for task in office.tasks(case_id))

    with ThreadPoolExecutor(1) as pool, holding(fresh_engine, complete(office, left, "done")):
        other: Future[Completion] = pool.submit(in_transaction, complete(office, right, "done"))
        until(lambda: is_waiting(fresh_engine))
        assert not other.done()

    assert len(other.result(10).task_ids) == 1
    with database.read() as db:
        steps = select(work.tasks.c.step).where(work.tasks.c.case_id == case_id, work.tasks.c.status == "open")
        assert db.execute(steps).scalars().all() == ["meet"]


def test_of_two_people_at_one_task_one_wins_and_the_other_gets_a_sentence(office: Any, fresh_engine: Engine) -> None:
    """Whoever comes second is told that it is done; nothing happens twice."""
    with database.begin() as db:
        office.db = db
        call = office.task(office.start())["id"]

    with ThreadPoolExecutor(1) as pool, holding(fresh_engine, complete(office, call, "interested", "jonas")):
        other = pool.submit(in_transaction, complete(office, call, "thinking"))
        until(lambda: is_waiting(fresh_engine))

    with pytest.raises(MoveNotAllowed, match=r"because it is done\. If its outcome is wrong, you can correct it\.$"):
        other.result(10)
    with database.read() as db:
        assert db.execute(select(func.count()).select_from(work.tasks)).scalar_one() == 2
        assert db.execute(select(func.count()).select_from(work.holds)).scalar_one() == 1


def test_many_people_at_one_task_leave_one_successor(office: Any) -> None:
    """Eight at once, without any order."""
    with database.begin() as db:
        office.db = db
        call = office.task(office.start())["id"]

    def attempt(_: int) -> str:
        try:
            in_transaction(complete(office, call, "interested"))
        except MoveNotAllowed:
            return "refused"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(attempt, range(8)))

    assert results == ["done", *["refused"] * 7]
    with database.read() as db:
        assert db.execute(select(func.count()).select_from(work.tasks)).scalar_one() == 2


def busy_office(office: Any, number: int) -> list[int]:
    """So many renewals, each with a call to be reminded of."""
    found = []
    with database.begin() as db:
        office.db = db
        for place in range(number):
            office.term(f"T-{place}")
            found.append(office.start(subject=f"term T-{place}"))
    return found


def test_two_beats_at_once_do_nothing_twice(office: Any) -> None:
    """Thirty reminders are due; four beats ring thirty times together."""
    busy_office(office, 30)
    moment = office.at("2026-03-02 15:00")

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: ticking.tick(at=moment), range(4)))

    assert sum(report.counts["reminders"] for report in reports) == 30
    assert [problem for report in reports for problem in report.problems] == []
    with database.read() as db:
        single = select(func.count()).where(outbox.messages.c.task_id.is_not(None))
        assert db.execute(single).scalar_one() == 30


def test_a_beat_passes_by_what_is_in_other_hands(office: Any, fresh_engine: Engine) -> None:
    """It does not wait for the person who holds a case; the next beat finds it."""
    first, second = busy_office(office, 2)
    lock = select(work.cases.c.id).where(work.cases.c.id == first).with_for_update()

    with holding(fresh_engine, lambda db: db.execute(lock)):
        meanwhile = ticking.tick(at=office.at("2026-03-02 15:00"))
    afterwards = ticking.tick(at=office.at("2026-03-02 15:00"))

    assert (meanwhile.counts["reminders"], afterwards.counts["reminders"]) == (1, 1)
    assert second > first


def _beat(env: dict[str, str], moment: Any) -> None:
    os.environ.update(env)
    ticking.tick(at=moment)


def test_a_beat_that_is_killed_loses_nothing_and_leaves_nothing_half_done(house: Any, office: Any) -> None:
    """Killed at some moment, again and again; then one beat finishes the work. Everything rang once."""
    busy_office(office, 60)
    moment = office.at("2026-03-03 10:00")
    context = multiprocessing.get_context("spawn")

    for patience in (0.9, 1.1, 1.4):
        process = context.Process(target=_beat, args=(house.env, moment))
        process.start()
        process.join(patience)
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
        process.join()
    ticking.tick(at=moment)

    with database.read() as db:
        told = db.execute(select(outbox.messages.c.template, func.count()).group_by(outbox.messages.c.template)).all()
        events = db.execute(
            select(work.events.c.kind, func.count())
            .where(work.events.c.kind.in_(["task.reminded", "task.escalated"]))
            .group_by(work.events.c.kind)
        ).all()
    assert sorted(map(tuple, told)) == [
        ("manager_digest", 1),
        ("task_escalated", 60),
        ("work_digest", 1),
    ]
    assert sorted(map(tuple, events)) == [("task.escalated", 60), ("task.reminded", 60)]


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _beat_until_digests(env: dict[str, str], moment: Any) -> None:
    """A beat that has nudged, and is killed before it makes its digests."""
    ticking.make_digests = _die  # type: ignore[assignment]  # in a process of its own, which ends here
    _beat(env, moment)


def _messages() -> dict[str, int]:
    with database.read() as db:
        template = outbox.messages.c.template
        return dict(db.execute(select(template, func.count()).group_by(template)).all())


def test_a_beat_killed_between_nudges_and_digests_loses_and_doubles_nothing(house: Any, office: Any) -> None:
    """What was nudged is told; the next beat makes the digests that are left, once, however often it beats."""
    busy_office(office, 5)
    moment = office.at("2026-03-03 10:00")
    process = multiprocessing.get_context("spawn").Process(target=_beat_until_digests, args=(house.env, moment))

    process.start()
    process.join(60)
    killed = _messages()
    ticking.tick(at=moment)
    ticking.tick(at=moment)

    assert process.exitcode == -signal.SIGKILL
    assert killed == {"task_escalated": 5, "work_digest": 1}
    assert _messages() == killed | {"manager_digest": 1}


def test_a_happening_is_heard_once_however_many_beats_there_are(office: Any) -> None:
    """One end for each case."""
    cases = busy_office(office, 10)
    barrier = threading.Barrier(3)
    with database.begin() as db:
        office.db = db
        for place in range(10):
            office.happens("policy.cancelled", f"T-{place}", "policy")

    def beat(_: int) -> int:
        barrier.wait()
        return ticking.tick(at=office.now).counts["happenings"]

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(beat, range(3)))

    assert sum(counts) == 10
    with database.read() as db:
        ended = db.execute(
            select(func.count()).select_from(work.events).where(work.events.c.kind == "case.ended")
        ).scalar_one()
    assert ended == len(cases)
