"""`taktas report`: figures as a table, CSV, JSON or Excel."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import choices
from cli.output import Column, json_text, moment, say, table, write_bytes, write_file
from cli.progress import progress
from core.errors import UsageError

if TYPE_CHECKING:
    from reports.efficiency import Efficiency

group = typer.Typer()
report = typer.Typer(help="Figures: how much was done, how well and how fast.")
group.add_typer(report, name="report")


class Format(StrEnum):
    """How the figures are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


@report.command("efficiency")
def efficiency_command(
    *,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, such as 2026-03-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, included.")],
    by: Annotated[
        str, typer.Option(metavar="WORDS", help="Split by one or several, such as employee,action,product.")
    ] = "employee",
    as_of: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="As things stood then; now, if not given.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
) -> None:
    """Say how well the work assigned in a period was done.

    The denominator of every rate is the work assigned in the period; open and overdue counts as late. Behind each
    rate stands its 95 % interval. docs/figures.md defines every figure.

    Examples:
      taktas report efficiency --from 2026-03-01 --to 2026-03-31
      taktas report efficiency --from 2026-03-01 --to 2026-03-31 --by action,product --format xlsx --out march.xlsx
    """
    wanted = Format.JSON if choices().is_json else form
    if wanted is Format.XLSX and out is None:
        raise UsageError("An Excel file cannot be shown on the screen. Say where to write it: --out figures.xlsx")
    figures = _figures(first, last, by, as_of, prefect=prefect)
    if wanted is Format.TABLE and out is None:
        _show_table(figures)
    else:
        _deliver(_written(figures, wanted), out)


def _figures(first: str, last: str, by: str, as_of: str | None, *, prefect: bool) -> Efficiency:
    from cli.actor import anyone
    from core.clock import now, parse_date, parse_moment
    from core.settings import settings
    from models.database import read
    from reports.assignment import Question
    from reports.dimension import parse_by
    from reports.efficiency import efficiency
    from reports.period import Period
    from reports.sight import seen_by

    zone = settings().zone
    period = Period(first=parse_date(first), last=parse_date(last), zone=zone)
    at = parse_moment(as_of, zone) if as_of else now()
    with read() as db:
        question = Question(period=period, by=parse_by(by), as_of=at, employee_ids=seen_by(db, anyone(db)))
        if not prefect:
            with progress("Counting"):
                return efficiency(db, question, language=settings().language)
    from flows.entry import run_efficiency

    with progress("Counting"):
        return run_efficiency(question, language=settings().language)


def _show_table(figures: Efficiency) -> None:
    """What was asked, the table, and how to read it."""
    from reports.efficiency_table import FEW, as_table

    question = figures.question
    say(f"Work assigned from {question.period.first} to {question.period.last}, as of {moment(question.as_of)}")
    if not figures.total["assigned"].sum():
        say("Nothing was assigned in these days.")
        return
    told = as_table(figures)
    headed = zip(told.headings, told.are_numbers, strict=True)
    columns = [Column(heading, heading, is_number) for heading, is_number in headed]
    say(table(columns, told.rows))
    say(
        f"Rates are of what was assigned, with their 95 % interval; of fewer than {FEW} only the interval is shown.\n"
        "Hours are working hours of what was done: mean, median, what nine in ten stayed below; then time waited."
    )


def _written(figures: Efficiency, form: Format) -> bytes:
    from reports.efficiency_table import as_table
    from reports.export import as_csv, as_json, as_xlsx

    if form is Format.CSV:
        return as_csv(figures)
    if form is Format.XLSX:
        return as_xlsx(figures)
    if form is Format.JSON:
        return f"{json_text(as_json(figures))}\n".encode()
    told = as_table(figures)
    columns = [Column(heading, heading) for heading in told.headings]
    return table(columns, told.rows).encode()


def _deliver(content: bytes, out: Path | None) -> None:
    """To the file, whole or not at all, or to the screen."""
    if out is None:
        write_bytes(content)
        return
    write_file(out, content)
    say(f"Written to {out}.")
