"""The figures as a table, CSV, JSON and Excel: hostile names stay what they are and run nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from reports.assignment import Question
from reports.campaign import campaign_report
from reports.dimension import By, UnknownDimension, parse_by
from reports.efficiency import Efficiency, efficiency
from reports.efficiency_table import as_report, as_screens, rate_text
from reports.export import as_csv, as_json, as_xlsx, flat
from reports.period import Period, WrongPeriod
from reports.sheet import Report, reasons_text, span, text_table
from reports.task_list import tasks_behind

HOSTILE = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "https://example.lt", "12.50", "a\nb", 'quo"te', "né, ž"]


def at(day: int) -> datetime:
    """A morning of March 2026."""
    return datetime(2026, 3, day, 8, tzinfo=UTC)


def figures(desk: Any, *by: By) -> Efficiency:
    """The report of March as of the 20th."""
    period = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")
    return efficiency(desk.db, Question(period=period, by=by, as_of=at(20)))


@pytest.fixture
def hostile(desk: Any) -> Report:
    """One task for each of several people with hostile names."""
    for name in HOSTILE:
        desk.task(assignee_id=desk.employee(name), due_at=at(30))
    return as_report(figures(desk, By.EMPLOYEE))


def test_csv_keeps_every_name_unchanged(hostile: Report) -> None:
    """Whatever a spreadsheet would make of it: quoted, and the same when it is read back."""
    rows = list(csv.DictReader(io.StringIO(as_csv(hostile.sheets[0]).decode("utf-8"), newline="")))

    assert sorted(row["employee_name"] for row in rows[:-1]) == sorted(HOSTILE)
    assert rows[-1]["employee_name"] == "all together"
    assert rows[-1]["assigned"] == str(len(HOSTILE))


def test_excel_holds_names_as_text(hostile: Report) -> None:
    """No formula, no link, no number made of a name; counts are numbers."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(hostile)))

    headings, *rows = book.get_sheet_by_name("Figures").to_python()
    told = [dict(zip(headings, row, strict=True)) for row in rows]
    assert sorted(str(row["Employee"]) for row in told[:-1]) == sorted(HOSTILE)
    assert all(isinstance(row["Employee"], str) for row in told)
    assert told[-1]["Assigned"] == len(HOSTILE)
    asked = {str(row[0]): row[1] for row in book.get_sheet_by_name("Question").to_python()}
    assert (asked["From"], asked["By"]) == ("2026-03-01", "employee")


def test_every_naughty_string_survives_every_export(real_data: Any, desk: Any) -> None:
    """As the name of an employee, in CSV, JSON and Excel."""
    folder: Path = real_data("naughty_strings")
    listed = json.loads(min(folder.rglob("*.json")).read_text(encoding="utf-8"))
    names = sorted({name.replace("\x00", "").replace("\r", "") for name in listed if name.isprintable() and name})
    for name in names:
        desk.task(assignee_id=desk.employee(name))

    told = as_report(figures(desk, By.EMPLOYEE))

    csv_rows = list(csv.DictReader(io.StringIO(as_csv(told.sheets[0]).decode("utf-8"), newline="")))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(told))).get_sheet_by_name("Figures").to_python()
    column = sheet[0].index("Employee")
    assert sorted(row["employee_name"] for row in csv_rows[:-1]) == names
    assert sorted(str(row[column]) for row in sheet[1:-1]) == names
    assert sorted(row["employee_name"] for row in as_json(told)["rows"]) == names


