"""How one task looks on the screen: what it asks for, why it is due when it is, what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.output import Column, moment, say, show, show_json
from cli.work_words import people_of, told, whom

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from tasks.desk.showing import Outcome, TaskView
    from tasks.handbooks.explaining import Explanation

HISTORY = (
    Column("at", "When"),
    Column("what", "What happened"),
    Column("who", "Who"),
    Column("facts", "With"),
)


def tell_task(db: Connection, view: TaskView, why: Explanation, at: datetime) -> None:
    """Everything about a task, for people or for machines."""
    people = people_of(db, view.history)
    history = [told(entry, people) for entry in view.history]
    if choices().is_json:
        show_json(_data(view, why, history))
        return
    say(f"Task {view.id}: {view.title}")
    say(_standing(view, at))
    if view.shares:
        say("It settles " + ", ".join(f"case {it.case_id} ({it.status})" for it in view.shares) + ".")
    _tell_due(why)
    if view.status not in {"done", "cancelled", "expired"}:
        _tell_outcomes(view)
    for note in view.notes:
        say(f"Note: {note}")
    say("")
    show(history, HISTORY, empty="Nothing has happened to it yet.")


def _standing(view: TaskView, at: datetime) -> str:
    """Whose it is and how it stands, in one line."""
    row = view.row
    whose = view.assignee or f"in the queue of {view.team or 'the house'}"
    parts = [f"{view.status}, {whose}"]
    if view.stands_in_for:
        parts.append(f"standing in for {view.stands_in_for}")
    if row.waiting_for:
        parts.append(f"waiting for {whom(row.waiting_for)} since {moment(row.waiting_since)}")
    if row.due_at is not None:
        parts.append(f"due {moment(row.due_at)}" + (", overdue" if row.due_at < at and not row.finished_at else ""))
    if row.limit_at is not None:
        parts.append(f"no later than {moment(row.limit_at)}" + (" (tight)" if row.is_tight else ""))
    if row.outcome:
        parts.append(f"came out as {row.outcome.replace('_', ' ')}")
    if row.case_id is not None and view.process:
        parts.append(f"case {row.case_id} of {view.process}")
    return "; ".join(parts) + "."


def _tell_due(why: Explanation) -> None:
    for one in why.counted:
        say(f"  {one.name} {moment(one.at)}" + (f": {one.how}" if one.how else ""))
    for name in sorted(why.verdicts.keys() & {"due", "effort", "start_within"}):
        winner = why.verdicts[name]["winner"]
        given = f"{_value(winner['value'])}, by {winner['name']} ({winner['file']}:{winner['line']})"
        say(f"  {name.replace('_', ' ')}: {given}")
    say(f"  counted on the calendar {why.calendar}")
    if why.closed:
        say(f"  closed in between: {'; '.join(why.closed)}")


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_value(part) for part in value)
    if isinstance(value, dict):
        return " ".join(f"{name} {part}" for name, part in value.items())
    return str(value)


def _tell_outcomes(view: TaskView) -> None:
    if view.requires:
        say(f"It needs: {', '.join(name.replace('_', ' ') for name in view.requires)}.")
    say("It can come out as:")
    for outcome in view.outcomes:
        say(f"  {outcome.code}: {outcome.label}{_asking(outcome)}")


_KINDS = {"yes_no": "yes or no"}


def _asking(outcome: Outcome) -> str:
    asked = []
    for question in outcome.asks:
        type_name = question.type.value.replace("_", " ")
        kind = " | ".join(question.choices) if question.choices else _KINDS.get(question.type.value, type_name)
        asked.append(f"{question.name} ({kind}{', optional' if question.optional else ''})")
    return f"; asks {', '.join(asked)}" if asked else ""


def _data(view: TaskView, why: Explanation, history: list[dict[str, Any]]) -> dict[str, Any]:
    row = view.row
    moments = ("opens_at", "opened_at", "start_by", "due_at", "limit_at", "started_at", "finished_at", "waiting_since")
    return {
        "id": view.id,
        "title": view.title,
        "status": view.status,
        "assignee": view.assignee,
        "team": view.team,
        "client": view.client,
        "stands_in_for": view.stands_in_for,
        "case": row.case_id,
        "process": view.process,
        "step": row.step,
        "round": row.round,
        "outcome": row.outcome,
        "waiting_for": row.waiting_for,
        "is_tight": row.is_tight,
        **{name: getattr(row, name) for name in moments},
        "outcomes": [
            {
                "code": it.code,
                "label": it.label,
                "asks": [
                    {"name": q.name, "type": q.type.value, "choices": q.choices, "optional": q.optional}
                    for q in it.asks
                ],
            }
            for it in view.outcomes
        ],
        "requires": view.requires,
        "answers": view.known,
        "shares": [{"case": it.case_id, "status": it.status, "outcome": it.outcome} for it in view.shares],
        "notes": view.notes,
        "why": {
            "calendar": why.calendar,
            "counted": [{"name": it.name, "at": it.at, "how": it.how} for it in why.counted],
            "standards": why.verdicts,
            "closed": why.closed,
        },
        "history": history,
    }
