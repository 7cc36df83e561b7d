"""What a case has been through, read from its ledger: rounds, transitions taken, joins fired, who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any

from tasks.record.ledger import Entry

COMINGS = frozenset({"case.started", "task.planned", "task.opened", "step.passed", "step.waited", "step.moved"})
DONE = frozenset({"task.completed", "item.completed"})
TAKING = frozenset({*DONE, "timer.fired", "happening.heard", "step.passed"})

_JOINS = frozenset({"join.fired", "join.joined"})
DROPPED = frozenset({"task.cancelled", "task.expired", "item.cancelled", "item.expired", "step.cancelled"})


@dataclass(frozen=True, slots=True)
class Place:
    """One coming of a case to a step: which step, for which member of a list, for the how manieth time."""

    step: str
    member: str = ""
    round: int = 1

    def facts(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        return {"step": self.step, "member": self.member or None, "round": self.round}


@dataclass(frozen=True, slots=True)
class JoinFired:
    """The last firing of a join: its round, its place in the ledger, and the branches that may still arrive for it."""

    round: int
    number: int
    late: frozenset[tuple[str, str]]

    def awaits(self, step: str, member: str) -> bool:
        """Whether that branch belongs to this firing, though it comes after it; a list's members as the list does."""
        return (step, member) in self.late or (step, "") in self.late


@dataclass(slots=True, kw_only=True)
class History:
    """Grows with every event of the case; limits are counted here, so they count over the whole case.

    What a correction withdrew keeps its round, which is never given twice, but is not counted.
    """

    last: int = 0
    owner_id: int | None = None
    rounds: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)  # round -> number of its event
    withdrawn: set[Place] = field(default_factory=set)
    taken: dict[tuple[str, str, str], int] = field(default_factory=dict)
    completed_at: dict[str, datetime] = field(default_factory=dict)
    done_by: dict[str, int] = field(default_factory=dict)
    firings: dict[str, list[JoinFired]] = field(default_factory=dict)  # of each join, in order
    joined: dict[tuple[str, str, str], int] = field(default_factory=dict)  # join, late branch -> number of its event
    fans: dict[Place, list[str]] = field(default_factory=dict)  # of a list gone through: its members
    dropped: set[str] = field(default_factory=set)  # members whose branch was cancelled, and not begun again

    def round_of(self, step: str, member: str) -> int:
        """The highest round so far, 0 when the case never came there."""
        return max(self.rounds.get((step, member), ()), default=0)

    def times(self, step: str, member: str) -> int:
        """How often the case came there, without what was withdrawn."""
        rounds = self.rounds.get((step, member), ())
        return sum(Place(step, member, number) not in self.withdrawn for number in rounds)

    def was_taken(self, step: str, member: str, key: str) -> int:
        """How often a transition was taken: `key` is the outcome, or the name of what fired."""
        return self.taken.get((step, member, key), 0)

    def last_firing(self, join_step: str) -> JoinFired | None:
        """The last firing of a join that was not withdrawn."""
        firings = self.firings.get(join_step)
        return firings[-1] if firings else None

    def has_begun(self, join_step: str, steps: Iterable[str]) -> bool:
        """Whether the case came to one of a join's branches for the round that is being collected."""
        wanted = set(steps)
        return any(
            came > self._begins(join_step, step, member)
            for (step, member), rounds in self.rounds.items()
            if step in wanted
            for came in rounds.values()
        )

    def _begins(self, join_step: str, step: str, member: str) -> float:
        """The event after which a branch belongs to the round being collected; there is none while it is still late."""
        fired = self.last_firing(join_step)
        if fired is None or not fired.awaits(step, member):
            return fired.number if fired else 0
        joined = self.joined.get((join_step, step, member), 0)
        return joined if joined > fired.number else inf

    def add(self, entry: Entry) -> None:
        """Learn one more event."""
        self.last = max(self.last, entry.number)
        data = entry.data
        step, member = data.get("step", ""), data.get("member", "")
        if entry.kind in COMINGS and step:
            self._come(entry, step, member)
        if entry.kind in TAKING:
            self._count(step, member, took(entry), 1)
        if entry.kind in DONE or entry.kind == "step.passed" or data.get("closes"):
            self._complete(entry, step)
        elif entry.kind in DROPPED and member:
            self.dropped.add(member)
        elif entry.kind in _JOINS:
            self._join(entry, step, member)
        elif entry.kind == "case.handed_over":
            self.owner_id = data.get("to")
        elif entry.kind == "task.corrected":
            self._correct(data, step, member)

    def _come(self, entry: Entry, step: str, member: str) -> None:
        place = Place(step, member, entry.data.get("round", 1))
        self.rounds.setdefault((step, member), {}).setdefault(place.round, entry.number)
        self.dropped.discard(member)
        if self.owner_id is None:
            self.owner_id = entry.data.get("assignee_id")
        if "members" in entry.data:
            self.fans[place] = list(entry.data["members"])

    def _complete(self, entry: Entry, step: str) -> None:
        self.completed_at[step] = entry.at
        doer = entry.data.get("assignee_id") or entry.employee_id
        if doer is not None and entry.kind in DONE:
            self.done_by[step] = doer

    def _join(self, entry: Entry, step: str, member: str) -> None:
        data = entry.data
        if entry.kind == "join.joined":
            self.joined[data["join"], step, member] = entry.number
            return
        late = frozenset((name, rest) for name, rest in data.get("late", ()))
        self.firings.setdefault(step, []).append(JoinFired(data.get("round", 1), entry.number, late))

    def _correct(self, data: Any, step: str, member: str) -> None:
        self._count(step, member, data["was"], -1)
        self._count(step, member, data["outcome"], 1)
        self.withdrawn |= {Place(name, rest, number) for name, rest, number in data.get("withdrawn", ())}
        for join_step in data.get("unfired", ()):
            self.firings[join_step].pop()

    def _count(self, step: str, member: str, key: str, by: int) -> None:
        self.taken[step, member, key] = self.taken.get((step, member, key), 0) + by


def took(entry: Entry) -> str:
    """Which transition an event took: an outcome, the name of what fired, '' for just going on."""
    data = entry.data
    return str(data.get("outcome") or data.get("branch") or data.get("choice") or "")


def history_of(entries: Iterable[Entry]) -> History:
    """The history told by a case's ledger."""
    history = History()
    for entry in entries:
        history.add(entry)
    return history
