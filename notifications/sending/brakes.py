"""Domains that asked for patience: how many messages each may be sent at once, and how long it is left in peace.

Remembered in a table, so that all senders know. A domain is slowed by a 4xx about the domain itself; a full or busy
mailbox (4.2.x) is about one receiver only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from models.deliveries import Stage, domain_brakes
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, Settled

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
FREE = 64  # messages at once that end a brake: more than a sender has connections
NO_LIMIT = 1_000_000  # messages at once to a domain that asked for nothing: all that wait for it may leave
_STAGES = frozenset({Stage.RCPT, Stage.DATA, Stage.DOT})  # before them the server speaks for itself
_ABOUT_A_MAILBOX = re.compile(r"\b4\.2\.\d{1,3}\b")
_brake = domain_brakes.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """How a domain is treated."""

    at_once: int
    paused_until: datetime | None


@dataclass(slots=True)
class Brakes:
    """What this sender knows of the domains; read again with every batch."""

    known: dict[str, Brake] = field(default_factory=dict)

    def read(self, db: Connection) -> None:
        """See what other senders have learnt."""
        rows = db.execute(select(_brake.domain, _brake.at_once, _brake.paused_until))
        self.known = {row.domain: Brake(at_once=row.at_once, paused_until=row.paused_until) for row in rows}

    def paused_until(self, domain: str, at: datetime) -> datetime | None:
        """Until when the domain is left in peace; None when it is not."""
        brake = self.known.get(domain)
        is_paused = brake is not None and brake.paused_until is not None and brake.paused_until > at
        return brake.paused_until if brake is not None and is_paused else None

    def at_once(self, domain: str, at: datetime) -> int:
        """How many messages it may be sent at the same time; 0 while it is left in peace."""
        if self.paused_until(domain, at) is not None:
            return 0
        brake = self.known.get(domain)
        return brake.at_once if brake is not None else NO_LIMIT

    def learn(self, db: Connection, settled: Sequence[Settled], *, at: datetime) -> None:
        """Slow down the domains that asked for it; let those that take messages again have more at once."""
        asked = {parcel.domain: answer.words for parcel, answer in settled if _asks_for_patience(answer)}
        for domain in sorted(asked):
            if self.paused_until(domain, at) is None:  # what was under way when it asked counts once
                self._slow_down(db, domain, asked[domain], at=at)
        taken = {parcel.domain for parcel, answer in settled if answer.outcome is Outcome.SENT} - asked.keys()
        self._ease(db, sorted(taken & self.known.keys()))

    def _slow_down(self, db: Connection, domain: str, answer: str, *, at: datetime) -> None:
        first = {"domain": domain, "strikes": 1, "at_once": 1, "pause_seconds": FIRST_PAUSE.total_seconds()}
        pause = func.least(_brake.pause_seconds * 2, LONGEST_PAUSE.total_seconds())
        again = {
            "strikes": _brake.strikes + 1,
            "at_once": 1,
            "pause_seconds": pause,
            "paused_until": at + pause * timedelta(seconds=1),
            "changed_at": func.clock_timestamp(),
            "last_answer": answer,
        }
        written = (
            insert(domain_brakes)
            .values(first | {"paused_until": at + FIRST_PAUSE, "last_answer": answer})
            .on_conflict_do_update(index_elements=["domain"], set_=again)
            .returning(_brake.at_once, _brake.paused_until)
        )
        row = db.execute(written).one()
        self.known[domain] = Brake(at_once=row.at_once, paused_until=row.paused_until)

    def _ease(self, db: Connection, domains: Iterable[str]) -> None:
        for domain in domains:
            more = self.known[domain].at_once * 2
            if more >= FREE:
                db.execute(delete(domain_brakes).where(_brake.domain == domain))
                del self.known[domain]
            else:
                eased = update(domain_brakes).where(_brake.domain == domain)
                db.execute(eased.values(at_once=more, changed_at=func.clock_timestamp()))
                self.known[domain] = Brake(at_once=more, paused_until=None)


def _asks_for_patience(answer: Answer) -> bool:
    is_deferred = answer.outcome is Outcome.RETRY and answer.code is not None and answer.stage in _STAGES
    return is_deferred and not _ABOUT_A_MAILBOX.search(answer.words)
