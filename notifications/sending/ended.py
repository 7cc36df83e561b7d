"""What is told of messages that were tried: to whoever counts them, in this process or another."""

from __future__ import annotations

from dataclasses import dataclass

from notifications.outbox.states import Outcome
from notifications.sending.settling import Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of one message, or of several that left as one."""

    outcome: Outcome
    count: int
    number: int
    words: str


def ended(one: Settlement) -> Ended:
    """The part of a settlement that is told."""
    return Ended(outcome=one.outcome, count=len(one.group), number=one.group[0].id, words=one.words)
