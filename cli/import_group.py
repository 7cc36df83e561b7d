"""`taktas import`: tables of clients, policies, employees and more, from Excel or CSV into the book."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.actor import anyone
from cli.import_telling import tell
from cli.output import Column, show
from cli.progress import progress
from core.actor import Door
from core.errors import TaktasError, UsageError

if TYPE_CHECKING:
    from intake.import_kinds import ImportKind
    from intake.importing import ImportReport

group = typer.Typer()
HISTORY = "history"


class NothingImported(TaktasError):
    """The file has rows, and none of them went in."""


@group.command("import")
def import_table(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What the file holds; `--fields` lists the kinds.")] = "",
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A .csv or .xlsx file.")] = None,
    *,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="How its columns become fields (YAML).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_of: Annotated[str | None, typer.Option(metavar="MOMENT", help="As if imported at that moment; now.")] = None,
    mend: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where refused rows are written; beside the file.")
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where every problem is written, row by row.")
    ] = None,
    process: Annotated[
        str, typer.Option(metavar="NAME", help="With history: of which process its cases are; as the mapping says.")
    ] = "",
    fields: Annotated[bool, typer.Option("--fields", help="List the fields such a file may bring.")] = False,
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
    from intake.import_kinds import kind_named

    if fields:
        _show_fields(kind)
        return
    if file is None:
        raise UsageError("Name what to import and the file, for example: taktas import policies FILE.csv")
    if kind == HISTORY:
        _import_history(file, mapping, as_of, mend, process, dry_run=dry_run)
        return
    if process:
        raise UsageError("--process goes with history only: taktas import history FILE.xes --process NAME")
    report = _imported(kind_named(kind), file, mapping, as_of, mend, dry_run=dry_run)
    tell(report, file, problems)
    if report.rows and not report.imported:
        raise NothingImported(f"None of the {report.rows} rows of {file.name} went in. Mend what is named above.")


def _import_history(
    file: Path, mapping: Path | None, as_of: str | None, mend: Path | None, process: str, *, dry_run: bool
) -> None:
    from cli.history_telling import tell_history
    from core.clock import now, parse_moment
    from core.settings import settings
    from intake.history.importing_log import Request, import_history
    from models.database import begin

    at = parse_moment(as_of, settings().zone) if as_of else now()
    with begin() as db, progress(f"Reading {file.name}") as step:
        actor = anyone(db, door=Door.IMPORT)
        request = Request(
            path=file, at=at, actor=actor, map_path=mapping, process=process, dry_run=dry_run, mend_to=mend
        )
        report = import_history(db, request, step)
    tell_history(report)
    if report.refused and not (report.cases or report.unchanged):
        raise NothingImported(f"No case of {file.name} went in. Mend what is named above and import it again.")


def _imported(
    kind: ImportKind, file: Path, mapping: Path | None, as_of: str | None, mend: Path | None, *, dry_run: bool
) -> ImportReport:
    from core.clock import now, parse_moment
    from core.settings import settings
    from intake.importing import import_file
    from models.database import begin

    at = parse_moment(as_of, settings().zone) if as_of else now()
    with begin() as db, progress(f"Reading {file.name}") as step:
        return import_file(
            db,
            anyone(db, door=Door.IMPORT),
            kind,
            file,
            at=at,
            map_path=mapping,
            dry_run=dry_run,
            mend_to=mend,
            on_rows=step,
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
