"""Which standard gives which field to a task, and why: field by field, the most specific one wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from core.errors import TaktasError
from standards.service.standard import Dimension, Dimensions, Field, Fields, Standard, StandardBook, Written


class AmbiguousStandards(TaktasError):
    """Two standards speak about one task, equally specific, and set the same field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One standard's word on one field: where it stands, what it says, and on which dimensions."""

    name: str
    file: str
    line: int
    value: Written
    scope: str
    why_not: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored with a resolution."""
        told = {
            "name": self.name,
            "file": self.file,
            "line": self.line,
            "value": self.value,
            "scope": self.scope,
        }
        return told | ({"why_not": self.why_not} if self.why_not else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Who gave one field, and who lost."""

    field: Field
    winner: Claim
    losers: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What holds for one task, and why."""

    fields: Fields
    verdicts: tuple[Verdict, ...]

    def explanation(self) -> dict[str, dict[str, Any]]:
        """Field -> winner and losers, with their places, as it is stored."""
        return {
            verdict.field.value: {
                "winner": verdict.winner.as_json(),
                "losers": [loser.as_json() for loser in verdict.losers],
            }
            for verdict in self.verdicts
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """Two standards neither of which outranks the other, the fields both set, and a task both speak about."""

    first: Standard
    second: Standard
    fields: tuple[Field, ...]
    example: Dimensions


def resolve(book: StandardBook, task: Dimensions) -> Resolution:
    """What holds for a task. Raises: AmbiguousStandards, for a book that was not checked."""
    speaking = sorted(
        (standard for standard in book.standards if standard.matches(task)),
        key=lambda standard: specificity(standard, book.order),
        reverse=True,
    )
    verdicts: list[Verdict] = []
    won: dict[str, Any] = {}
    for name in Field:
        rivals = [standard for standard in speaking if standard.fields.of(name) is not None]
        if rivals:
            verdicts.append(_verdict(name, rivals, book.order, task))
            won[name.value] = rivals[0].fields.of(name)
    return Resolution(fields=Fields(**won), verdicts=tuple(verdicts))


def specificity(standard: Standard, order: tuple[Dimension, ...]) -> tuple[bool, ...]:
    """Whether it names each dimension, in the declared order; compared from the left, the greater one wins."""
    return tuple(dimension in standard.holds_for for dimension in order)


def _verdict(name: Field, rivals: list[Standard], order: tuple[Dimension, ...], task: Dimensions) -> Verdict:
    winner, *losers = rivals
    if losers and specificity(winner, order) == specificity(losers[0], order):
        raise AmbiguousStandards(
            f"Cannot tell which {name.words} holds for {task}: {_place(winner)} and {_place(losers[0])} are equally "
            "specific. Let one of them name one dimension more, or let only one of them set it."
        )
    lost = tuple(_claim(loser, name, _why_not(loser, winner, order)) for loser in losers)
    return Verdict(field=name, winner=_claim(winner, name), losers=lost)


def _claim(standard: Standard, name: Field, why_not: str = "") -> Claim:
    return Claim(
        name=standard.name,
        file=standard.file,
        line=standard.line,
        value=standard.fields.written()[name.value],
        scope=standard.scope(),
        why_not=why_not,
    )


def _why_not(loser: Standard, winner: Standard, order: tuple[Dimension, ...]) -> str:
    """The first dimension, from the left, that only the winner names."""
    deciding = next(
        dimension for dimension in order if dimension in winner.holds_for and dimension not in loser.holds_for
    )
    return f"does not name {deciding.words}, as {winner.name} does"


def _place(standard: Standard) -> str:
    return f"{standard.name} ({standard.file}:{standard.line})"


def ambiguities(book: StandardBook) -> Iterator[Ambiguity]:
    """Every pair of standards that could both decide one field of one task.

    Equally specific means naming the same dimensions; they meet where they share a value in each.
    """
    alike: dict[frozenset[Dimension], list[Standard]] = {}
    for standard in book.standards:
        alike.setdefault(frozenset(standard.holds_for), []).append(standard)
    for standards in alike.values():
        for first, second in combinations(standards, 2):
            found = _clash(first, second)
            if found:
                yield found


def _clash(first: Standard, second: Standard) -> Ambiguity | None:
    both = tuple(name for name in first.fields.names() if second.fields.of(name) is not None)
    shared = {
        dimension: [value for value in values if value in second.holds_for[dimension]]
        for dimension, values in first.holds_for.items()
    }
    if not both or not all(shared.values()):
        return None
    example = Dimensions(**{dimension.value: values[0] for dimension, values in shared.items()})
    return Ambiguity(first=first, second=second, fields=both, example=example)
