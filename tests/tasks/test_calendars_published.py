"""Published calendars: whose working time is whose, stored whole and never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from models.definitions import calendar_versions, calendars
from models.people import employees, organisations, teams
from standards.working_time.calendar import CalendarDefinition, resolve
from tasks.handbooks import calendars as published
from tasks.handbooks.calendar_versions import NoHouseCalendar, resolved_days, store_version, stored_layers, usual_week
from tasks.handbooks.stored_calendar import pack, unpack

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUSE: dict[str, Any] = {
    "calendar": "house",
    "zone": "Europe/Vilnius",
    "hours": {"monday to friday": "08:00-17:00"},
    "holidays": "LT",
}


def publish(db: Connection, *layers: dict[str, Any], at: datetime = AT) -> int:
    """Publish the innermost of the layers; the id of its newest version."""
    read = tuple(CalendarDefinition.model_validate(layer) for layer in layers)
    calendar_id = store_version(db, stored_layers(read, *resolved_days(at)), parent_id=None, at=at, published_by=None)
    newest = select(func.max(calendar_versions.c.id)).where(calendar_versions.c.calendar_id == calendar_id)
    return int(db.execute(newest).scalar_one())


@pytest.fixture
def staff(db: Connection) -> dict[str, int]:
    """Ana of the sales team, and the team."""
    house = db.execute(
        insert(organisations).values(code="h", name="House", kind="house").returning(organisations.c.id)
    ).scalar_one()
    team = db.execute(
        insert(teams).values(organisation_id=house, code="sales", name="Sales").returning(teams.c.id)
    ).scalar_one()
    ana = db.execute(
        insert(employees)
        .values(organisation_id=house, team_id=team, login="ana", name="Ana", sort_key="ana")
        .returning(employees.c.id)
    ).scalar_one()
    return {"team": team, "ana": ana}


def test_a_house_that_published_nothing_works_the_usual_week(db: Connection) -> None:
    """There is always a calendar to count on, and it is a version like any other."""
    version, clock = published.calendar_of(db)

    assert published.calendar_of(db)[0] == version
    monday = datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert clock.is_open(monday)
    assert not clock.is_open(monday - timedelta(minutes=1))
    assert db.execute(select(calendars.c.code, calendars.c.zone)).all() == [("house", "Europe/Vilnius")]


def test_a_transaction_that_may_only_read_is_told_to_publish(fresh_engine: Engine) -> None:
    """Looking something up never writes."""
    with fresh_engine.connect() as connection:
        db = connection.execution_options(postgresql_readonly=True)
        with db.begin(), pytest.raises(NoHouseCalendar) as refusal:
            published.calendar_of(db)

    assert str(refusal.value) == (
        "Cannot tell working time: no calendar was published yet. Publish the house's with `taktas standards publish`."
    )


def test_the_innermost_calendar_counts(db: Connection, staff: dict[str, int]) -> None:
    """An employee has their own calendar, else the team's, else the house's."""
    house = publish(db, HOUSE)
    assert published.calendar_of(db, employee_id=staff["ana"])[0] == house
    assert published.calendar_of(db, team_id=staff["team"])[0] == house

    team = publish(db, HOUSE, {"calendar": "team:sales", "hours": {"friday": "closed"}})
    assert published.calendar_of(db, employee_id=staff["ana"])[0] == team
    assert published.calendar_of(db, team_id=staff["team"])[0] == team

    ana = publish(db, HOUSE, {"calendar": "employee:ana", "hours": {"monday": "closed"}})
    assert published.calendar_of(db, employee_id=staff["ana"])[0] == ana
    assert published.calendar_of(db)[0] == house


def test_a_calendar_named_in_the_row_comes_before_one_named_alike(db: Connection, staff: dict[str, int]) -> None:
    """What somebody chose for a person outranks what a name suggests."""
    publish(db, HOUSE)
    publish(db, HOUSE, {"calendar": "team:sales", "hours": {"friday": "closed"}})
    late = publish(db, HOUSE, {"calendar": "late_shift", "hours": {"monday to friday": "12:00-20:00"}})
    chosen = select(calendars.c.id).where(calendars.c.code == "late_shift").scalar_subquery()

    db.execute(update(teams).where(teams.c.id == staff["team"]).values(calendar_id=chosen))

    assert published.calendar_of(db, employee_id=staff["ana"])[0] == late


def test_set_statements_see_the_same_calendars(db: Connection, staff: dict[str, int]) -> None:
    """Mass generation and a single task agree on whose hours count."""
    publish(db, HOUSE)
    publish(db, HOUSE, {"calendar": "team:sales", "hours": {"friday": "closed"}})

    of_employees = {row[0]: row[1] for row in db.execute(published.employee_calendars())}
    of_teams = {row[0]: row[1] for row in db.execute(published.team_calendars())}

    assert of_employees == {staff["ana"]: published.calendar_of(db, employee_id=staff["ana"])[0]}
    assert of_teams == {staff["team"]: published.calendar_of(db, team_id=staff["team"])[0]}


def test_publishing_the_same_calendar_again_writes_nothing(db: Connection) -> None:
    """A version is told by its content."""
    first = publish(db, HOUSE)

    assert publish(db, HOUSE) == first
    assert publish(db, {**HOUSE, "closed days": ["2026-12-24"]}) > first


def test_an_old_version_keeps_its_days(db: Connection) -> None:
    """What was published never changes, so no due time moves by itself."""
    old = publish(db, HOUSE)
    publish(db, {**HOUSE, "closed days": ["2026-03-03"]})

    tuesday = datetime(2026, 3, 3, 10, tzinfo=UTC)

    assert published.open_time(db, old).is_open(tuesday)
    assert not published.calendar_of(db)[1].is_open(tuesday)


def test_a_calendar_reaches_twenty_years_both_ways(db: Connection) -> None:
    """Work of long ago can be looked at, and terms of many years can be planned."""
    version = publish(db, HOUSE)

    kept = db.execute(select(calendar_versions).where(calendar_versions.c.id == version)).one()

    assert (kept.first_day, kept.last_day) == (date(2006, 1, 1), date(2046, 12, 31))
    assert published.open_time(db, version).next_open(datetime(2011, 1, 1, tzinfo=UTC)) == datetime(
        2011, 1, 3, 6, tzinfo=UTC
    )


def test_a_packed_calendar_is_small_and_whole() -> None:
    """Forty years are kept in a tenth of the room, and nothing is lost."""
    resolved = resolve([usual_week()], *resolved_days(AT))

    packed = pack(resolved)

    assert unpack(packed) == resolved
    assert len(str(packed)) * 8 < len(str(resolved.to_json()))
