"""`taktas report comparison`: people compared by what was to be expected of their work, chance allowed for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import report_showing as showing
from cli.output import say, write_file
from cli.progress import progress
from cli.report_showing import as_asked, question_of
from cli.work_words import language
from core.errors import UsageError

if TYPE_CHECKING:
    from reports.assignment import Question
    from reports.comparison import Comparison
    from reports.drawing import PictureFormat

group = typer.Typer()


@group.command("comparison")
def comparison_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
    by: Annotated[str, typer.Option(metavar="WORD", help="Compare people (employee) or teams (team).")] = "employee",
    measure: Annotated[str, typer.Option(metavar="WORD", help="on_time or success.")] = "on_time",
    against: Annotated[
        str, typer.Option(metavar="WORD", help="standards (their targets) or house (the house's own rates).")
    ] = "standards",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    chart: showing.Chart = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Compare people by how much went well against what was expected of just their mix of work.

    Chance is allowed for: with --chart as a funnel plot, whose lines show how far anybody strays by chance alone.

    Examples:
      taktas report comparison --from 2026-01-01 --to 2026-03-31 --chart funnel.svg
      taktas report comparison --from 2026-01-01 --to 2026-03-31 --measure success --against house
    """
    from reports.comparison_sheet import comparison_report

    wanted = as_asked(form, out)
    picture = _picture_format(chart)
    question = question_of(first=first, last=last, by=by, as_of=as_of, only=only)
    told = _compared(question, measure, against)
    head = showing.heading(question, "Work assigned")
    showing.deliver(comparison_report(told), wanted, out, head=head, empty="Nothing in these days can be judged yet.")
    if chart is not None and picture is not None:
        from reports.funnel_chart import funnel

        with progress("Drawing"):
            write_file(chart, funnel(told, picture))
        say(f"The picture is in {chart}.")


def _picture_format(chart: Path | None) -> PictureFormat | None:
    if chart is None:
        return None
    from reports.drawing import picture_format

    return picture_format(chart)


def _compared(question: Question, measure: str, against: str) -> Comparison:
    from models.database import read
    from reports.comparison import Against, compare
    from reports.comparison_query import Measure

    chosen = showing.one_of(Measure, measure, "--measure"), showing.one_of(Against, against, "--against")
    if len(question.by) != 1:
        raise UsageError("Compare one thing at a time: --by employee or --by team.")
    with read() as db, progress("Comparing"):
        return compare(db, question, who=question.by[0], measure=chosen[0], against=chosen[1], language=language())
