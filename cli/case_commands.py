"""`taktas cases`: the list of cases, one from its start to its end, starting, voiding and moving them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import acting, anyone
from cli.choices import choices
from cli.output import Column, moment, say, show, show_json
from cli.work_words import AsOf, CaseNumber, Reason, answer, completion_json, language, moment_of, tell_done, told
from core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tasks.advancing.moving import CaseMove, MoveRules
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
    from cli.task_telling import HISTORY

    history = [told(entry, view.people) for entry in view.history]
    if choices().is_json:
        open_tasks = [{"id": number, "title": title} for number, title in view.tasks.items()]
        show_json(_line(view.line) | {"answers": view.answers, "open_tasks": open_tasks, "history": history})
        return
    line = _line(view.line)
    say(f"Case {line['id']}: {line['process']}, {line['client'] or line['about']}, {line['state']}.")
    for number, title in view.tasks.items():
        say(f"  open: task {number}, {title}")
    for name, value in view.answers.items():
        say(f"  {name.replace('_', ' ')}: {_answered(value)}")
    say("")
    show(history, HISTORY, empty="Nothing has happened yet.")


def _answered(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return ", ".join(value) if isinstance(value, list) else str(value)


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

    Example: taktas cases start retention client:C-17
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
    with begin() as db:
        actor = acting(db)
        newest = handbook.current(db, process)
        rules = moving.MoveRules(version_id=newest.version_id, renamed=_renamed(step or ()), begin_at=begin_at)
        wanted = case or moving.cases_behind(db, newest.process_id, newest.version_id)
        changes = _moved(db, actor, wanted, rules, at) if commit else moving.preview(db, actor, wanted, rules, at=at)
    _tell_moves(changes, newest.label, committed=commit)


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


def _moved(db: Connection, actor: Any, wanted: list[int], rules: MoveRules, at: Any) -> list[CaseMove]:
    from tasks.advancing.moving import move_case

    return [move_case(db, actor, number, rules, at=at) for number in sorted(wanted)]


def _tell_moves(changes: list[CaseMove], label: str, *, committed: bool) -> None:
    if choices().is_json:
        show_json([_move_data(change) for change in changes])
        return
    verb = "went on" if committed else "would go on"
    say(f"{len(changes)} cases {verb} under {label}." if changes else f"No case is behind {label}.")
    for change in changes:
        say(f"Case {change.case_id}: {change.problem or _move_words(change)}")
    if changes and not committed:
        say("Nothing was changed. Say --commit to do it.")


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
