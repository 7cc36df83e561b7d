"""`taktas import history`, `report durations` and `export` as they are typed and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.app import run

MAPPING = "import: history\nprocess: calls\nemployees: {unknown: make former}\nevents without a partner: keep\n"
TABLE = MAPPING + "columns: {case: Case, activity: What, start: From, complete: To, employee: Who}\n"
ROWS = (
    "Case,What,From,To,Who\n"
    "K1,Call,2026-01-12T10:00:00+02:00,2026-01-12T11:00:00+02:00,asta\n"
    "K1,Note,,2026-01-12T12:00:00+02:00,asta\n"
    "K2,Call,2026-01-12T10:00:00+02:00,never,jonas\n"
)


@pytest.fixture
def calls(tmp_path: Path) -> list[str]:
    """The words that import a small table of calls."""
    table, mapping = tmp_path / "calls.csv", tmp_path / "calls.map.yaml"
    table.write_text(ROWS, encoding="utf-8")
    mapping.write_text(TABLE, encoding="utf-8")
    return ["import", "history", str(table), "--map", str(mapping), "--as-of", "2026-03-02"]


@pytest.mark.usefixtures("house")
def test_an_import_of_history_tells_what_it_made_of_it(calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Cases, pieces of work, what had no partner, who was made, what is to be mended."""
    code = run(calls)

    told = capsys.readouterr().out
    assert code == 0
    assert told.startswith(
        "calls.csv: 2 cases, 1 went in as calls, 0 were here already, 1 refused.\n"
        "Events: 3. Pieces of work with a beginning and an end: 1.\n"
        "Events that belong to no such piece of work: 1, kept as moments without a duration.\n"
    )
    assert "Unknown people who were made former employees: 1 (asta)." in told
    assert "'never' is not a date" in told
    assert "calls.to-mend.csv: mend them there and import that file in the same way." in told


@pytest.mark.usefixtures("house")
def test_work_without_a_beginning_is_told_by_itself(
    calls: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A completed call nobody began is not the same as a note, which never begins."""
    (tmp_path / "calls.csv").write_text(ROWS + "K3,Call,,2026-01-12T13:00:00+02:00,asta\n", encoding="utf-8")

    run([*calls, "--dry-run"])

    assert (
        "Events that belong to no such piece of work: 2, kept as moments without a duration.\n"
        "1 of them complete work whose beginning is not in the log, while other work of the same activity has one. "
        "They have no duration; none was made up.\n"
    ) in capsys.readouterr().out


@pytest.mark.usefixtures("house")
def test_a_machine_reads_what_a_dry_run_would_do(calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--json holds every figure."""
    code = run([*calls, "--dry-run", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["cases"], told["events"], told["tasks"], told["refused"], told["dry_run"]) == (1, 3, 1, 1, True)
    assert told["without_partner"] == [{"transition": "complete", "activity": "Note", "count": 1}]
    assert told["problems"] == [{"line": 4, "reason": "'never' is not a date"}]


@pytest.mark.usefixtures("house")
def test_every_problem_of_a_log_is_written_where_it_is_asked_for(
    calls: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also in a dry run; and beside the log where the screen does not hold them."""
    many = "".join(f"L{number},Call,2026-01-12T10:00:00+02:00,never,jonas\n" for number in range(25))
    (tmp_path / "calls.csv").write_text(ROWS + many, encoding="utf-8")
    asked = tmp_path / "asked.csv"

    run([*calls, "--dry-run", "--problems", str(asked)])
    run(calls)

    told = capsys.readouterr().out
    beside = tmp_path / "calls.problems.csv"
    assert f"Every problem, row by row: {asked}\n" in told
    assert f"Every problem, row by row: {beside}\n" in told
    assert asked.read_text(encoding="utf-8-sig").count("'never' is not a date") == 26
    assert "calls.csv,4,,refused," in beside.read_text(encoding="utf-8-sig")


@pytest.mark.usefixtures("house")
def test_durations_and_the_log_follow_from_what_came_in(
    calls: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One hour of Asta's, on the screen and in a file for process mining."""
    out = tmp_path / "calls.xes"
    run(calls)
    capsys.readouterr()

    durations = run(["report", "durations", "--from", "2026-01-01", "--to", "2026-01-31", "--json"])
    told = json.loads(capsys.readouterr().out)
    export = run(["export", str(out), "--process", "calls"])

    assert (durations, export) == (0, 0)
    assert [(row["employee_name"], row["action_name"], row["items"], row["mean_seconds"]) for row in told["rows"]] == [
        ("asta", "Call", 1, 3600),
        ("asta", "Note", 0, None),
    ]
    assert sum(row["events"] for row in told["rows"]) == told["all"]["events"] == 3
    assert told["all"]["items"] == 1
    assert f"Written to {out}" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8").count("<event>") == 3


@pytest.mark.usefixtures("house")
def test_durations_are_those_of_the_worked_example(
    calls: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/history.md: 30, 40 and 80 minutes; on the screen as people say it."""
    ends = ("10:30", "10:40", "11:20")
    lines = [f"K{end},Call,2026-01-12T10:00:00+02:00,2026-01-12T{end}:00+02:00,asta\n" for end in ends]
    (tmp_path / "calls.csv").write_text("Case,What,From,To,Who\n" + "".join(lines), encoding="utf-8")
    run(calls)
    asked = ["report", "durations", "--from", "2026-01-01", "--to", "2026-01-31"]
    capsys.readouterr()

    run([*asked, "--json"])
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    run(asked)
    shown = capsys.readouterr().out

    seconds = [row[f"{name}_seconds"] for name in ("mean", "shortest", "longest", "deviation")]
    assert seconds[:3] == [50 * 60, 30 * 60, 80 * 60]
    assert seconds[3] == pytest.approx(60 * (1400 / 2) ** 0.5)
    assert f"{seconds[3] / 60:.1f}" == "26.5"
    assert "50 min    30 min  1 h 20 min     26 min" in shown


@pytest.mark.usefixtures("house")
def test_a_log_of_which_nothing_goes_in_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit code 1."""
    table = tmp_path / "calls.xes"
    table.write_text("<log><trace/></log>", encoding="utf-8")

    code = run(["import", "history", str(table)])

    assert code == 1
    assert "No case of calls.xes went in. Mend what is named above and import it again." in capsys.readouterr().err


@pytest.mark.usefixtures("house")
def test_a_process_is_named_for_history_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere the word has no meaning."""
    code = run(["import", "clients", str(tmp_path / "x.csv"), "--process", "calls"])

    assert code == 2
    assert "--process goes with history only: taktas import history FILE.xes --process NAME" in capsys.readouterr().err
