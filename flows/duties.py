"""What schedules do when they ring: each duty is one plain call to a room below, told as an account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.actor import Actor, Door
from core.errors import TaktasError
from core.settings import settings
from flows import account
from flows.account import Account
from models.database import read
from tasks.timetable.house_schedules import Duty, idle_here

if TYPE_CHECKING:
    from tasks.timetable.claiming import Claim


class DutyUnknown(TaktasError):
    """The table of schedules names a duty this version of taktas does not have."""


def perform(claimed: Claim, stop: threading.Event) -> Account:
    """Do what the ringing is for, in transactions of its own; what can be broken off in good order ends at `stop`.

    Raises: what the work raises; DutyUnknown.
    """
    if claimed.does not in DUTIES:
        raise DutyUnknown(
            f"{claimed.code} is to {claimed.does!r}, which this version of taktas does not know. Bring every machine "
            f"to the same version, or pause it with `taktas schedules pause {claimed.code}`."
        )
    return DUTIES[Duty(claimed.does)](claimed, stop)


def _run(claimed: Claim, _stop: threading.Event) -> Account:
    from flows.sharing import run_shared
    from tasks.generation.running import run

    process, shared_by = claimed.arguments["process"], claimed.arguments.get("shared_by")
    actor = Actor(door=Door.RUN)
    if shared_by:
        report = run_shared(process, claimed.as_of, actor=actor, helpers=shared_by)
    else:
        report = run(process, claimed.as_of, actor=actor)
    with read() as db:
        return account.of_run(db, report)


def _tick(claimed: Claim, _stop: threading.Event) -> Account:
    from tasks.beat.ticking import tick

    return account.of_tick(tick(at=claimed.as_of))


def _send(claimed: Claim, stop: threading.Event) -> Account:
    from notifications.sending.draining import drain

    report = drain(claimed.as_of, stop=stop)
    with read() as db:
        return account.of_send(db, report)


def _bounces(claimed: Claim, _stop: threading.Event) -> Account:
    if (idle := idle_here().get(Duty.BOUNCES)) is not None:  # rung by hand
        return Account(sentence=idle)
    from notifications.bounces.mailbox import mails
    from notifications.bounces.taking_in import take_in

    return account.of_bounces(take_in(mails(settings().bounce_mailbox), settings().mail_bounces, at=claimed.as_of))


def _statistics(claimed: Claim, _stop: threading.Event) -> Account:
    from reports.snapshot import take_snapshot

    return account.of_snapshot(take_snapshot(claimed.as_of))


def _reconcile(claimed: Claim, _stop: threading.Event) -> Account:
    from tasks.generation.plan import NothingToGenerate
    from tasks.generation.reconciliation import reconcile
    from tasks.handbooks.handbook import current_processes

    with read() as db:
        names = [published.process.name for published in current_processes(db)]
    found, refused = [], {}
    for name in names:
        try:
            found.append(reconcile(name, claimed.as_of))
        except NothingToGenerate:
            continue  # its cases begin by a happening or by hand: there is no window
        except TaktasError as error:
            refused[name] = str(error)
    return account.of_reconciliations(found, refused)


DUTIES: Mapping[Duty, Callable[[Claim, threading.Event], Account]] = {
    Duty.RUN: _run,
    Duty.TICK: _tick,
    Duty.SEND: _send,
    Duty.BOUNCES: _bounces,
    Duty.STATISTICS: _statistics,
    Duty.RECONCILE: _reconcile,
}
