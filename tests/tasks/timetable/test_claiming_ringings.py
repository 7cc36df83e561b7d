"""Who claims a ringing does its work; what was missed is caught up as declared; nothing rings twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from models.timetable import CatchUp, ringings, schedules
from tasks.timetable.claiming import (
    DIED_EVERY_TIME,
    PAUSES,
    SERVED_BY_LATER,
    Claim,
    claim,
    codes_due,
    fail,
    finish,
    give_back,
    keep,
)
from tasks.timetable.holder import is_gone, own_holder, started

VILNIUS = ZoneInfo("Europe/Vilnius")
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=VILNIUS).astimezone(UTC)
US, THEM = own_holder(), "another-machine/1/1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def declare(db: Connection, phrase: str, catches_up: CatchUp = CatchUp.ONCE, starts_at: datetime = MONDAY) -> None:
    """One schedule, called bell."""
    facts: dict[str, Any] = {"phrase": phrase, "does": "tick", "arguments": {}, "starts_at": starts_at}
    db.execute(insert(schedules).values(code="bell", catches_up=catches_up.value, **facts))


def ring(db: Connection, at: datetime, holder: str = US) -> Claim | None:
    """Claim and finish at once."""
    claimed = claim(db, "bell", at, holder)
    if claimed is not None:
        finish(db, claimed, "done")
    return claimed


def ring_all(db: Connection, at: datetime) -> list[datetime]:
    """Whatever rings at that moment, one after the other."""
    rung = []
    while (claimed := ring(db, at)) is not None:
        rung.append(claimed.due_at)
    return rung


def test_it_rings_once_for_each_moment(db: Connection) -> None:
    """At its time, and not again a second later; before its time not at all."""
    declare(db, "every day at 06:00")

    before = ring(db, MONDAY - timedelta(seconds=1))
    first = ring(db, MONDAY)
    again = ring(db, MONDAY + timedelta(seconds=1))
    next_day = ring(db, MONDAY + DAY)

    assert before is None
    assert first is not None
    assert (first.due_at, first.as_of) == (MONDAY, MONDAY)
    assert again is None
    assert next_day is not None


STOPS = {"an hour": HOUR, "three days": 3 * DAY, "thirty days": 30 * DAY}
MISSED = {
    ("every minute", "an hour"): 60,
    ("every minute", "three days"): 3 * 1440,
    ("every day at 06:00", "three days"): 3,
    ("every day at 06:00", "thirty days"): 30,
    ("every monday at 06:00", "thirty days"): 4,
    ("every 15 minutes", "an hour"): 4,
}


@pytest.mark.parametrize(("phrase", "stop"), MISSED, ids=" ".join)
def test_a_stop_is_caught_up_once_unless_it_is_said_otherwise(db: Connection, phrase: str, stop: str) -> None:
    """The latest ringing serves for all that were missed, for the state of now."""
    declare(db, phrase)
    ring(db, MONDAY)
    back = MONDAY + STOPS[stop]

    rung = ring(db, back + timedelta(seconds=20))

    assert rung is not None
    assert back - DAY * 7 < rung.due_at <= back
    assert rung.as_of == back + timedelta(seconds=20)
    assert ring_all(db, back + timedelta(seconds=30)) == []


@pytest.mark.parametrize(("phrase", "stop"), MISSED, ids=" ".join)
def test_a_stop_is_caught_up_ringing_by_ringing_where_each_counts(db: Connection, phrase: str, stop: str) -> None:
    """Every one that was missed, in order, each for the moment it was due."""
    declare(db, phrase, CatchUp.EACH)
    ring(db, MONDAY)
    back = MONDAY + STOPS[stop]
    if MISSED[phrase, stop] > 100:
        db.execute(update(schedules).values(starts_at=back - timedelta(minutes=90)))

    rung = ring_all(db, back)

    assert rung == sorted(set(rung))
    assert len(rung) == min(MISSED[phrase, stop], 91)
    assert rung[-1] <= back


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_is_forgotten_where_what_was_missed_is_skipped(db: Connection, stop: str) -> None:
    """It rings again when its next moment comes."""
    declare(db, "every day at 06:00", CatchUp.SKIP)
    ring(db, MONDAY)
    back = MONDAY + STOPS[stop] + 2 * HOUR

    rung = ring_all(db, back)
    next_one = ring_all(db, back + DAY - 2 * HOUR) or ring_all(db, MONDAY + DAY)

    assert rung == []
    assert len(next_one) == 1


def test_nothing_before_its_beginning_is_caught_up(db: Connection) -> None:
    """A schedule declared on Monday noon does not ring for Monday morning."""
    declare(db, "every monday at 06:00", CatchUp.EACH, starts_at=MONDAY + 6 * HOUR)

    rung = ring_all(db, MONDAY + 7 * DAY)

    assert rung == [MONDAY + 7 * DAY]


@pytest.mark.parametrize(
    ("night", "rings_at"), [("2026-03-29", "04:30"), ("2026-10-25", "03:30")], ids=["spring", "autumn"]
)
def test_the_nights_of_the_clocks_ring_once_for_their_date(db: Connection, night: str, rings_at: str) -> None:
    """In spring half past three does not exist and moves forward; in autumn it comes twice and rings the first time."""
    midnight = datetime.fromisoformat(night).replace(tzinfo=VILNIUS).astimezone(UTC)
    declare(db, "every day at 03:30", starts_at=midnight)

    rung = [found for step in range(26 * 12) for found in ring_all(db, midnight + step * timedelta(minutes=5))]
    local = [f"{moment.astimezone(VILNIUS):%Y-%m-%d %H:%M}" for moment in rung]

    assert [moment for moment in local if moment.startswith(night)] == [f"{night} {rings_at}"]
    assert rung[0].astimezone(VILNIUS).fold == 0


def test_while_somebody_is_at_it_nobody_else_rings(db: Connection) -> None:
    """Nor does the next moment, before this one is finished or its claimer lost."""
    declare(db, "every minute")

    first = claim(db, "bell", MONDAY, THEM)
    second = claim(db, "bell", MONDAY, US)
    next_minute = claim(db, "bell", MONDAY + timedelta(minutes=1), US)

    assert first is not None
    assert second is None
    assert next_minute is None


def dead_holder() -> str:
    """A process of this machine that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    holder = f"{US.rsplit('/', 2)[0]}/{ended.pid}/{started(ended.pid)}"
    assert not is_gone(holder)
    ended.communicate()
    return holder


