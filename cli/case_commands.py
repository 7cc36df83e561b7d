"""`taktas cases`: the list of cases, and one from its start to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import anyone
from cli.choices import choices
from cli.output import Column, say, show, show_json
from cli.work_words import (
    AsOf,
    CaseNumber,
    language,
    moment_of,
    stranded,
    told,
    waiting_words,
)

if TYPE_CHECKING:
    from tasks.desk.case_views import CaseLine, CaseView

group = typer.Typer()
cases = typer.Typer(help="Cases: list them, follow one from its start to its end.")
group.add_typer(cases, name="cases")

ROWS = (
    Column("id", "Case", is_number=True),
    Column("process", "Process"),
    Column("client", "Client"),
    Column("about", "About"),
    Column("state", "State"),
    Column("started_at", "Started"),
)
_Process = Annotated[str | None, typer.Option(metavar="PROCESS", help="Only of this process.")]


@cases.command("list")
def list_command(
    *,
    process: _Process = None,
    client: Annotated[str | None, typer.Option(metavar="NUMBER", help="Only of this client.")] = None,
    about: Annotated[str | None, typer.Option(metavar="WHAT", help="Only about this: term:P-1, claim:17.")] = None,
    end: Annotated[str | None, typer.Option(metavar="CODE", help="Only those that ended so: won, lost, void.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
) -> None:
    """List cases, the newest first: those you work on or whose client is yours; managers see all.

    Examples:
      taktas cases list --process renewal
      taktas cases list --client C-17 --ended
    """
    from models.database import read
    from tasks.desk.case_views import CaseFilter, list_cases
    from tasks.facts.finding import find_client, find_subject

    with read() as db:
        actor = anyone(db)
        kind, number = find_subject(db, about) if about else (None, None)
        wanted = CaseFilter(
            process=process,
            client_id=find_client(db, client) if client else None,
            end_code=end,
            with_ended=ended,
            subject_type=kind,
            subject_id=number,
        )
        rows = list_cases(db, actor, wanted=wanted, limit=limit)
    show([_line(row) for row in rows], ROWS, empty="No case.")


def _line(row: CaseLine) -> dict[str, Any]:
    ended = (row.end_code or "").replace("_", " ") + (f" ({row.reason.replace('_', ' ')})" if row.reason else "")
    return {
        "id": row.id,
        "process": f"{row.process}@{row.version}",
        "client": row.client,
        "about": row.about.what + (f", attempt {row.attempt}" if row.attempt > 1 else ""),
        "subject": f"{row.subject_type}:#{row.subject_id}",
        "state": "running" if row.ended_at is None else ended,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


@cases.command("show")
def show_command(case: CaseNumber, as_of: AsOf = None) -> None:
    """One case from its start to its end: what is open, what was answered, everything that happened.

    Example: taktas cases show 12
    """
    from models.database import read
    from tasks.desk.case_views import show_case

    with read() as db:
        view = show_case(db, anyone(db), case, language=language(), at=moment_of(as_of))
    _tell(view)


def _tell(view: CaseView) -> None:
    from dataclasses import asdict

    from cli.task_telling import HISTORY

    history = [told(entry, view.people) for entry in view.history]
    if choices().is_json:
        open_tasks = [{"id": number, "title": title} for number, title in view.tasks.items()]
        waits = [asdict(wait) for wait in view.waits]
        more = {"answers": view.answers, "open_tasks": open_tasks, "waits": waits, "is_stuck": view.is_stuck}
        show_json(_line(view.line) | more | {"history": history})
        return
    line = _line(view.line)
    known = ", ".join(filter(None, (line["process"], line["about"], line["client"], line["state"])))
    say(f"Case {line['id']}: {known}.")
    for number, title in view.tasks.items():
        say(f"  open: task {number}, {title}")
    for wait in view.waits:
        for words in waiting_words(wait):
            say(f"  {words}")
    if view.is_stuck:
        say(f"  {stranded(view.line.id)}")
    for name, value in view.answers.items():
        say(f"  {name.replace('_', ' ')}: {_answered(value)}")
    say("")
    show(history, HISTORY, empty="Nothing has happened yet.")


def _answered(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return ", ".join(value) if isinstance(value, list) else str(value)
