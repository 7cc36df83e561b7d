"""Unfinished work counted for as long as it lasted, work ahead against hours, and what money and lists came to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from core.errors import UsageError
from models import campaigns, contacts, contracts, definitions, people, receivables
from models.work import holds
from reports.assignment import Question
from reports.campaign import UnknownCampaign, campaign_report
from reports.dimension import By
from reports.load import load
from reports.load_sheet import load_report, load_table, over_full
from reports.pace import curve, pace
from reports.period import Period
from reports.renewals import UnknownProcess, renewals_report
from reports.sheet import text_table
from reports.split import Split
from tasks.handbooks import calendars

ZONE = "Europe/Vilnius"
MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone=ZONE)


def at(day: int, hour: int = 8) -> datetime:
    """A moment of March 2026; the second is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def march(*by: By, as_of: datetime, **asked: Any) -> Question:
    """What was assigned in March."""
    return Question(period=MARCH, by=by, as_of=as_of, **asked)


TIMES = some.lists(some.integers(1, 50).map(lambda hours: hours * 3600), min_size=1, max_size=40)


@given(TIMES)
def test_where_everything_is_done_the_curve_is_what_was_counted(times: list[int]) -> None:
    """After so many hours the share not done is the share that took longer."""
    told = curve("", (), np.array(times), np.array([], dtype=np.int64))

    for hours, share in zip(told.hours, told.shares, strict=True):
        assert share == pytest.approx(sum(time > hours * 3600 for time in times) / len(times))


@given(TIMES, TIMES)
def test_unfinished_work_never_makes_work_look_faster(done: list[int], unfinished: list[int]) -> None:
    """Against throwing it away: the curve with it lies nowhere below."""
    without = curve("", (), np.array(done), np.array([], dtype=np.int64))
    with_it = curve("", (), np.array(done), np.array(unfinished))

    for hours, share in zip(without.hours, without.shares, strict=True):
        place = np.searchsorted(with_it.hours, hours, side="right") - 1
        assert with_it.shares[place] >= share - 1e-9
    assert (with_it.lows <= with_it.shares + 1e-9).all()
    assert (with_it.highs >= with_it.shares - 1e-9).all()


def test_waiting_for_the_client_is_no_working_time(desk: Any) -> None:
    """Open since Monday ten o'clock in Vilnius, waited two hours before, waits since Tuesday nine."""
    calendar, _ = calendars.calendar_of(desk.db)
    waiting = {"waiting_since": at(3, 7), "waiting_for": "client", "waited_seconds": 7200}
    desk.task(status="waiting", calendar_version_id=calendar, opened_at=at(2), **waiting)
    desk.task(status="waiting", calendar_version_id=calendar, opened_at=at(2), **waiting | {"waiting_for": "colleague"})

    (whole,) = pace(desk.db, march(as_of=at(4, 15)))

    assert list(whole.ends) == [5.0, 21.0]


def test_each_person_is_charged_their_own_stretch(desk: Any) -> None:
    """Handed on on Tuesday; split by action the hours of both count for the one task."""
    calendar, _ = calendars.calendar_of(desk.db)
    asta, benas = desk.employee("Asta"), desk.employee("Benas")
    task = desk.task(assignee_id=benas, held_since=at(3), calendar_version_id=calendar)
    desk.hold(task, by=asta, ended_at=at(3), ended_by="reassigned", working=8 * 3600)

    people_told = {each.name: list(each.ends) for each in pace(desk.db, march(By.EMPLOYEE, as_of=at(4)))}
    (action, _) = pace(desk.db, march(By.ACTION, as_of=at(4)))

    assert people_told == {"Asta": [8.0], "Benas": [8.0], "all together": [8.0, 8.0]}
    assert list(action.ends) == [16.0]


