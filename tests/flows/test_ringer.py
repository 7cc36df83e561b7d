"""The ringer: what is due is begun once, what fails is tried again, and a long run holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import ProgrammingError

from flows.account import Account
from flows.duties import DutyUnknown, perform
from flows.ringer import LONGEST, Ringer, Rung, Told, in_words
from models.database import DatabaseUnreachable, begin, read
from models.timetable import CatchUp, ringings, schedules
from tasks.timetable.claiming import Claim
from tasks.timetable.holder import own_holder

MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Declare = Callable[..., None]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    """It stands at Monday six o'clock in Vilnius."""
    return Clock()


@contextmanager
def at_work(clock: Clock, said: list[Told], **more: Any) -> Iterator[Ringer]:
    """A ringer that is stopped at the end."""
    made = Ringer(clock, said.append, **more)
    try:
        yield made
    finally:
        made.stop(5)


def settled(made: Ringer, *, beats: int = 3) -> None:
    """Some looks, each followed until nothing is at work."""
    for _ in range(beats):
        made.beat()
        until(lambda: not made._at_work)


def until(is_so: Callable[[], bool], patience: float = 10) -> None:
    """Wait for it."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def rows() -> list[Any]:
    """All ringings, in order."""
    with read() as db:
        return list(db.execute(select(ringings).order_by(ringings.c.due_at)).all())


def test_each_ringing_is_done_once_and_told_in_one_line(bell: Declare, clock: Clock, rung: list[Claim]) -> None:
    """However often it looks."""
    bell("nightly", "every day at 06:00", starts_at=MONDAY)
    said: list[Told] = []

    with at_work(clock, said) as made:
        settled(made)
        clock.at += DAY
        settled(made)

    assert [it.due_at for it in rung] == [MONDAY, MONDAY + DAY]
    assert [(it.code, it.result) for it in said if isinstance(it, Rung)] == [("nightly", "noted")] * 2
    assert [(row.result, row.has_failed, row.finished_at is None) for row in rows()] == [("noted", False, False)] * 2


@pytest.mark.parametrize(
    ("stop", "each"), [(HOUR, (60, 0)), (3 * DAY, (0, 3)), (30 * DAY, (0, 30))], ids=["hour", "three days", "month"]
)
def test_after_a_stop_every_schedule_is_caught_up_as_it_declares(
    bell: Declare, clock: Clock, rung: list[Claim], stop: timedelta, each: tuple[int, int]
) -> None:
    """Once, each or not at all; and with a second process that begins at the same time nothing is done twice."""
    minutes, days = each
    bell("each day", "every day at 06:00", CatchUp.EACH, starts_at=MONDAY)
    bell("once", "every 15 minutes", starts_at=MONDAY)
    bell("skip", "every day at 06:00", CatchUp.SKIP, starts_at=MONDAY)
    if minutes:
        bell("each minute", "every minute", CatchUp.EACH, starts_at=MONDAY)

    with at_work(clock, []) as before:
        settled(before)
    clock.at += stop + timedelta(minutes=7)
    done_before = len(rung)
    said: list[Told] = []
    with at_work(clock, said) as first, at_work(clock, said) as second:
        for _ in range(days + minutes + 9):
            first.beat()
            second.beat()
            until(lambda: not (first._at_work or second._at_work))

    after = rung[done_before:]
    counted = {code: sum(it.code == code for it in after) for code in ("each day", "once", "skip", "each minute")}
    assert counted == {"each day": days, "once": 1, "skip": 0, "each minute": minutes + 7 if minutes else 0}
    assert len({(it.code, it.due_at) for it in rung}) == len(rung)
    assert [it.as_of for it in after if it.code == "once"] == [clock.at]
    [told] = [it.result for it in said if isinstance(it, Rung) and it.code == "once"]
    assert told == "noted; serves for all that was missed since 2026-03-02 06:15"


def test_what_fails_is_kept_and_tried_again(bell: Declare, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason stands in the table and in the line; other schedules go on."""
    bell("good", "every day at 06:00", starts_at=MONDAY)
    bell("bad", "every day at 06:00", starts_at=MONDAY, does="send")
    tries = []

    def fail(claimed: Claim, _stop: threading.Event) -> Account:
        if claimed.code == "bad":
            tries.append(claimed)
            raise ValueError("no such thing")
        return Account(sentence="done")

    monkeypatch.setattr("flows.ringer.perform", fail)
    said: list[Told] = []
    with at_work(clock, said) as made:
        settled(made)
        with begin() as db:
            db.execute(update(ringings).values(free_at=func.clock_timestamp()).where(ringings.c.finished_at.is_(None)))
        settled(made)

    assert [it.attempt for it in tries] == [1, 2]
    told = {it.code: it for it in said if isinstance(it, Rung)}
    assert told["good"].result == "done"
    assert told["bad"].result == "failed and will be tried again: ValueError: no such thing"
    assert [row.result for row in rows() if row.has_failed] == ["ValueError: no such thing"]


def test_an_error_of_the_database_is_told_without_the_statement() -> None:
    """Its values may be a client's, and nobody reads three thousand characters of it."""
    values = {"name": "Ona Ona"}
    refused = ProgrammingError("SELECT :name FROM gone", values, Exception('relation "gone" does not exist\nLINE 1: …'))

    assert in_words(refused) == 'ProgrammingError: relation "gone" does not exist'
    assert len(in_words(ValueError("x" * 9000))) == LONGEST


