"""The sample brokerage: always the same, believable, and consistent with everything the engine says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, select

from core.actor import Actor, Door
from intake.sample.book import INSURERS, LINES, Size, write_book
from intake.sample.brokerage import SEED, Sample, bring_book, bring_past, open_house, sample_of
from intake.sample.clock import LightClock
from intake.sample.day import people, work_a_day
from intake.sample.dice import Dice
from intake.sample.names import feminine
from intake.sample.people import PEOPLE, TEAMS, absences
from models.contracts import terms
from models.work import LIVE, cases, events, holds, tasks
from standards.definition_folder import Definitions, read_definitions
from standards.working_time.open_time import OpenTime
from standards.working_time.resolved_calendar import ResolvedCalendar, ResolvedDay
from tasks.desk.correcting import correct
from tasks.generation.running import generate_here
from tasks.record.rebuild import rebuild_holds

MONDAY = date(2026, 11, 16)
SMALL = Size(clients=90, policies=320, fleets=3, households=4)


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    """What comes with taktas, read once."""
    return read_definitions().checked()


@pytest.fixture
def house(db: Connection, definitions: Definitions, tmp_path: Path) -> Sample:
    """A small sample brokerage with its past."""
    sample = sample_of(MONDAY, tmp_path / "files", SMALL)
    open_house(db, sample, definitions)
    bring_book(db, sample)
    bring_past(db, sample)
    return sample


def test_dice_fall_the_same_way_everywhere() -> None:
    """Numbers written down once; other matters have other dice."""
    dice = Dice(1)

    thrown = [dice.between(1, 1_000) for _ in range(5)]

    assert thrown == [466, 520, 591, 236, 762]
    assert Dice(1).fork("a").share() != Dice(1).fork("b").share()
    assert all(0 <= dice.share() < 1 for _ in range(1_000))
    assert Counter(dice.weighted((("x", 3), ("y", 1))) for _ in range(4_000))["x"] > 2_800


@pytest.mark.parametrize(
    ("family", "married", "maiden"),
    [
        ("Petrauskas", "Petrauskienė", "Petrauskaitė"),
        ("Balsys", "Balsienė", "Balsytė"),
        ("Jonaitis", "Jonaitienė", "Jonaitytė"),
        ("Vaitkus", "Vaitkienė", "Vaitkutė"),
        ("Stankevičius", "Stankevičienė", "Stankevičiūtė"),
        ("Zabiela", "Zabielienė", "Zabielaitė"),
    ],
)
def test_women_have_the_endings_of_their_names(family: str, married: str, maiden: str) -> None:
    """As Lithuanian has them."""
    assert (feminine(family, is_married=True), feminine(family, is_married=False)) == (married, maiden)


def test_the_book_is_as_large_and_as_mixed_as_promised() -> None:
    """Twelve people in three teams, two thousand clients, six thousand policies, five insurers, seven lines."""
    book = write_book(MONDAY, Dice(SEED), Size())

    assert (len(PEOPLE), len(TEAMS), len({person.team for person in PEOPLE})) == (12, 3, 3)
    assert (len(book.clients), len(book.policies)) == (2_000, 6_000)
    assert {policy.insurer for policy in book.policies} == set(INSURERS)
    assert {policy.line for policy in book.policies} == set(LINES)
    assert Counter(kind for kind, _ in book.programmes.values()) == {"fleet": 40, "household": 60}
    assert 400 < sum(policy.placed == "elsewhere" for policy in book.policies) < 900
    assert len({policy.number for policy in book.policies}) == 6_000
    assert len({policy.plate for policy in book.policies if policy.plate}) > 2_000
    assert any(client.name.whole.startswith("UAB") for client in book.clients)
    assert any("ñ" in client.name.whole for client in book.clients)


def test_the_same_monday_makes_the_same_book() -> None:
    """Another Monday only moves the dates."""
    first, again = (write_book(MONDAY, Dice(SEED), SMALL) for _ in range(2))
    later = write_book(MONDAY + timedelta(days=7), Dice(SEED), SMALL)

    assert first == again
    assert [policy.number for policy in later.policies] == [policy.number for policy in first.policies]


def test_nobody_stands_in_for_themselves_and_two_are_away_this_week() -> None:
    """Substitutes and managers exist."""
    logins = {person.login for person in PEOPLE}
    away = {one.login for one in absences(MONDAY, Dice(SEED)) if one.first <= MONDAY <= one.last}

    assert all(person.substitute in logins - {person.login} for person in PEOPLE)
    assert all(person.manager in logins | {""} for person in PEOPLE)
    assert away == {"mindaugas", "javier"}


def test_the_light_clock_counts_as_the_true_one() -> None:
    """Mondays to Fridays nine to five, with a day taken out."""
    first_day, office = date(2026, 2, 1), ((9 * 3600, 17 * 3600),)
    dates = [first_day + timedelta(days=number) for number in range(120)]
    days = tuple(ResolvedDay(day=day, spans=office if day.weekday() < 5 else ()) for day in dates)
    clock = OpenTime.from_resolved(ResolvedCalendar(name="office", zone=ZoneInfo("Europe/Vilnius"), days=days))
    clock = clock.without([(datetime(2026, 3, 11, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC))])
    first, last = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 25, tzinfo=UTC)
    light = LightClock(clock, first, last)
    dice = Dice(5)

    for _ in range(300):
        start = first + timedelta(minutes=dice.between(1, 30 * 24 * 60))
        end, seconds = start + timedelta(minutes=dice.between(1, 9_000)), dice.between(1, 90_000)
        assert light.between(start, end) == clock.between(start, end)
        assert light.add(start, seconds) == clock.add(start, seconds)


def test_the_past_is_consistent(db: Connection, house: Sample) -> None:
    """Ended cases have no live tasks, running ones have; every case has its ledger, numbered without a gap."""
    live = [status.value for status in LIVE]
    alive = select(cases.c.status, func.count()).join(tasks, tasks.c.case_id == cases.c.id)
    counted: dict[str, int] = dict(db.execute(alive.where(tasks.c.status.in_(live)).group_by(cases.c.status)).all())
    gaps = (
        select(events.c.case_id)
        .group_by(events.c.case_id)
        .having(func.max(events.c.number) != func.count(events.c.number))
    )

    running = db.scalar(select(func.count()).where(cases.c.status == "running"))
    assert counted == {"running": running}
    assert db.execute(gaps).all() == []
    assert db.scalar(select(func.count()).where(tasks.c.finished_at > house.now)) == 0
    assert db.scalar(select(func.count()).where(tasks.c.started_at < tasks.c.opened_at)) == 0
    ended_too_soon = tasks.c.finished_at < func.coalesce(tasks.c.started_at, tasks.c.opened_at)
    assert db.scalar(select(func.count()).where(ended_too_soon)) == 0


def test_rebuilding_the_holds_changes_nothing(db: Connection, house: Sample) -> None:
    """They follow from the ledger; every finished task that was on a desk has one."""
    columns = [column for column in holds.c if column.name != "id"]
    before = set(db.execute(select(*columns)).all())

    rebuild_holds(db)

    assert set(db.execute(select(*columns)).all()) == before
    done = db.scalar(select(func.count()).where(tasks.c.status.in_(["done", "cancelled"])))
    assert len(before) == done
    assert house.book.policies


def test_renewed_cover_is_the_next_term(db: Connection, house: Sample) -> None:
    """Each case that was won has it, and no other."""
    won = set(db.scalars(select(cases.c.subject_id).where(cases.c.end_code == "won")))
    ours = select(terms.c.renewed_term_id).where(terms.c.placed == "by_us", terms.c.renewed_term_id.is_not(None))
    automatic = set(db.scalars(select(terms.c.id).where(terms.c.renews == "automatically")))

    assert set(db.scalars(ours)) - automatic == won
    assert house.monday == MONDAY


def test_the_work_of_a_monday_goes_through_the_engine(db: Connection, house: Sample) -> None:
    """What the past left open can be finished, its next tasks appear, and those who are away do nothing."""
    generate_here(db, Actor(door=Door.RUN), "renewal", house.now)

    days = [work_a_day(db, house, person) for person in people()]

    assert {day.login for day in days if day.is_away} == {"mindaugas", "javier"}
    assert sum(day.done for day in days) > 5
    assert sum(day.opened for day in days) > 0


def test_what_was_done_in_the_past_can_be_corrected(db: Connection, house: Sample) -> None:
    """A case won by a slip lives again, and the term that was recorded for it is named for a person."""
    won = select(tasks.c.id, cases.c.id).join_from(tasks, cases, cases.c.id == tasks.c.case_id)
    task_id, case_id = db.execute(won.where(cases.c.end_code == "won", tasks.c.step == "bind").limit(1)).one()
    machine = Actor(door=Door.RUN)

    corrected = correct(
        db, machine, task_id=task_id, outcome="refused", reason="other", at=house.now + timedelta(hours=3)
    )

    state = db.execute(select(cases.c.status, cases.c.end_code).where(cases.c.id == case_id)).one()
    assert tuple(state) == ("running", None)
    assert any("has recorded term" in words for words in corrected.left_for_a_person)
