"""`taktas export`: event logs for process mining, without names of people unless they are asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.actor import anyone
from cli.choices import choices
from cli.output import say, show_json
from cli.progress import progress

group = typer.Typer()


@group.command("export")
def export_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .xes, .xes.gz, .jsonocel or .xmlocel (OCEL 2.0).")
    ],
    *,
    process: Annotated[str, typer.Option(metavar="NAME", help="Only cases of this process.")] = "",
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Cases begun on this day or later.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Cases begun on this day or before.")] = None,
    with_names: Annotated[
        bool, typer.Option("--with-names", help="Names of employees and clients beside their codes.")
    ] = False,
) -> None:
    """Write an event log: who did what in which case, and when.

    Imported cases go out as they came in. People are told by login and number unless --with-names is given.

    Examples:
      taktas export renewals.xes.gz --process renewal --from 2026-01-01 --to 2026-03-31
      taktas export everything.jsonocel
    """
    from models.database import read
    from reports.event_log.chosen import Chosen
    from reports.event_log.writing import write_log

    start, end = _stretch(first, last)
    chosen = Chosen(process=process, start=start, end=end, with_names=with_names)
    with read() as db, progress(f"Writing {file.name}") as step:
        write_log(db, anyone(db), file, chosen, step)
    if choices().is_json:
        show_json({"file": file, "bytes": file.stat().st_size})
    say(f"Written to {file} ({file.stat().st_size:,} bytes).")


def _stretch(first: str | None, last: str | None) -> tuple[datetime | None, datetime | None]:
    from core.clock import parse_date, start_of
    from core.settings import settings

    where = settings().zone
    start = start_of(parse_date(first), where) if first else None
    return start, start_of(parse_date(last) + timedelta(days=1), where) if last else None