def test_a_long_run_holds_up_nobody_else(bell: Declare, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The beat goes on beside it, and its claim is kept from others by a word now and then."""
    bell("long", "every day at 06:00", starts_at=MONDAY, does="run")
    bell("beat", "every minute", starts_at=MONDAY)
    is_over = threading.Event()
    done = []

    def work(claimed: Claim, _stop: threading.Event) -> Account:
        if claimed.code == "long":
            is_over.wait(10)
        done.append(claimed.code)
        return Account(sentence="done")

    monkeypatch.setattr("flows.ringer.perform", work)
    with at_work(clock, []) as made:
        for _ in range(3):
            made.beat()
            until(lambda: list(made._at_work) == ["long"])
            clock.at += timedelta(minutes=1)
        with begin() as db:
            db.execute(update(ringings).values(free_at=MONDAY).where(ringings.c.finished_at.is_(None)))
        made.keep()
        kept = [row.free_at for row in rows() if row.finished_at is None]
        is_over.set()
        until(lambda: not made._at_work)

    assert done == ["beat", "beat", "beat", "long"]
    assert kept[0] > datetime.now(UTC)


def test_a_stop_gives_back_what_is_still_at_work(bell: Declare, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes next rings it at once, and nothing is held against it."""
    bell("long", "every day at 06:00", starts_at=MONDAY)
    is_over = threading.Event()

    def work(_claimed: Claim, _stop: threading.Event) -> Account:
        is_over.wait(10)
        return Account(sentence="too late")

    monkeypatch.setattr("flows.ringer.perform", work)
    made = Ringer(clock, lambda _told: None)
    made.beat()
    until(lambda: made._at_work.get("long") is not None)

    is_clean = made.stop(0.1)
    left = rows()[0]
    is_over.set()
    until(lambda: not made._at_work)

    assert is_clean is False
    assert (left.claimed_by, left.finished_at, left.attempts) == (None, None, 1)
    assert rows()[0].result is None


def test_work_that_can_be_broken_off_hears_of_a_stop(
    bell: Declare, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends in good order, and its ringing is done."""
    bell("sending", "every day at 06:00", starts_at=MONDAY, does="send")

    def work(_claimed: Claim, stop: threading.Event) -> Account:
        return Account(sentence="told to stop" if stop.wait(10) else "never told")

    monkeypatch.setattr("flows.ringer.perform", work)
    made = Ringer(clock, lambda _told: None)
    made.beat()
    until(lambda: made._at_work.get("sending") is not None)

    is_clean = made.stop(5)

    assert is_clean is True
    assert [row.result for row in rows()] == ["told to stop"]


def test_while_the_database_is_away_the_beat_waits(
    bell: Declare, clock: Clock, rung: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so once, and once when it goes on; what was at work then is done again and not called a failure."""
    bell("nightly", "every day at 06:00", starts_at=MONDAY)
    said: list[Told] = []
    real = perform

    def go_away(_claimed: Claim, _stop: threading.Event) -> Account:
        raise DatabaseUnreachable("gone")

    with at_work(clock, said) as made:
        monkeypatch.setattr("flows.ringer.perform", go_away)
        made.beat()
        until(lambda: bool(made._left))
        with monkeypatch.context() as away:
            away.setattr("flows.ringer.begin", _unreachable)
            made.beat()
            made.beat()
        monkeypatch.setattr("flows.ringer.perform", real)
        settled(made)

    assert [it if isinstance(it, str) else it.result for it in said] == [
        "The database is away, the beat waits for it. gone",
        "The database is back, the beat goes on.",
        "noted",
    ]
    assert [(row.attempts, row.has_failed) for row in rows()] == [(1, False)]


def _unreachable() -> Any:
    raise DatabaseUnreachable("gone")


def test_a_schedule_that_cannot_be_followed_is_named_once(bell: Declare, clock: Clock, rung: list[Claim]) -> None:
    """The others ring."""
    bell("odd", "every day at 06:00", starts_at=MONDAY)
    bell("good", "every day at 06:00", starts_at=MONDAY)
    with begin() as db:
        db.execute(update(schedules).values(phrase="now and then").where(schedules.c.code == "odd"))
    said: list[Told] = []

    with at_work(clock, said) as made:
        settled(made)

    assert [it.code for it in rung] == ["good"]
    spoken = [it for it in said if isinstance(it, str)]
    assert len(spoken) == 1
    assert spoken[0].startswith("odd cannot ring: 'now and then' is not a schedule. Write every monday at 06:00")


def test_a_duty_of_a_newer_version_is_refused() -> None:
    """With what to do about it."""
    claimed = Claim(
        id=1,
        code="odd",
        does="sing",
        arguments={},
        due_at=MONDAY,
        as_of=MONDAY,
        holder=own_holder(),
        claimed_at=MONDAY,
        attempt=1,
    )

    with pytest.raises(DutyUnknown) as refusal:
        perform(claimed, threading.Event())

    assert str(refusal.value) == (
        "odd is to 'sing', which this version of taktas does not know. Bring every machine to the same version, or "
        "pause it with `taktas schedules pause odd`."
    )
