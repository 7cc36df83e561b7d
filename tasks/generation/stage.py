"""The tables a run works in: temporary, one set per way of starting, gone when the transaction ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.columns import Moment
from standards.catalogue import FIELDS, FieldType
from tasks.facts.fields import DIMENSION_PATHS
from tasks.generation.plan import Plan

DIMENSIONS = tuple(dimension.value for dimension in DIMENSION_PATHS)
"""The dimensions that differ between the subjects of one run, in the order in which they are strung together."""

BETWEEN = "\x1f"
"""What stands between them: no code contains it."""

NO_DATE, NO_MOMENT = date(1, 1, 1), datetime(1, 1, 2, tzinfo=UTC)
"""What stands where an anchor has no value: NULL would meet nothing in a join."""

NOBODY = 0
"""The class of an owner there is not; a column of a join must hold something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The tables of one plan.

    `candidates`: every subject looked at, with all that is asked of it, and why it is left out. `combinations`:
    distinct dimensions and their resolution. `desks`: employee -> class of those who can be treated alike. `seats`:
    distinct (classes, anchors, timing) and everything that follows for a task. `timers`: the deadlines of a seat.
    `quotas`: how team work is dealt. `staged`: the cases to be written, with the numbers they will have.
    `leads`: groups of several cases that share a task, and whose it is.
    """

    candidates: Table
    combinations: Table
    desks: Table
    seats: Table
    timers: Table
    quotas: Table
    staged: Table
    leads: Table

    def tables(self) -> tuple[Table, ...]:
        """All of them."""
        return (
            self.candidates,
            self.combinations,
            self.desks,
            self.seats,
            self.timers,
            self.quotas,
            self.staged,
            self.leads,
        )


def stage_of(plan: Plan) -> Stage:
    """The tables a plan needs, not created yet."""
    place = plan.place
    return Stage(
        candidates=_candidates(plan, place),
        combinations=_combinations(place),
        desks=_table(f"desks_{place}", *_numbers("employee_id"), Column("class", BigInteger)),
        seats=_seats(plan, place),
        timers=_table(
            f"timers_{place}",
            Column("seat", Integer),
            Column("branch", Text),
            Column("fires_at", Moment),
            Column("anchor", Text),
        ),
        quotas=_table(
            f"quotas_{place}",
            Column("bucket", Integer),
            Column("is_by_turn", Boolean),
            Column("turn", Integer),
            Column("members", ARRAY(BigInteger)),
            Column("thresholds", ARRAY(Float)),
        ),
        staged=_table(
            f"staged_{place}",
            *_numbers("case_id", "task_id", "subject_id", "cycle_id", "client_id", "group_key"),
            *_numbers("resolution_id", "assignee_id"),
            Column("combination", Integer),
            Column("seat", Integer),
        ),
        leads=_table(f"leads_{place}", *_numbers("group_key", "task_id", "case_id")),
    )


def _candidates(plan: Plan, place: int) -> Table:
    owners = [f"owner_{number}" for number in range(len(plan.roles))]
    anchors = [_anchor_column(path, f"anchor_{number}") for number, path in enumerate(plan.anchors)]
    return _table(
        f"candidates_{place}",
        *_numbers("subject_id", "cycle_id", "client_id", "group_key", "shard_key"),
        Column("start_anchor", _anchor_type(plan.anchor) if plan.anchor else Date),
        *anchors,
        Column("dimensions", Text),
        *_numbers(*owners, "dealt_id"),
        Column("reason", Text),
    )


def _combinations(place: int) -> Table:
    return _table(
        f"combinations_{place}",
        Column("dimensions", Text),
        Column("product_line", Text),
        Column("insurer", Text),
        *_numbers("resolution_id"),
        Column("combination", Integer),
        Column("timing", Integer),
        Column("effort_minutes", Integer),
    )


def _seats(plan: Plan, place: int) -> Table:
    classes = [f"class_{number}" for number in range(len(plan.roles))]
    anchors = [_anchor_column(path, f"anchor_{number}") for number, path in enumerate(plan.anchors)]
    return _table(
        f"seats_{place}",
        Column("seat", Integer),
        *_numbers(*classes, "dealt_class"),
        *anchors,
        Column("timing", Integer),
        Column("take", SmallInteger),
        *_numbers("employee_id", "bumped_from_id", "team_id", "calendar_version_id"),
        *(Column(name, Moment) for name in ("start_by", "due_at", "limit_at", "next_at")),
        Column("next_what", Text),
        Column("is_tight", Boolean),
        Column("data", JSONB),
        Column("bucket", Integer),
        Column("reason", Text),
    )


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, BigInteger) for name in names]


def _anchor_column(path: str, name: str) -> Column[Any]:
    return Column(name, _anchor_type(path))


def _anchor_type(path: str) -> Any:
    return Date if FIELDS[path].type is FieldType.DATE else Moment


def create(db: Connection, stage: Stage) -> None:
    """Create the tables; they are dropped when the transaction ends."""
    for table in stage.tables():
        table.create(db)


def drop(db: Connection, stage: Stage) -> None:
    """Drop the tables before the transaction ends, where the same plan is worked on again in it."""
    for table in stage.tables():
        table.drop(db)
