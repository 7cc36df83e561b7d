"""`taktas tasks`: finishing, correcting, cancelling, handing over and adding work."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.actor import acting
from cli.exceptions_command import exceptions_command
from cli.output import moment
from cli.task_commands import tasks
from cli.work_words import (
    AsOf,
    Reason,
    TaskNumber,
    answer,
    completion_json,
    moment_of,
    parse_answers,
    tell_done,
)
from core.errors import UsageError

group = typer.Typer()
group.add_typer(tasks, name="tasks")
tasks.command("exceptions")(exceptions_command)


@tasks.command("complete")
def complete_command(
    *,
    task: TaskNumber,
    outcome: Annotated[
        str | None, typer.Option(help="How it came out; `taktas tasks show` lists the outcomes.")
    ] = None,
    answers: Annotated[
        list[str] | None, typer.Option("--answer", metavar="NAME=VALUE", help="An answer the outcome asks for.")
    ] = None,
    case: Annotated[int | None, typer.Option(help="Of a shared task, only the share of this case.")] = None,
    late_reason: Annotated[str | None, typer.Option(help="Why it is late: a code of the house's list.")] = None,
    spent: Annotated[int | None, typer.Option(min=0, metavar="MINUTES", help="Minutes you worked on it.")] = None,
    note: Annotated[str | None, typer.Option(help="Words to keep beside it.")] = None,
    as_of: AsOf = None,
) -> None:
    """Finish a task with an outcome and the answers it asks for; what follows is opened at once.

    Examples:
      taktas tasks complete 7 --outcome interested
      taktas tasks complete 7 --outcome accepted --answer premium=120.50 --spent 15
    """
    from models.database import begin
    from tasks.desk.working import complete
    from tasks.facts.titles import name_of
    from tasks.record.rows import read_task

    at = moment_of(as_of)
    with begin() as db:
        done = complete(
            db,
            acting(db),
            task_id=task,
            outcome=outcome,
            answers=parse_answers(answers or ()),
            case_id=case,
            late_reason=late_reason,
            spent_minutes=spent,
            note=note,
            at=at,
        )
        finished = read_task(db, task)
        how = "Done" if finished.status == "done" else "One share is done"
        late = ", late" if done.is_late else ""
        lines = tell_done(db, f"{how}{late}: {name_of(db, finished, at)}.", done, at)
    answer(lines, completion_json(done))


@tasks.command("correct")
def correct_command(
    *,
    task: TaskNumber,
    outcome: Annotated[str, typer.Option(help="The outcome it should have had.")],
    reason: Reason,
    answers: Annotated[
        list[str] | None, typer.Option("--answer", metavar="NAME=VALUE", help="An answer the outcome asks for.")
    ] = None,
    case: Annotated[int | None, typer.Option(help="Of a shared task, the share of this case.")] = None,
    as_of: AsOf = None,
) -> None:
    """Mend a wrong outcome: what followed and was not touched is withdrawn, the rest is listed for you.

    Example: taktas tasks correct 7 --outcome thinking --reason "wrong line"
    """
    from models.database import begin
    from tasks.desk.correcting import correct
    from tasks.facts.titles import name_of
    from tasks.record.rows import read_task

    at = moment_of(as_of)
    with begin() as db:
        done = correct(
            db,
            acting(db),
            task_id=task,
            case_id=case,
            outcome=outcome,
            answers=parse_answers(answers or ()),
            reason=reason,
            at=at,
        )
        lines = tell_done(db, f"Corrected: {name_of(db, read_task(db, task), at)}.", done.followed, at)
    lines += [f"Withdrawn: {what}." for what in done.withdrawn]
    lines += [f"Look at this yourself: {what}." for what in done.left_for_a_person]
    data = completion_json(done.followed)
    answer(lines, data | {"withdrawn": list(done.withdrawn), "left_for_a_person": list(done.left_for_a_person)})


@tasks.command("cancel")
def cancel_command(
    task: TaskNumber,
    reason: Reason,
    end: Annotated[
        str | None, typer.Option(metavar="END", help="How the case ends, when this is the last thing to do in it.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Call a task off, with a reason: its branch of the case stops there.

    The last task of a case for whose end another case waits is called off only with an end.

    Examples:
      taktas tasks cancel 7 --reason duplicate
      taktas tasks cancel 7 --reason "not needed any more" --end lost
    """
    from models.database import begin
    from tasks.desk.working import cancel
    from tasks.facts.titles import name_of
    from tasks.record.rows import read_task

    at = moment_of(as_of)
    with begin() as db:
        done = cancel(db, acting(db), task_id=task, reason=reason, end=end, at=at)
        lines = tell_done(db, f"Cancelled: {name_of(db, read_task(db, task), at)}.", done, at)
    answer(lines, completion_json(done))


