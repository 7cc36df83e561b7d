"""The reports as a person types them: every format, every picture, every refusal in a sentence."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from cli.app import run
from core.settings import settings
from models import campaigns, contracts, definitions
from models.database import begin
from reports.snapshot import take_snapshot
from tasks.handbooks import calendars

MARCH = ["--from", "2026-03-01", "--to", "2026-03-31", "--as-of", "2026-03-20"]
PERIOD_REPORTS = ["efficiency", "comparison", "pace", "renewals"]


def at(day: int) -> datetime:
    """A morning of March 2026."""
    return datetime(2026, 3, day, 8, tzinfo=UTC)


@pytest.fixture
def office(house: Any, desk_of: Any) -> Any:
    """Asta and Benas with some work, a renewal that was lost, a campaign."""
    with begin() as db:
        desk = desk_of(db)
        calendar, _ = calendars.calendar_of(db)
        asta, benas = desk.employee("=1+1 Asta", login="asta"), desk.employee("Benas", login="benas", is_manager=True)
        for number in range(6):
            desk.done(
                by=asta if number % 2 else benas,
                at=at(3 if number < 4 else 5),
                due_at=at(4),
                title=f"Call {number}",
                calendar_version_id=calendar,
            )
        desk.task(assignee_id=asta, due_at=at(25), title="Call 7", calendar_version_id=calendar)
        process = desk.put(definitions.processes, name="renewal", subject="term")
        insurer = desk.put(contracts.insurers, code="acme", name="Acme")
        line = desk.put(contracts.product_lines, code="motor", labels={"en": "Motor"})
        policy = desk.put(
            contracts.policies, client_id=desk.client(), insurer_id=insurer, product_line_id=line, number="P1"
        )
        term = desk.put(contracts.terms, policy_id=policy, sequence=1, expires_on=date(2026, 3, 15))
        desk.case(process_id=process, subject_id=term, end_code="lost", is_success=False, reason="price")
        desk.put(campaigns.campaigns, code="spring", name="Spring", starts_on=date(2026, 3, 2))
    return house


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that works says."""
    capsys.readouterr()
    code = run(list(words))
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is refused says."""
    capsys.readouterr()
    assert run(list(words)) in {1, 2}
    return capsys.readouterr().err.strip()


def test_every_report_is_written_in_every_format(
    office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A table for people, JSON, CSV and Excel; a hostile name is a name in all of them."""
    for report in PERIOD_REPORTS:
        check_formats(report, capsys, tmp_path)


