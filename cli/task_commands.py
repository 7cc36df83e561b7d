"""`taktas tasks`: the list of work, one task looked at, begun, put aside and taken up again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import acting, anyone
from cli.output import Column, moment, show
from cli.work_words import AsOf, TaskNumber, answer, language, moment_of, whom

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from tasks.desk.worklists import WorkRow

tasks = typer.Typer(help="Work: list, start, wait, complete, correct, reassign.")

ROWS = (
    Column("id", "Task", is_number=True),
    Column("title", "What"),
    Column("due_at", "Due"),
    Column("state", "State"),
    Column("assignee", "Who"),
)
_Person = Annotated[str | None, typer.Option(metavar="LOGIN", help="Only this person's work.")]
_Team = Annotated[str | None, typer.Option(metavar="CODE", help="Only this team's work.")]
_Client = Annotated[str | None, typer.Option(metavar="NUMBER", help="Only work for this client.")]
_Case = Annotated[int | None, typer.Option(metavar="CASE", help="Only work of this case.")]


@tasks.command("list")
def list_command(
    *,
    of: _Person = None,
    team: _Team = None,
    client: _Client = None,
    case: _Case = None,
    queue: Annotated[bool, typer.Option("--queue", help="Only what nobody owns yet.")] = False,
    today: Annotated[bool, typer.Option("--today", help="Only what is due by the end of the day, and waits.")] = False,
    planned: Annotated[bool, typer.Option("--planned", help="Also what opens later.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
    as_of: AsOf = None,
) -> None:
    """List open work, the most urgent first: yours and your team's queue; managers see the whole house.

    Examples:
      taktas tasks list
      taktas tasks list --today --of jonas
      taktas tasks list --team sales --queue
    """
    from models.quick import quickly
    from tasks.desk.worklists import Filter, worklist

    at = moment_of(as_of)

    def listed(db: Connection) -> list[WorkRow]:
        actor = anyone(db)
        found = _found(db, of=of, team=team, client=client)
        due_before = _end_of_day(at) if today else None
        wanted = Filter(**found, case_id=case, only_queue=queue, with_planned=planned, due_before=due_before)
        return worklist(db, actor, at=at, language=language(), wanted=wanted, limit=limit)

    show([_line(row) for row in quickly(listed)], ROWS, empty="Nothing to do.")


def _found(db: Connection, *, of: str | None, team: str | None, client: str | None) -> dict[str, int]:
    """The person, team and client that were named, by number."""
    if not (of or team or client):
        return {}
    from tasks.facts.finding import find_client, find_employee, find_team

    found = {"assignee_id": find_employee(db, of)} if of else {}
    found |= {"team_id": find_team(db, team)} if team else {}
    return found | ({"client_id": find_client(db, client)} if client else {})


def _end_of_day(at: datetime) -> datetime:
    from cli.output import reader_zone
    from core.clock import start_of

    zone = reader_zone()
    return start_of(at.astimezone(zone).date() + timedelta(days=1), zone.key)


def _line(row: WorkRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "due_at": row.due_at,
        "state": _state(row),
        "assignee": row.assignee or f"queue of {row.team or 'the house'}",
        "status": row.status,
        "is_overdue": row.is_overdue,
        "is_tight": row.is_tight,
        "limit_at": row.limit_at,
        "opens_at": row.opens_at,
        "waiting_for": row.waiting_for,
        "stands_in_for": row.stands_in_for,
        "client": row.client,
        "team": row.team,
        "case": row.case_id,
        "step": row.step,
    }


def _state(row: WorkRow) -> str:
    words = "overdue" if row.is_overdue else row.status
    if row.waiting_for:
        words = f"waiting for {whom(row.waiting_for)}" + (", past its last moment" if row.is_overdue else "")
    if row.status == "planned" and row.opens_at is not None:
        words = f"opens {moment(row.opens_at)}"
    return f"{words}, for {row.stands_in_for}" if row.stands_in_for else words


@tasks.command("show")
def show_command(
    task: TaskNumber,
    as_of: AsOf = None,
) -> None:
    """One task: what it asks for, why it is due when it is, what happened to it.

    Example: taktas tasks show 7
    """
    from cli.task_telling import tell_task
    from models.database import read
    from tasks.desk.showing import show_task
    from tasks.handbooks.explaining import explain_task

    at = moment_of(as_of)
    with read() as db:
        actor = anyone(db)
        view = show_task(db, actor, task, language=language(), at=at)
        tell_task(db, view, explain_task(db, actor, task), at)


@tasks.command("start")
def start_command(task: TaskNumber, as_of: AsOf = None) -> None:
    """Say that you have begun; a task from a queue is then yours, a planned one opens early.

    Example: taktas tasks start 7
    """
    from models.database import begin
    from tasks.desk.working import start
    from tasks.facts.titles import name_of

    at = moment_of(as_of)
    with begin() as db:
        begun = start(db, acting(db), task_id=task, at=at)
        due = f" It is due {moment(begun.due_at)}." if begun.due_at else ""
        lines = [f"You have begun {name_of(db, begun, at)}.{due}"]
    answer(lines, {"task": task, "status": begun.status.value, "due_at": begun.due_at})


@tasks.command("wait")
def wait_command(
    task: TaskNumber,
    reason: Annotated[
        str,
        typer.Option(
            "--for", metavar="WHOM", help="client, insurer, colleague or other; the first two stop your clock."
        ),
    ],
    as_of: AsOf = None,
) -> None:
    """Put a task aside until the client, the insurer or a colleague has done their part.

    Example: taktas tasks wait 7 --for client
    """
    from models.database import begin
    from tasks.desk.working import wait
    from tasks.facts.titles import name_of

    at = moment_of(as_of)
    with begin() as db:
        waiting = wait(db, acting(db), task_id=task, reason=reason, at=at)
        name = name_of(db, waiting, at)
    clock = "Your clock stands still" if waiting.due_at is None else f"It is still due {moment(waiting.due_at)}"
    sentence = f"{name[0].upper()}{name[1:]} waits for {whom(waiting.waiting_for)}. {clock}"
    answer(
        [f"{sentence}; take it up with `taktas tasks resume {task}`."],
        {"task": task, "status": waiting.status.value, "due_at": waiting.due_at},
    )


@tasks.command("resume")
def resume_command(task: TaskNumber, as_of: AsOf = None) -> None:
    """Take a waiting task up again; if your clock stood still, it is due later by the working time waited.

    Example: taktas tasks resume 7
    """
    from models.database import begin
    from tasks.desk.working import resume
    from tasks.facts.titles import name_of

    at = moment_of(as_of)
    with begin() as db:
        resumed = resume(db, acting(db), task_id=task, at=at)
        due = f" It is due {moment(resumed.due_at)}." if resumed.due_at else ""
        lines = [f"You have taken up {name_of(db, resumed, at)}.{due}"]
    answer(lines, {"task": task, "status": resumed.status.value, "due_at": resumed.due_at})
