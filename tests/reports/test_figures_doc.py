"""The worked examples of docs/figures.md: each table is read, counted by the reports, and compared."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from math import comb, exp, log, sqrt
from pathlib import Path
from typing import Any

import pytest

from models import campaigns, contracts, definitions, people, receivables, work
from reports.assignment import Question
from reports.campaign import campaign_report
from reports.comparison import compare
from reports.control_limits import chance_limits
from reports.dimension import By
from reports.efficiency import efficiency
from reports.efficiency_table import hours_text
from reports.load import load
from reports.pace import pace
from reports.period import Period
from reports.renewals import renewals_report
from tasks.handbooks import calendars

PAGE = Path(__file__).parents[2] / "docs" / "figures.md"
ZONE = "Europe/Vilnius"
AS_OF = datetime(2026, 3, 6, 12, tzinfo=UTC)
WEEK = Period(first=date(2026, 3, 2), last=date(2026, 3, 6), zone=ZONE)
ENDS = {"won": True, "lost": False, "lapsed": False, "moved": None}
COUNTS = {
    "assigned": "assigned",
    "done": "done",
    "on time": "on_time",
    "late": "late",
    "still in time": "open_in_time",
    "called off": "called_off",
    "without due": "done_without_due",
}
HOURS = {
    "mean": "working_hours_mean",
    "median": "working_hours_median",
    "90 %": "working_hours_p90",
    "waited": "waiting_hours_mean",
}
Row = dict[str, str]


def rows(heading: str) -> list[Row]:
    """The first table below a heading of the page, row by row."""
    below = PAGE.read_text(encoding="utf-8").partition(f"# {heading}\n")[2]
    found: list[list[str]] = []
    for line in below.splitlines():
        if line.startswith("|"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
        elif found:
            break
    head, _, *cells = found
    return [dict(zip(head, row, strict=True)) for row in cells]


def moment(text: str) -> datetime | None:
    """A moment of a table."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@pytest.fixture
def nine_tasks(desk: Any) -> Any:
    """The tasks of the first example, as rows of the database."""
    calendar, _ = calendars.calendar_of(desk.db)
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    for row in rows("A worked example"):
        how, _, reason = row["how"].partition(", ")
        number, _, end = row["case"].partition(" ")
        ended = {"end_code": end, "is_success": ENDS[end]} if end in ENDS else {}
        minutes = {"call": 20}.get(row["action"], 0)
        task = desk.task(
            action=row["action"],
            dimensions={"effort_minutes": minutes},
            status=how,
            assignee_id=staff.get(row["who"]),
            opened_at=moment(row["opened"]),
            due_at=moment(row["due"]),
            finished_at=moment(row["ended"]),
            late_reason=reason or None,
            spent_minutes=int(row["minutes"]) if row["minutes"] else None,
            case_id=desk.case(**ended) if number else None,
            calendar_version_id=calendar,
        )
        if row["ended"]:
            desk.hold(
                task,
                by=staff[row["who"]],
                began_at=moment(row["opened"]),
                ended_at=moment(row["ended"]),
                ended_by=how,
                working=int(row["working"]) * 3600,
                waiting=int(row["waited"]) * 3600,
            )
    return desk


