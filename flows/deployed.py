"""What Prefect's workers run, wherever they are: the work of one schedule, of all that was missed, of a run's shards.

Each is the entry point of deployments that `taktas deploy` registers. What is due, and whether somebody else has
claimed it, stands in our own table: a run too many finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import prefect
from prefect.client.schemas.objects import State

from core.clock import now
from core.errors import TaktasError
from flows.account import Account, in_house
from flows.declared import ended, in_short, show
from flows.ringer import Ringer, Rung, Told, kept
from models.database import read
from tasks.timetable.claiming import Claim, codes_due

NOTHING_LEFT = "nothing was due, or somebody else is at it"


class RingingFailed(TaktasError):
    """Scheduled work could not be done; Prefect shows the run as failed."""


@prefect.flow(name="scheduled work", flow_run_name="{code}", persist_result=False)
def scheduled(code: str) -> State[None]:
    """What one schedule is to ring for by now, unless somebody else is at it. Raises: RingingFailed, WorkFailed."""
    return _told(in_short(lambda: _rung([code])))


@prefect.flow(name="what was missed", persist_result=False)
def missed() -> State[None]:
    """Whatever is due and nobody has rung for: after a stop, when a worker died. Raises: RingingFailed, WorkFailed."""
    return _told(in_short(lambda: _rung(_due())))


@prefect.flow(name="generation shards", flow_run_name="run {run_id}", persist_result=False)
def generation_shards(run_id: int) -> tuple[int, int]:
    """Help with a run until none of its shards is free. Returns how many are done, and of how many.

    Raises: WorkFailed.
    """
    from tasks.generation.sharing import help_with

    return in_short(lambda: help_with(run_id))


def _due() -> Sequence[str]:
    with read() as db:
        due, _ = codes_due(db, now())
    return due


def _rung(codes: Sequence[str]) -> list[Rung]:
    with _ringer() as ringer:
        return [rung for code in codes for rung in _all_of(ringer, code)]


def _all_of(ringer: Ringer, code: str) -> list[Rung]:
    rung = []
    while (one := ringer.ring_due(code)) is not None:
        rung.append(one)
        if one.has_failed:
            break
    return rung


def _told(rung: list[Rung]) -> State[None]:
    """How the call ends in Prefect's list: with what was done, for which moment. Raises: RingingFailed."""
    told = "; ".join(f"{one.code} due {in_house(one.due_at)}: {one.result}" for one in rung)
    if any(one.has_failed for one in rung):
        raise RingingFailed(told)
    return ended(Account(sentence=told or NOTHING_LEFT, has_trouble=any(one.has_trouble for one in rung)))


def _ringer() -> AbstractContextManager[Ringer]:
    return kept(Ringer(now, _say_nothing, _with_page))


def _with_page(_claimed: Claim, work: Callable[[], Account]) -> Account:
    told = work()
    show(told)
    return told


def _say_nothing(_told: Told) -> None:
    """What a ringing did stands in the flow run and in our own table."""
