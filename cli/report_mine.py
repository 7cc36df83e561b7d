"""`taktas report mine`: everybody's own figures, with the tasks behind every number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from cli import report_showing as showing
from cli.output import moment, say
from cli.progress import progress
from cli.report_showing import Format, as_asked
from cli.work_words import language, moment_of

if TYPE_CHECKING:
    from reports.assignment import Question
    from reports.efficiency import Efficiency
    from reports.sheet import Sheet

group = typer.Typer()
SHOWN_LATE = 15


@group.command("mine")
def mine_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
    by: showing.By = "action",
    as_of: showing.AsOf = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Show your own figures, what was late, and every task behind the numbers.

    With --format xlsx or --json all tasks come with the figures.

    Examples:
      taktas report mine --as asta
      taktas report mine --as asta --from 2026-03-01 --to 2026-03-31 --format xlsx --out mine.xlsx
    """
    from models.database import read
    from reports.efficiency import efficiency
    from reports.task_list import Figure, tasks_behind

    wanted, at = as_asked(form, out), moment_of(as_of)
    question = _own_question(first, last, by, at)
    on_screen = wanted is Format.TABLE and out is None
    with read() as db, progress("Counting"):
        figures = efficiency(db, question, language=language())
        figure = Figure.LATE if on_screen else Figure.ASSIGNED
        tasks = tasks_behind(db, question, figure, language=language())
    if on_screen:
        _show(figures, tasks)
        return
    from reports.efficiency_table import as_report

    told = as_report(figures)
    showing.deliver(replace(told, sheets=(*told.sheets, tasks)), wanted, out)


def _own_question(first: str | None, last: str | None, by: str, at: datetime) -> Question:
    """This month so far, unless told otherwise, of whoever asks."""
    from cli.actor import acting
    from models.database import read
    from reports.assignment import Question
    from reports.dimension import parse_by

    with read() as db:
        actor = acting(db)
    period = showing.period_of(first, last, at)
    own = () if actor.employee_id is None else (actor.employee_id,)
    return Question(period=period, by=parse_by(by), as_of=at, employee_ids=own)


def _show(figures: Efficiency, late: Sheet) -> None:
    from core.settings import settings
    from reports.efficiency_table import as_screens

    login = settings().user
    period = figures.question.period
    say(f"Your work, assigned from {period.first} to {period.last}, as of {moment(figures.question.as_of)}")
    if not figures.total["assigned"].sum():
        say("Nothing was assigned to you in these days.")
        return
    for sheet in as_screens(figures):
        say(f"{showing.shown(sheet)}\n")
    if late.rows:
        say("Counted as late:")
        say(showing.shown(replace(late, rows=late.rows[:SHOWN_LATE])))
        say(f"and {len(late.rows) - SHOWN_LATE} more." if len(late.rows) > SHOWN_LATE else "")
    say(
        "The tasks behind any number: "
        f"taktas report efficiency --from {period.first} --to {period.last} --only employee={login} --figure on_time"
    )
