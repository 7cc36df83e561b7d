"""`taktas report`: figures as a table, CSV, JSON or Excel, and the tasks behind each number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import report_comparison, report_durations, report_mine, report_pace, report_renewals
from cli import report_showing as showing
from cli.output import say
from cli.progress import progress
from cli.report_showing import Format, question_of
from cli.work_words import language
from core.errors import UsageError

if TYPE_CHECKING:
    from reports.assignment import Question
    from reports.efficiency import Efficiency

group = typer.Typer()
report = typer.Typer(help="Figures: how much was done, how well and how fast.")
group.add_typer(report, name="report")
report.add_typer(report_renewals.group)
report.add_typer(report_comparison.group)
report.add_typer(report_durations.group)
report.add_typer(report_mine.group)
report.add_typer(report_pace.group)


@report.command("efficiency")
def efficiency_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
    by: showing.By = "employee",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    last_night: Annotated[
        bool, typer.Option("--last-night", help="As of the last nightly snapshot, answered at once.")
    ] = False,
    tasks: Annotated[bool, typer.Option("--tasks", help="List the tasks behind the numbers.")] = False,
    figure: Annotated[
        str | None, typer.Option(metavar="WORD", help="The tasks behind this number, such as late or on_time.")
    ] = None,
    form: showing.Form = None,
    out: showing.Out = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
) -> None:
    """Say how well the work assigned in a period was done.

    The denominator of every rate is the work assigned in the period; open and overdue counts as late. Behind each
    rate stands its 95 % interval. docs/figures.md defines every figure.

    Examples:
      taktas report efficiency --from 2026-03-01 --to 2026-03-31
      taktas report efficiency --from 2026-03-01 --to 2026-03-31 --by action,product --format xlsx --out march.xlsx
      taktas report efficiency --from 2026-03-01 --to 2026-03-31 --only employee=asta --tasks --figure late
    """
    wanted = showing.as_asked(form, out)
    if last_night and (as_of or tasks or figure or prefect):
        raise UsageError("--last-night says as of when, and keeps no tasks: leave out --as-of, --tasks and --prefect.")
    question = question_of(first=first, last=last, by=by, as_of=as_of, only=only)
    if tasks or figure:
        _deliver_tasks(question, figure or "assigned", wanted, out)
        return
    figures = _figures(question, last_night=last_night, prefect=prefect)
    if wanted is Format.TABLE and out is None:
        _show_table(figures)
    else:
        from reports.efficiency_table import as_report

        head = showing.heading(figures.question, "Work assigned")
        showing.deliver(as_report(figures), wanted, out, head=head)


def _figures(question: Question, *, last_night: bool, prefect: bool) -> Efficiency:
    from models.database import read
    from reports.efficiency import efficiency
    from reports.snapshot_reading import efficiency_of_snapshot

    spoken = language()
    with progress("Counting"):
        if prefect:
            from flows.entry import run_efficiency

            return run_efficiency(question, language=spoken)
        with read() as db:
            count = efficiency_of_snapshot if last_night else efficiency
            return count(db, question, language=spoken)


def _show_table(figures: Efficiency) -> None:
    """What was asked, the table, and how to read it."""
    from reports.efficiency_table import as_screens
    from reports.sheet import FEW

    question = figures.question
    say(showing.heading(question, "Work assigned"))
    if not figures.total["assigned"].sum():
        say("Nothing was assigned in these days.")
        return
    how_well, how_long = as_screens(figures)
    say(f"{showing.shown(how_well)}\n")
    say(
        f"Rates are of what was assigned, with their 95 % interval; of fewer than {FEW} only the interval is shown.\n"
        "Below, working hours of what was done: mean, median, what nine in ten stayed below; then time waited.\n"
    )
    say(showing.shown(how_long))
    if figures.total["effort_recorded"].sum():
        say("Effort: minutes spent for each minute of the standard, where they were recorded; 1.00 is as planned.")


def _deliver_tasks(question: Question, figure: str, form: Format, out: showing.Out) -> None:
    from models.database import read
    from reports.sheet import Report
    from reports.task_list import asked_for, figure_of, tasks_behind, told_count

    wanted = figure_of(figure)
    with read() as db, progress("Looking up"):
        sheet = tasks_behind(db, question, wanted, language=language())
    told = Report(asked=asked_for(question, wanted), sheets=(sheet,))
    head = f"{showing.heading(question, 'Work assigned')}\n{told_count(sheet, wanted)}"
    showing.deliver(told, form, out, head=head, empty="No task at all.")