def test_a_ringing_whose_claimer_died_is_rung_again_at_once(db: Connection) -> None:
    """On the same machine its process is seen to be gone."""
    declare(db, "every day at 06:00")
    died = claim(db, "bell", MONDAY, dead_holder())

    again = claim(db, "bell", MONDAY + HOUR, US)

    assert died is not None
    assert again is not None
    assert (again.id, again.due_at, again.as_of, again.attempt) == (died.id, MONDAY, MONDAY + HOUR, 2)


def test_a_process_number_that_is_used_again_deceives_nobody() -> None:
    """The same number with another beginning is another process."""
    host, number, _ = US.rsplit("/", 2)

    assert not is_gone(US)
    assert is_gone(f"{host}/{number}/1")
    assert int(number) == os.getpid()


def test_of_another_machine_only_the_lease_tells(db: Connection) -> None:
    """As long as it says a word now and then it is left alone; when its lease is over, it is replaced."""
    declare(db, "every day at 06:00")
    theirs = claim(db, "bell", MONDAY, THEM)
    assert theirs is not None

    keep(db, [theirs])
    kept = claim(db, "bell", MONDAY + HOUR, US)
    db.execute(update(ringings).values(free_at=func.clock_timestamp() - timedelta(seconds=1)))
    taken = claim(db, "bell", MONDAY + HOUR, US)
    too_late = finish(db, theirs, "done by the slow one")

    assert kept is None
    assert taken is not None
    assert too_late is False
    assert db.execute(select(ringings.c.result)).scalar() is None


def test_what_failed_is_tried_again_after_growing_pauses_and_given_up(db: Connection) -> None:
    """Not before its pause is over; at the end it stands as failed, with the reason."""
    declare(db, "every day at 06:00")

    tries = 0
    while (claimed := claim(db, "bell", MONDAY + HOUR, US)) is not None:
        tries += 1
        fail(db, claimed, "no house calendar")
        assert claim(db, "bell", MONDAY + HOUR, US) is None
        db.execute(update(ringings).values(free_at=func.clock_timestamp()).where(ringings.c.finished_at.is_(None)))
    row = db.execute(select(ringings)).one()

    assert tries == len(PAUSES) + 1
    assert (row.has_failed, row.result, row.finished_at is None) == (True, "no house calendar", False)


def test_a_later_ringing_serves_for_one_that_waits_to_be_tried_again(db: Connection) -> None:
    """Where once is enough the newest is enough, and the old one says so."""
    declare(db, "every hour")
    failed = claim(db, "bell", MONDAY, US)
    assert failed is not None
    fail(db, failed, "the disk is full")

    rung = ring_all(db, MONDAY + HOUR)

    assert rung == [MONDAY + HOUR]
    assert db.execute(select(ringings.c.result).order_by(ringings.c.due_at)).scalars().all() == [
        SERVED_BY_LATER,
        "done",
    ]


def test_where_each_counts_a_failed_one_holds_up_those_behind(db: Connection) -> None:
    """They are done in order, so the next waits for its turn."""
    declare(db, "every hour", CatchUp.EACH)
    failed = claim(db, "bell", MONDAY, US)
    assert failed is not None
    fail(db, failed, "the disk is full")

    waiting = claim(db, "bell", MONDAY + HOUR, US)
    db.execute(update(ringings).values(free_at=func.clock_timestamp()))
    rung = ring_all(db, MONDAY + HOUR)

    assert waiting is None
    assert rung == [MONDAY, MONDAY + HOUR]


