"""What an import of an event log has to say: how many cases, what had no partner, whom nobody knew, what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.import_telling import problems_written, tell_problem_file, tell_problems
from cli.output import Column, say, show, show_json, warn

if TYPE_CHECKING:
    from intake.history.history_report import HistoryReport

SHOWN_PEOPLE = 10
SHOWN_UNPAIRED = 20
UNPAIRED = (
    Column("activity", "Activity"),
    Column("transition", "Event"),
    Column("count", "Count", is_number=True),
)


def tell_history(report: HistoryReport, path: Path, problem_file: Path | None) -> None:
    """The whole answer; problems beyond what a screen bears go into a file. Raises: ProblemFileNotWritten."""
    written = problems_written(report, path, problem_file)
    if choices().is_json:
        show_json(_as_json(report, written))
        return
    would = "would go" if report.is_dry_run else "went"
    cases = "case" if report.read == 1 else "cases"
    say(
        f"{report.file}: {report.read:,} {cases}, {report.cases:,} {would} in as {report.process}, "
        f"{report.unchanged:,} were here already, {report.refused:,} refused."
    )
    if report.cases:
        say(f"Events: {report.events:,}. Pieces of work with a beginning and an end: {report.items:,}.")
    _tell_unpaired(report)
    _tell_made(report)
    tell_problems(report.problems, report.file, is_dry_run=report.is_dry_run)
    for note in report.notes:
        warn(note)
    tell_problem_file(report.problems, written)
    if report.mend_file is not None:
        say(f"The refused cases are in {report.mend_file}: mend them there and import that file in the same way.")
    if report.is_dry_run:
        say("This was a dry run: nothing was imported.")


def _tell_unpaired(report: HistoryReport) -> None:
    if not report.unpaired:
        return
    total = sum(report.unpaired.values())
    became = "kept as moments without a duration" if report.kept_unpaired else "left out"
    say(f"Events that belong to no such piece of work: {total:,}, {became}.")
    if report.never_begun:
        say(
            f"{report.never_begun:,} of them complete work whose beginning is not in the log, while other work of the "
            "same activity has one. They have no duration; none was made up."
        )
    rows = [
        {"activity": activity, "transition": transition, "count": count}
        for (transition, activity), count in list(report.unpaired.items())[:SHOWN_UNPAIRED]
    ]
    show(rows, UNPAIRED, empty="")
    if len(report.unpaired) > SHOWN_UNPAIRED:
        say(f"… and {len(report.unpaired) - SHOWN_UNPAIRED} more kinds.")


def _tell_made(report: HistoryReport) -> None:
    if not report.made:
        return
    shown, rest = ", ".join(report.made[:SHOWN_PEOPLE]), len(report.made) - SHOWN_PEOPLE
    others = f" and {rest} more" if rest > 0 else ""
    would = "would be made" if report.is_dry_run else "were made"
    say(f"Unknown people who {would} former employees: {len(report.made):,} ({shown}{others}).")


def _as_json(report: HistoryReport, written: Path | None) -> dict[str, Any]:
    return {
        "kind": "history",
        "file": report.file,
        "process": report.process,
        "dry_run": report.is_dry_run,
        "import_id": report.import_id,
        **report.counts,
        "without_partner": [
            {"transition": transition, "activity": activity, "count": count}
            for (transition, activity), count in report.unpaired.items()
        ],
        "never_begun": report.never_begun,
        "former_employees_made": list(report.made),
        "problems": [{"line": each.row, "reason": each.reason} for each in report.problems],
        "notes": list(report.notes),
        "mend_file": report.mend_file,
        "problem_file": written,
    }
