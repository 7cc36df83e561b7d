"""The flows: each calls one function of a room below and returns what it returned.

Prefect launches and shows them; whether the work was done is remembered in our own tables. Import this module only
after `flows.place.prepare`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import prefect

if TYPE_CHECKING:
    from core.actor import Actor
    from notifications.draining import DrainReport
    from reports.assignment import Question
    from reports.efficiency import Efficiency
    from tasks.beat.ticking import TickReport
    from tasks.generation.running import RunReport


@prefect.flow(
    name="generation", flow_run_name="{process} as of {as_of}", persist_result=False, validate_parameters=False
)
def generation_flow(
    process: str,
    as_of: datetime,
    actor: Actor,
    *,
    dry_run: bool,
    propose: bool,
    workers: int | None,
    campaign: str | None,
) -> RunReport:
    """Start the cases of one process that are due."""
    from tasks.generation.running import run

    return run(process, as_of, actor=actor, dry_run=dry_run, propose=propose, workers=workers, campaign=campaign)


@prefect.flow(name="tick", flow_run_name="at {at}", persist_result=False, validate_parameters=False)
def tick_flow(at: datetime, limit: int | None) -> TickReport:
    """Do what is due: timers, happenings, reminders, escalations."""
    from tasks.beat.ticking import tick

    return tick(at=at, limit=limit)


@prefect.flow(name="send", flow_run_name="at {at}", persist_result=False, validate_parameters=False)
def send_flow(at: datetime, limit: int | None) -> DrainReport:
    """Send the messages that are due."""
    from notifications.draining import drain

    return drain(at, limit=limit)


@prefect.flow(name="efficiency", persist_result=False, validate_parameters=False)
def efficiency_flow(question: Question, language: str) -> Efficiency:
    """Say how well the work of a period was done."""
    from models.database import read
    from reports.efficiency import efficiency

    with read() as db:
        return efficiency(db, question, language=language)
