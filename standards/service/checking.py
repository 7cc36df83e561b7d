"""Checking a book of standards against the house: unknown work, and what two standards leave undecided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import did_you_mean
from standards.known_house import NO_HOUSE, KnownHouse
from standards.lists import Lists
from standards.problem import Problem
from standards.process import Process, StepKind
from standards.service.cascade import Ambiguity, ambiguities
from standards.service.standard import Dimension, Standard, StandardBook, level_place

LISTED: Mapping[Dimension, str] = {
    Dimension.ACTION: "actions",
    Dimension.PRODUCT_LINE: "product_lines",
    Dimension.CLIENT_KIND: "party_kinds",
    Dimension.CLIENT_TIER: "tiers",
    Dimension.CLIENT_STANDING: "standings",
    Dimension.CHANNEL: "channels",
}
"""Dimension -> the coded list that holds its values. Insurers and campaigns stand in the house's book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWork:
    """Which values a dimension can have in this house; a dimension that is not named here is not checked."""

    values: Mapping[Dimension, frozenset[str]] = field(default_factory=dict)
    steps: Mapping[str, frozenset[str]] = field(default_factory=dict)  # process -> its tasks
    logins: frozenset[str] = frozenset()  # of those who work here; none: they are not known


def known_work(processes: Iterable[Process], lists: Lists, house: KnownHouse = NO_HOUSE) -> KnownWork:
    """What the house's processes, lists and book name."""
    kept = tuple(processes)
    steps = {one.name: frozenset(it.name for it in one.steps.values() if it.kind is StepKind.TASK) for one in kept}
    actions = frozenset(step.action for one in kept for step in one.steps.values() if step.action)
    listed = house.with_lists(lists)
    named = {**LISTED, Dimension.INSURER: "insurers"}
    values = {dimension: frozenset(listed[name]) for dimension, name in named.items() if listed.get(name)}
    if house.campaigns:
        values[Dimension.CAMPAIGN] = house.campaigns
    values[Dimension.ACTION] = actions | values.get(Dimension.ACTION, frozenset())
    values[Dimension.PROCESS] = frozenset(steps)
    values[Dimension.STEP] = frozenset().union(*steps.values())
    return KnownWork(values=values, steps=steps, logins=house.logins)


def check_book(book: StandardBook, known: KnownWork) -> list[Problem]:
    """Everything that is wrong with a book that could be read."""
    return [problem for check in CHECKS for problem in check(book, known)]


def _unknown_values(book: StandardBook, known: KnownWork) -> Iterator[Problem]:
    for standard in book.standards:
        for dimension, values in standard.holds_for.items():
            for value in values:
                if dimension in known.values and value not in known.values[dimension]:
                    yield _unknown(standard, dimension, value, known.values[dimension])


def _unknown(standard: Standard, dimension: Dimension, value: str, known: frozenset[str]) -> Problem:
    hint = did_you_mean(value, sorted(known)) or "."
    listed = ", ".join(sorted(known)) or "none"
    return _problem(standard, f"unknown {dimension.words} {value!r}{hint} Known: {listed}.", dimension.value)


def _unknown_people(book: StandardBook, known: KnownWork) -> Iterator[Problem]:
    """An escalation to somebody who does not work here would reach nobody."""
    logins = {login.lower() for login in known.logins}
    for standard in book.standards:
        for number, level in enumerate(standard.fields.escalate or ()):
            if level.login is not None and logins and level.login.lower() not in logins:
                hint = did_you_mean(level.login, sorted(known.logins)) or "."
                message = (
                    f"nobody who works here has the login {level.login!r}{hint} "
                    "`taktas employees list` shows everybody."
                )
                yield _problem(standard, message, level_place(number))


def _steps_elsewhere(book: StandardBook, known: KnownWork) -> Iterator[Problem]:
    """A standard that names process and step must name a step that process has."""
    for standard in book.standards:
        processes = [it for it in standard.holds_for.get(Dimension.PROCESS, ()) if it in known.steps]
        own = frozenset().union(*(known.steps[process] for process in processes))
        for step in standard.holds_for.get(Dimension.STEP, ()):
            if processes and step not in own and step in known.values.get(Dimension.STEP, frozenset()):
                hint = did_you_mean(step, sorted(own)) or "."
                yield _problem(standard, f"{' and '.join(processes)} has no step {step!r} that is a task{hint}")


def _undecided(book: StandardBook, _known: KnownWork) -> Iterator[Problem]:
    for found in ambiguities(book):
        yield _problem(found.second, _told(found))


def _told(found: Ambiguity) -> str:
    both = " and ".join(name.words for name in found.fields)
    return (
        f"{found.second.name!r} and {found.first.name!r} ({found.first.file}:{found.first.line}) are equally specific "
        f"and both set {both}; for {found.example} neither wins. "
        "Let one of them name one dimension more, or let only one of them set it."
    )


def _problem(standard: Standard, message: str, place: str = "") -> Problem:
    return Problem(file=standard.file, line=standard.lines.get(place, standard.line), message=message)


Check = Callable[[StandardBook, KnownWork], Iterable[Problem]]
CHECKS: tuple[Check, ...] = (_unknown_values, _unknown_people, _steps_elsewhere, _undecided)
