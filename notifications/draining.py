"""Sending: what is due is claimed, written, handed over and remembered, many messages at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from core.collector import no_collecting
from core.settings import settings
from models.database import begin
from notifications import states
from notifications.carrier import Carrier, CarrierDown
from notifications.files import FileCarrier
from notifications.keeping import Desk
from notifications.letters import is_sent_again
from notifications.settling import Settlement
from notifications.states import Outcome


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

    def add(self, ended: Settlement) -> None:
        """Count a message, or several that left as one."""
        self.counts[ended.outcome] += len(ended.group)
        if ended.outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
            self.refusals.append((ended.group[0].id, ended.words))


def drain(
    at: datetime, *, limit: int | None = None, carrier: Carrier | None = None, step: Callable[[int], None] | None = None
) -> DrainReport:
    """Send what is due at that moment, at most `limit` messages; `step` is told of each.

    Raises: DatabaseUnreachable and its kin; everything else that goes wrong is remembered with the message.
    """
    report = DrainReport()

    def tell(ended: Settlement) -> None:
        report.add(ended)
        if step is not None:
            step(len(ended.group))

    with carrier or chosen_carrier() as way:
        report.where = str(way.folder) if isinstance(way, FileCarrier) else way.name
        tidy(report, at=at)
        with no_collecting(), Desk(at, tell, limit=limit) as desk:
            try:
                way.carry(desk.supply, desk)
            except CarrierDown as error:
                report.problem = str(error)
    return report


def chosen_carrier() -> Carrier:
    """The mail server of the settings, else files."""
    if settings().smtp_host is None:
        return FileCarrier()
    from notifications.smtp import SmtpCarrier

    return SmtpCarrier()


def tidy(report: DrainReport, *, at: datetime) -> None:
    """Before sending: drop what has lost its point, take back what dead senders left, let reminders go out again."""
    with begin() as db:
        report.counts[Outcome.DROPPED] += states.drop_pointless(db, at=at)
        states.take_back_left(db)
        again = [number for number, version in states.unknown(db) if is_sent_again(db, version)]
        states.send_again(db, again)
