"""A team's work is dealt once for the whole run: by turn or by free capacity, passing over whoever is away."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.generation.dealing import Load, quotas

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)

RENEWAL = """
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  GROUP
  assign: ROUTES
steps:
  call:
    action: call
    title: Call {policyholder.name}
    outcomes: {done: {end: won}}
ends:
  won: {success: true}
"""

LOADS = st.dictionaries(
    st.integers(1, 9),
    st.builds(Load, minutes=st.integers(0, 5000).map(float), weekly_hours=st.integers(1, 60).map(float)),
    min_size=1,
    max_size=6,
)


def publish(book: Any, routes: str, group: str = "") -> None:
    """The process with these routes."""
    book.standards()
    book.publish(RENEWAL.replace("ROUTES", routes).replace("GROUP", f"group: {group}" if group else ""))


@pytest.fixture
def sales(book: Any) -> dict[str, int]:
    """A team of three, one of them part-time, and its number."""
    team = book.team("sales")
    people = {login: book.employee(login, team_id=team) for login in ("ana", "ben")}
    return people | {"cid": book.employee("cid", team_id=team, weekly_hours=20), "team": team}


def dealt(book: Any) -> Counter[int]:
    """How many first tasks each has."""
    return Counter(task["assignee_id"] for task in book.tasks())


@given(loads=LOADS, minutes=st.integers(1, 20_000))
def test_shares_add_up_and_level_the_load(loads: dict[int, Load], minutes: int) -> None:
    """Nobody who is given anything ends up more loaded than somebody else is."""
    shares = quotas(loads, minutes)

    after = {it: (loads[it].minutes + shares[it]) / loads[it].weekly_hours for it in loads}
    assert sum(shares.values()) == pytest.approx(minutes)
    assert min(shares.values()) >= 0
    given_some = [after[it] for it in loads if shares[it] > 1e-6]
    assert max(given_some) <= min(after.values()) + 1e-6


def test_by_load_gives_by_hours_of_the_week(book: Any, sales: dict[str, int]) -> None:
    """Half the hours, half the work."""
    publish(book, "{team: sales, by: load}")
    for _ in range(20):
        book.cover(APRIL)

    book.generate()

    assert dealt(book) == {sales["ana"]: 8, sales["ben"]: 8, sales["cid"]: 4}


def test_by_load_counts_what_is_on_the_desk_already(book: Any, sales: dict[str, int]) -> None:
    """Whoever has most to do is given least."""
    publish(book, "[client.account_manager, {team: sales, by: load}]")
    for _ in range(10):
        book.cover(APRIL, account_manager=sales["ana"])
    book.generate()
    for _ in range(15):
        book.cover(APRIL)

    book.generate(MONDAY + timedelta(days=1))

    assert dealt(book) == {sales["ana"]: 10, sales["ben"]: 10, sales["cid"]: 5}


def test_by_turn_goes_on_where_the_last_run_stopped(book: Any, sales: dict[str, int]) -> None:
    """Over two runs nobody is ahead by more than one."""
    publish(book, "{team: sales, by: turn}")
    for day in (0, 1):
        for _ in range(4):
            book.cover(APRIL)
        book.generate(MONDAY + timedelta(days=day))

    assert sorted(dealt(book).values()) == [2, 3, 3]


def test_whoever_is_away_is_passed_over(book: Any, sales: dict[str, int]) -> None:
    """Nor does somebody who left get anything; with nobody there the next route is tried."""
    publish(book, "[{team: sales, by: turn}, queue]")
    book.absent(sales["ana"], MONDAY - timedelta(days=1), MONDAY + timedelta(days=9))
    for _ in range(4):
        book.cover(APRIL)

    book.generate()
    for login in ("ben", "cid"):
        book.absent(sales[login], MONDAY, MONDAY + timedelta(days=9))
    book.cover(APRIL)
    book.generate(MONDAY + timedelta(days=1))

    assert dealt(book) == {sales["ben"]: 2, sales["cid"]: 2, None: 1}


def test_an_owner_goes_before_the_team(book: Any, sales: dict[str, int]) -> None:
    """Only what nobody owns is dealt."""
    publish(book, "[client.account_manager, {team: sales, by: load}]")
    boss = book.employee("boss")
    for owner in (boss, boss, None):
        book.cover(APRIL, account_manager=owner)

    tally = book.generate()

    assert (tally.cases, dealt(book)[boss]) == (3, 2)


def test_what_belongs_to_one_client_stays_together(book: Any, sales: dict[str, int]) -> None:
    """A group is one task in one pair of hands."""
    publish(book, "{team: sales, by: turn}", group="client within 30 days")
    for _ in range(6):
        client = book.client()
        for _ in range(3):
            book.term(book.policy(client), APRIL)

    tally = book.generate()

    assert (tally.cases, tally.tasks) == (18, 6)
    assert sorted(dealt(book).values()) == [2, 2, 2]
    assert sales["team"]


def test_a_team_there_is_not_has_nobody(book: Any) -> None:
    """Without another route the work has no owner, and says so."""
    publish(book, "{team: nobody, by: load}")
    book.cover(APRIL)

    assert book.generate().left_out == {"no_owner": 1}
