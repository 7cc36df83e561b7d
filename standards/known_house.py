"""What definitions may name that stands in the house's book and not in its definitions: teams, people, insurers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHouse:
    """The codes and logins of a house. What it has none of yet is not checked: nothing was imported."""

    teams: frozenset[str] = frozenset()
    logins: frozenset[str] = frozenset()
    product_lines: frozenset[str] = frozenset()
    insurers: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()

    def with_lists(self, lists: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
        """The coded lists of the definitions, with what the house's book adds to them."""
        found = {name: tuple(codes) for name, codes in lists.items()}
        for name in ("product_lines", "insurers", "teams"):
            own = sorted(getattr(self, name))
            if own:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *own)))
        return found


NO_HOUSE = KnownHouse()
"""Definitions read by themselves."""
