"""Cases that run with nothing left to happen in them: nobody is told of them but here, until their anchor is past."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, true

from models import parties, people, work
from tasks.desk.stuck import is_stuck
from tasks.exceptions.line import Kind, Line, Part, Scope
from tasks.facts.subject_names import names_of
from tasks.facts.titles import titles_of

_case, _client, _staff = work.cases.c, parties.parties.c, people.employees.c


def stranded(db: Connection, scope: Scope) -> Part:
    """Cases whose last task expired or was called off without an end, told by that task; the longest ago first."""
    rows = db.execute(_stranded(scope)).all()
    known = [row.task_id for row in rows if row.task_id is not None]
    titles = titles_of(db, known, scope.language, scope.at) if known else {}
    names = names_of(db, [(row.subject_type, row.subject_id) for row in rows if row.task_id is None])
    lines = tuple(
        _line(row, titles[row.task_id] if row.task_id else names[row.subject_type, row.subject_id].what) for row in rows
    )
    return Part(kind=Kind.STRANDED, total=rows[0].total if rows else 0, lines=lines)


def _stranded(scope: Scope) -> Any:
    task, item = work.tasks.alias("last_of_all").c, work.task_items.c
    shared = select(item.task_id).where(item.case_id == _case.id).correlate(work.cases)
    last = (
        select(task.id.label("task_id"), task.assignee_id, task.team_id, task.finished_at)
        .where(or_(task.case_id == _case.id, task.id.in_(shared)))
        .correlate(work.cases)
        .order_by(task.finished_at.desc().nulls_last(), task.id.desc())
        .limit(1)
        .lateral("last")
    )
    asked = (
        select(
            _case.id,
            _case.subject_type,
            _case.subject_id,
            last.c.task_id,
            func.coalesce(last.c.finished_at, _case.started_at).label("since"),
            _staff.name.label("who"),
            _client.name.label("client"),
            func.count().over().label("total"),
        )
        .select_from(work.cases)
        .outerjoin(last, true())
        .outerjoin(people.employees, _staff.id == last.c.assignee_id)
        .outerjoin(parties.parties, _client.id == _case.client_id)
        .where(is_stuck(_case))
    )
    if scope.team_id is not None:
        asked = asked.where(last.c.team_id == scope.team_id)
    return asked.order_by("since", _case.id).limit(scope.at_most)


def _line(row: Row[Any], what: str) -> Line:
    return Line(what=what, client=row.client, who=row.who, at=row.since, command=f"taktas cases show {row.id}")
