"""`taktas doctor`: looks for what is broken, stuck or about to run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cli.choices import choices
from cli.output import Column, say, show, show_json
from cli.progress import progress

if TYPE_CHECKING:
    from models.database_status import DatabaseStatus
    from tasks.soundness import Finding

group = typer.Typer()
LEAST_ROOM = 1024**3  # bytes


@group.command("doctor")
def doctor() -> None:
    """Look for what is broken, stuck or about to run out.

    The database and its version, the calendars, the beat, messages, cases in which nothing is left to happen, queues
    nobody reads, subjects that are not there. The exit code is 1 when something needs somebody.

    Example: taktas doctor
    """
    from core.clock import now
    from models.database import read
    from models.database_status import database_status
    from tasks.soundness import examine

    with progress("Examining the house"):
        with read() as db:
            findings = examine(db, at=now())
        status = database_status()
    rows = [*_of_machine(status), *map(_row, findings)]
    if choices().is_json:
        show_json(rows)
    else:
        _tell(status, rows)
    if rows:
        raise typer.Exit(1)


def _tell(status: DatabaseStatus, rows: list[dict[str, Any]]) -> None:
    say(f"PostgreSQL {status.server_version} at {status.address}, tables {status.schema_version}.")
    if not rows:
        say("All is well.")
        return
    columns = [
        Column("count", "How many", is_number=True),
        Column("what", "What"),
        Column("examples", "For example"),
        Column("way", "What to do"),
    ]
    show(rows, columns, empty="")


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "count": finding.count,
        "what": finding.what,
        "examples": list(finding.examples),
        "way": finding.way,
    }


def _of_machine(status: DatabaseStatus) -> list[dict[str, Any]]:
    """What only the machine can say: the version of the tables, and the room on the disk."""
    import shutil

    from core.settings import settings

    found = []
    if not status.is_current:
        version = status.schema_version or "none"
        what = f"tables of version {version} instead of {status.newest_schema_version}"
        found.append({"check": "tables", "count": 1, "what": what, "examples": [], "way": "Run `taktas db upgrade`."})
    folder = settings().data_dir
    free = shutil.disk_usage(folder if folder.exists() else folder.anchor).free
    if free < LEAST_ROOM:
        what, way = f"{free // 1024**2} MB are left on the disk of {folder}", "Make room, or set TAKTAS_DATA_DIR."
        found.append({"check": "disk", "count": 1, "what": what, "examples": [], "way": way})
    return found
