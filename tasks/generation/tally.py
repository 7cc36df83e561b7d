"""What a run did or would do, in numbers that can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """`met`: cases another run had started in the meantime. `known`: subjects that have their case already.

    `left_out`: reason -> subjects. `by`: what is counted by (product_line, insurer, employee, week) -> its value ->
    first tasks; an employee's number, or `queue` and the number of a team.
    """

    cases: int = 0
    tasks: int = 0
    met: int = 0
    known: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        kinds = dict.fromkeys([*self.by, *other.by])
        return Tally(
            cases=self.cases + other.cases,
            tasks=self.tasks + other.tasks,
            met=self.met + other.met,
            known=self.known + other.known,
            left_out=_sum(self.left_out, other.left_out),
            by={kind: _sum(self.by.get(kind, {}), other.by.get(kind, {})) for kind in kinds},
        )

    def as_json(self) -> dict[str, Any]:
        """As a run and its shards keep it."""
        return {
            "cases": self.cases,
            "tasks": self.tasks,
            "met": self.met,
            "known": self.known,
            "left_out": dict(self.left_out),
            "by": {kind: dict(counts) for kind, counts in self.by.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Tally:
        """What `as_json` stored."""
        return cls(**{name: stored[name] for name in cls.__slots__ if name in stored})


def _sum(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(first) + Counter(second))


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    return sum(tallies, Tally())