def test_the_worked_example_is_what_the_report_counts(nine_tasks: Any) -> None:
    """Every figure of the second table follows from the first."""
    told = efficiency(nine_tasks.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    counted = [*told.rows.to_dict("records"), *told.total.to_dict("records")]
    expected = rows("By employee")
    assert [row["employee_name"] for row in counted] == [row["employee"] for row in expected]
    for row, wanted in zip(counted, expected, strict=True):
        assert {name: str(row[key]) for name, key in COUNTS.items()} == {name: wanted[name] for name in COUNTS}
        assert f"{row['succeeded']} of {row['cases']}" == wanted["success"]
        assert {name: hours_text(row[key]) for name, key in HOURS.items()} == {name: wanted[name] for name in HOURS}
        assert ", ".join(f"{why} {count}" for why, count in row["late_reasons"].items()) == wanted["why late"]
        assert ("" if row["effort_ratio"] != row["effort_ratio"] else f"{row['effort_ratio']:.3f}") == wanted["effort"]


def test_what_was_handed_on_is_counted_as_by_hand(desk: Any) -> None:
    """In time, and late; and each task once where people are not told apart."""
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    stretches = rows("Handed on by hand")
    for first, last in zip(stretches[::2], stretches[1::2], strict=True):
        task = desk.task(
            status=last["how"],
            assignee_id=staff[last["who"]],
            opened_at=moment(first["from"]),
            held_since=moment(last["from"]) if last["how"] == "open" else None,
            due_at=moment(last["due then"]),
            finished_at=moment(last["until"]),
        )
        for each in (first, last):
            ended_by = {"handed on": "reassigned"}.get(each["how"], each["how"])
            if each["until"]:
                held = {"began_at": moment(each["from"]), "ended_at": moment(each["until"]), "ended_by": ended_by}
                desk.hold(task, by=staff[each["who"]], **held)
        facts = {"was_due_at": f"{first['due then']}+00:00"}
        given = {"at": moment(first["until"]), "kind": "task.reassigned", "door": "cli", "data": facts}
        desk.put(work.events, task_id=task, number=1, **given)

    told = efficiency(desk.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))
    once = efficiency(desk.db, Question(period=WEEK, by=(By.ACTION,), as_of=AS_OF)).total.to_dict("records")[0]

    counted = [*told.rows.to_dict("records"), *told.total.to_dict("records")]
    names = {name: key for name, key in COUNTS.items() if name not in {"called off", "without due"}}
    names |= {"handed on": "handed_on"}
    for row, wanted in zip(counted, rows("Handed on by employee"), strict=True):
        assert row["employee_name"] == wanted["employee"]
        assert {name: str(row[key]) for name, key in names.items()} == {name: wanted[name] for name in names}
        assert ", ".join(f"{why} {count}" for why, count in row["late_reasons"].items()) == wanted["why late"]
    assert [once[key] for key in ("assigned", "on_time", "open_in_time", "late", "handed_on")] == [2, 1, 1, 0, 0]


