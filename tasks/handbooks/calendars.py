"""Published calendars read back: whose working time is whose, and the clock of each version."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal,
    select,
)

from models.definitions import calendar_versions, calendars
from models.people import employees, teams
from standards.working_time.open_time import OpenTime
from tasks.handbooks.calendar_versions import HOUSE, publish_usual_week
from tasks.handbooks.stored_calendar import unpack

_MOST_CLOCKS = 256


def calendar_of(db: Connection, *, employee_id: int | None = None, team_id: int | None = None) -> tuple[int, OpenTime]:
    """The calendar version and working time of an employee, else of a team, else of the house.

    An employee has their own calendar, else their team's, else the house's: the one their row names, or the one
    whose code is `employee:<login>` or `team:<code>`. A house that published none works Monday to Friday 09:00-17:00.
    Raises: NoHouseCalendar in a transaction that may only read.
    """
    if employee_id is not None:
        found = db.execute(_OF_EMPLOYEE, {"id": employee_id}).first()
    else:
        found = db.execute(_OF_TEAM, {"id": team_id}).first() if team_id is not None else None
    found = found or db.execute(_OF_HOUSE).first()
    if found is None:
        publish_usual_week(db)
        found = db.execute(_OF_HOUSE).one()
    return found.id, _clock(db, found)


def open_time(db: Connection, calendar_version_id: int) -> OpenTime:
    """The working time of one version. Raises: sqlalchemy.exc.NoResultFound when there is none."""
    return _clock(db, db.execute(_VERSION, {"id": calendar_version_id}).one())


def employee_calendars() -> Select[int, int]:
    """For set statements: employee_id and calendar_version_id of everybody who works or worked here."""
    version = _latest(_calendar_of_employee()).label("calendar_version_id")
    return select(employees.c.id.label("employee_id"), version).select_from(_EMPLOYEES)


def team_calendars() -> Select[int, int]:
    """For set statements: team_id and calendar_version_id of every team."""
    return select(teams.c.id.label("team_id"), _latest(_calendar_of_team()).label("calendar_version_id"))


def _with_code(code: ColumnElement[str] | str) -> ScalarSelect[int]:
    return select(calendars.c.id).where(calendars.c.code == code).correlate(employees, teams).scalar_subquery()


def _calendar_of_team() -> ColumnElement[int]:
    own = _with_code(literal("team:") + teams.c.code)
    return func.coalesce(teams.c.calendar_id, own, _with_code(HOUSE))


def _calendar_of_employee() -> ColumnElement[int]:
    own = _with_code(literal("employee:") + employees.c.login)
    team = _with_code(literal("team:") + teams.c.code)
    return func.coalesce(employees.c.calendar_id, own, teams.c.calendar_id, team, _with_code(HOUSE))


def _latest(calendar_id: ColumnElement[int]) -> ScalarSelect[int]:
    return (
        select(calendar_versions.c.id)
        .where(calendar_versions.c.calendar_id == calendar_id)
        .order_by(calendar_versions.c.version.desc())
        .limit(1)
        .correlate(employees, teams)
        .scalar_subquery()
    )


_EMPLOYEES = employees.outerjoin(teams, teams.c.id == employees.c.team_id)
_FACTS = select(calendar_versions.c.id, calendar_versions.c.content_hash)
_VERSION = _FACTS.where(calendar_versions.c.id == bindparam("id"))
_OF_EMPLOYEE = _FACTS.where(
    calendar_versions.c.id
    == select(_latest(_calendar_of_employee()))
    .select_from(_EMPLOYEES)
    .where(employees.c.id == bindparam("id"))
    .scalar_subquery()
)
_OF_TEAM = _FACTS.where(
    calendar_versions.c.id
    == select(_latest(_calendar_of_team())).select_from(teams).where(teams.c.id == bindparam("id")).scalar_subquery()
)
_OF_HOUSE = (
    _FACTS.join(calendars).where(calendars.c.code == HOUSE).order_by(calendar_versions.c.version.desc()).limit(1)
)


_CLOCKS: dict[str, OpenTime] = {}


def _clock(db: Connection, found: Row[int, str]) -> OpenTime:
    """A version never changes, so its clock is kept by its content: that is the same in every database."""
    known = _CLOCKS.get(found.content_hash)
    if known is None:
        stored = select(calendar_versions.c.resolved).where(calendar_versions.c.id == found.id)
        known = OpenTime.from_resolved(unpack(db.execute(stored).scalar_one()))
        while len(_CLOCKS) >= _MOST_CLOCKS:
            del _CLOCKS[next(iter(_CLOCKS))]
        _CLOCKS[found.content_hash] = known
    return known
