"""People compared fairly: what went well against what could be expected of that mix of work, chance allowed for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import sqrt
from typing import Any

from sqlalchemy import Connection

from core.errors import UsageError
from reports.assignment import Question
from reports.comparison_query import Measure, strata
from reports.control_limits import STRICT, USUAL, chance_limits, dispersion, is_overdispersed
from reports.dimension import CALENDAR, By
from reports.interval import wilson
from reports.labels import label, labels

WHO = (By.EMPLOYEE, By.TEAM)
ALIKE = {
    Measure.ON_TIME: (By.ACTION, By.PROCESS, By.PRODUCT, By.CLIENT_TIER),
    Measure.SUCCESS: (By.PROCESS, By.PRODUCT, By.CLIENT_TIER),
}
"""Where no standard says what to expect: work that agrees in these is expected to go as it went in the whole house."""


class NotComparable(UsageError):
    """Only people and teams are compared."""


class Against(StrEnum):
    """Where the expectation comes from."""

    STANDARDS = "standards"  # their targets; the house's own rate where a standard sets none
    HOUSE = "house"  # the house's own rate for each kind of work


class Verdict(StrEnum):
    """What chance leaves of a difference."""

    WITHIN = "within chance"
    PERHAPS_LESS = "perhaps less"
    PERHAPS_MORE = "perhaps more"
    LESS = "less"
    MORE = "more"


@dataclass(slots=True, kw_only=True)
class Sums:
    """What is added up for one person over the kinds of their work."""

    count: int = 0
    good: int = 0
    expected: float = 0.0
    variance: float = 0.0
    by_standards: int = 0  # how many had a target

    def add(self, count: int, good: int, share: float, *, has_target: bool) -> None:
        """Work of one kind, of which this share is expected to go well."""
        self.count += count
        self.good += good
        self.expected += count * share
        self.variance += count * share * (1 - share)
        self.by_standards += count if has_target else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One person or team: `ratio` is good / expected, with its interval; `limits` of chance at their amount of work.

    `size`: the number of average pieces of work that would tell as much as theirs do.
    """

    key: int | None
    name: str
    sums: Sums
    ratio: float
    interval: tuple[float, float]
    size: float
    limits: tuple[float, float]
    strict_limits: tuple[float, float]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The answer. `share`: what is expected of the average piece of work. `spread`: 1 is chance, None is too few."""

    question: Question
    who: By
    measure: Measure
    against: Against
    share: float
    house: Sums
    points: tuple[Point, ...]
    spread: float | None = None
    is_spread_wide: bool = False
    alike: tuple[By, ...] = field(default=())


def compare(
    db: Connection,
    question: Question,
    *,
    who: By = By.EMPLOYEE,
    measure: Measure = Measure.ON_TIME,
    against: Against = Against.STANDARDS,
    language: str = "en",
) -> Comparison:
    """Everybody against what is expected; whoever may not see others sees only themselves against the whole house.

    Raises: NotComparable.
    """
    if who not in WHO:
        raise NotComparable(f"People and teams are compared, not {who.value}s. Use --by employee or --by team.")
    asked = replace(question, by=(who,), employee_ids=None)
    found = db.execute(strata(_apart(asked), measure, who, ALIKE[measure])).all()
    sums = expected_of(found, against)
    house, of_people = together(sums.values()), {key: each for key, each in sums.items() if key is not None}
    names = labels(db, who, language)
    share = house.expected / house.count if house.count else 0.0
    points = [_point(key, label(who, key, names), each, share) for key, each in of_people.items()]
    scores = [_score(each, house) for each in of_people.values() if each.variance > 0]
    spread = dispersion(scores)
    return Comparison(
        question=question,
        who=who,
        measure=measure,
        against=against,
        share=share,
        house=house,
        points=tuple(sorted(_seen(points, question, who), key=lambda point: point.name)),
        spread=spread,
        is_spread_wide=spread is not None and is_overdispersed(spread, len(scores)),
        alike=ALIKE[measure],
    )


def _apart(question: Question) -> Question:
    """Each person's time with a task, also where teams are compared: who hands work on has not done it."""
    return question if By.EMPLOYEE in question.by else replace(question, by=(*question.by, By.EMPLOYEE))