def test_excel_speaks_as_people_do(desk: Any) -> None:
    """Headings and reasons in words, moments as dates on the clock of the house, every heading once."""
    asta = desk.employee("Asta")
    desk.done(by=asta, at=at(5), due_at=at(4), late_reason="too_much_work", action="=call", working=5400)
    told = figures(desk, By.EMPLOYEE, By.ACTION)
    behind = tasks_behind(desk.db, told.question)

    report = as_report(told)
    content = as_xlsx(Report(asked=report.asked, sheets=(*report.sheets, behind)))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    main, first, *_ = book.get_sheet_by_name("Figures").to_python()
    row = dict(zip(main, first, strict=True))
    task = dict(zip(*book.get_sheet_by_name("Tasks").to_python(), strict=True))
    drawn = ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")

    assert main[:4] == ["Employee code", "Employee", "Action code", "Action"]
    assert len(set(main)) == len(main)
    assert {"On time rate", "On time rate from", "On time rate to", "Working hours nine in ten below"} <= set(main)
    assert (row["Action"], row["Late reasons"], row["Working hours mean"]) == ("=call", "too much work: 1", 1.5)
    assert (task["Deadline"], task["Ended at"]) == (datetime(2026, 3, 4, 10), datetime(2026, 3, 5, 10))  # noqa: DTZ001 - Excel knows no zones
    assert b"<f>" not in drawn
    assert b"<autoFilter" in drawn


def test_excel_says_what_was_asked_as_people_do(desk: Any) -> None:
    """The moment on the clock of the house; not a word about what was not asked for."""
    asked = {**as_report(figures(desk, By.EMPLOYEE)).asked, "spread": None}

    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(Report(asked=asked, sheets=()))))
    told = {str(what): answer for what, answer in book.get_sheet_by_name("Question").to_python()}
    campaign = CalamineWorkbook.from_filelike(
        io.BytesIO(as_xlsx(campaign_report(desk.db, at(20), zone_name="Europe/Vilnius")))
    )

    assert (told["As of"], told["By"], told["Zone"]) == ("2026-03-20 10:00", "employee", "Europe/Vilnius")
    assert not {"Only", "Spread"} & told.keys()
    assert ["As of", "2026-03-20 10:00"] in campaign.get_sheet_by_name("Question").to_python()


def test_moments_find_room_in_their_columns(desk: Any) -> None:
    """Else Excel shows hashes: sixteen characters, where the heading is shorter."""
    desk.done(by=desk.employee("Asta"), at=at(5), due_at=at(4))
    sheet = tasks_behind(desk.db, figures(desk, By.EMPLOYEE).question)

    drawn = ZipFile(io.BytesIO(as_xlsx(Report(asked={}, sheets=(sheet,))))).read("xl/worksheets/sheet1.xml").decode()
    alike = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', drawn)
    widths = [float(width) for first, last, width in alike for _ in range(int(first), int(last) + 1)]

    room = dict(zip(flat(sheet)[0], widths, strict=True))
    assert [room[name] >= 16 for name in ("began_at", "deadline", "ended_at")] == [True] * 3


def test_json_shows_numerator_denominator_and_interval(desk: Any) -> None:
    """Nothing is claimed where nothing was counted."""
    desk.done(by=desk.employee("Asta"), at=at(3), due_at=at(4), working=5400)

    told = as_json(as_report(figures(desk, By.EMPLOYEE)))

    rate = told["rows"][0]["on_time_rate"]
    assert rate == {"numerator": 1, "denominator": 1, "share": 1.0, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0}
    assert told["rows"][0]["success_rate"]["share"] is None
    assert told["rows"][0]["working_hours_mean"] == 1.5
    assert told["counts"] == "each person's time with a task"


def test_csv_and_excel_have_every_figure(desk: Any) -> None:
    """The same headings, all rates with both ends of their intervals."""
    desk.task()

    headings, rows = flat(as_report(figures(desk, By.ACTION, By.MONTH)).sheets[0])

    assert headings[:4] == ["action", "action_name", "month", "month_name"]
    assert {"on_time_rate", "on_time_rate_low", "on_time_rate_high", "late_reasons"} <= set(headings)
    assert len(rows) == 2


def test_the_table_leaves_out_what_is_empty(desk: Any) -> None:
    """Columns nobody needs are not shown; one group needs no sum."""
    desk.done(by=desk.employee("Asta"), at=at(3), due_at=at(4))

    well, long = (text_table(sheet) for sheet in as_screens(figures(desk, By.EMPLOYEE)))

    assert well.headings == ("Employee", "Assigned", "Done", "On time", "Late", "Why late")
    assert well.rows == (("Asta", "1", "1", "1/1 (21-100 %)", "0", ""),)
    assert long.headings == ("Employee", "Done", "Hours", "Median", "90 %", "Waited")
    assert long.rows == (("Asta", "1", "1.0", "1.0", "1.0", "0.0"),)