def test_what_ended_later_was_still_under_way(desk: Any) -> None:
    """As of Tuesday, work done on Thursday had lasted eight hours."""
    calendar, _ = calendars.calendar_of(desk.db)
    asta = desk.employee("Asta")
    task = desk.task(status="done", assignee_id=asta, finished_at=at(5))
    hold = desk.hold(task, by=asta, ended_at=at(5), ended_by="done", working=24 * 3600)
    desk.db.execute(holds.update().where(holds.c.id == hold).values(calendar_version_id=calendar))

    (then,) = pace(desk.db, march(as_of=at(3)))
    (now,) = pace(desk.db, march(as_of=at(6)))

    assert (then.done, list(then.ends)) == (0, [8.0])
    assert (now.done, now.median) == (1, 24.0)


def test_work_falls_into_the_week_in_which_it_is_due(desk: Any) -> None:
    """Overdue and undated now, planned where it opens, later work not at all; a queue has no hours."""
    calendars.calendar_of(desk.db)
    asta, hour = desk.employee("Asta"), {"effort_minutes": 60}
    for due in (at(1), at(5), at(12), at(30), None):
        desk.task(assignee_id=asta, due_at=due, dimensions=hour)
    desk.task(assignee_id=asta, status="planned", opened_at=None, opens_at=at(10), dimensions=hour)
    desk.task(dimensions=hour)

    told = load(desk.db, at(2), zone_name=ZONE, weeks=2)

    cells = {(cell.name, str(cell.week)): (cell.tasks, cell.hours, cell.planned_hours) for cell in told.cells}
    assert cells["Asta", "2026-03-02"] == (3, 3.0, 0.0)
    assert cells["Asta", "2026-03-09"] == (2, 2.0, 1.0)
    assert cells["(nobody yet)", "2026-03-02"] == (1, 1.0, 0.0)


def test_hours_are_never_more_than_somebody_works(desk: Any) -> None:
    """Half a post, an absence of a week, and somebody who has left."""
    calendars.calendar_of(desk.db)
    desk.employee("Half", weekly_hours=20)
    away = desk.employee("Away")
    desk.put(people.absences, employee_id=away, starts_at=at(1), ends_at=at(9, 0), kind="holiday")
    desk.employee("Gone", left_on=date(2026, 2, 1))
    desk.task(assignee_id=away, due_at=at(3), dimensions={"effort_minutes": 60})

    told = load(desk.db, at(2, 6), zone_name=ZONE, weeks=1)

    assert {cell.name: cell.capacity for cell in told.cells} == {"Half": 20.0, "Away": 0.0}
    assert over_full(told) == ["Week of 2026-03-02: more work than time for Away."]


def test_on_a_sunday_the_first_week_is_the_next(desk: Any) -> None:
    """Nobody works any more in this one; what is overdue falls into the next."""
    calendars.calendar_of(desk.db)
    asta = desk.employee("Asta")
    desk.task(assignee_id=asta, due_at=at(6), dimensions={"effort_minutes": 60})

    (cell,) = load(desk.db, at(8), zone_name=ZONE, weeks=1).cells

    assert (str(cell.week), cell.hours, cell.capacity) == ("2026-03-09", 1.0, 32.0)


def renewed(desk: Any, *, currency: str = "EUR") -> tuple[int, int]:
    """A term that expires in March and the one that renews it; the case is won."""
    process = desk.put(definitions.processes, name=f"renewal{desk.number()}", subject="term")
    insurer = desk.put(contracts.insurers, code=f"i{desk.number()}", name="Acme")
    line = desk.put(contracts.product_lines, code=f"l{desk.number()}", labels={})
    policy = desk.put(
        contracts.policies, client_id=desk.client(), insurer_id=insurer, product_line_id=line, number=f"P{process}"
    )
    money = {"premium_gross": Decimal(100), "premium_period": "year", "currency": currency}
    old = desk.put(contracts.terms, policy_id=policy, sequence=1, expires_on=date(2026, 3, 15), **money)
    new = desk.put(
        contracts.terms, policy_id=policy, sequence=2, expires_on=date(2027, 3, 15), renewed_term_id=old, **money
    )
    desk.case(process_id=process, subject_id=old, end_code="won", is_success=True)
    return process, new


