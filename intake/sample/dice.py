"""Chance that always falls the same way: the sample brokerage is the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Dice:
    """A generator of our own (SplitMix64), so that no version of Python throws differently."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def fork(self, name: str) -> Dice:
        """Other dice for another matter: throwing them more often changes nothing here."""
        mixed = self._state
        for letter in name.encode():
            mixed = (mixed ^ letter) * 0x100000001B3 & _MASK
        return Dice(mixed)

    def _bits(self) -> int:
        self._state = (self._state + _GOLDEN) & _MASK
        bits = self._state
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB & _MASK
        return bits ^ (bits >> 31)

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return (self._bits() >> 11) / (1 << 53)

    def chance(self, share: float) -> bool:
        """True in that share of all throws."""
        return self.share() < share

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both included."""
        return least + self._bits() % (most - least + 1)

    def one_of(self, things: Sequence[T]) -> T:
        """One of them, each as likely."""
        return things[self._bits() % len(things)]

    def weighted(self, things: Sequence[tuple[T, int]]) -> T:
        """One of them, as likely as its weight says."""
        left = self._bits() % sum(weight for _, weight in things)
        for thing, weight in things:
            if left < weight:
                return thing
            left -= weight
        return things[-1][0]