def test_the_interval_of_the_worked_example(nine_tasks: Any) -> None:
    """Asta's 2 of 4, as the page works it out."""
    told = efficiency(nine_tasks.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    asta = next(row for row in told.rows.to_dict("records") if row["employee_name"] == "Asta")
    assert (round(asta["on_time_rate_low"] * 100), round(asta["on_time_rate_high"] * 100)) == (15, 85)


def test_the_pace_is_worked_out_as_by_hand(nine_tasks: Any) -> None:
    """Unfinished work stays under way for as long as it has lasted."""
    (whole,) = pace(nine_tasks.db, Question(period=WEEK, by=(), as_of=AS_OF))

    steps = zip(whole.hours, whole.at_risk, whole.shares, whole.lows, whole.highs, strict=True)
    dropping = [
        (f"{hours:.0f}", f"{risk}", *(f"{share:.3f}" for share in shares))
        for hours, risk, *shares in steps
        if hours in {2, 4, 6, 10}
    ]
    assert dropping == [tuple(row.values()) for row in rows("The pace by hand")]
    spread = sqrt(sum(1 / (risk * (risk - 1)) for risk in (7, 6, 5, 4))) / -log(3 / 7) * 1.96
    ends = (f"{(3 / 7) ** exp(spread):.3f}", f"{(3 / 7) ** exp(-spread):.3f}")
    assert ends == dropping[-1][3:]
    assert whole.median_interval == (2.0, None)
    assert (whole.median, whole.ninetieth, whole.median_of_done) == (10.0, None, 5.0)
    assert sorted(whole.ends) == [0.0, 0.0, 28.0, 36.0, 36.0]


def test_the_comparison_is_worked_out_as_by_hand(desk: Any) -> None:
    """Targets where a standard sets them, the house's own rate elsewhere."""
    targets = {"call": {"on_time": "90 %"}, "offer": {}}
    kinds = {
        action: desk.put(work.resolutions, content_hash=action, action=action, fields=fields, explanation={})
        for action, fields in targets.items()
    }
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    for row in rows("The comparison by hand"):
        for number in range(int(row["judged"])):
            ended = datetime(2026, 3, 3 if number < int(row["on time"]) else 5, tzinfo=UTC)
            due = datetime(2026, 3, 4, tzinfo=UTC)
            desk.done(by=staff[row["who"]], at=ended, due_at=due, resolution_id=kinds[row["action"]])

    told = compare(desk.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    expected = rows("What it comes to")
    assert [point.name for point in told.points] == [row["who"] for row in expected]
    for point, row in zip(told.points, expected, strict=True):
        assert (str(point.sums.count), str(point.sums.good)) == (row["judged"], row["on time"])
        figures = (point.sums.expected, point.ratio, *point.interval, point.size)
        shown = [f"{figure:.{digits}f}" for figure, digits in zip(figures, (1, 2, 2, 2, 1), strict=True)]
        assert shown == [row[name] for name in ("expected", "ratio", "from", "to", "size")]


def test_the_limits_of_chance_are_those_of_the_page() -> None:
    """Of ten pieces of work of which eight are expected."""
    at_most = [sum(comb(10, each) * 0.8**each * 0.2 ** (10 - each) for each in range(most + 1)) for most in (4, 5)]
    low, _ = chance_limits(0.8, 10)

    assert [round(1000 * chance) for chance in at_most] == [6, 33]
    assert (f"{low * 10:.2f}", f"{low:.2f}", f"{low / 0.8:.2f}") == ("4.82", "0.48", "0.60")
    assert 0.4 / 0.8 < low / 0.8 < 0.5 / 0.8


def write_renewals(desk: Any) -> dict[tuple[str, str], int]:
    """The terms of the example, each with its case: number, old or new -> id."""
    written: dict[tuple[str, str], int] = {}
    process = desk.put(definitions.processes, name="renewal", subject="term")
    house = desk.put(contracts.insurers, code="acme", name="Acme")
    lines = {
        code: desk.put(contracts.product_lines, code=code, labels={"en": code}) for code in ("motor", "travel")
    }  # fmt: skip
    client = desk.client()
    for row in rows("The renewals by hand"):
        policy = desk.put(
            contracts.policies,
            client_id=client,
            insurer_id=house,
            product_line_id=lines[row["product"]],
            number=row["term"],
        )
        facts = {
            "policy_id": policy,
            "sequence": 1,
            "starts_on": date(2025, 3, 15),
            "expires_on": date(2026, 3, 15),
            "premium_gross": Decimal(row["premium"]),
            "premium_period": row["for a"],
            "currency": row["currency"],
        }
        term = written[row["term"], "old"] = desk.put(contracts.terms, **facts)
        end, _, undone = row["case"].partition(", ")
        ended = {"end_code": end, "is_success": ENDS[end], "reason": row["reason"] or None} if end in ENDS else {}
        case = desk.case(process_id=process, subject_id=term, **ended)
        desk.task(case_id=case, dimensions={"product_line": row["product"]})
        if row["renewed at"]:
            stage = {"stage": "not_taken_up"} if undone else {}
            renewed = {"sequence": 2, "expires_on": date(2027, 3, 15), "starts_on": date(2026, 3, 15), **stage}
            amount = {"premium_gross": Decimal(row["renewed at"]), "premium_period": "year", "renewed_term_id": term}
            written[row["term"], "new"] = desk.put(contracts.terms, **(facts | renewed | amount))
    return written


def test_the_renewals_are_counted_as_by_hand(desk: Any) -> None:
    """Won, lost and lapsed by product, and the money by currency."""
    write_renewals(desk)
    march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone=ZONE)

    told = renewals_report(desk.db, Question(period=march, by=(By.PRODUCT,), as_of=AS_OF))

    counts, money = told.sheets
    assert counts.total is not None
    names = ("renewals", "won", "lost", "lapsed", "undecided", "not counted")
    for row, wanted in zip([*counts.rows, counts.total], rows("Renewals by product"), strict=True):
        assert row["product_name"] == wanted["product"]
        assert [str(row[name.replace(" ", "_")]) for name in names] == [wanted[name] for name in names]
    assert counts.rows[0]["reasons"] == {"lapsed": 1, "not_taken_up": 1, "price": 1}
    parts = {"expiring": "expiring", "kept": "won", "renewed at": "renewed", "lost": "lost", "lapsed": "lapsed"}
    for row, wanted in zip([*money.rows, *money.totals], rows("Premium by product and currency"), strict=True):
        assert (row["product_name"], row["currency"]) == (wanted["product"], wanted["currency"])
        for name, key in (parts | {"undecided": "undecided"}).items():
            amount = row[f"premium_{key}"]
            assert ("" if amount is None else f"{amount:.0f}") == wanted[name], (name, wanted)


def test_the_campaign_is_counted_as_by_hand(desk: Any) -> None:
    """Everybody in each stage they got to."""
    campaign = desk.put(
        campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 6)
    )
    for row in rows("The campaign by hand"):
        listed_at = datetime(2026, 3, 1, tzinfo=UTC)
        member = desk.put(
            campaigns.campaign_members, campaign_id=campaign, party_id=desk.client(row["person"]), listed_at=listed_at
        )
        ended = {"end_code": row["end"], "is_success": row["end"] == "sold"} if row["end"] else {}
        case = desk.case(subject_type="campaign_member", subject_id=member, **ended)
        done = {"status": "done", "finished_at": AS_OF}
        if row["call"]:
            desk.task(case_id=case, outcome=row["call"], **done)
        if row["sale"]:
            sale = desk.case(parent_id=case)
            if row["offer"]:
                desk.task(action="offer", case_id=sale, outcome="accepted", **done)

    told = campaign_report(desk.db, datetime(2026, 3, 12, tzinfo=UTC), zone_name=ZONE)

    (row,) = told.sheets[0].rows
    (wanted,) = rows("How far they got")
    assert {stage: str(row[stage]) for stage in wanted} == wanted
    assert (row["sold_rate"], row["days"]) == (0.2, 5)