def _seen(points: Iterable[Point], question: Question, who: By) -> list[Point]:
    if question.employee_ids is None:
        return list(points)
    return [point for point in points if who is By.EMPLOYEE and point.key in question.employee_ids]


def expected_of(rows: Iterable[Any], against: Against) -> dict[int | None, Sums]:
    """What is expected of each: the target of each kind of their work, or how the whole house did in it.

    Rows: who, the kind's dimensions …, target, count, good.
    """
    kept = [tuple(row) for row in rows]
    totals: dict[tuple[Any, ...], list[int]] = {}
    for _, *kind, _target, count, good in kept:
        told = totals.setdefault(tuple(kind), [0, 0])
        told[0] += count
        told[1] += good
    sums: dict[int | None, Sums] = {}
    for who, *kind, target, count, good in kept:
        has_target = target is not None and against is Against.STANDARDS
        whole, well = totals[tuple(kind)]
        share = float(target or 0) if has_target else well / whole
        sums.setdefault(who, Sums()).add(count, good, share, has_target=has_target)
    return sums


def together(every: Iterable[Sums]) -> Sums:
    """All of them added up."""
    whole = Sums()
    for each in every:
        whole.count += each.count
        whole.good += each.good
        whole.expected += each.expected
        whole.variance += each.variance
        whole.by_standards += each.by_standards
    return whole


def _point(key: int | None, name: str, sums: Sums, share: float) -> Point:
    scale = sums.count / sums.expected if sums.expected else 0.0
    low, high = wilson(sums.good, sums.count)
    size = effective_size(sums, share)
    usual, strict = (_ratios(chance_limits(share, size, within), share) for within in (USUAL, STRICT))
    ratio = sums.good / sums.expected if sums.expected else float("nan")
    return Point(
        key=key,
        name=name,
        sums=sums,
        ratio=ratio,
        interval=(low * scale, high * scale),
        size=size,
        limits=usual,
        strict_limits=strict,
        verdict=_verdict(ratio, usual, strict),
    )


def effective_size(sums: Sums, share: float) -> float:
    """How many pieces of average work would leave the same room to chance; their number, when all work is alike."""
    if sums.variance <= 0 or not 0 < share < 1:
        return float(sums.count)
    return (1 - share) / share * sums.expected**2 / sums.variance


def _ratios(limits: tuple[float, float], share: float) -> tuple[float, float]:
    return (limits[0] / share, limits[1] / share) if share else (0.0, 0.0)


def _verdict(ratio: float, usual: tuple[float, float], strict: tuple[float, float]) -> Verdict:
    if ratio < strict[0]:
        return Verdict.LESS
    if ratio > strict[1]:
        return Verdict.MORE
    if ratio < usual[0]:
        return Verdict.PERHAPS_LESS
    return Verdict.PERHAPS_MORE if ratio > usual[1] else Verdict.WITHIN


def _score(sums: Sums, house: Sums) -> float:
    """How many standard deviations somebody lies from where the house lies."""
    level = house.good / house.expected if house.expected else 0.0
    return (sums.good - level * sums.expected) / sqrt(sums.variance)


def basis(comparison: Comparison) -> str:
    """Where the expectation came from, in a sentence."""
    alike = ", ".join(by.value.replace("_", " ") for by in comparison.alike if by not in CALENDAR)
    own = f"how the whole house did in work of the same {alike}"
    if comparison.against is Against.HOUSE:
        return f"Expected is {own}."
    count, whole = comparison.house.by_standards, comparison.house.count
    if count == whole:
        return "Expected is the target that the standards set for each piece of work."
    if not count:
        return f"No standard sets a target for this work: expected is {own}."
    return f"Expected is the target of the standards for {count:,} of {whole:,}; for the rest {own}."
