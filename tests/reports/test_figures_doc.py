"""The worked example of docs/figures.md, counted by the report and by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from reports.assignment import Question
from reports.dimension import By
from reports.efficiency import efficiency
from reports.efficiency_table import hours_text
from reports.period import Period

PAGE = Path(__file__).parents[2] / "docs" / "figures.md"
AS_OF = datetime(2026, 3, 6, 12, tzinfo=UTC)
ENDS = {"won": True, "lost": False}
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


def tables() -> list[list[dict[str, str]]]:
    """The last two tables of the page, row by row."""
    lines = PAGE.read_text(encoding="utf-8").partition("## A worked example")[2].splitlines()
    found: list[list[list[str]]] = [[]]
    for line in lines:
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [[dict(zip(table[0], row, strict=True)) for row in table[2:]] for table in found if table]


def moment(text: str) -> datetime | None:
    """A moment of the table."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def write_down(desk: Any, rows: list[dict[str, str]]) -> None:
    """The tasks of the table, as rows of the database."""
    people = {name: desk.employee(name) for name in ("Asta", "Benas")}
    for row in rows:
        how, _, reason = row["how"].partition(", ")
        number, _, end = row["case"].partition(" ")
        ended = {"end_code": end, "is_success": ENDS[end]} if end in ENDS else {}
        facts = {
            "action": row["action"],
            "status": how,
            "assignee_id": people.get(row["who"]),
            "opened_at": moment(row["opened"]),
            "due_at": moment(row["due"]),
            "finished_at": moment(row["ended"]),
            "late_reason": reason or None,
            "case_id": desk.case(**ended) if number else None,
        }
        task = desk.task(**facts)
        if row["ended"]:
            desk.hold(
                task,
                by=people[row["who"]],
                began_at=moment(row["opened"]),
                ended_at=moment(row["ended"]),
                ended_by=how,
                working=int(row["working"]) * 3600,
                waiting=int(row["waited"]) * 3600,
            )


def test_the_worked_example_is_what_the_report_counts(desk: Any) -> None:
    """Every figure of the second table follows from the first."""
    given, expected = tables()
    write_down(desk, given)
    week = Period(first=date(2026, 3, 2), last=date(2026, 3, 6), zone="Europe/Vilnius")

    told = efficiency(desk.db, Question(period=week, by=(By.EMPLOYEE,), as_of=AS_OF))

    rows = [*told.rows.to_dict("records"), *told.total.to_dict("records")]
    assert [row["employee_name"] for row in rows] == [row["employee"] for row in expected]
    for row, wanted in zip(rows, expected, strict=True):
        assert {name: str(row[key]) for name, key in COUNTS.items()} == {name: wanted[name] for name in COUNTS}
        assert f"{row['succeeded']} of {row['cases']}" == wanted["success"]
        assert {name: hours_text(row[key]) for name, key in HOURS.items()} == {name: wanted[name] for name in HOURS}


def test_the_interval_of_the_worked_example(desk: Any) -> None:
    """Asta's 2 of 4, as the page works it out."""
    given, _ = tables()
    write_down(desk, given)
    week = Period(first=date(2026, 3, 2), last=date(2026, 3, 6), zone="Europe/Vilnius")

    told = efficiency(desk.db, Question(period=week, by=(By.EMPLOYEE,), as_of=AS_OF))

    asta = next(row for row in told.rows.to_dict("records") if row["employee_name"] == "Asta")
    assert (round(asta["on_time_rate_low"] * 100), round(asta["on_time_rate_high"] * 100)) == (15, 85)