def test_the_load_is_counted_as_by_hand(desk: Any) -> None:
    """Work due in a week against the hours people are there in it."""
    calendars.calendar_of(desk.db)
    at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    friday = datetime(2026, 3, 5, 22, tzinfo=UTC), datetime(2026, 3, 6, 22, tzinfo=UTC)
    desk.put(people.absences, employee_id=staff["Asta"], starts_at=friday[0], ends_at=friday[1], kind="holiday")
    for row in rows("The load by hand"):
        minutes = {"effort_minutes": int(row["effort"])}
        desk.task(dimensions=minutes, assignee_id=staff[row["who"]], due_at=moment(row["due"]))

    told = load(desk.db, at, zone_name=ZONE, weeks=2)

    counted = [
        {
            "who": cell.name,
            "week": str(cell.week),
            "work": f"{cell.hours:.1f}",
            "there": f"{cell.capacity:.1f}",
            "load": f"{cell.load:.3f}",
        }
        for cell in told.cells
    ]
    assert counted == rows("Load by person")
    assert [(cell.name, str(cell.week)) for cell in told.cells if cell.is_over] == [("Asta", "2026-03-02")]


def test_the_commission_is_counted_as_by_hand(desk: Any) -> None:
    """Each kind by itself, each currency by itself; nothing where there is none, or where it was booked later."""
    terms, currencies = write_renewals(desk), {row["term"]: row["currency"] for row in rows("The renewals by hand")}
    for row in rows("Commission of these terms"):
        entry = {"kind": row["kind"], "amount": Decimal(row["amount"]), "currency": currencies[row["term"]]}
        term = terms[row["term"], row["on"]]
        desk.put(receivables.commission_entries, term_id=term, booked_on=date(2026, 3, 1), **entry)
        later = {**entry, "amount": Decimal(1000)}
        desk.put(receivables.commission_entries, term_id=term, booked_on=date(2026, 3, 7), **later)
    march = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone=ZONE)

    money = renewals_report(desk.db, Question(period=march, by=(By.PRODUCT,), as_of=AS_OF)).sheets[1]

    keys = {name: f"commission_{name.replace(' ', '_')}" for name in ("expected", "received", "clawed back")}
    keys |= {"lost (expected)": "commission_lost_expected"}
    expected = rows("Commission by product and currency")
    assert [(told["product_name"], told["currency"]) for told in money.rows] == [
        *((wanted["product"], wanted["currency"]) for wanted in expected),
        ("travel", "EUR"),
    ]
    for told, wanted in zip(money.rows, expected, strict=False):
        shown = {name: "" if told[key] is None else f"{told[key]:.0f}" for name, key in keys.items()}
        assert shown == {name: wanted[name] for name in keys}
    assert all(row["commission_earned"] is None for row in (*money.rows, *money.totals))
