"""`taktas db`: the database, looked after from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import say, show_json, show_one
from cli.progress import progress

group = typer.Typer()
db = typer.Typer(help="The database: upgrade, status, backup and restore.")
group.add_typer(db, name="db")


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to what this version of taktas needs.

    The embedded database is upgraded by itself; this is for a PostgreSQL of your own.

    Example: taktas db upgrade
    """
    from models import database

    with progress("Upgrading the tables"):
        is_changed = database.upgrade()
    say("The tables were upgraded." if is_changed else "The tables are already the newest.")
    _answer(is_changed=is_changed)


@db.command("status")
def status() -> None:
    """Say where the database is, whether it runs, how large it is and whether its tables are current.

    An embedded database that does not run is not started for this.

    Example: taktas db status
    """
    from dataclasses import asdict

    from models.database_status import database_status

    found = database_status()
    facts = asdict(found) | {"is_current": found.is_current, "size_mb": _megabytes(found.size)}
    labels = {
        "embedded": "Embedded",
        "running": "Running",
        "address": "Address",
        "server_version": "PostgreSQL",
        "size_mb": "Size",
        "schema_version": "Tables",
        "is_current": "Tables are current",
        "log_file": "Log",
        "problem": "Problem",
    }
    show_one(
        facts, labels if found.running else {key: labels[key] for key in ("embedded", "running", "address", "problem")}
    )


@db.command("stop")
def stop() -> None:
    """Stop the embedded database; the next command starts it again.

    Example: taktas db stop
    """
    from models.embedded.server import stop as stop_server

    with progress("Stopping the database"):
        was_running = stop_server()
    say("The embedded database was stopped." if was_running else "The embedded database was not running.")
    _answer(was_running=was_running)


@db.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the whole database into one file that only you can read.

    Example: taktas db backup taktas-2026-03-02.backup
    """
    from models import maintenance

    with progress("Writing the backup"):
        size = maintenance.backup(file, overwrite=overwrite)
    say(f"{file}: {_megabytes(size)}.")
    _answer(file=file, bytes=size)


@db.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `taktas db backup` has written.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Drop what the database holds now.")] = False,
) -> None:
    """Fill the database from a backup, whole or not at all.

    Example: taktas db restore taktas-2026-03-02.backup --house copy
    """
    from models import maintenance

    with progress("Restoring"):
        maintenance.restore(file, overwrite=overwrite)
    say(f"The database was filled from {file}.")
    _answer(file=file)


@db.command("rebuild")
def rebuild() -> None:
    """Write the holds anew from the ledger; what was right stays as it was.

    Example: taktas db rebuild
    """
    from models.database import begin
    from tasks.record.rebuild import rebuild_holds

    with progress("Reading the ledger"), begin() as connection:
        count = rebuild_holds(connection)
    say(f"{count} holds were written anew from the ledger.")
    _answer(holds=count)


def _answer(**facts: object) -> None:
    """What a machine is told."""
    from cli.choices import choices

    if choices().is_json:
        show_json(facts)


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1024 / 1024:.1f} MB"
