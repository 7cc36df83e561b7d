"""What the commands of the working day share: their options, whose words they speak, and how results are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.choices import choices
from cli.output import moment, say, show_json
from core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tasks.desk.case_views import WaitLine
    from tasks.desk.completing import Completion
    from tasks.record.ledger import Entry

TaskNumber = Annotated[int, typer.Argument(metavar="TASK", help="The number of the task.")]
CaseNumber = Annotated[int, typer.Argument(metavar="CASE", help="The number of the case.")]
AsOf = Annotated[str | None, typer.Option(metavar="MOMENT", help="As if it were that moment; now.")]
Reason = Annotated[str, typer.Option(help="Why: a code of the house's list, or a few words.")]


def moment_of(written: str | None) -> datetime:
    """The moment a command happens at."""
    from core.clock import now, parse_moment
    from core.settings import settings

    return parse_moment(written, settings().zone) if written else now()


def language() -> str:
    """The language the reader wants titles in."""
    from core.settings import settings

    return choices().language or settings().language


_WAITED_FOR = {"client": "the client", "insurer": "the insurer", "colleague": "a colleague"}


def whom(waiting_for: str | None) -> str:
    """What a task waits for, as people say it."""
    return _WAITED_FOR.get(waiting_for or "", "something else")


def parse_answers(written: Iterable[str]) -> dict[str, object]:
    """`premium=120.50` as name and value. Raises: UsageError."""
    found: dict[str, object] = {}
    for word in written:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"{word!r} is no answer. Write its name, an equals sign and the value: premium=120.50.")
        found[name.strip().replace(" ", "_")] = value
    return found


def tell_done(db: Connection, sentence: str, done: Completion, at: datetime) -> list[str]:
    """What came of it, as lines for people; nothing is written yet."""
    from tasks.facts.titles import titles_of

    titles = titles_of(db, list(done.task_ids), language(), at) if done.task_ids else {}
    lines = [sentence]
    lines += [f"Next: task {number}, {titles.get(number, '')}{_when(db, number)}." for number in done.task_ids]
    lines += [f"Case {number} has ended: {code.replace('_', ' ')}." for number, code in done.ended]
    lines += [f"Case {number} has begun." for number in done.started]
    lines += [f"Letter {number} is ready to be sent." for number in done.message_ids]
    lines += [stranded(number) for number in done.stranded]
    return lines


def _when(db: Connection, task_id: int) -> str:
    from tasks.record.rows import read_task

    task = read_task(db, task_id)
    if task.status == "planned" and task.opens_at is not None:
        return f", opens {moment(task.opens_at)}"
    return f", due {moment(task.due_at)}" if task.due_at is not None else ""


def stranded(number: int) -> str:
    return (
        f"Nothing is left to do in case {number}, and it has not ended. Say how it ended (taktas cases end {number}), "
        f"correct the outcome, add a task (taktas tasks add --about case:{number}), or void the case "
        f"(taktas cases void {number})."
    )


def waiting_words(wait: WaitLine) -> list[str]:
    """What a step waits for, and the way forward where what it waits for will never come by itself."""
    step = wait.step.replace("_", " ")
    until = f", until {moment(wait.until)}" if wait.until is not None else ""
    if wait.kind != "child":
        return [f"waits: {step}, since {moment(wait.since)}{until}"]
    waited = ", ".join(f"case {number}" for number in wait.cases) or "the word of its sub-process"
    stuck = [number for number, is_stuck in wait.cases.items() if is_stuck]
    lines = [f"waits: {step}, for {waited}, since {moment(wait.since)}{until}"]
    lines += [
        f"  nothing is left to do in case {number}: say how it ended (taktas cases end {number} END)"
        for number in stuck
    ]
    return lines


def completion_json(done: Completion) -> dict[str, Any]:
    """What came of it, for machines."""
    return {
        "tasks": list(done.task_ids),
        "ended": [{"case": number, "end": code} for number, code in done.ended],
        "started": list(done.started),
        "messages": list(done.message_ids),
        "stranded": list(done.stranded),
        "is_late": done.is_late,
    }


def answer(lines: Iterable[str], data: Mapping[str, Any]) -> None:
    """Lines for people, or one object for machines."""
    if choices().is_json:
        show_json(dict(data))
        return
    for line in lines:
        say(line)


def people_of(db: Connection, history: Iterable[Entry]) -> dict[int, str]:
    """The names of all employees a history speaks of."""
    from sqlalchemy import func, select

    from models.people import employees

    named = {number for entry in history for number in _numbers(entry)}
    query = select(employees.c.id, employees.c.name).where(employees.c.id == func.any(list(named)))
    return {row.id: row.name for row in db.execute(query)} if named else {}


def _numbers(entry: Entry) -> Iterator[int]:
    if entry.employee_id is not None:
        yield entry.employee_id
    yield from (value for name, value in entry.data.items() if name in _PEOPLE and isinstance(value, int))


def told(entry: Entry, people: Mapping[int, str]) -> dict[str, Any]:
    """One event of the ledger as a line of a history."""
    facts = {name: _named(name, value, people) for name, value in entry.data.items() if name not in _TECHNICAL}
    return {
        "at": entry.at,
        "number": entry.number,
        "what": entry.kind.replace(".", " ").replace("_", " "),
        "task": entry.task_id,
        "who": people.get(entry.employee_id or 0, "") if entry.employee_id else "by itself",
        "facts": ", ".join(f"{_called(name)} {value}" for name, value in facts.items() if value != ""),
    }


_TECHNICAL = frozenset(
    {
        "cause",
        "resolution_id",
        "calendar_version_id",
        "from_calendar",
        "status",
        "round",
        "team_id",
        "from_team",
        "closes",
        "spare_seconds",
    }
)
_CALLED = {"assignee_id": "with", "bumped_from_id": "instead of", "limit_at": "no later than"}
_PEOPLE = frozenset({"assignee_id", "from", "to", "bumped_from_id"})


def _called(name: str) -> str:
    """The name of a fact as people say it: `due`, `opens`, `with`."""
    return _CALLED.get(name) or name.removesuffix("_at").removesuffix("_id").replace("_", " ")


def _named(name: str, value: Any, people: Mapping[int, str]) -> str:
    if name in _PEOPLE and isinstance(value, int):
        return people.get(value, str(value))
    if isinstance(value, str) and name.endswith(("_at", "until")):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    return str(value).replace("_", " ") if isinstance(value, str) else str(value)