def test_kinds_of_commission_and_currencies_are_never_added_up(desk: Any) -> None:
    """Each kind in its own column, each currency in its own row."""
    process, new = renewed(desk)
    for kind, amount, currency in (("expected", 12, "EUR"), ("earned", 5, "EUR"), ("earned", 7, "USD")):
        desk.put(
            receivables.commission_entries,
            term_id=new,
            kind=kind,
            booked_on=date(2026, 3, 20),
            amount=Decimal(amount),
            currency=currency,
        )
    name = desk.db.scalar(definitions.processes.select().with_only_columns(definitions.processes.c.name).limit(1))

    counts, money = renewals_report(desk.db, march(as_of=at(25)), process=name).sheets

    told = {row["currency"]: (row["commission_expected"], row["commission_earned"]) for row in money.rows}
    assert (money.title, money.notes) == ("Gross premium for the whole term, and commission", ())
    assert process
    assert told == {"EUR": (Decimal(12), Decimal(5)), "USD": (None, Decimal(7))}
    assert (counts.rows[0]["won"], counts.total) == (1, None)


def test_an_unknown_process_or_campaign_is_refused(desk: Any) -> None:
    """With those there are."""
    with pytest.raises(UnknownProcess) as process:
        renewals_report(desk.db, march(as_of=at(20)))
    with pytest.raises(UnknownCampaign) as campaign:
        campaign_report(desk.db, at(20), zone_name=ZONE, code="spring")

    assert (
        str(process.value) == "No published process about terms is called 'renewal'. None about terms is published yet."
    )
    assert str(campaign.value) == "There is no campaign 'spring'. There is none at all yet."


def test_a_campaign_compares_requests_with_as_many_days_before(desk: Any) -> None:
    """Contacts in and out count for whoever is on the list; praise is no request, and a day that is not over no day."""
    campaign = desk.put(campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 2))
    ona, petras = desk.client("Ona"), desk.client("Petras")
    for party in (ona, petras):
        desk.put(campaigns.campaign_members, campaign_id=campaign, party_id=party, listed_at=at(1))
    said = [
        (ona, "enquiry", "in", datetime(2026, 2, 27, 9, tzinfo=UTC)),
        (ona, "enquiry", "in", at(4)),
        (None, "service_request", "in", at(5)),
        (None, "praise", "in", at(5)),
        (None, "enquiry", "in", at(6)),
        (petras, "letter", "out", at(3)),
        (None, "enquiry", "in", datetime(2026, 2, 1, 9, tzinfo=UTC)),
    ]
    for party, kind, direction, moment in said:
        desk.put(contacts.interactions, party_id=party, kind=kind, direction=direction, channel="phone", at=moment)

    (row,) = campaign_report(desk.db, at(6, 12), zone_name=ZONE).sheets[0].rows

    assert [row[stage] for stage in ("listed", "contacted", "reached", "interested", "sold")] == [2, 2, 1, 0, 0]
    assert (row["days"], row["requests_before"], row["requests_since"]) == (4, 1, 2)
    assert (row["listed_requests_before"], row["listed_requests_since"], row["a_day_since"]) == (1, 1, 0.5)


def test_a_campaign_that_began_today_has_no_requests_a_day_yet(desk: Any) -> None:
    """An hour is no day: nothing is told, and the table is shown all the same."""
    desk.put(campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 6))
    desk.put(contacts.interactions, kind="enquiry", direction="in", channel="phone", at=at(6))

    sheet = campaign_report(desk.db, at(6, 12), zone_name=ZONE).sheets[0]

    (row,) = sheet.rows
    assert (row["days"], row["requests_since"], row["a_day_since"]) == (0, None, None)
    assert text_table(sheet).rows