def test_a_percentage_is_shown_only_where_enough_were_counted() -> None:
    """Of few only the range."""
    row = {"on_time": 18, "assigned": 24, "on_time_rate_low": 0.551, "on_time_rate_high": 0.88}

    assert rate_text(row, "on_time_rate") == "18/24 75 % (55-88)"
    assert rate_text(row | {"on_time": 3, "assigned": 4}, "on_time_rate") == "3/4 (55-88 %)"
    assert rate_text(row | {"assigned": 0}, "on_time_rate") == ""


def test_a_narrow_range_is_told_with_a_decimal() -> None:
    """Whole percents would make 87 of it, from 87 to 88."""
    row = {"on_time": 20_106, "assigned": 23_060, "on_time_rate_low": 0.867524, "on_time_rate_high": 0.876151}

    assert rate_text(row, "on_time_rate") == "20106/23060 87.2 % (86.8-87.6)"


def test_many_reasons_are_summed_up() -> None:
    """The two most frequent, and how many others."""
    counted = {"still_open": 5, "client_away": 3, "a": 1, "b": 1}

    assert reasons_text(counted, {"client_away": "Klientas išvykęs"}) == "still open 5, Klientas išvykęs 3, other 2"
    assert reasons_text({}, {}) == ""


def test_dimensions_are_told_in_words() -> None:
    """Each once, in the order given; short names are understood."""
    assert parse_by("employee, Product line,tier,employee") == (By.EMPLOYEE, By.PRODUCT, By.CLIENT_TIER)
    assert parse_by("") == ()


def test_an_unknown_dimension_is_refused() -> None:
    """With the nearest, or all there are."""
    with pytest.raises(UnknownDimension) as near:
        parse_by("employe")
    with pytest.raises(UnknownDimension) as far:
        parse_by("xyz")

    assert str(near.value) == "A report cannot be split by 'employe'; did you mean employee?"
    assert str(far.value).startswith("A report cannot be split by 'xyz'. Use one or several of: employee, team, ")


def test_a_backward_period_is_refused() -> None:
    """Word for word."""
    with pytest.raises(WrongPeriod) as refusal:
        Period(first=date(2026, 3, 2), last=date(2026, 3, 1), zone="Europe/Vilnius")

    assert str(refusal.value) == (
        "The report would run from 2026-03-02 to 2026-03-01, which is backwards. "
        "Give the earlier day to --from and the later one to --to."
    )


def test_a_stretch_of_time_is_told_as_people_say_it() -> None:
    """From seconds to weeks in one column."""
    hours = [0.0, 45 / 3600, 59.6 / 3600, 8 / 60, 59.9 / 60, 1.05, 27.8, 99.99, 424.88, 12_345.6]

    assert [span(each) for each in hours] == [
        *("0 s", "45 s", "1 min", "8 min", "1 h 00 min", "1 h 03 min", "27 h 48 min", "99 h 59 min", "425 h"),
        "12,346 h",
    ]


def test_a_month_is_called_a_month(desk: Any) -> None:
    """In the column a person reads; the first day stays in the one for machines, and a total is named once."""
    desk.task(assignee_id=desk.employee("Asta"))
    told = as_json(as_report(figures(desk, By.EMPLOYEE, By.MONTH, By.QUARTER, By.YEAR, By.WEEK)))
    names = ["month_name", "quarter_name", "year_name", "week_name"]

    assert [told["rows"][0][name] for name in names] == ["2026-03", "2026 Q1", "2026", "2026-03-02"]
    assert [told["rows"][0][name] for name in ("month", "quarter")] == ["2026-03-01", "2026-01-01"]
    assert [told["all"][name] for name in ("employee_name", *names)] == ["all together", "", "", "", ""]
