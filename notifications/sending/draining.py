"""Sending: what is due is claimed, written, handed over and remembered, many messages at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.settings import settings
from models.database import begin
from notifications.outbox import states
from notifications.outbox.states import Outcome
from notifications.sending.addresses import check_own
from notifications.sending.carrier import Carrier, CarrierDown
from notifications.sending.ended import Ended, ended
from notifications.sending.files import FileCarrier
from notifications.sending.keeping import Desk
from notifications.sending.tidying import tidy

if TYPE_CHECKING:
    from notifications.sending.helper import Helper

TOLD_TO_STOP = "Sending was told to stop: what had not left waits for the next time."
MANY = 1000  # letters that are due, for each sending process

Step = Callable[[int], None]

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class DrainReport:
    """What one sending did; `refusals` say why a message failed, `problem` why it had to stop."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    refusals: list[tuple[int, str]] = field(default_factory=list)
    where: str = ""
    problem: str | None = None

    @property
    def tried(self) -> int:
        """How many messages were taken up."""
        return sum(self.counts.values())

    def add(self, one: Ended) -> None:
        """Count a message, or several that left as one."""
        self.counts[one.outcome] += one.count
        if one.outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
            self.refusals.append((one.number, one.words))


def drain(
    at: datetime,
    *,
    limit: int | None = None,
    carrier: Carrier | None = None,
    step: Step | None = None,
    stop: threading.Event | None = None,
) -> DrainReport:
    """Send what is due at that moment, at most `limit` messages; `step` is told of each.

    Where much is due, further processes of this machine help (TAKTAS_WORKERS). `stop` ends it within seconds: what is
    under way is written down, the rest is given back.
    Raises: DatabaseUnreachable and its kin; everything else that goes wrong is remembered with the message.
    """
    report, stop = DrainReport(), stop or threading.Event()
    try:
        check_own()
    except CarrierDown as error:
        report.problem = str(error)
        return report
    with begin() as db:
        for one in tidy(db, at=at):
            report.add(one)
    tell = _Telling(report, step)
    senders = _senders(at, limit) if carrier is None else 1
    with carrier or chosen_carrier(senders) as way:
        report.where = str(way.folder) if isinstance(way, FileCarrier) else way.name
        desk = Desk(at, lambda one: tell([ended(one)]), limit=_part(limit, senders, 0), stop=stop)
        with _helpers(at, limit, senders, tell, stop) as helpers:
            report.problem = _carry(way, desk)
    stopped = TOLD_TO_STOP if stop.is_set() else None
    report.problem = next(filter(None, [report.problem, stopped, *(helper.problem for helper in helpers)]), None)
    return report


def _carry(way: Carrier, desk: Desk) -> str | None:
    """Hand over what is due. Returns why nothing more could leave."""
    with desk:
        try:
            way.carry(desk.supply, desk)
        except CarrierDown as error:
            return str(error)
    return None


class _Telling:
    """Adds up what several threads tell."""

    def __init__(self, report: DrainReport, step: Step | None) -> None:
        self._report, self._step = report, step
        self._lock = threading.Lock()

    def __call__(self, told: Sequence[Ended]) -> None:
        with self._lock:
            for one in told:
                self._report.add(one)
            if self._step is not None and told:
                self._step(sum(one.count for one in told))


def _senders(at: datetime, limit: int | None) -> int:
    """How many processes are to send: one more for every thousand letters, if the settings allow it."""
    chosen = settings()
    most = min(chosen.workers, chosen.smtp_connections)
    if chosen.smtp_host is None or most < 2 or (limit is not None and limit < MANY):
        return 1
    enough = (most - 1) * MANY
    with begin() as db:
        letters = states.count_letters(db, at=at, most=enough if limit is None else min(enough, limit))
    return min(most, 1 + letters // MANY)


@contextmanager
def _helpers(
    at: datetime, limit: int | None, senders: int, tell: Callable[[Sequence[Ended]], None], stop: threading.Event
) -> Iterator[list[Helper]]:
    """All senders but the first, each with its part of the connections and of the limit."""
    helpers: list[Helper] = []
    with ExitStack() as stack:
        for place in range(1, senders):
            from notifications.sending.helper import Helper, Share

            connections = _part(settings().smtp_connections, senders, place) or 1
            share = Share(at=at, connections=connections, limit=_part(limit, senders, place))
            try:
                helpers.append(stack.enter_context(Helper(share, tell, stop)))
            except OSError as error:
                log.warning("a second sending process could not be started: %s", error)
        yield helpers


def _part(whole: int | None, senders: int, place: int) -> int | None:
    """What falls to one of several; nothing is lost in the division."""
    return None if whole is None else whole // senders + (place < whole % senders)


def chosen_carrier(senders: int = 1) -> Carrier:
    """The mail server of the settings, over this sender's part of the connections, else files."""
    chosen = settings()
    if chosen.smtp_host is None:
        return FileCarrier()
    from notifications.sending.smtp import SmtpCarrier

    return SmtpCarrier(replace(chosen, smtp_connections=_part(chosen.smtp_connections, senders, 0) or 1))
