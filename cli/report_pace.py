"""`taktas report pace` and `taktas report load`: how long work takes, and whether the hours suffice for what comes."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import report_showing as showing
from cli.output import moment, say, write_file
from cli.progress import progress
from cli.report_showing import Format, as_asked, question_of
from cli.work_words import language, moment_of

group = typer.Typer()


@group.command("pace")
def pace_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
    by: showing.By = "action",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    chart: showing.Chart = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Say after how many working hours half and nine tenths of the work assigned are done.

    Unfinished work is not thrown away: it counts as lasting at least as long as it has (Kaplan-Meier).

    Examples:
      taktas report pace --from 2026-01-01 --to 2026-03-31
      taktas report pace --from 2026-01-01 --to 2026-03-31 --by product --chart pace.png
    """
    from models.database import read
    from reports.drawing import picture_format
    from reports.pace import pace, pace_report

    wanted = as_asked(form, out)
    picture = picture_format(chart) if chart else None
    question = question_of(first=first, last=last, by=by, as_of=as_of, only=only)
    with read() as db, progress("Measuring"):
        curves = pace(db, question, language=language())
    told, head = pace_report(question, curves), showing.heading(question, "Work assigned")
    if wanted is Format.TABLE and out is None:
        say(head)
        say(showing.shown(told.sheets[0], "Nothing was assigned in these days."))
    else:
        showing.deliver(told, wanted, out, head=head)
    if chart is not None and picture is not None:
        from reports.pace_chart import pace_chart

        with progress("Drawing"):
            write_file(chart, pace_chart(question, curves, picture))
        say(f"The picture is in {chart}.")


@group.command("load")
def load_command(
    *,
    by: showing.By = "employee",
    only: showing.Only = "",
    weeks: Annotated[int, typer.Option(min=1, max=26, help="How many weeks ahead, this one included.")] = 4,
    as_of: showing.AsOf = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Set the work of the coming weeks against the hours people are there.

    Work is what lies on desks and what is planned, by the effort of its standards, in the week in which it is due;
    overdue work in this week. Hours are the open time of calendars without absences: of the person, else of the team
    a row is told by; else of everybody asked about.

    Examples:
      taktas report load
      taktas report load --by team --weeks 8
      taktas report load --by product --only team=sales --format csv --out load.csv
    """
    from cli.actor import anyone
    from core.settings import settings
    from models.database import read
    from reports.asking import limits
    from reports.dimension import parse_by
    from reports.load import load
    from reports.load_sheet import load_report, load_table, over_full
    from reports.narrowing import parse_only
    from reports.sight import seen_by
    from reports.split import Split

    wanted, moment_asked, groups = as_asked(form, out), moment_of(as_of), parse_by(by)
    with read() as db, progress("Adding up"):
        seen, spoken = seen_by(db, anyone(db)), language()
        narrowed = parse_only(db, only, language=spoken)
        asked = Split(by=groups, only=narrowed, only_words=only.strip(), employee_ids=seen)
        told = load(db, moment_asked, zone_name=settings().zone, weeks=weeks, asked=asked, language=spoken)
    left_out = limits(asked)
    head = f"Hours of work / hours there, from {moment(moment_asked)}" + (f"\n{left_out}" if left_out else "")
    if wanted is not Format.TABLE or out is not None:
        showing.deliver(load_report(told), wanted, out, head=head)
        return
    say(head)
    say(showing.shown(load_table(told)))
    say("\n".join(over_full(told)) or "Nobody has more work than time.")