def test_what_kills_whoever_begins_it_is_given_up(db: Connection) -> None:
    """After as many deaths as it would have had failures."""
    declare(db, "every day at 06:00")
    holder = dead_holder()

    begun = 0
    while claim(db, "bell", MONDAY, holder) is not None:
        begun += 1
    row = db.execute(select(ringings)).one()

    assert begun == len(PAUSES) + 1
    assert (row.has_failed, row.result) == (True, DIED_EVERY_TIME)


def test_what_is_given_back_is_rung_by_the_next_without_a_mark(db: Connection) -> None:
    """A clean stop is no failure."""
    declare(db, "every day at 06:00")
    stopped = claim(db, "bell", MONDAY, US)
    assert stopped is not None

    give_back(db, stopped)
    again = claim(db, "bell", MONDAY + timedelta(minutes=1), THEM)

    assert again is not None
    assert (again.due_at, again.attempt) == (MONDAY, 1)


@pytest.mark.parametrize("change", [{"is_paused": True}, {"retired_at": MONDAY}], ids=["paused", "retired"])
def test_what_is_paused_or_retired_does_not_ring(db: Connection, change: dict[str, Any]) -> None:
    """Neither by a claim nor by a look."""
    declare(db, "every minute")
    db.execute(update(schedules).values(change))

    assert claim(db, "bell", MONDAY, US) is None
    assert codes_due(db, MONDAY) == ([], {})


@pytest.mark.parametrize(
    ("catches_up", "after", "missed_since"),
    [
        (CatchUp.ONCE, 3 * DAY, MONDAY + DAY),
        (CatchUp.ONCE, DAY, None),
        (CatchUp.SKIP, 7 * DAY, MONDAY + DAY),
        (CatchUp.EACH, 7 * DAY, None),
    ],
)
def test_a_claim_knows_since_when_nothing_rang(
    db: Connection, catches_up: CatchUp, after: timedelta, missed_since: datetime | None
) -> None:
    """Where one ringing serves for others or passes them over; where each is done nothing is missed."""
    declare(db, "every day at 06:00", catches_up)
    ring(db, MONDAY)

    claimed = claim(db, "bell", MONDAY + after, US)

    assert claimed is not None
    assert claimed.missed_since == missed_since
    assert claimed.is_caught_up is (catches_up is not CatchUp.SKIP)


def test_a_beat_that_took_some_minutes_is_no_stop(db: Connection) -> None:
    """And what is taken again after a failure still knows since when."""
    declare(db, "every minute")
    ring(db, MONDAY)
    late = claim(db, "bell", MONDAY + timedelta(minutes=4), US)
    assert late is not None
    finish(db, late, "done")
    after_stop = claim(db, "bell", MONDAY + HOUR, US)
    assert after_stop is not None
    give_back(db, after_stop)

    again = claim(db, "bell", MONDAY + HOUR, THEM)

    assert late.missed_since is None
    assert again is not None
    assert again.missed_since == after_stop.missed_since == MONDAY + timedelta(minutes=5)


def test_a_look_names_what_may_be_claimed(db: Connection) -> None:
    """What is due, what was left unfinished; and what cannot be told, with the reason."""
    declare(db, "every minute")
    due, troubles = codes_due(db, MONDAY)
    ring(db, MONDAY)
    done, _ = codes_due(db, MONDAY)
    db.execute(update(schedules).values(phrase="every now and then at 06:00"))
    _, told = codes_due(db, MONDAY)

    assert (due, troubles, done) == (["bell"], {}, [])
    assert told["bell"].startswith("'every now and then at 06:00' rings on 'now', which is no day taktas knows")


def test_ringings_of_long_ago_are_forgotten(db: Connection) -> None:
    """The table does not grow for ever; the last ringing always stays."""
    declare(db, "every day at 06:00")
    ring(db, MONDAY)
    ring(db, MONDAY + 200 * DAY)

    assert db.execute(select(ringings.c.due_at)).scalars().all() == [MONDAY + 200 * DAY - HOUR]


def test_many_at_once_ring_each_moment_exactly_once(fresh_engine: Engine) -> None:
    """Eight threads with connections of their own over an hour of minutes, every one of which counts."""
    with fresh_engine.begin() as db:
        declare(db, "every minute", CatchUp.EACH)
    until = MONDAY + timedelta(minutes=59)

    def worker(number: int) -> list[datetime]:
        rung, misses = [], 0
        while misses < 40:
            with fresh_engine.begin() as db:
                claimed = claim(db, "bell", until, f"machine-{number}/1/1")
            if claimed is None:
                misses += 1
                continue
            rung.append(claimed.due_at)
            with fresh_engine.begin() as db:
                finish(db, claimed, "done")
        return rung

    with ThreadPoolExecutor(8) as pool:
        counted = Counter(moment for rung in pool.map(worker, range(8)) for moment in rung)

    assert sorted(counted) == [MONDAY + timedelta(minutes=number) for number in range(60)]
    assert set(counted.values()) == {1}
