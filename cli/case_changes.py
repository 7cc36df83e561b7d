"""`taktas cases`: starting, ending, voiding and moving them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import acting, anyone
from cli.case_commands import cases, group
from cli.choices import choices
from cli.output import moment, say, show_json
from cli.progress import progress
from cli.work_words import AsOf, CaseNumber, Reason, answer, completion_json, language, moment_of, tell_done
from core.errors import UsageError
from core.words import counted

if TYPE_CHECKING:
    from tasks.advancing.moving import CaseMove

__all__ = ["group"]


@cases.command("start")
def start_command(
    *,
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="Which process, such as complaint.")],
    about: Annotated[str, typer.Argument(metavar="WHAT", help="What it is about: term:P-1, client:C-17.")],
    to: Annotated[str | None, typer.Option(metavar="LOGIN", help="Who gets the first task.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why again, after a void case.")] = None,
    as_of: AsOf = None,
) -> None:
    """Start a case by hand. One subject has one case of a process in a cycle.

    Example: taktas cases start new_sale client:C-17
    """
    from models.database import begin
    from tasks.desk.casework import start_case
    from tasks.desk.worklists import Filter, worklist
    from tasks.facts.finding import find_employee, find_subject

    at = moment_of(as_of)
    with begin() as db:
        actor = acting(db)
        kind, number = find_subject(db, about)
        assignee = find_employee(db, to) if to else None
        case_id = start_case(
            db,
            actor,
            process=process,
            subject_type=kind,
            subject_id=number,
            assignee_id=assignee,
            reason=reason,
            at=at,
        )
        everybody = anyone(db)
        opened = worklist(db, everybody, at=at, language=language(), wanted=Filter(case_id=case_id))
    lines = [f"Case {case_id} has begun."]
    lines += [f"Task {row.id}, {row.title}, due {moment(row.due_at)}." for row in opened if row.due_at is not None]
    answer(lines, {"case": case_id, "tasks": [row.id for row in opened]})


@cases.command("end")
def end_command(
    case: CaseNumber,
    end: Annotated[str, typer.Argument(metavar="END", help="One of the ends of its process, such as lost.")],
    reason: Annotated[str | None, typer.Option(help="Why: a code of the house's list, or a few words.")] = None,
    as_of: AsOf = None,
) -> None:
    """Say how a case ended in which nothing is left to do; what waits for it goes on at the next tick.

    Example: taktas cases end 12 lost --reason competitor
    """
    from models.database import begin
    from tasks.desk.ending_by_hand import end_by_hand

    at = moment_of(as_of)
    with begin() as db:
        done = end_by_hand(db, acting(db), case_id=case, end=end, reason=reason, at=at)
        lines = tell_done(db, f"Case {case} has ended as {end}.", done, at)
    answer([lines[0], *(line for line in lines[1:] if not line.startswith(f"Case {case} "))], completion_json(done))


@cases.command("void")
def void_command(case: CaseNumber, reason: Reason, as_of: AsOf = None) -> None:
    """End a case that was an error or a duplicate; it counts nowhere.

    Example: taktas cases void 12 --reason duplicate
    """
    from models.database import begin
    from tasks.desk.casework import void

    at = moment_of(as_of)
    with begin() as db:
        done = void(db, acting(db), case_id=case, reason=reason, at=at)
        lines = tell_done(db, f"Case {case} is void.", done, at)
    answer(lines[:1], completion_json(done))


@cases.command("move")
def move_command(
    *,
    process: Annotated[
        str, typer.Argument(metavar="PROCESS", help="Whose running cases go on under its newest version.")
    ],
    case: Annotated[list[int] | None, typer.Option("--case", metavar="CASE", help="Only this case.")] = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", metavar="OLD=NEW", help="A step that is called otherwise now.")
    ] = None,
    begin_at: Annotated[
        str | None, typer.Option(metavar="STEP", help="Where a case goes on that has nothing left.")
    ] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Do it; without it only show what would change.")] = False,
    as_of: AsOf = None,
) -> None:
    """Let running cases go on under the newest version of their process: shown case by case, done with --commit.

    Examples:
      taktas cases move renewal
      taktas cases move renewal --step offer=proposal --commit
    """
    from models.database import begin
    from tasks.advancing import moving
    from tasks.handbooks import handbook

    at = moment_of(as_of)
    with begin() as db, progress("Moving cases" if commit else "Looking at cases"):
        actor = acting(db)
        newest = handbook.current(db, process)
        rules = moving.MoveRules(version_id=newest.version_id, renamed=_renamed(step or ()), begin_at=begin_at)
        wanted = case or moving.cases_behind(db, newest.process_id, newest.version_id)
        if commit:
            changes = moving.move_cases(db, actor, wanted, rules, at=at)
        else:
            changes = moving.preview(db, actor, wanted, rules, at=at)
    _tell_moves(changes, newest.label, committed=commit)
    if commit and any(change.problem for change in changes):
        raise typer.Exit(1)


def _renamed(written: Any) -> dict[str, str]:
    found = {}
    for word in written:
        old, sign, new = word.partition("=")
        if not sign:
            raise UsageError(
                f"{word!r} renames nothing. Write the old step, an equals sign and the new: offer=proposal."
            )
        found[old.strip().replace(" ", "_")] = new.strip().replace(" ", "_")
    return found


def _tell_moves(changes: list[CaseMove], label: str, *, committed: bool) -> None:
    if choices().is_json:
        show_json([_move_data(change) for change in changes])
        return
    say(_move_heading(changes, label, committed=committed))
    for change in changes:
        say(f"Case {change.case_id}: {change.problem or _move_words(change)}")
    if changes and not committed:
        say("Nothing was changed. Say --commit to do it.")


def _move_heading(changes: list[CaseMove], label: str, *, committed: bool) -> str:
    if not changes:
        return f"No case is behind {label}."
    staying = sum(1 for change in changes if change.problem)
    heading = f"{counted(len(changes) - staying, 'cases')} {'went on' if committed else 'would go on'} under {label}."
    if not staying:
        return heading
    stay = {(True, True): "stays", (True, False): "stay"}.get((committed, staying == 1), "would stay")
    return f"{heading} {counted(staying, 'cases').capitalize()} {stay} as before, for the reason given."


def _move_words(change: CaseMove) -> str:
    parts = [f"{step} closes" for step in change.closes]
    parts += [f"{old} goes on" + (f" as {new}" if new != old else "") for old, new in change.moves]
    parts += [f"{it.what} {_at(it.before)} -> {_at(it.after)}" for it in change.deadlines]
    return "; ".join(parts) + "."


def _at(value: Any) -> str:
    return moment(value) if value is not None else "none"


def _move_data(change: CaseMove) -> dict[str, Any]:
    return {
        "case": change.case_id,
        "closes": change.closes,
        "moves": [{"from": old, "to": new} for old, new in change.moves],
        "deadlines": [{"what": it.what, "before": it.before, "after": it.after} for it in change.deadlines],
        "problem": change.problem,
    }