def check_formats(report: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One report in all of them."""
    asked = ["report", report, *MARCH, "--by", "product" if report == "renewals" else "employee"]

    table = told(capsys, *asked)
    listed = json.loads(told(capsys, *asked, "--json"))
    rows = list(csv.DictReader(io.StringIO(told(capsys, *asked, "--format", "csv"), newline="")))
    told(capsys, *asked, "--format", "xlsx", "--out", str(tmp_path / "f.xlsx"))
    book = CalamineWorkbook.from_path(str(tmp_path / "f.xlsx"))

    assert listed["rows"]
    assert len(rows) >= len(listed["rows"])
    assert {"Figures", "Question"} <= set(book.sheet_names)
    assert len(book.get_sheet_by_name("Figures").to_python()) == len(rows) + 1
    if report != "renewals":
        assert "=1+1 Asta" in table
        assert any("=1+1 Asta" in row for row in book.get_sheet_by_name("Figures").to_python())


def test_pictures_are_written_beside_the_table(office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where it is, is said."""
    for report, ending in (("comparison", "svg"), ("pace", "png")):
        place = tmp_path / f"chart.{ending}"

        said = told(capsys, "report", report, *MARCH, "--chart", str(place))

        assert f"The picture is in {place}." in said
        assert place.stat().st_size > 5_000


def test_the_tasks_behind_a_number_are_listed(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As many as the number says."""
    said = told(capsys, "report", "efficiency", *MARCH, "--tasks", "--figure", "late", "--only", "employee=asta")
    listed = json.loads(told(capsys, "report", "efficiency", *MARCH, "--tasks", "--json"))

    assert said.startswith("Work assigned from 2026-03-01 to 2026-03-31, as of Fri 2026-03-20 00:00\n")
    assert "Only where employee=asta.\n1 counted as late:\n" in said
    assert "Call 5" in said
    assert (len(listed["rows"]), listed["figure"]) == (7, "assigned")
    assert told(capsys, "report", "efficiency", *MARCH, "--figure", "late", "--only", "employee=asta") == said


def test_an_answer_that_is_a_file_holds_nothing_else(
    office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No heading above the columns, no sentence behind the rows; a table in a file keeps its heading."""
    plain, picture = tmp_path / "late.txt", str(tmp_path / "pace.svg")

    behind = told(capsys, "report", "efficiency", *MARCH, "--figure", "late", "--format", "csv")
    drawn = told(capsys, "report", "pace", *MARCH, "--chart", picture, "--format", "json")
    told(capsys, "report", "efficiency", *MARCH, "--figure", "late", "--out", str(plain))
    on_screen = told(capsys, "report", "pace", *MARCH, "--chart", picture)

    assert behind.startswith('"task_id","title",')
    assert json.loads(drawn)["rows"]
    assert plain.read_text().startswith("Work assigned from 2026-03-01 to 2026-03-31, as of")
    assert f"The picture is in {picture}." in on_screen


def test_what_a_csv_has_no_room_for_stands_in_a_file_beside_it(
    office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The tasks behind one's own figures, the steps of a curve; nothing where there is nothing to tell."""
    mine, pace, renewals = (tmp_path / name for name in ("mine.csv", "pace.csv", "renewals.csv"))

    said = told(capsys, "report", "mine", *MARCH, "--as", "asta", "--out", str(mine))
    told(capsys, "report", "pace", *MARCH, "--out", str(pace))
    alone = told(capsys, "report", "renewals", *MARCH, "--out", str(renewals))

    assert said == f"Written to {mine} and {tmp_path / 'mine-tasks.csv'}.\n"
    assert (tmp_path / "mine-tasks.csv").read_text().startswith('"task_id","title",')
    assert (tmp_path / "pace-curve.csv").read_text().startswith('"group","hours",')
    assert alone == f"Written to {renewals}.\n"
    assert {path.name for path in tmp_path.iterdir()} == {
        *("mine.csv", "mine-tasks.csv", "pace.csv", "pace-curve.csv", "renewals.csv"),
    }


def test_a_period_is_asked_for_by_its_length(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest word would be product."""
    assert refused(capsys, "report", "efficiency", *MARCH, "--by", "employee,period") == (
        "A report cannot be split by 'period'. Say which: day, week, month, quarter, year."
    )


def test_load_and_campaign_are_split_and_narrowed(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As they are typed; whoever is no manager is told whose work it is."""
    load = told(capsys, "report", "load", "--by", "action", "--only", "action=call", "--as-of", "2026-03-20")
    own = told(capsys, "report", "load", "--by", "team,action", "--as", "asta", "--as-of", "2026-03-20")
    none = told(capsys, "report", "campaign", "--by", "employee", "--as", "asta", "--as-of", "2026-03-20")

    assert "Only where action=call.\n" in load
    assert "Only your own work.\n" in own
    assert "Team, Action" in own
    assert none.endswith("Only your own work.\nNobody like that is on a list.\n")


def test_a_report_says_what_it_leaves_out(office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """On the screen and in the file: whoever reads it later was not there when it was asked for."""
    only = ["--only", "action=call,month=2026-03"]
    place = tmp_path / "calls.xlsx"
    for report in PERIOD_REPORTS:
        assert "Only where action=call,month=2026-03." in told(capsys, "report", report, *MARCH, *only)
        own = told(capsys, "report", report, *MARCH, "--as", "asta", "--by", "employee")
        assert "Only your own work.\n" in own
    told(capsys, "report", "efficiency", *MARCH, *only, "--as", "asta", "--out", str(place))
    asked = CalamineWorkbook.from_path(str(place)).get_sheet_by_name("Question").to_python()

    assert ["Only", "action=call,month=2026-03"] in asked
    assert ["Of", "your own work"] in asked
    assert ["Source", "counted anew from the tasks"] in asked


def test_the_name_of_the_file_says_the_format(office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Excel is Excel without another word; a name that says something else is refused before anything is written."""
    book, other = tmp_path / "march.xlsx", tmp_path / "march.csv"

    told(capsys, "report", "efficiency", *MARCH, "--out", str(book))
    said = refused(capsys, "report", "efficiency", *MARCH, "--format", "xlsx", "--out", str(other))

    assert "Figures" in CalamineWorkbook.from_path(str(book)).sheet_names
    assert said == "march.csv would hold xlsx, not csv. Name it march.xlsx."
    assert not other.exists()


def test_last_night_is_told_from_the_snapshot(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As of its own moment; before there is one, it says so."""
    before = refused(capsys, "report", "efficiency", *MARCH[:4], "--last-night")
    take_snapshot(at(20))

    kept = json.loads(told(capsys, "report", "efficiency", *MARCH[:4], "--last-night", "--json"))
    anew = json.loads(told(capsys, "report", "efficiency", *MARCH[:4], "--as-of", "2026-03-20T08:00+00:00", "--json"))

    assert before.startswith("There are no figures of last night yet")
    assert kept.pop("source") == "the figures kept by the nightly snapshot"
    assert anew.pop("source") == "counted anew from the tasks"
    assert kept == anew
    on_screen = told(capsys, "report", "efficiency", *MARCH[:4], "--last-night")
    assert "as of Fri 2026-03-20 10:00, from the figures kept by the nightly snapshot\n" in on_screen
    assert refused(capsys, "report", "efficiency", *MARCH, "--last-night").startswith("--last-night says as of when")


def test_everybody_sees_their_own_figures(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """And nobody else's, in any report."""
    own = ["--as", "asta"]
    mine = told(capsys, "report", "mine", *own, *MARCH)

    assert "Your work, assigned from 2026-03-01 to 2026-03-31" in mine
    assert "Counted as late:" in mine
    listed = json.loads(told(capsys, "report", "mine", *own, *MARCH, "--json"))
    assert (listed["all"]["assigned"], len(listed["tasks"]["rows"])) == (4, 4)
    for report in ("efficiency", "comparison", "pace"):
        assert "Benas" not in told(capsys, "report", report, *own, *MARCH, "--by", "employee")
    assert "Benas" not in told(capsys, "report", "load", *own, "--as-of", "2026-03-20")
    assert "Benas" in told(capsys, "report", "load", "--as", "benas", "--as-of", "2026-03-20")
    assert refused(capsys, "report", "mine").startswith("Who are you?")


def test_load_and_campaign_answer_without_a_period(
    office: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Table, JSON and Excel."""
    load = told(capsys, "report", "load", "--weeks", "2", "--as-of", "2026-03-20")
    campaign = told(capsys, "report", "campaign", "--as-of", "2026-03-20")
    listed = json.loads(told(capsys, "report", "load", "--as-of", "2026-03-20", "--json"))
    told(capsys, "report", "campaign", "spring", "--format", "xlsx", "--out", str(tmp_path / "c.xlsx"))

    assert "Hours of work / hours there" in load
    assert "Nobody has more work than time." in load
    assert "Spring" in campaign
    assert len(listed["rows"]) == 8
    assert {"coming", "rows", "weeks"} <= set(listed)


def test_what_cannot_be_asked_is_refused_in_a_sentence(office: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is drawn or counted."""
    asked = {
        ("comparison", "--by", "employee,team"): "Compare one thing at a time: --by employee or --by team.",
        ("comparison", "--measure", "speed"): "--measure cannot be 'speed'. Use on_time or success.",
        ("comparison", "--against", "standard"): "--against cannot be 'standard'; did you mean standards?",
        ("renewals", "--process", "renewals"): (
            "No published process about terms is called 'renewals'; did you mean renewal?"
        ),
        ("pace", "--chart", "pace.pdf"): (
            "A picture is written as .svg or .png, not 'pace.pdf'. Name it chart.svg, for example."
        ),
        ("pace", "--format", "xlsx"): (
            "An Excel file cannot be shown on the screen. Say where to write it: --out figures.xlsx"
        ),
    }

    for (report, *words), sentence in asked.items():
        assert refused(capsys, "report", report, *MARCH, *words) == sentence
    assert refused(capsys, "report", "campaign", "sprin") == "There is no campaign 'sprin'; did you mean spring?"


def test_an_empty_house_is_told_so(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to count is no error."""
    assert settings().data_dir == house.data_dir
    assert "Nothing in these days can be judged yet." in told(capsys, "report", "comparison", *MARCH)
    assert "Nothing was assigned in these days." in told(capsys, "report", "pace", *MARCH)
    assert "No campaign has begun yet." in told(capsys, "report", "campaign")