def teams_at_work(desk: Any) -> tuple[int, int]:
    """Asta sells and Benas settles claims, 40 hours each; three calls and an offer lie there, and one in no queue."""
    calendars.calendar_of(desk.db)
    house = desk.put(people.organisations, code="house", name="House", kind="house")
    sales, claims = (
        desk.put(people.teams, organisation_id=house, code=code, name=code) for code in ("sales", "claims")
    )
    asta, benas = desk.employee("Asta", team_id=sales), desk.employee("Benas", team_id=claims)
    motor, travel = ({"effort_minutes": 60, "product_line": line} for line in ("motor", "travel"))
    desk.task(assignee_id=asta, team_id=sales, due_at=at(3), dimensions=motor)
    desk.task(assignee_id=asta, team_id=sales, due_at=at(3), dimensions=travel)
    desk.task(assignee_id=benas, team_id=claims, due_at=at(3), dimensions=motor)
    desk.task(assignee_id=benas, team_id=claims, due_at=at(3), dimensions=motor, action="offer")
    desk.task(due_at=at(3), dimensions=motor)
    return asta, benas


def told_by(desk: Any, *by: By, **asked: Any) -> dict[str, tuple[float, float | None]]:
    """Group -> hours of work and hours there, in the week of 2 March."""
    told = load(desk.db, at(2, 6), zone_name=ZONE, weeks=1, asked=Split(by=by, **asked))
    return {cell.name: (cell.hours, cell.capacity) for cell in told.cells}


def test_load_is_told_by_any_dimensions_against_the_hours_of_whom_it_is_told(desk: Any) -> None:
    """A person's, a team's, else everybody's: of a product it says what share of all hours it takes."""
    teams_at_work(desk)

    assert told_by(desk, By.EMPLOYEE) == {"Asta": (2.0, 40.0), "Benas": (2.0, 40.0), "(nobody yet)": (1.0, None)}
    assert told_by(desk, By.TEAM) == {"sales": (2.0, 40.0), "claims": (2.0, 40.0), "(none)": (1.0, None)}
    assert told_by(desk, By.PRODUCT) == {"motor": (4.0, 80.0), "travel": (1.0, 80.0)}
    assert told_by(desk, By.TEAM, By.PRODUCT, By.ACTION) == {
        "sales, motor, call": (1.0, 40.0),
        "sales, travel, call": (1.0, 40.0),
        "claims, motor, call": (1.0, 40.0),
        "claims, motor, offer": (1.0, 40.0),
        "(none), motor, call": (1.0, None),
    }
    assert told_by(desk) == {"all together": (5.0, 80.0)}


def test_load_is_narrowed_with_the_people_it_is_of(desk: Any) -> None:
    """Only one team's work against that team's hours; only motor against everybody's; nothing of others is seen."""
    asta, _ = teams_at_work(desk)
    sales = desk.db.scalar(select(people.teams.c.id).where(people.teams.c.code == "sales"))

    assert told_by(desk, By.PRODUCT, only=((By.TEAM, sales),)) == {"motor": (1.0, 40.0), "travel": (1.0, 40.0)}
    assert told_by(desk, By.PRODUCT, only=((By.PRODUCT, "motor"),)) == {"motor": (4.0, 80.0)}
    assert told_by(desk, By.PRODUCT, only=((By.EMPLOYEE, None),)) == {"motor": (1.0, None)}
    assert told_by(desk, By.TEAM, employee_ids=(asta,)) == {"sales": (2.0, 40.0)}


def test_hours_there_are_added_up_once(desk: Any) -> None:
    """However many rows a person's hours stand in; the file has every dimension in a column of its own."""
    teams_at_work(desk)

    told = load(desk.db, at(2, 6), zone_name=ZONE, weeks=1, asked=Split(by=(By.EMPLOYEE, By.PRODUCT)))

    *_, total = load_table(told).rows
    assert f"{total['2026-03-02']}" == "5/80 h 6 %"
    row = load_report(told).sheets[0].rows[0]
    assert (row["employee_name"], row["product"], row["hours"], row["load_share"]) == ("Asta", "motor", 1.0, 0.025)


def test_load_is_told_by_week_already(desk: Any) -> None:
    """Asked by day or month it says so."""
    with pytest.raises(UsageError) as refusal:
        load(desk.db, at(2), zone_name=ZONE, asked=Split(by=(By.EMPLOYEE, By.MONTH)))

    assert str(refusal.value) == ("Load is told week by week, not by month. Leave month out; --weeks says how many.")
