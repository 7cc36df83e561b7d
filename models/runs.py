"""Mass generation remembered: runs, their shards, and the verdict on every subject that was looked at twice."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from models.columns import Json, coded, identity, link, metadata, moment, number, text


class RunState(StrEnum):
    """A proposal waits for approval; a direct run begins running."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


runs = Table(
    "runs",
    metadata,
    identity(),
    link("process_id", "processes"),
    link("version_id", "process_versions"),
    moment("as_of", nullable=False),
    text("state"),
    moment("created_at", nullable=False),
    number("created_by"),
    text("door"),
    moment("approved_at"),
    number("approved_by"),
    moment("finished_at"),
    Column("counts", Json),  # created, by reason left out, as the run saw it
    Column("facts", Json),  # window, group, list or campaign it was asked for
    coded("state", RunState),
)

run_shards = Table(
    "run_shards",
    metadata,
    identity(),
    link("run_id", "runs"),
    Column("shard", Integer, nullable=False),
    Column("shards", Integer, nullable=False),
    moment("finished_at"),
    Column("counts", Json),
    UniqueConstraint("run_id", "shard"),
)

run_rows = Table(
    "run_rows",
    metadata,
    identity(),
    link("run_id", "runs"),
    text("subject_type"),
    number("subject_id", nullable=False),
    number("cycle_id", nullable=False),
    number("client_id"),
    text("verdict"),  # start | left_out
    text("reason", nullable=True),
    number("assignee_id"),
    moment("due_at"),
    text("result", nullable=True),  # at commit: created | why it changed since
    UniqueConstraint("run_id", "subject_type", "subject_id", "cycle_id"),
)
