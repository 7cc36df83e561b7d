"""`taktas report durations`: how long work took from beginning to end, the house's own or that of an event log."""

from __future__ import annotations

import typer

from cli import report_showing as showing
from cli.progress import progress
from cli.report_showing import as_asked, question_of
from cli.work_words import language

group = typer.Typer()


@group.command("durations")
def durations_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
    by: showing.By = "employee,action",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Say how long work took from beginning to end: mean, shortest, longest and deviation, by whom and at what.

    Elapsed hours by the clock on the wall; then the working hours in them (mean, median, 90 %), waiting told apart.
    Work counts in the period in which it was done. What has no beginning counts as an event and has no duration.

    Examples:
      taktas report durations --from 2011-10-01 --to 2012-03-31 --only process=loan_application
      taktas report durations --from 2026-01-01 --to 2026-03-31 --by action --format csv --out durations.csv
    """
    from models.database import read
    from reports.event_log.durations import durations_report

    wanted = as_asked(form, out)
    question = question_of(first=first, last=last, by=by, as_of=as_of, only=only)
    with read() as db, progress("Measuring"):
        told = durations_report(db, question, language=language())
    head = showing.heading(question, "Work done")
    showing.deliver(told, wanted, out, head=head, empty="Nothing that was begun was done in these days.")
