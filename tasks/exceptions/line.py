"""One exception, a part of them of one kind, and for whom they are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tasks.facts.computed import AsOf


class Kind(StrEnum):
    """What is not as it should be, the gravest first."""

    LAPSED = "lapsed"  # the term ran out undecided: the client has no cover
    UNOWNED = "unowned"  # work nobody has, or somebody who has left
    STRANDED = "stranded"  # a case with nothing left to do that has not ended
    NOT_BOUND = "not_bound"  # accepted, but the insurer has not confirmed: must be empty
    UNCOVERED = "uncovered"  # soon to run out, without a case or a next term
    BREACHED = "breached"  # open and overdue, and nobody above was told yet
    ESCALATED = "escalated"  # somebody above was told, and it is still open
    MESSAGES = "messages"  # what should have left the house and has not


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose exceptions: a team's, or the whole house's; the stretch of time just past, and the days to look ahead."""

    since: datetime
    at: datetime
    ahead: date
    team_id: int | None = None
    language: str = "en"
    at_most: int = 20

    @property
    def today(self) -> date:
        """The date of the moment in the house."""
        return AsOf.of(self.at).day

    @property
    def first_day(self) -> date:
        """The date the stretch began in the house."""
        return AsOf.of(self.since).day


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One exception: what, about whom, who has it, since or until when, and the command that shows it.

    `on`: of a term the last day of its cover, or the day from which cover was wanted; `state`: what became of a
    message, as a code; `level`: of how many levels somebody above was told; `note`: what is known besides, as it was
    written.
    """

    what: str
    command: str
    client: str | None = None
    who: str | None = None
    at: datetime | None = None
    on: date | None = None
    note: str | None = None
    state: str | None = None
    level: int | None = None
    is_past_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """All exceptions of one kind: how many there are, and the first of them."""

    kind: Kind
    total: int
    lines: tuple[Line, ...] = field(default_factory=tuple)
