"""`taktas report renewals` and `taktas report campaign`: what came of the book, and of a list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import report_showing as showing
from cli.output import moment
from cli.progress import progress
from cli.report_showing import as_asked, question_of
from cli.work_words import language, moment_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reports.split import Split

group = typer.Typer()


@group.command("renewals")
def renewals_command(
    *,
    first: showing.First = None,
    last: showing.Last = None,
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
        told = renewals_report(db, question, process=process, language=language())
    head = showing.heading(question, "Terms that expire")
    showing.deliver(told, wanted, out, head=head, empty="No term with a renewal case expires in these days.")


@group.command("campaign")
def campaign_command(
    code: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]", help="Its code; all, if not given.")] = None,
    *,
    by: showing.By = "",
    only: showing.Only = "",
    as_of: showing.AsOf = None,
    form: showing.Form = None,
    out: showing.Out = None,
) -> None:
    """Say how far the people on a campaign's list got: contacted, reached, interested, offered, sold.

    Split or narrowed, whoever is no manager sees the names they and those who answer to them have or had.

    Examples:
      taktas report campaign
      taktas report campaign spring-travel --format json
      taktas report campaign --by employee,tier
    """
    from core.settings import settings
    from models.database import read
    from reports.asking import limits
    from reports.campaign import campaign_report

    wanted, moment_asked = as_asked(form, out), moment_of(as_of)
    with read() as db, progress("Counting"):
        split, zone_name = _split(db, by, only), settings().zone
        told = campaign_report(db, moment_asked, zone_name=zone_name, code=code, split=split, language=language())
    said, is_split = limits(split), bool(split.by or split.only)
    head = f"Campaigns as of {moment(moment_asked)}" + (f"\n{said}" if said else "")
    empty = "Nobody like that is on a list." if is_split else "No campaign has begun yet."
    showing.deliver(told, wanted, out, head=head, empty=empty)


def _split(db: Connection, by: str, only: str) -> Split:
    """What is asked; how far a list got altogether everybody may know, whose names they were only who may see them."""
    from cli.actor import anyone
    from reports.dimension import parse_by
    from reports.narrowing import parse_only
    from reports.sight import seen_by
    from reports.split import Split

    groups, seen = parse_by(by), seen_by(db, anyone(db))
    narrowed = parse_only(db, only, language=language())
    is_split = bool(groups or narrowed)
    return Split(by=groups, only=narrowed, only_words=only.strip(), employee_ids=seen if is_split else None)
