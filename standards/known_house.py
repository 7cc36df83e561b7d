"""What definitions may name beside each other: teams, people, insurers of the house, and what is in force there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from standards.checking.surroundings import LetterFacts
from standards.lists import Lists
from standards.process import Process
from standards.service.standard import StandardBook


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What the house has published: it stays so where a folder does not mention it."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    letters: Mapping[str, LetterFacts] = field(default_factory=dict)
    lists: Lists = field(default_factory=Lists)
    book: StandardBook = field(default_factory=StandardBook)
    calendars: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHouse:
    """The codes and logins of a house. What it has none of yet is not checked: nothing was imported."""

    teams: frozenset[str] = frozenset()
    logins: frozenset[str] = frozenset()
    product_lines: frozenset[str] = frozenset()
    insurers: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    in_force: InForce = field(default_factory=InForce)

    def with_lists(self, lists: Lists) -> dict[str, tuple[str, ...]]:
        """The coded lists of the definitions, with what the house's book adds to them."""
        found = {name: one.codes for name, one in lists.lists.items()}
        for name in ("product_lines", "insurers", "teams"):
            own = sorted(getattr(self, name))
            if own:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *own)))
        return found


NO_HOUSE = KnownHouse()
"""Definitions read by themselves."""
