"""Employees and their absences into the book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import Connection, select

from intake.importing import ImportReport
from models.people import absences, employees, memberships, organisations, teams
from models.work import happenings

Bring = Callable[..., ImportReport]

HEAD = "login,name,email,language,team,team_name,weekly_hours,substitute,manager,is_manager,joined_on,left_on\n"
RASA = "rasa,Rasa Žukė,rasa@example.lt,lt,sales,Pardavimai,32,tomas,ona,no,2020-01-01,\n"
TOMAS = "tomas,Tomas Yla,tomas@example.lt,lt,sales,,40,rasa,ona,no,2021-02-01,\n"
ONA = "ona,Ona,ona@example.lt,en,,,40,,,yes,2019-05-01,\n"


def _reasons(report: ImportReport) -> list[str]:
    return [str(problem) for problem in report]


def test_colleagues_name_each_other_in_one_file(db: Connection, bring: Bring) -> None:
    """Who leads and who stands in may stand further down; teams and the house are made as they are named."""
    report = bring("employees", HEAD + RASA + TOMAS + ONA)

    rows = {row["login"]: row for row in db.execute(select(employees)).mappings()}
    team = db.execute(select(teams)).mappings().one()
    house = db.execute(select(organisations)).mappings().one()
    assert (house["code"], house["kind"], team["organisation_id"]) == ("house", "house", house["id"])
    assert (team["code"], team["name"]) == ("sales", "Pardavimai")
    assert (rows["rasa"]["substitute_id"], rows["rasa"]["manager_id"]) == (rows["tomas"]["id"], rows["ona"]["id"])
    assert (rows["tomas"]["substitute_id"], rows["ona"]["team_id"]) == (rows["rasa"]["id"], None)
    assert (rows["ona"]["is_manager"], str(rows["rasa"]["weekly_hours"])) == (True, "32.00")
    assert rows["tomas"]["sort_key"] == "tomas ila\ttomas yla"
    assert report.tallies["employees"].added == 3
    since = dict(db.execute(select(memberships.c.employee_id, memberships.c.since)).all())
    assert since == {rows["rasa"]["id"]: date(2020, 1, 1), rows["tomas"]["id"]: date(2021, 2, 1)}


def test_the_same_colleagues_again_change_nothing(bring: Bring) -> None:
    """Nor do their links."""
    bring("employees", HEAD + RASA + TOMAS + ONA)

    again = bring("employees", HEAD + RASA + TOMAS + ONA)

    assert {(tally.added, tally.changed) for tally in again.tallies.values()} == {(0, 0)}


def test_moving_to_another_team_is_dated(db: Connection, bring: Bring) -> None:
    """Figures of the past stay with the team of the past; the team keeps the name it was given."""
    bring("employees", HEAD + RASA + TOMAS + ONA)

    again = bring("employees", HEAD + RASA.replace("sales,Pardavimai", "claims,"))

    rows = db.execute(
        select(teams.c.code, teams.c.name, memberships.c.since, memberships.c.until)
        .join(memberships, memberships.c.team_id == teams.c.id)
        .join(employees, employees.c.id == memberships.c.employee_id)
        .where(employees.c.login == "rasa")
        .order_by(memberships.c.since)
    ).all()
    assert rows == [
        ("sales", "Pardavimai", date(2020, 1, 1), date(2026, 3, 2)),
        ("claims", "Claims", date(2026, 3, 2), None),
    ]
    assert again.tallies["employees"].fields == {"team_id": 1}


def test_leaving_is_a_happening_once(db: Connection, bring: Bring) -> None:
    """Their work must be handed over."""
    bring("employees", HEAD + RASA + TOMAS + ONA)
    leaving = HEAD + RASA.strip() + "2026-03-31\n"

    bring("employees", leaving)
    bring("employees", leaving)

    assert db.scalars(select(happenings.c.kind)).all() == ["employee.left"]


def test_a_colleague_who_cannot_be_is_refused(bring: Bring) -> None:
    """Strangers as stand-ins, hours no week has, leaving before joining, one login twice."""
    rows = [
        RASA.replace("tomas", "thomas"),
        TOMAS.replace("rasa,ona", ",ona").replace(",40,", ",200,"),
        ONA.strip() + "2018-01-01\n",
        ONA,
    ]

    report = bring("employees", HEAD + "".join(rows))

    assert _reasons(report) == [
        "row 2, substitute: there is no employee with the login 'thomas'. Add them to the file.",
        "row 3, weekly_hours: 200 is not between 0 and 168",
        "row 4, left_on: they would leave before they join",
        "row 5, login: row 4 is about the same employee already",
    ]


def test_absences_are_whole_days_or_moments(db: Connection, bring: Bring) -> None:
    """A bare last day is included; a corrected end changes the absence."""
    bring("employees", HEAD + RASA + TOMAS + ONA)
    head = "login,starts_at,ends_at,kind,absence.substitute\n"
    bring("absences", head + "rasa,2026-07-01,2026-07-14,holiday,tomas\n")

    again = bring("absences", head + "rasa,2026-07-01,2026-07-10 12:00,holiday,\n")

    row = db.execute(select(absences)).mappings().one()
    assert row["starts_at"] == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert row["ends_at"] == datetime(2026, 7, 10, 9, tzinfo=UTC)
    assert again.tallies["absences"].fields == {"ends_at": 1}


def test_an_absence_that_cannot_be_is_refused(bring: Bring) -> None:
    """Of strangers, backwards, or with oneself as stand-in."""
    bring("employees", HEAD + RASA + TOMAS + ONA)
    head = "login,starts_at,ends_at,kind,absence.substitute\n"

    report = bring(
        "absences",
        head
        + "rsa,2026-07-01,2026-07-14,holiday,\n"
        + "rasa,2026-07-14,2026-07-01,holiday,\n"
        + "rasa,2026-08-01,2026-08-02,holidays,\n"
        + "rasa,2026-09-01,2026-09-02,sickness,rasa\n",
    )

    assert _reasons(report) == [
        "row 2, login: there is no employee with the login 'rsa'; did you mean rasa? Import employees first.",
        "row 3, ends_at: the absence would end before it begins",
        "row 4, kind: 'holidays' is not one of holiday, sickness, training, parental, other; did you mean holiday?",
        "row 5, absence.substitute: nobody stands in for themselves",
    ]
