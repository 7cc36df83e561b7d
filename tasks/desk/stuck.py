"""Cases that run with nothing left to happen in them: how they are found, and what becomes of who waits for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from models import work
from models.work import LIVE, CaseStatus


def is_stuck(case: Any) -> ColumnElement[bool]:
    """Of the columns of a table of cases: running, with no task, item, wait, timer or child alive, nothing unheard."""
    # aliases, because it may stand within a question about the same tables
    task, item, child = work.tasks.alias().c, work.task_items.alias().c, work.cases.alias().c
    wait, timer, heard = work.waits.alias().c, work.timers.alias().c, work.happenings.alias().c
    is_alive = or_(
        exists().where(task.case_id == case.id, task.status.in_(LIVE)),
        exists().where(item.case_id == case.id, item.status == "open"),
        exists().where(wait.case_id == case.id, wait.ended_at.is_(None)),
        exists().where(timer.case_id == case.id, timer.fired_at.is_(None), timer.cancelled_at.is_(None)),
        exists().where(child.parent_id == case.id, child.status == CaseStatus.RUNNING),
        exists().where(
            heard.handled_at.is_(None), heard.subject_type == case.subject_type, heard.subject_id == case.subject_id
        ),
    )
    return and_(case.status == CaseStatus.RUNNING, ~is_alive)


def waits_for_the_stuck(case: Any) -> ColumnElement[bool]:
    """Whether a case waits for a sub-process in which nothing is left to happen."""
    wait, child = work.waits.alias().c, work.cases.alias().c
    is_its_child = and_(
        child.parent_id == wait.case_id,
        child.parent_step == wait.step,
        child.parent_member == wait.member,
        child.parent_round == wait.round,
    )
    return exists().where(
        wait.case_id == case.id, wait.kind == "child", wait.ended_at.is_(None), is_its_child, is_stuck(child)
    )
