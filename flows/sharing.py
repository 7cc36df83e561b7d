"""One run shared by Prefect's workers: its shards are offered to so many of them, and seen through from here."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.actor import Actor
from core.settings import settings
from tasks.generation.running import RunReport, open_shards, report_of
from tasks.generation.sharing import see_through

if TYPE_CHECKING:
    from tasks.generation.workers import Progress

SHARDS_FLOW = "generation shards"

_log = logging.getLogger(__name__)


def run_shared(
    process: str,
    as_of: datetime,
    *,
    actor: Actor,
    helpers: int,
    campaign: str | None = None,
    tell: Progress = lambda _done, _shards: None,
) -> RunReport:
    """`tasks.generation.running.run` with the help of so many Prefect workers.

    This process works too, so that a run also ends when no worker comes; what a worker left that died is taken over.
    Raises: as `run`.
    """
    opened = open_shards(process, as_of, actor=actor, workers=helpers + 1, campaign=campaign)
    called = call_helpers(opened.run_id, helpers)
    try:
        see_through(opened.run_id, tell)
    finally:
        send_away(called)
    return report_of(opened)


def call_helpers(run_id: int, helpers: int) -> list[Any]:
    """Ask Prefect for so many runs of the deployment that helps. Returns their ids; none when it cannot be asked."""
    from flows.place import prepare

    prepare()
    from prefect.deployments import run_deployment

    called = []
    try:
        for _ in range(helpers):
            asked: Any = run_deployment(
                f"{SHARDS_FLOW}/{settings().house}", parameters={"run_id": run_id}, timeout=0, as_subflow=False
            )
            called.append(asked.id)
    except Exception as error:
        _log.warning("run %s is done without Prefect's workers: %s", run_id, error)
    return called


def send_away(called: list[Any]) -> None:
    """Take back the calls no worker has taken up: there is nothing left to help with."""
    if not called:
        return
    from prefect.client.orchestration import get_client

    try:
        with get_client(sync_client=True) as client:
            for number in called:
                state = client.read_flow_run(number).state
                if state is not None and state.is_scheduled():
                    client.delete_flow_run(number)
    except Exception as error:
        _log.warning("calls for helpers stay with Prefect, to find nothing to do: %s", error)
