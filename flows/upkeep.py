"""Everything on this machine: the database, one Prefect server, and the beat over the table of schedules."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from core.clock import now
from flows.house_keys import HouseKeys
from flows.prefect_server import PrefectServer
from flows.ringer import AWAY, KEEP, Clock, Ringer, Tell, plainly
from flows.watching import Watch
from models.database import begin
from tasks.timetable.house_schedules import declare_house_schedules

BEAT, LOOK = 1, 5
"""Seconds between two looks at the schedules, and two looks at Prefect."""

PATIENCE = 3.5
"""Seconds for what is at work when told to stop; with children and Prefect's server well below ten."""


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """One house kept up by this process, until `stop` is set."""

    tell: Tell
    with_prefect: bool = True
    clock: Clock = now
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> bool:
        """Keep the beat until told to stop. Returns whether everything that was at work had ended by then.

        Raises: AlreadyUp; and whatever keeps the database from ever being used, such as SchemaAhead.
        """
        keys = HouseKeys.take()
        watch = Watch(self.tell, lambda server: _show(keys, server)) if self.with_prefect else None
        ringer = Ringer(self.clock, self.tell, watch or plainly)
        ticker = _ticker()
        try:
            if watch is not None:
                watch.start()
                ticker.add_job(watch.look_after, "interval", seconds=LOOK)
            if self._declare():
                ticker.add_job(ringer.keep, "interval", seconds=KEEP)
                ticker.add_job(ringer.beat, "interval", seconds=BEAT, next_run_time=datetime.now(UTC))
                ticker.start()
                self.stop.wait()
        finally:
            if ticker.running:
                ticker.shutdown(wait=False)
            is_clean = ringer.stop(PATIENCE)
            end_children()
            if watch is not None:
                watch.stop()
            keys.give_back()
        return is_clean

    def _declare(self) -> bool:
        """The house's own schedules stand in the table; waits for a database that is away. False: told to stop."""
        has_said = False
        while not self.stop.is_set():
            try:
                with begin() as db:
                    declare_house_schedules(db, self.clock())
            except AWAY as error:
                if not has_said:
                    self.tell(f"The database is away, the beat waits for it. {error}")
                has_said = True
                self.stop.wait(BEAT)
            else:
                return True
        return False


def _ticker() -> BackgroundScheduler:
    """It only ticks: what is due and what was missed stands in our own table."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a look that takes long is no news
    usual = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return BackgroundScheduler(timezone=UTC, job_defaults=usual, daemon=True)


def _show(keys: HouseKeys, server: PrefectServer) -> None:
    pid, start = server.sign
    keys.show_server(pid, start, server.api)


def end_children() -> None:
    """End the workers this process has started; what they had not finished is free again."""
    children = multiprocessing.active_children()
    for child in children:
        child.terminate()
    for child in children:
        child.join(1)
        if child.is_alive():
            child.kill()
            child.join(1)
