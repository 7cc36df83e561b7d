"""What an import has to say: how many, what changed, and every problem with its file, row, column and reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.output import Column, say, show, show_json, warn

if TYPE_CHECKING:
    from intake.cells.problem import RowProblem, RowProblems
    from intake.history.history_report import HistoryReport
    from intake.importing import ImportReport

SHOWN_PROBLEMS = 20
COUNTS = (
    Column("what", "What"),
    Column("added", "Added", is_number=True),
    Column("changed", "Changed", is_number=True),
    Column("unchanged", "Unchanged", is_number=True),
    Column("fields", "Changed fields"),
)
PLACES = (Column("row", "Row", is_number=True), Column("column", "Column"), Column("reason", "Reason"))
WARNED = (Column("count", "Rows", is_number=True), Column("column", "Column"), Column("reason", "Reason"))


def tell(report: ImportReport, path: Path, problem_file: Path | None) -> None:
    """The whole answer; problems beyond what a screen bears go into a file. Raises: ProblemFileNotWritten."""
    written = problems_written(report, path, problem_file)
    if choices().is_json:
        show_json(_as_json(report, written))
        return
    would = "would go" if report.is_dry_run else "went"
    say(f"{report.file}: {_rows(report.rows)}, {report.imported} {would} in, {report.refused} refused.")
    show(_counted(report), COUNTS, empty="")
    tell_problems(report.problems, report.file, is_dry_run=report.is_dry_run)
    for note in report.notes:
        warn(note)
    tell_problem_file(report.problems, written)
    if report.mend_file is not None:
        say(f"The refused rows are in {report.mend_file}: mend them there and import that file in the same way.")
    if report.is_dry_run:
        say("This was a dry run: nothing was imported.")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _counted(report: ImportReport) -> list[dict[str, Any]]:
    return [
        {
            "what": name,
            "added": tally.added,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "fields": dict(sorted(tally.fields.items())),
        }
        for name, tally in report.tallies.items()
    ]


def _refused(problems: RowProblems) -> list[RowProblem]:
    """All that is wrong with rows that did not go in."""
    return [each for each in problems if each.row in problems.refused]


def _taken(problems: RowProblems) -> list[RowProblem]:
    """What should be known of rows that went in."""
    return [each for each in problems if each.row not in problems.refused]


def _is_hidden(problems: RowProblems) -> bool:
    """Whether some of it does not fit the screen."""
    return len(_refused(problems)) > SHOWN_PROBLEMS or problems.counted.total() > SHOWN_PROBLEMS


def tell_problems(problems: RowProblems, file: str, *, is_dry_run: bool) -> None:
    """What is wrong with rows, refused ones first, as many as a screen bears."""
    would = "Would go in" if is_dry_run else "Went in"
    _tell_rows(f"Refused rows of {file}:", _refused(problems))
    _tell_rows(f"{would}, but look at these rows of {file}:", _taken(problems))
    if problems.counted.total() > SHOWN_PROBLEMS:
        counted = [
            {"count": count, "column": column, "reason": reason}
            for (column, reason), count in problems.counted.most_common(SHOWN_PROBLEMS)
        ]
        show(counted, WARNED, empty="", title="Holes in all:")


def _tell_rows(title: str, problems: list[RowProblem]) -> None:
    if not problems:
        return
    places = [{"row": each.row, "column": each.column, "reason": each.reason} for each in problems]
    show(places[:SHOWN_PROBLEMS], PLACES, empty="", title=title)
    if len(places) > SHOWN_PROBLEMS:
        say(f"… and {len(places) - SHOWN_PROBLEMS} more.")


def problems_written(report: ImportReport | HistoryReport, path: Path, problem_file: Path | None) -> Path | None:
    """The file with every problem: where it is asked for, else beside a file whose problems do not fit the screen.

    A dry run writes only what was asked for. Raises: ProblemFileNotWritten.
    """
    from intake.reading.problem_file import ProblemFileNotWritten, problem_path, write_problem_file

    if problem_file is None and (report.is_dry_run or choices().is_json or not _is_hidden(report.problems)):
        return None
    beside = report.mend_file if report.mend_file is not None else path
    target = problem_file or beside.with_name(problem_path(path).name)
    try:
        write_problem_file(report.problems, report.file, target)
    except ProblemFileNotWritten as error:
        if problem_file is not None:
            raise
        warn(str(error))
        return None
    return target


def tell_problem_file(problems: RowProblems, written: Path | None) -> None:
    """Where all of them are to be read; nothing where the screen held them."""
    kept, every = len(problems.warnings), problems.counted.total()
    if written is not None:
        first = f" (of what went in the first {kept:,} of {every:,})" if kept < every else ""
        say(f"Every problem, row by row{first}: {written}")
    elif _is_hidden(problems):
        say("Every problem, row by row: say --problems FILE to have them written there.")


def _as_json(report: ImportReport, written: Path | None) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "file": report.file,
        "dry_run": report.is_dry_run,
        "import_id": report.import_id,
        "imported": report.imported,
        **report.counts,
        "problems": [
            {"row": each.row, "column": each.column, "reason": each.reason, "refused": each.is_refusal}
            for each in report
        ],
        "notes": list(report.notes),
        "mend_file": report.mend_file,
        "problem_file": written,
    }
