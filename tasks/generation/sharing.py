"""A run whose shards are done by workers elsewhere: helping with them, and seeing the run through to its end."""

from __future__ import annotations

import time

from models.database import begin
from tasks.generation.records import close_run, find_run, open_beside, progress
from tasks.generation.workers import LOOK_EVERY, Progress, Worker


def help_with(run_id: int) -> tuple[int, int]:
    """Do shards of the run, one at a time, until none is free. Returns how many are done, and of how many.

    The shard of a helper that dies is free again once its transaction is gone. Raises: NoSuchRun, and whatever a shard
    raises.
    """
    with begin() as db:
        run = find_run(db, run_id)
    Worker(run).work()
    with begin() as db:
        for number in open_beside(db, run):
            close_run(db, number)
        return progress(db, run_id)


def see_through(run_id: int, tell: Progress = lambda _done, _shards: None) -> None:
    """Do what is free, wait for what others are at, take over what they leave, until the run is done.

    Raises: as `help_with`.
    """
    done, shards = help_with(run_id)
    while done < shards:
        tell(done, shards)
        time.sleep(LOOK_EVERY)
        done, shards = help_with(run_id)
    tell(done, shards)
