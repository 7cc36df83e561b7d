"""The front doors' way to a flow: each function is called like the plain one it runs, and Prefect is loaded here only.

The first start in a new house takes up to half a minute; later ones about two seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.actor import Actor
from flows.place import prepare

if TYPE_CHECKING:
    from notifications.draining import DrainReport
    from reports.assignment import Question
    from reports.efficiency import Efficiency
    from tasks.generation import RunReport
    from tasks.ticking import TickReport


def run_generation(
    process: str,
    as_of: datetime,
    *,
    actor: Actor,
    dry_run: bool = False,
    propose: bool = False,
    workers: int | None = None,
) -> RunReport:
    """`tasks.generation.run` as a flow; raises what it raises."""
    prepare()
    from flows.declared import generation_flow

    return generation_flow(process, as_of, actor, dry_run=dry_run, propose=propose, workers=workers)


def run_tick(at: datetime, *, limit: int | None = None) -> TickReport:
    """`tasks.ticking.tick` as a flow; raises what it raises."""
    prepare()
    from flows.declared import tick_flow

    return tick_flow(at, limit)


def run_send(at: datetime, *, limit: int | None = None) -> DrainReport:
    """`notifications.draining.drain` as a flow; raises what it raises."""
    prepare()
    from flows.declared import send_flow

    return send_flow(at, limit)


def run_efficiency(question: Question, *, language: str = "en") -> Efficiency:
    """`reports.efficiency.efficiency` as a flow; raises what it raises."""
    prepare()
    from flows.declared import efficiency_flow

    return efficiency_flow(question, language)
