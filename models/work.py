"""The work itself: cases, tasks and their items, the ledger, holds, happenings, timers and arrivals at joins.

Which columns carry a foreign key and which only a number is decided by measurement (docs/decisions).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, SmallInteger, Table, UniqueConstraint, func
from sqlalchemy import text as sql

from models.columns import Json, coded, identity, link, metadata, moment, number, text


class CaseStatus(StrEnum):
    """A case runs until it ends, once."""

    RUNNING = "running"
    ENDED = "ended"


class TaskStatus(StrEnum):
    """Where a piece of work stands."""

    PLANNED = "planned"
    OPEN = "open"
    ACTIVE = "active"
    WAITING = "waiting"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = (TaskStatus.PLANNED, TaskStatus.OPEN, TaskStatus.ACTIVE, TaskStatus.WAITING)
ON_DESK = (TaskStatus.OPEN, TaskStatus.ACTIVE, TaskStatus.WAITING)
_IS_LIVE = "status IN ('planned', 'open', 'active', 'waiting')"

# One row per distinct combination of dimensions under one book of standards: what holds, and why.
resolutions = Table(
    "resolutions",
    metadata,
    identity(),
    link("standard_book_id", "standard_books", nullable=True),
    text("content_hash", unique=True),
    text("action"),
    text("process", server_default=""),
    text("step", server_default=""),
    text("product_line", server_default=""),
    text("client_kind", server_default=""),
    text("client_tier", server_default=""),
    text("client_standing", server_default=""),
    text("insurer", server_default=""),
    text("channel", server_default=""),
    text("campaign", server_default=""),
    Column("effort_minutes", Integer, nullable=False, server_default=sql("0")),
    Column("fields", Json, nullable=False),  # field -> value as written
    Column("explanation", Json, nullable=False),  # field -> winner and losers, with their places
)

cases = Table(
    "cases",
    metadata,
    identity(),
    number("process_id", nullable=False),
    number("version_id", nullable=False),
    text("subject_type"),
    number("subject_id", nullable=False),
    number("cycle_id", nullable=False),
    Column("attempt", SmallInteger, nullable=False, server_default=sql("1")),
    link("client_id", "parties", nullable=True),
    text("status", server_default=CaseStatus.RUNNING.value),
    text("end_code", nullable=True),
    Column("is_success", Boolean),
    text("reason", nullable=True),
    moment("started_at", nullable=False),
    moment("ended_at"),
    number("run_id"),
    number("parent_id"),
    text("parent_step", nullable=True),
    text("parent_member", nullable=True),
    Column("parent_round", SmallInteger),
    Index("uq_cases_identity", "subject_type", "subject_id", "process_id", "cycle_id", "attempt", unique=True),
    coded("status", CaseStatus),
    CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_has_moment"),
    CheckConstraint("(status = 'ended') = (end_code IS NOT NULL)", name="ended_has_code"),
)
Index("ix_cases_client_id", cases.c.client_id)
Index("ix_cases_parent_id", cases.c.parent_id, postgresql_where=cases.c.parent_id.is_not(None))

tasks = Table(
    "tasks",
    metadata,
    identity(),
    number("case_id"),  # NULL: several cases share it (task_items), or it is ad hoc
    text("step", nullable=True),
    text("member", server_default=""),
    Column("round", SmallInteger, nullable=False, server_default=sql("1")),
    text("subject_type", nullable=True),
    number("subject_id"),
    link("client_id", "parties", nullable=True),
    text("status"),
    number("resolution_id", nullable=False),
    number("assignee_id"),  # NULL: in the queue of its team, or of the house
    number("team_id"),
    number("calendar_version_id"),
    moment("opens_at"),
    moment("opened_at"),
    moment("start_by"),
    moment("due_at"),
    moment("limit_at"),
    moment("started_at"),
    moment("finished_at"),
    moment("held_since"),  # the present holder's time runs from here
    moment("waiting_since"),
    text("waiting_for", nullable=True),  # client | insurer | colleague | other
    Column("waited_seconds", Integer, nullable=False, server_default=sql("0")),  # working time, within this hold
    Column("spare_seconds", Integer),  # working time left when a wait began
    moment("next_at"),
    text("next_what", nullable=True),  # open | remind | escalate | limit | expire
    Column("reminded", SmallInteger, nullable=False, server_default=sql("0")),
    Column("escalated", SmallInteger, nullable=False, server_default=sql("0")),
    Column("is_tight", Boolean, nullable=False, server_default=sql("false")),  # working time runs out before the limit
    text("outcome", nullable=True),
    text("late_reason", nullable=True),
    Column("spent_minutes", Integer),
    text("title", nullable=True),  # ad hoc only: every other title is rendered from its definition
    number("bumped_from_id"),  # whose it is when they come back
    number("created_by"),
    coded("status", TaskStatus),
    CheckConstraint("due_at IS NULL OR limit_at IS NULL OR due_at <= limit_at", name="due_within_limit"),
    CheckConstraint(
        "(status IN ('done', 'cancelled', 'expired')) = (finished_at IS NOT NULL)", name="finished_has_moment"
    ),
    CheckConstraint("(status = 'waiting') = (waiting_since IS NOT NULL)", name="waiting_has_moment"),
)
Index(
    "uq_tasks_identity",
    tasks.c.case_id,
    tasks.c.step,
    tasks.c.member,
    tasks.c.round,
    unique=True,
    postgresql_where=tasks.c.case_id.is_not(None),
)
DEADLINE = func.coalesce(tasks.c.due_at, tasks.c.limit_at)
"""After this a task is late: its due time; while it waits it has none, but its hard limit, which no pause can move."""
Index("ix_tasks_list", tasks.c.assignee_id, tasks.c.due_at, tasks.c.id, postgresql_where=sql(_IS_LIVE))
Index("ix_tasks_due", tasks.c.due_at, tasks.c.id, postgresql_where=sql(_IS_LIVE))
Index("ix_tasks_next_at", tasks.c.next_at, postgresql_where=tasks.c.next_at.is_not(None))
Index("ix_tasks_client_id", tasks.c.client_id)
Index("ix_tasks_bumped", tasks.c.bumped_from_id, postgresql_where=tasks.c.bumped_from_id.is_not(None))
Index(
    "ix_tasks_to_give_back",
    tasks.c.id,
    postgresql_where=sql("bumped_from_id IS NOT NULL AND status IN ('planned', 'open')"),
)

# Only where one task serves several cases: a task for a single case is its own item.
task_items = Table(
    "task_items",
    metadata,
    identity(),
    link("task_id", "tasks", index=True),
    link("case_id", "cases"),
    text("step"),
    text("member", server_default=""),
    Column("round", SmallInteger, nullable=False, server_default=sql("1")),
    text("status", server_default="open"),
    text("outcome", nullable=True),
    moment("finished_at"),
    UniqueConstraint("case_id", "step", "member", "round"),
)

# Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE.
events = Table(
    "events",
    metadata,
    identity(),
    number("case_id"),
    number("task_id"),
    number("item_id"),
    Column("number", Integer, nullable=False),  # within its case; of a task without one case: within the task
    text("kind"),
    moment("at", nullable=False),
    moment("recorded_at", nullable=False, server_default=sql("clock_timestamp()")),
    number("employee_id"),
    number("on_behalf_of"),
    text("door"),
    Column("data", Json),
)
Index("uq_events_case", events.c.case_id, events.c.number, unique=True, postgresql_where=events.c.case_id.is_not(None))
Index("uq_events_task", events.c.task_id, events.c.number, unique=True, postgresql_where=events.c.case_id.is_(None))

# Written once, when somebody's time with a task ends; the present hold is tasks.held_since.
holds = Table(
    "holds",
    metadata,
    identity(),
    number("task_id", nullable=False),
    number("employee_id"),
    number("team_id"),
    number("calendar_version_id"),
    moment("began_at", nullable=False),
    moment("ended_at", nullable=False),
    Column("working_seconds", Integer, nullable=False),
    Column("waiting_seconds", Integer, nullable=False),
    text("ended_by"),  # done | cancelled | expired | reassigned
    UniqueConstraint("task_id", "began_at"),
)

answers = Table(
    "answers",
    metadata,
    identity(),
    link("case_id", "cases"),
    number("task_id"),
    link("client_id", "parties", nullable=True, index=True),
    text("step"),
    Column("round", SmallInteger, nullable=False),
    text("name"),
    Column("value", Json, nullable=False),
    moment("given_at", nullable=False),
    moment("withdrawn_at"),
)
Index("ix_answers_case", answers.c.case_id, answers.c.name, answers.c.id)

happenings = Table(
    "happenings",
    metadata,
    identity(),
    text("key", unique=True),
    text("kind"),  # policy.cancelled | payment.matched | case.ended | …
    text("subject_type"),
    number("subject_id", nullable=False),
    moment("at", nullable=False),
    moment("recorded_at", nullable=False, server_default=sql("clock_timestamp()")),
    Column("data", Json),
    moment("handled_at"),
    text("problem", nullable=True),  # why it could not be handled: kept for a person
    number("reported_by"),  # the employee; NULL: an import, a run or the engine itself
    Column("brought", Json),  # once heard: the numbers of the cases that heard it, and of those it began
)
Index("ix_happenings_waiting", happenings.c.id, postgresql_where=happenings.c.handled_at.is_(None))
Index("ix_happenings_subject", happenings.c.subject_type, happenings.c.subject_id)

timers = Table(
    "timers",
    metadata,
    identity(),
    link("case_id", "cases"),
    text("step"),
    text("member", server_default=""),
    Column("round", SmallInteger, nullable=False, server_default=sql("1")),
    text("purpose"),  # wait | deadline | race
    text("branch", server_default=""),  # which of several timers of one step
    moment("fires_at", nullable=False),
    text("anchor", nullable=True),  # as written, to be counted again when its anchor moves
    moment("fired_at"),
    moment("cancelled_at"),
    UniqueConstraint("case_id", "step", "member", "round", "purpose", "branch"),
)
Index("ix_timers_due", timers.c.fires_at, postgresql_where=sql("fired_at IS NULL AND cancelled_at IS NULL"))

# A step that waits (for a happening, a sub-process, a race): open until something comes for it.
waits = Table(
    "waits",
    metadata,
    identity(),
    link("case_id", "cases"),
    text("step"),
    text("member", server_default=""),
    Column("round", SmallInteger, nullable=False, server_default=sql("1")),
    text("kind"),  # happening | child | race | timer
    moment("began_at", nullable=False),
    moment("ended_at"),
    text("ended_by", nullable=True),
    UniqueConstraint("case_id", "step", "member", "round"),
)

# A branch that has reached its join; decided under the case's lock.
arrivals = Table(
    "arrivals",
    metadata,
    identity(),
    link("case_id", "cases"),
    text("join_step"),
    Column("join_round", SmallInteger, nullable=False),
    text("from_step"),
    text("member", server_default=""),
    moment("at", nullable=False),
    UniqueConstraint("case_id", "join_step", "join_round", "from_step", "member"),
)
