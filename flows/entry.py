"""The front doors' way to a flow: each function is called like the plain one it runs, and Prefect is loaded here only.

Flows report to the Prefect the reader has named, else to that of a running `taktas up`, else to a server of our own
that ends with this process. Its first start in a new house takes up to half a minute; later ones about two seconds.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from core.actor import Actor
from core.errors import TaktasError
from flows import account
from flows.house_keys import server_of_running_up
from flows.place import is_of_the_readers_own, prepare
from flows.prefect_server import PrefectServerFailed, is_healthy, start

if TYPE_CHECKING:
    from flows.deploying import Change
    from notifications.sending.draining import DrainReport
    from reports.assignment import Question
    from reports.efficiency import Efficiency
    from tasks.beat.ticking import TickReport
    from tasks.generation.running import RunReport

EPHEMERAL = "ephemeral Prefect API server"  # what Prefect calls its server when that does not start


class PrefectUnavailable(TaktasError):
    """Prefect's server did not start or cannot be reached."""


class NoPrefectNamed(TaktasError):
    """Deploying needs a Prefect server that stays."""


def run_generation(
    process: str,
    as_of: datetime,
    *,
    actor: Actor,
    dry_run: bool = False,
    propose: bool = False,
    workers: int | None = None,
    campaign: str | None = None,
    shared_by: int | None = None,
) -> RunReport:
    """`tasks.generation.running.run` as a flow; `shared_by` so many of Prefect's workers. Raises what it raises."""

    def work() -> RunReport:
        from flows.sharing import run_shared
        from tasks.generation.running import run

        if shared_by:
            return run_shared(process, as_of, actor=actor, helpers=shared_by, campaign=campaign)
        return run(process, as_of, actor=actor, dry_run=dry_run, propose=propose, workers=workers, campaign=campaign)

    def tell(report: RunReport) -> account.Account:
        from models.database import read

        with read() as db:
            return account.of_run(db, report)

    with _prefect():
        from flows.declared import observed

        return observed("generation", {"process": process, "as of": f"as of {account.on_clock(as_of)}"}, work, tell)


def run_tick(at: datetime, *, limit: int | None = None) -> TickReport:
    """`tasks.beat.ticking.tick` as a flow; raises what it raises."""

    def work() -> TickReport:
        from tasks.beat.ticking import tick

        return tick(at=at, limit=limit)

    with _prefect():
        from flows.declared import observed

        return observed("tick", {"at": f"tick as of {account.on_clock(at)}"}, work, account.of_tick)


def run_send(at: datetime, *, limit: int | None = None, stop: threading.Event | None = None) -> DrainReport:
    """`notifications.sending.draining.drain` as a flow; raises what it raises."""

    def work() -> DrainReport:
        from notifications.sending.draining import drain

        return drain(at, limit=limit, stop=stop)

    def tell(report: DrainReport) -> account.Account:
        from models.database import read

        with read() as db:
            return account.of_send(db, report)

    with _prefect():
        from flows.declared import observed

        return observed("send", {"at": f"send as of {account.on_clock(at)}"}, work, tell)


def run_efficiency(question: Question, *, language: str = "en") -> Efficiency:
    """`reports.efficiency.efficiency` as a flow; raises what it raises."""

    def work() -> Efficiency:
        from models.database import read
        from reports.efficiency import efficiency

        with read() as db:
            return efficiency(db, question, language=language)

    with _prefect():
        from flows.declared import observed

        return observed("efficiency", {}, work)


def deploy(pool: str, *, dry_run: bool = False) -> list[Change]:
    """Register the schedules of this house with the Prefect the reader has named.

    Raises: NoPrefectNamed, NotOurPool, PrefectUnavailable.
    """
    if not (is_of_the_readers_own() or server_of_running_up()):
        raise NoPrefectNamed(
            "Deploying needs a Prefect server that stays. Name yours with PREFECT_API_URL "
            "(http://machine:4200/api), or keep one up here with `taktas up`."
        )
    from core.clock import now
    from models.database import begin
    from tasks.timetable.house_schedules import declare_house_schedules

    with _prefect():
        from flows import deploying

        with begin() as db:
            declared = db.begin_nested()
            declare_house_schedules(db, now())
            wanted = deploying.wanted(db)
            if dry_run:
                declared.rollback()
        return deploying.deploy(wanted, pool, dry_run=dry_run)


@contextmanager
def _prefect() -> Iterator[None]:
    """Prefect at home, and its own troubles said in a sentence. Raises: PrefectUnavailable."""
    is_own = is_of_the_readers_own()
    prepare()
    if not is_own:
        _name_server()
    import httpx

    try:
        yield
    except httpx.HTTPError as error:
        raise PrefectUnavailable(_unavailable(error)) from error
    except RuntimeError as error:
        if EPHEMERAL not in str(error):
            raise
        raise PrefectUnavailable(_unavailable(error)) from error


def _name_server() -> None:
    """Flows of this process report to the server of a running `taktas up`, else to one that ends with us."""
    known = server_of_running_up()
    if known is not None and is_healthy(known):
        os.environ["PREFECT_API_URL"] = known
        return
    try:
        server = start()
    except PrefectServerFailed as error:
        raise PrefectUnavailable(_unavailable(error)) from error
    atexit.register(server.stop)
    os.environ["PREFECT_API_URL"] = server.api


def _unavailable(error: Exception) -> str:
    reason = " ".join(str(error).split())[:300].rstrip(".")
    return f"Prefect could not be reached: {reason}. The same work can be done without it: leave out --prefect."
