"""`taktas report renewals` and `taktas report campaign`: what came of the book, and of a list of names."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import report_showing as showing
from cli.output import moment
from cli.progress import progress
from cli.report_showing import as_asked, question_of

group = typer.Typer()


@group.command("renewals")
def renewals_command(
    *,
    first: showing.First,
    last: showing.Last,
    by: showing.By = "product",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    process: Annotated[str, typer.Option(metavar="NAME", help="The process that renews.")] = "renewal",
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Say how many of the terms that expire in these days were renewed, lost or lapsed, why, and what they were worth.

    Premium is the gross premium of the whole term; currencies and kinds of commission are never added up.

    Examples:
      taktas report renewals --from 2026-01-01 --to 2026-03-31
      taktas report renewals --from 2026-01-01 --to 2026-03-31 --by employee,month --format xlsx --out renewals.xlsx
    """
    from models.database import read
    from reports.renewals import renewals_report

    wanted = as_asked(form, out)
    question = question_of(first=first, last=last, by=by, as_of=as_of, only=only)
    with read() as db, progress("Counting"):
        told = renewals_report(db, question, process=process, language=showing.language())
    head = showing.heading(question, "Terms that expire")
    showing.deliver(told, wanted, out, head=head, empty="No term with a renewal case expires in these days.")


@group.command("campaign")
def campaign_command(
    code: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]", help="Its code; all, if not given.")] = None,
    *,
    as_of: showing.AsOf = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Say how far the people on a campaign's list got: contacted, reached, interested, offered, sold.

    Examples:
      taktas report campaign
      taktas report campaign spring-travel --format json
    """
    from core.settings import settings
    from models.database import read
    from reports.campaign import campaign_report

    wanted, moment_asked = as_asked(form, out), showing.at(as_of)
    with read() as db, progress("Counting"):
        told = campaign_report(db, moment_asked, zone_name=settings().zone, code=code)
    head = f"Campaigns as of {moment(moment_asked)}"
    showing.deliver(told, wanted, out, head=head, empty="No campaign has begun yet.")
