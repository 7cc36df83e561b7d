"""The end of a case: what is left is closed, what follows is begun, and its parent hears of it."""

from __future__ import annotations

from sqlalchemy import bindparam, update

from models import work
from models.work import CaseStatus
from standards.process import Transition
from tasks.advancing.closing import close_all
from tasks.advancing.course import Course
from tasks.advancing.launching import launch
from tasks.beat import happening
from tasks.desk.answering import known_answers

CLOSED_WITH_PARENT = "cancelled"
"""The end of a sub-process whose parent no longer waits for it."""
VOID = "void"
"""The end of a case that was an error."""

_END = (
    update(work.cases)
    .where(work.cases.c.id == bindparam("case_id"), work.cases.c.status == CaseStatus.RUNNING.value)
    .values(
        status=CaseStatus.ENDED.value,
        ended_at=bindparam("at"),
        end_code=bindparam("code"),
        is_success=bindparam("success"),
        reason=bindparam("why"),
    )
)


def end_case(course: Course, transition: Transition) -> None:
    """The case comes to one of the ends of its process."""
    code = transition.end or ""
    end = course.process.ends[code]
    reason = transition.reason or _reason_given(course, transition)
    close_case(course, code, success=end.success, reason=reason)
    for each in end.launches:
        launch(course, each)


def _reason_given(course: Course, transition: Transition) -> str | None:
    """The coded answer to `reason`, when this transition asked for it."""
    if not any(question.name == "reason" for question in transition.ask):
        return None
    given = known_answers(course.db, course.case.id).get("reason")
    return given if isinstance(given, str) else None


def close_case(
    course: Course, code: str, *, success: bool | None, reason: str | None, kind: str = "case.ended"
) -> None:
    """End the case with a code: whatever is alive in it is closed, and its parent hears."""
    course.agenda.clear()
    close_all(course, course.alive(), "case_ended")
    values = {"case_id": course.case.id, "at": course.at, "code": code, "success": success, "why": reason}
    course.db.execute(_END, values)
    event = course.note(kind, end=code, success=success, reason=reason)
    course.is_over = True
    course.effects.ended.append((course.case.id, code))
    if course.case.parent_id is not None:
        _tell_parent(course, course.case.parent_id, code, event.number)


def _tell_parent(course: Course, parent_id: int, code: str, number: int) -> None:
    case = course.case
    data = {
        "child": case.id,
        "end": code,
        "step": case.parent_step,
        "member": case.parent_member or "",
        "round": case.parent_round,
    }
    happening.report(
        course.db,
        kind="case.ended",
        subject_type="case",
        subject_id=parent_id,
        at=course.at,
        key=f"case.ended:{case.id}:{number}",
        data=data,
    )
