"""The front doors' way to a flow: each function is called like the plain one it runs, and Prefect is loaded here only.

The first start in a new house takes up to half a minute; later ones about two seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from core.actor import Actor
from core.errors import TaktasError
from flows.place import prepare

if TYPE_CHECKING:
    from notifications.draining import DrainReport
    from reports.assignment import Question
    from reports.efficiency import Efficiency
    from tasks.beat.ticking import TickReport
    from tasks.generation.running import RunReport

EPHEMERAL = "ephemeral Prefect API server"  # what Prefect calls its server when that does not start


class PrefectUnavailable(TaktasError):
    """Prefect's server did not start or cannot be reached."""


def run_generation(
    process: str,
    as_of: datetime,
    *,
    actor: Actor,
    dry_run: bool = False,
    propose: bool = False,
    workers: int | None = None,
    campaign: str | None = None,
) -> RunReport:
    """`tasks.generation.running.run` as a flow; raises what it raises."""
    with _prefect():
        from flows.declared import generation_flow

        return generation_flow(
            process, as_of, actor, dry_run=dry_run, propose=propose, workers=workers, campaign=campaign
        )


def run_tick(at: datetime, *, limit: int | None = None) -> TickReport:
    """`tasks.beat.ticking.tick` as a flow; raises what it raises."""
    with _prefect():
        from flows.declared import tick_flow

        return tick_flow(at, limit)


def run_send(at: datetime, *, limit: int | None = None) -> DrainReport:
    """`notifications.draining.drain` as a flow; raises what it raises."""
    with _prefect():
        from flows.declared import send_flow

        return send_flow(at, limit)


def run_efficiency(question: Question, *, language: str = "en") -> Efficiency:
    """`reports.efficiency.efficiency` as a flow; raises what it raises."""
    with _prefect():
        from flows.declared import efficiency_flow

        return efficiency_flow(question, language)


@contextmanager
def _prefect() -> Iterator[None]:
    """Prefect at home, and its own troubles said in a sentence. Raises: PrefectUnavailable."""
    prepare()
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        raise PrefectUnavailable(_unavailable(error)) from error
    except RuntimeError as error:
        if EPHEMERAL not in str(error):
            raise
        raise PrefectUnavailable(_unavailable(error)) from error


def _unavailable(error: Exception) -> str:
    reason = " ".join(str(error).split())[:300].rstrip(".")
    return f"Prefect could not be reached: {reason}. The same work can be done without it: leave out --prefect."
