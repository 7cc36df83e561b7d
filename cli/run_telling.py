"""What a run, a proposal and a reconciliation have to say: tables for people, one object for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.output import Column, moment, say, show_json, shown, table
from cli.work_words import language
from core.words import counted

if TYPE_CHECKING:
    from tasks.generation.approvals import Approval
    from tasks.generation.reconciliation import Reconciliation
    from tasks.generation.running import RunReport
    from tasks.generation.views import Counted

HEADINGS = {
    "employee": "Who gets the first task",
    "product_line": "Product line",
    "insurer": "Insurer",
    "week": "Due in the week of",
}
SOME = 5
ROWS = (
    Column("subject", "Subject"),
    Column("number", "Number", is_number=True),
    Column("client", "Client"),
    Column("employee", "Who"),
    Column("due_at", "Due"),
    Column("reason", "Left out because"),
    Column("result", "What became of it"),
)


def show_report(report: RunReport) -> None:
    """What a run did or would do."""
    from models.database import read
    from tasks.generation.views import in_words, left_out_in_words

    with read() as db:
        by = in_words(db, report.tally, language())
    reasons = left_out_in_words(report.tally)
    if choices().is_json:
        show_json(_as_json(report, by, reasons))
        return
    say(_headline(report))
    show_counts(by, reasons)
    if report.run_id is not None and report.state == "proposed":
        say(f"\nLook through it with `taktas runs show {report.run_id}`, then `taktas runs approve {report.run_id}`.")


def _as_json(report: RunReport, by: dict[str, Counted], reasons: Counted) -> dict[str, Any]:
    return {
        "run": report.run_id,
        "version": report.version,
        "as_of": report.as_of,
        "is_dry_run": report.is_dry,
        "state": report.state,
        "cases": report.tally.cases,
        "tasks": report.tally.tasks,
        "had_their_case": report.tally.known + report.tally.met,
        "left_out": dict(reasons),
        "by": {kind: dict(counts) for kind, counts in by.items()},
    }


def _headline(report: RunReport) -> str:
    """What happened, in one paragraph a tired reader believes."""
    tally = report.tally
    would = report.is_dry or report.state == "proposed"
    what = f"{report.version} as of {moment(report.as_of)}"
    number = f"Run {report.run_id}: " if report.run_id is not None else ""
    lines = [f"{number}{what}."]
    if report.is_dry:
        lines.append("This is only a look ahead: nothing was written.")
    started = counted(tally.cases, f"cases {'would start' if would else 'started'}")
    first = (
        f", with {tally.tasks} first {'task' if tally.tasks == 1 else 'tasks'}"
        if tally.tasks or not tally.cases
        else ""
    )
    lines.append(f"{started}{first}.")
    lines.append(f"{tally.known + tally.met} had their case already; {sum(tally.left_out.values())} left out.")
    return " ".join(lines)


def show_counts(by: dict[str, Counted], reasons: Counted) -> None:
    """By employee, product line, insurer and week, and why the rest is left out."""
    for kind, heading in HEADINGS.items():
        if by.get(kind):
            show_counted(heading, by[kind], "Cases")
    if reasons:
        show_counted("Left out because", reasons, "Subjects")


def show_counted(heading: str, counts: Counted, what: str) -> None:
    """One small table: what, and how many."""
    columns = (Column("name", heading), Column("count", what, is_number=True))
    say("\n" + table(columns, [[name, str(count)] for name, count in counts]).rstrip("\n"))


def show_approval(found: Approval) -> None:
    """What became of a proposal."""
    changed = {reason.replace("_", " "): count for reason, count in found.changed.items()}
    if choices().is_json:
        facts = {"run": found.run_id, "version": found.version, "as_of": found.as_of, "changed": changed}
        counts = {"cases": found.tally.cases, "tasks": found.tally.tasks}
        show_json(facts | counts | {"other_owner": found.other_owner, "newly_due": found.newly_due})
        return
    say(
        f"Run {found.run_id}: {found.version} as of {moment(found.as_of)}. "
        f"{counted(found.tally.cases, 'cases started')}, with {found.tally.tasks} first "
        f"{'task' if found.tally.tasks == 1 else 'tasks'}."
    )
    if changed:
        show_counted("Proposed, but not started because", tuple(changed.items()), "Subjects")
    if found.other_owner:
        say(f"{found.other_owner} went to somebody else than proposed.")
    if found.newly_due:
        say(f"{found.newly_due} more are due by now and were not proposed. Run or propose again for them.")
    if not (changed or found.other_owner or found.newly_due):
        say("Nothing had changed since it was proposed.")


def show_reconciliation(found: Reconciliation) -> None:
    """How every subject in the window is accounted for."""
    if choices().is_json:
        lists = {"doubled": list(found.doubled_ids), "stuck_cases": list(found.stuck_case_ids)}
        counts = {"subjects": found.subjects, "live": found.live, "ended": found.ended, "missing": found.missing}
        facts = {"version": found.version, "as_of": found.as_of, "left_out": dict(found.left_out)}
        show_json(facts | counts | lists | {"missing_some": list(found.missing_ids), "is_whole": found.is_whole})
        return
    accounted = [("have a live case", found.live), ("have a case that ended", found.ended)]
    accounted += [(reason.replace("_", " "), count) for reason, count in sorted(found.left_out.items())]
    say(f"{found.version} as of {moment(found.as_of)}: {found.subjects} subjects in the window.")
    show_counted("Of these", (*accounted, ("missing: due, without case or reason", found.missing)), "Subjects")
    if found.is_whole:
        say("Nothing is missing.")


def what_is_wrong(found: Reconciliation, process: str) -> str:
    """What is missing, doubled or stuck, and what to do about it."""
    parts = []
    if found.missing:
        parts.append(
            f"{found.missing} are due and have neither case nor reason ({_some(found, found.missing_ids)}): "
            f"start them with `taktas run {process}`."
        )
    if found.doubled_ids:
        doubled = _some(found, found.doubled_ids)
        parts.append(f"More than one live case in one cycle ({doubled}): void the wrong one.")
    if found.stuck_case_ids:
        some = ", ".join(str(number) for number in found.stuck_case_ids)
        live = "live case" if len(found.stuck_case_ids) == 1 else "live cases"
        parts.append(f"Nothing is to be done, waited for or timed in {live} {some}: see `taktas cases show`.")
    return " ".join(parts)


def _some(found: Reconciliation, numbers: Sequence[int]) -> str:
    """The first of them by the names people know."""
    from models.database import read
    from tasks.facts.subject_names import names_of

    with read() as db:
        names = names_of(db, [(found.subject, number) for number in numbers[:SOME]])
    return "; ".join(map(str, names.values())) + (" …" if len(numbers) > SOME else "")


def show_rows(rows: list[dict[str, Any]]) -> None:
    """The subjects of a proposal."""
    if rows:
        say("\n" + table(ROWS, [[shown(row[column.key]) for column in ROWS] for row in rows]).rstrip("\n"))
