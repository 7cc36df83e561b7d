"""Employees into the book, with their organisations and teams, and when they are away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, insert, literal, select, union, update
from sqlalchemy.dialects.postgresql import distinct_on

from intake.loading.cargo import Loading
from intake.loading.happening_reports import Changed, report_changes
from intake.loading.upserting import ORDER, Default, Upsert, count, id_of, upsert, write
from models.definitions import calendars
from models.people import absences, employees, memberships, organisations, teams

HOUSE = "house"
EMPLOYEE_COLUMNS = (
    *("login", "name", "sort_key", "email", "language", "zone", "weekly_hours", "is_manager", "joined_on", "left_on"),
)


def load_employees(loading: Loading) -> None:
    """Everybody first, then who leads and who stands in for whom: they may be in the same file."""
    loading.refuse_repeated(("employee_login",), "employee")
    for name in ("employee_substitute", "employee_manager"):
        _refuse_strangers(loading, name)
    _refuse_reversed(loading)
    loading.refuse_unknown(
        "employee_calendar", calendars.c.code, "calendar", "Publish it first: taktas standards publish."
    )
    _load_groups(loading)
    left = _leaving(loading)
    count(loading, _employees(loading, with_links=True))
    write(loading, _employees(loading, with_links=False))
    write(loading, _employees(loading, with_links=True))
    _load_memberships(loading)
    report_changes(loading, left)


def _refuse_strangers(loading: Loading, name: str) -> None:
    brought = set(loading.db.scalars(select(loading.staged.c.employee_login)))
    loading.refuse_unknown(name, employees.c.login, "employee with the login", "Add them to the file.", also=brought)


def _refuse_reversed(loading: Loading) -> None:
    staged = loading.staged
    known = select(employees.c.joined_on).where(employees.c.login == staged.c.employee_login).scalar_subquery()
    joined_on = func.coalesce(staged.c.employee_joined_on, known)
    loading.refuse_where(staged.c.employee_left_on < joined_on, "employee_left_on", "they would leave before they join")


def _house_code(loading: Loading) -> str:
    """The organisation of those who name none: the one house there is."""
    found = loading.db.scalar(select(organisations.c.code).where(organisations.c.kind == HOUSE).order_by("id").limit(1))
    return found or HOUSE


def _load_groups(loading: Loading) -> None:
    """Organisations and teams are made as they are named."""
    staged, house = loading.staged, _house_code(loading)
    code = func.coalesce(staged.c.employee_organisation, house)
    rows = (
        select(code.label("code"), staged.c.employee_organisation_name.label("name"), staged.c.row.label(ORDER))
        .ext(distinct_on(code))
        .order_by(code, staged.c.employee_organisation_name.is_(None), staged.c.row)
    )
    defaults: dict[str, Default] = {"name": _in_words, "kind": HOUSE}
    upsert(loading, Upsert(name="organisations", table=organisations, rows=rows, key=("code",), defaults=defaults))
    of_teams = (
        select(
            staged.c.employee_team.label("code"),
            staged.c.employee_team_name.label("name"),
            id_of(organisations, code).label("organisation_id"),
            staged.c.row.label(ORDER),
        )
        .select_from(staged.outerjoin(organisations, organisations.c.code == code))
        .where(staged.c.employee_team.is_not(None))
        .ext(distinct_on(staged.c.employee_team))
        .order_by(staged.c.employee_team, staged.c.employee_team_name.is_(None), staged.c.row)
    )
    if loading.brings("employee_team"):
        upsert(loading, Upsert(name="teams", table=teams, rows=of_teams, key=("code",), defaults={"name": _in_words}))


def _in_words(rows: Subquery) -> ColumnElement[Any]:
    """The name of a team or organisation of which only the code is known."""
    return func.initcap(func.replace(rows.c.code, "_", " "))


def _employees(loading: Loading, *, with_links: bool) -> Upsert:
    """`with_links`: also who leads and who stands in, whose ids are not known before everybody is in."""
    staged, code = loading.staged, loading.staged.c.employee_organisation
    house = select(organisations.c.id).where(organisations.c.code == _house_code(loading)).scalar_subquery()
    manager, substitute = employees.alias("manager"), employees.alias("substitute")
    joined = (
        staged.outerjoin(organisations, organisations.c.code == code)
        .outerjoin(teams, teams.c.code == staged.c.employee_team)
        .outerjoin(calendars, calendars.c.code == staged.c.employee_calendar)
        .outerjoin(manager, manager.c.login == staged.c.employee_manager)
        .outerjoin(substitute, substitute.c.login == staged.c.employee_substitute)
    )
    links = [
        id_of(manager, staged.c.employee_manager).label("manager_id"),
        id_of(substitute, staged.c.employee_substitute).label("substitute_id"),
    ]
    rows = select(
        *(staged.c[f"employee_{name}"].label(name) for name in EMPLOYEE_COLUMNS),
        id_of(organisations, code).label("organisation_id"),
        id_of(teams, staged.c.employee_team).label("team_id"),
        calendars.c.id.label("calendar_id"),
        *(links if with_links else ()),
        staged.c.row.label(ORDER),
    ).select_from(joined)
    defaults: dict[str, Default] = {
        "organisation_id": lambda _: house,
        "language": loading.language,
        "weekly_hours": 40,
        "is_manager": False,
    }
    return Upsert(name="employees", table=employees, rows=rows, key=("login",), prefix="employee", defaults=defaults)


def _load_memberships(loading: Loading) -> None:
    """Since when somebody has been in a team: figures of the past stay with the team of the past."""
    if loading.is_dry_run:
        return
    staged = loading.staged
    wanted = (
        select(employees.c.id.label("employee_id"), teams.c.id.label("team_id"), employees.c.joined_on)
        .select_from(
            staged.join(employees, employees.c.login == staged.c.employee_login).join(
                teams, teams.c.code == staged.c.employee_team
            )
        )
        .subquery("wanted")
    )
    present = and_(memberships.c.employee_id == wanted.c.employee_id, memberships.c.until.is_(None))
    loading.db.execute(
        update(memberships)
        .values(until=func.greatest(memberships.c.since, loading.today))
        .where(present, memberships.c.team_id != wanted.c.team_id)
    )
    ever = exists(select(1).where(memberships.c.employee_id == wanted.c.employee_id))
    since: ColumnElement[Any] = func.coalesce(wanted.c.joined_on, loading.today)
    first = select(wanted.c.employee_id, wanted.c.team_id, since).where(~ever)
    later = select(wanted.c.employee_id, wanted.c.team_id, literal(loading.today)).where(
        ever, ~exists(select(1).where(present))
    )
    rows = union(first, later)
    loading.db.execute(insert(memberships).from_select(["employee_id", "team_id", "since"], rows))


def _leaving(loading: Loading) -> list[Changed]:
    """Those in the book of whom the file says for the first time that they leave."""
    if loading.is_dry_run:
        return []
    staged, day = loading.staged, loading.staged.c.employee_left_on
    rows = loading.db.execute(
        select(employees.c.id, day)
        .select_from(staged.join(employees, employees.c.login == staged.c.employee_login))
        .where(employees.c.left_on.is_(None), day.is_not(None))
        .order_by(employees.c.id)
    ).all()
    return [
        Changed(kind="employee.left", subject_type="employee", subject_id=employee, data={"left_on": left_on})
        for employee, left_on in rows
    ]


def load_absences(loading: Loading) -> None:
    """When people are away."""
    staged, absent, standing_in = loading.staged, employees.alias("absent"), employees.alias("standing_in")
    for name in ("employee_login", "absence_substitute"):
        loading.refuse_unknown(name, employees.c.login, "employee with the login", "Import employees first.")
    loading.refuse_repeated(("employee_login", "absence_starts_at"), "absence")
    loading.refuse_where(
        staged.c.absence_ends_at <= staged.c.absence_starts_at,
        "absence_ends_at",
        "the absence would end before it begins",
    )
    loading.refuse_where(
        staged.c.absence_substitute == staged.c.employee_login, "absence_substitute", "nobody stands in for themselves"
    )
    rows = select(
        absent.c.id.label("employee_id"),
        staged.c.absence_starts_at.label("starts_at"),
        staged.c.absence_ends_at.label("ends_at"),
        staged.c.absence_kind.label("kind"),
        standing_in.c.id.label("substitute_id"),
        staged.c.row.label(ORDER),
    ).select_from(
        staged.join(absent, absent.c.login == staged.c.employee_login).outerjoin(
            standing_in, standing_in.c.login == staged.c.absence_substitute
        )
    )
    key = ("employee_id", "starts_at")
    upsert(loading, Upsert(name="absences", table=absences, rows=rows, key=key, prefix="absence"))
