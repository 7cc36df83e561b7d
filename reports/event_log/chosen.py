"""Which cases an exported log has, and their ledger row by row, streamed in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, or_, select

from core.actor import Actor
from core.errors import TaktasError, did_you_mean
from models.definitions import processes
from models.history import imported_cases, imported_events, logs
from models.parties import parties
from models.people import employees
from models.work import cases, events, tasks
from reports.sight import seen_by

ROWS_AT_ONCE = 2_000


class LogNotWritten(TaktasError):
    """An event log cannot be written as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Cases of one process, or of all, that began in [start, end). Names of people only where they are asked for."""

    process: str = ""
    start: datetime | None = None
    end: datetime | None = None
    with_names: bool = False

    @property
    def wanted(self) -> list[ColumnElement[bool]]:
        """As conditions on cases joined with their processes."""
        told: list[ColumnElement[bool]] = [processes.c.name == self.process] if self.process else []
        told += [cases.c.started_at >= self.start] if self.start is not None else []
        return told + ([cases.c.started_at < self.end] if self.end is not None else [])

    @property
    def case_ids(self) -> Select[int]:
        """Their numbers."""
        of_process = processes.c.id == cases.c.process_id
        return select(cases.c.id).select_from(cases.join(processes, of_process)).where(*self.wanted)


def check(db: Connection, actor: Actor, chosen: Chosen) -> None:
    """Raises: LogNotWritten for a process nobody knows, or an actor who does not see the whole house."""
    if seen_by(db, actor) is not None:
        raise LogNotWritten(
            "An event log tells who did what and when, of everybody. Only a manager of the house may export it; "
            "your own figures are in `taktas report mine`."
        )
    known = list(db.scalars(select(processes.c.name).order_by(processes.c.name)))
    if chosen.process and chosen.process not in known:
        hint = did_you_mean(chosen.process, known) or f". Published: {', '.join(known) or 'none'}."
        raise LogNotWritten(f"There is no process {chosen.process!r}{hint}")


def ledger(db: Connection, chosen: Chosen) -> Iterator[Row[*tuple[Any, ...]]]:
    """The ledger of the cases, case by case. Of an imported case only what its log had.

    Facts of the case stand in each row, its attributes only in the first of its rows.
    """
    is_imported = cases.c.subject_type == "imported_case"
    asked = (
        select(
            cases.c.id.label("case_id"),
            processes.c.name.label("process"),
            cases.c.subject_type,
            cases.c.subject_id,
            cases.c.client_id,
            cases.c.end_code,
            cases.c.is_success,
            parties.c.number.label("client"),
            parties.c.name.label("client_name"),
            imported_cases.c.number.label("imported_number"),
            case((events.c.number == 1, imported_cases.c.attributes)).label("case_attributes"),
            events.c.id.label("event_id"),
            events.c.kind,
            events.c.at,
            events.c.data,
            events.c.task_id,
            events.c.employee_id,
            employees.c.login,
            employees.c.name.label("employee_name"),
            tasks.c.step,
            imported_events.c.attributes,
        )
        .join_from(cases, processes, processes.c.id == cases.c.process_id)
        .join(events, events.c.case_id == cases.c.id)
        .outerjoin(tasks, tasks.c.id == events.c.task_id)
        .outerjoin(parties, parties.c.id == cases.c.client_id)
        .outerjoin(employees, employees.c.id == events.c.employee_id)
        .outerjoin(imported_cases, and_(is_imported, imported_cases.c.id == cases.c.subject_id))
        .outerjoin(imported_events, imported_events.c.event_id == events.c.id)
        .where(*chosen.wanted, or_(~is_imported, imported_events.c.event_id.is_not(None), events.c.number == 1))
        .order_by(cases.c.id, events.c.number)
    )
    yield from db.execute(asked, execution_options={"stream_results": True, "yield_per": ROWS_AT_ONCE})


def headers(db: Connection, chosen: Chosen) -> list[dict[str, Any]]:
    """What stood above the cases of the logs they came from, each part once."""
    asked = select(logs.c.header["parts"]).join(processes, processes.c.id == logs.c.process_id).order_by(logs.c.id)
    found = db.scalars(asked.where(processes.c.name == chosen.process) if chosen.process else asked)
    parts: list[dict[str, Any]] = []
    for part in (part for log in found for part in log or ()):
        if part not in parts:
            parts.append(part)
    return parts
