"""`taktas employees`: who works here and how much lies on their desks; and letting somebody leave."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.actor import acting
from cli.output import Column, show
from cli.progress import progress
from cli.work_words import AsOf, answer, moment_of

group = typer.Typer()
employees = typer.Typer(help="People who work here, and handing over what they leave behind.")
group.add_typer(employees, name="employees")

ROWS = (
    Column("login", "Login"),
    Column("name", "Name"),
    Column("team", "Team"),
    Column("open_tasks", "Open tasks", is_number=True),
    Column("away_until", "Away until"),
    Column("left_on", "Left"),
)


@employees.command("list")
def list_command(
    everybody: Annotated[bool, typer.Option("--all", help="Also those who have left.")] = False,
    as_of: AsOf = None,
) -> None:
    """List who works here, with their open tasks and absences.

    Example: taktas employees list
    """
    from models.database import read
    from tasks.desk.staff_lists import list_staff

    with read() as db:
        rows = list_staff(db, with_left=everybody, at=moment_of(as_of))
    show(rows, ROWS, empty="Nobody works here yet. Import employees first.")


@employees.command("leave")
def leave_command(
    *,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Who leaves.")],
    to: Annotated[str, typer.Option(metavar="LOGIN", help="Who takes over their clients, cases and open tasks.")],
    on: Annotated[str | None, typer.Option(metavar="DAY", help="From which day on; today.")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Do it; without it only show what would move.")] = False,
    as_of: AsOf = None,
) -> None:
    """Let somebody leave: clients, cases and open tasks go to somebody else in one step.

    Shown first, done with --commit. What they earned stays theirs.

    Examples:
      taktas employees leave jonas --to ona
      taktas employees leave jonas --to ona --on 2026-03-31 --commit
    """
    from core.clock import parse_date
    from models.database import begin
    from tasks.desk import handover
    from tasks.facts.finding import find_employee

    at = moment_of(as_of)
    with begin() as db, progress("Handing over" if commit else "Looking"):
        who = {"employee_id": find_employee(db, login), "to_employee_id": find_employee(db, to)}
        day = parse_date(on) if on else None
        actor = acting(db)
        plan = handover.leave(db, actor, **who, on=day, at=at) if commit else handover.preview(db, **who, on=day, at=at)
    moves = "moved" if commit else "would move"
    clients = ", ".join(f"{number} as {role.replace('_', ' ')}" for role, number in plan.clients.items()) or "none"
    counted = f"{len(plan.case_ids)} running cases; {len(plan.task_ids)} open tasks"
    lines = [f"From {login} to {to} {moves}: clients: {clients}; {counted}."]
    lines += [] if commit else ["Nothing was changed. Say --commit to do it."]
    answer(
        lines,
        {
            "on": plan.on,
            "clients": plan.clients,
            "cases": list(plan.case_ids),
            "tasks": list(plan.task_ids),
            "done": commit,
        },
    )