@tasks.command("reassign")
def reassign_command(
    task: TaskNumber,
    to: Annotated[
        str | None, typer.Option(metavar="LOGIN", help="To this person, or whoever stands in for them.")
    ] = None,
    to_team: Annotated[str | None, typer.Option(metavar="CODE", help="To the queue of this team.")] = None,
    as_of: AsOf = None,
) -> None:
    """Give a task to somebody else or to a team; the new owner's time starts anew.

    Examples:
      taktas tasks reassign 7 --to ona
      taktas tasks reassign 7 --to-team sales
    """
    from models.database import begin
    from tasks.desk.views import staff_of
    from tasks.desk.working import reassign
    from tasks.facts.finding import find_employee, find_team
    from tasks.facts.titles import name_of

    if (to is None) == (to_team is None):
        raise UsageError("Say to whom: --to LOGIN or --to-team CODE, one of them.")
    at = moment_of(as_of)
    with begin() as db:
        moved = reassign(
            db,
            acting(db),
            task_id=task,
            to_employee_id=find_employee(db, to) if to else None,
            to_team_id=find_team(db, to_team) if to_team else None,
            at=at,
        )
        name = name_of(db, moved, at)
        owner = staff_of(db, moved.assignee_id).name if moved.assignee_id else "waiting in the queue"
    due = f", due {moment(moved.due_at)}" if moved.due_at else ""
    away = ", standing in for somebody who is away" if moved.bumped_from_id else ""
    whose = f"with {owner}" if moved.assignee_id else owner
    answer(
        [f"{name[0].upper()}{name[1:]} is now {whose}{away}{due}."],
        {"task": task, "assignee_id": moved.assignee_id, "team_id": moved.team_id, "due_at": moved.due_at},
    )


@tasks.command("recount")
def recount_command(task: TaskNumber, as_of: AsOf = None) -> None:
    """Agree to a new due time: the task is counted again from a date that was corrected.

    Steps that move by themselves need nobody; those that ask first wait for this.

    Example: taktas tasks recount 7
    """
    from models.database import begin
    from tasks.desk.working import recount
    from tasks.facts.titles import name_of

    at = moment_of(as_of)
    with begin() as db:
        counted = recount(db, acting(db), task_id=task, at=at)
        name = name_of(db, counted, at)
    due = f"due {moment(counted.due_at)}" if counted.due_at else "without a due time"
    limit = f", no later than {moment(counted.limit_at)}" if counted.limit_at else ""
    data = {"task": task, "due_at": counted.due_at, "limit_at": counted.limit_at}
    answer([f"{name[0].upper()}{name[1:]} is now {due}{limit}."], data)


@tasks.command("add")
def add_command(
    *,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done, in a few words.")],
    about: Annotated[
        str | None, typer.Option(metavar="WHAT", help="What it is about: client:C-17, policy:P-1, case:12.")
    ] = None,
    action: Annotated[str, typer.Option(help="What kind of work: decides its standards.")] = "other",
    to: Annotated[str | None, typer.Option(metavar="LOGIN", help="For this person; else for you.")] = None,
    to_team: Annotated[str | None, typer.Option(metavar="CODE", help="For the queue of this team.")] = None,
    opens: Annotated[str | None, typer.Option(metavar="MOMENT", help="When it opens; now.")] = None,
    due: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="When it is due; else as the standards say.")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Add a task of your own, beside every process, with the same standards and reminders.

    Examples:
      taktas tasks add "Ask for the photos" --about client:C-17
      taktas tasks add "Sort the post" --to-team sales --due 2026-03-03T12:00
    """
    from models.database import begin
    from tasks.desk.working import add
    from tasks.facts.finding import find_employee, find_subject, find_team
    from tasks.record.rows import read_task

    at = moment_of(as_of)
    with begin() as db:
        kind, number = find_subject(db, about) if about else (None, None)
        task_id = add(
            db,
            acting(db),
            title=title,
            action=action,
            subject_type=kind,
            subject_id=number,
            to_employee_id=find_employee(db, to) if to else None,
            to_team_id=find_team(db, to_team) if to_team else None,
            opens_at=moment_of(opens) if opens else None,
            due_at=moment_of(due) if due else None,
            at=at,
        )
        added = read_task(db, task_id)
    when = f" It is due {moment(added.due_at)}." if added.due_at else ""
    answer([f"Added task {task_id}.{when}"], {"task": task_id, "due_at": added.due_at, "status": added.status.value})
