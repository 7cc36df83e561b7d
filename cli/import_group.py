"""`taktas import`: tables of clients, policies, employees and more, from Excel or CSV into the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.actor import anyone
from cli.import_telling import tell
from cli.output import Column, show
from cli.progress import progress
from cli.work_words import moment_of
from core.actor import Door
from core.errors import TaktasError, UsageError

group = typer.Typer()
HISTORY = "history"


class NothingImported(TaktasError):
    """The file has rows, and none of them went in."""


Kind = Annotated[str, typer.Argument(metavar="KIND", help="What the file holds; `--fields` lists the kinds.")]
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="A .csv or .xlsx file.")]
Map = Annotated[Path | None, typer.Option("--map", metavar="FILE", help="How its columns become fields (YAML).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")]
AsOf = Annotated[str | None, typer.Option(metavar="MOMENT", help="As if imported at that moment; now.")]
Mend = Annotated[Path | None, typer.Option(metavar="FILE", help="Where refused rows are written; beside the file.")]
Problems = Annotated[Path | None, typer.Option(metavar="FILE", help="Where every problem is written, row by row.")]
Process = Annotated[
    str, typer.Option(metavar="NAME", help="With history: of which process its cases are; as the mapping says.")
]
Fields = Annotated[bool, typer.Option("--fields", help="List the fields such a file may bring.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of an import, whatever the file holds."""

    file: Path
    mapping: Path | None
    at: datetime
    mend: Path | None
    dry_run: bool


@group.command("import")
def import_command(
    kind: Kind = "",
    file: File = None,
    *,
    mapping: Map = None,
    dry_run: DryRun = False,
    as_of: AsOf = None,
    mend: Mend = None,
    problems: Problems = None,
    process: Process = "",
    fields: Fields = False,
) -> None:
    """Bring in clients, policies, employees and more from Excel or CSV.

    Good rows go in; each bad one is named with row, column and reason, and written to a file to be mended and imported
    again. Nothing goes in twice: a second import changes what differs and says what. Kinds: employees, absences,
    clients, insurers, product_lines, programmes, policies, invoices, payments, documents, interactions, campaigns,
    campaign_members. `history` takes event logs (XES or CSV) as work done elsewhere: docs/history.md.

    Examples:
      taktas import employees examples/employees.xlsx
      taktas import policies examples/policies.csv --map examples/policies.map.yaml --dry-run
      taktas import policies --fields
      taktas import history log.xes.gz --map examples/event_logs/bpic2012.map.yaml --dry-run
    """
    if fields:
        _show_fields(kind)
        return
    if file is None:
        raise UsageError("Name what to import and the file, for example: taktas import policies FILE.csv")
    wanted = Wanted(file=file, mapping=mapping, at=moment_of(as_of), mend=mend, dry_run=dry_run)
    if kind == HISTORY:
        _import_history(wanted, process, problems)
    else:
        _import_table(wanted, kind, process, problems)


def _import_history(wanted: Wanted, process: str, problems: Path | None) -> None:
    from cli.history_telling import tell_history
    from intake.history.importing_log import Request, import_history
    from models.database import begin

    with begin() as db, progress(f"Reading {wanted.file.name}") as step:
        request = Request(
            path=wanted.file,
            at=wanted.at,
            actor=anyone(db, door=Door.IMPORT),
            map_path=wanted.mapping,
            process=process,
            dry_run=wanted.dry_run,
            mend_to=wanted.mend,
        )
        report = import_history(db, request, step)
    tell_history(report, wanted.file, problems)
    if report.refused and not (report.cases or report.unchanged):
        raise NothingImported(f"No case of {wanted.file.name} went in. Mend what is named above and import it again.")


def _import_table(wanted: Wanted, kind: str, process: str, problems: Path | None) -> None:
    from intake.import_kinds import kind_named
    from intake.importing import import_file
    from models.database import begin

    if process:
        raise UsageError("--process goes with history only: taktas import history FILE.xes --process NAME")
    held = kind_named(kind)
    with begin() as db, progress(f"Reading {wanted.file.name}") as step:
        report = import_file(
            db,
            anyone(db, door=Door.IMPORT),
            held,
            wanted.file,
            at=wanted.at,
            map_path=wanted.mapping,
            dry_run=wanted.dry_run,
            mend_to=wanted.mend,
            on_rows=step,
        )
    tell(report, wanted.file, problems)
    if report.rows and not report.imported:
        raise NothingImported(
            f"None of the {report.rows} rows of {wanted.file.name} went in. Mend what is named above."
        )


_HOLDS = {
    "key": "number or name",
    "start": "moment",
    "end": "moment",
    "address": "text",
    "whole": "whole number",
    "yes_no": "yes or no",
}


def _show_fields(kind: str) -> None:
    """The fields of a kind; without one, the kinds."""
    from intake.import_kinds import KINDS, kind_named

    if not kind:
        kinds = [{"kind": each.name, "about": each.about} for each in KINDS.values()]
        show(kinds, (Column("kind", "Kind"), Column("about", "What it holds")), empty="")
        return
    known = kind_named(kind)
    rows = [
        {
            "path": each.path,
            "holds": _HOLDS.get(each.kind, each.kind.replace("_", " ")),
            "needed": each.is_required,
            "codes": list(each.codes),
        }
        for each in known.fields
    ]
    columns = (Column("path", "Field"), Column("holds", "Holds"), Column("needed", "Needed"), Column("codes", "One of"))
    show(rows, columns, empty="", title=f"{known.name}: {known.about}")
