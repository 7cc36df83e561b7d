"""The worked examples of docs/figures.md about people and their work: each table is read, counted and compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from math import comb, exp, log, sqrt
from typing import Any

import pytest

from models import work
from reports.assignment import Question
from reports.comparison import compare
from reports.control_limits import chance_limits
from reports.dimension import By
from reports.efficiency import efficiency
from reports.efficiency_table import hours_text
from reports.pace import pace
from reports.period import Period
from tasks.handbooks import calendars

AS_OF = datetime(2026, 3, 6, 12, tzinfo=UTC)
WEEK = Period(first=date(2026, 3, 2), last=date(2026, 3, 6), zone="Europe/Vilnius")
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
Page = Callable[[str], list[dict[str, str]]]


def moment(text: str) -> datetime | None:
    """A moment of a table."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@pytest.fixture
def nine_tasks(desk: Any, page: Page) -> Any:
    """The tasks of the first example, as rows of the database."""
    calendar, _ = calendars.calendar_of(desk.db)
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    for row in page("A worked example"):
        how, _, reason = row["how"].partition(", ")
        number, _, end = row["case"].partition(" ")
        ended = {"end_code": end, "is_success": end == "won"} if end in {"won", "lost"} else {}
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


def test_the_worked_example_is_what_the_report_counts(nine_tasks: Any, page: Page) -> None:
    """Every figure of the second table follows from the first."""
    told = efficiency(nine_tasks.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    counted = [*told.rows.to_dict("records"), *told.total.to_dict("records")]
    expected = page("By employee")
    assert [row["employee_name"] for row in counted] == [row["employee"] for row in expected]
    for row, wanted in zip(counted, expected, strict=True):
        assert {name: str(row[key]) for name, key in COUNTS.items()} == {name: wanted[name] for name in COUNTS}
        assert f"{row['succeeded']} of {row['cases']}" == wanted["success"]
        assert {name: hours_text(row[key]) for name, key in HOURS.items()} == {name: wanted[name] for name in HOURS}
        assert ", ".join(f"{why} {count}" for why, count in row["late_reasons"].items()) == wanted["why late"]
        assert ("" if row["effort_ratio"] != row["effort_ratio"] else f"{row['effort_ratio']:.3f}") == wanted["effort"]


def test_what_was_handed_on_is_counted_as_by_hand(desk: Any, page: Page) -> None:
    """In time, and late; and each task once where people are not told apart."""
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    stretches = page("Handed on by hand")
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
    for row, wanted in zip(counted, page("Handed on by employee"), strict=True):
        assert row["employee_name"] == wanted["employee"]
        assert {name: str(row[key]) for name, key in names.items()} == {name: wanted[name] for name in names}
        assert ", ".join(f"{why} {count}" for why, count in row["late_reasons"].items()) == wanted["why late"]
    assert [once[key] for key in ("assigned", "on_time", "open_in_time", "late", "handed_on")] == [2, 1, 1, 0, 0]


def test_the_interval_of_the_worked_example(nine_tasks: Any) -> None:
    """Asta's 2 of 4, as the page works it out."""
    told = efficiency(nine_tasks.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    asta = next(row for row in told.rows.to_dict("records") if row["employee_name"] == "Asta")
    assert (round(asta["on_time_rate_low"] * 100), round(asta["on_time_rate_high"] * 100)) == (15, 85)


def test_the_pace_is_worked_out_as_by_hand(nine_tasks: Any, page: Page) -> None:
    """Unfinished work stays under way for as long as it has lasted."""
    (whole,) = pace(nine_tasks.db, Question(period=WEEK, by=(), as_of=AS_OF))

    steps = zip(whole.hours, whole.at_risk, whole.shares, whole.lows, whole.highs, strict=True)
    dropping = [
        (f"{hours:.0f}", f"{risk}", *(f"{share:.3f}" for share in shares))
        for hours, risk, *shares in steps
        if hours in {2, 4, 6, 10}
    ]
    assert dropping == [tuple(row.values()) for row in page("The pace by hand")]
    spread = sqrt(sum(1 / (risk * (risk - 1)) for risk in (7, 6, 5, 4))) / -log(3 / 7) * 1.96
    ends = (f"{(3 / 7) ** exp(spread):.3f}", f"{(3 / 7) ** exp(-spread):.3f}")
    assert ends == dropping[-1][3:]
    assert (whole.median_interval, whole.ninetieth_interval) == ((2.0, None), (10.0, None))
    assert (whole.median, whole.ninetieth, whole.median_of_done) == (10.0, None, 5.0)
    assert sorted(whole.ends) == [0.0, 0.0, 28.0, 36.0, 36.0]


def test_the_comparison_is_worked_out_as_by_hand(desk: Any, page: Page) -> None:
    """Targets where a standard sets them, the house's own rate elsewhere."""
    targets = {"call": {"on_time": "90 %"}, "offer": {}}
    kinds = {
        action: desk.put(work.resolutions, content_hash=action, action=action, fields=fields, explanation={})
        for action, fields in targets.items()
    }
    staff = {name: desk.employee(name) for name in ("Asta", "Benas")}
    for row in page("The comparison by hand"):
        for number in range(int(row["judged"])):
            ended = datetime(2026, 3, 3 if number < int(row["on time"]) else 5, tzinfo=UTC)
            due = datetime(2026, 3, 4, tzinfo=UTC)
            desk.done(by=staff[row["who"]], at=ended, due_at=due, resolution_id=kinds[row["action"]])

    told = compare(desk.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    expected = page("What it comes to")
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


def test_the_spread_is_worked_out_as_by_hand(desk: Any, page: Page) -> None:
    """Distances in standard deviations, the outermost pulled in, their mean square."""
    expected = page("The spread by hand")
    for row in expected:
        who = desk.employee(row["who"])
        for number in range(int(row["judged"])):
            ended = datetime(2026, 3, 3 if number < int(row["on time"]) else 5, tzinfo=UTC)
            desk.done(by=who, at=ended, due_at=datetime(2026, 3, 4, tzinfo=UTC))

    told = compare(desk.db, Question(period=WEEK, by=(By.EMPLOYEE,), as_of=AS_OF))

    of_chance = [sqrt(point.sums.variance) for point in told.points]
    distances = [(it.sums.good - it.sums.expected) / of for it, of in zip(told.points, of_chance, strict=True)]
    assert [f"{of:.3f}" for of in of_chance] == ["2.000"] * 5
    assert [f"{it.sums.expected:.1f}" for it in told.points] == [row["expected"] for row in expected]
    assert [f"{distance:.1f}" for distance in distances] == [row["distance"] for row in expected]
    squares = [float(row["pulled in"]) ** 2 for row in expected]
    assert told.spread is not None
    assert (f"{told.spread:.2f}", f"{sum(squares) / 5:.2f}") == ("1.84", "1.84")
    assert (f"{1 + 2 * sqrt(2 / 5):.2f}", told.is_spread_wide) == ("2.26", False)
