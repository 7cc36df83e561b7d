"""Chance allowed for: limits, verdicts, the spread among people, and who sees whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from math import isclose, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import binom  # type: ignore[import-untyped]  # scipy comes without types

from models import work
from reports.assignment import Question
from reports.comparison import (
    Against,
    Comparison,
    NotComparable,
    Sums,
    Verdict,
    basis,
    compare,
    effective_size,
    expected_of,
)
from reports.comparison_query import Measure
from reports.comparison_sheet import comparison_report, notes
from reports.control_limits import STRICT, USUAL, chance_limits, dispersion, is_overdispersed
from reports.dimension import By
from reports.period import Period

MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")
QUESTION = Question(period=MARCH, by=(By.EMPLOYEE,), as_of=datetime(2026, 3, 20, tzinfo=UTC))


def at(day: int) -> datetime:
    """A morning of March 2026."""
    return datetime(2026, 3, day, 8, tzinfo=UTC)


@given(some.floats(0.05, 0.95), some.integers(2, 400), some.sampled_from([USUAL, STRICT]))
def test_limits_keep_what_chance_allows_inside(share: float, size: int, within: float) -> None:
    """Counted exactly: outside on either side lies at most half of what is left over."""
    low, high = chance_limits(share, size, within)

    below = [count for count in range(size + 1) if count / size < low - 1e-9]
    above = [count for count in range(size + 1) if count / size > high + 1e-9]
    tail = (1 - within) / 2
    assert sum(binom.pmf(below, size, share)) <= tail + 1e-6
    assert sum(binom.pmf(above, size, share)) <= tail + 1e-6


@given(some.floats(0.05, 0.95), some.floats(2, 5_000))
def test_limits_narrow_with_the_amount_of_work(share: float, size: float) -> None:
    """And the strict ones lie outside the usual ones."""
    low, high = chance_limits(share, size)
    strict_low, strict_high = chance_limits(share, size, STRICT)
    later_low, later_high = chance_limits(share, size * 4)

    assert strict_low <= low + 1e-9 <= share + 1 / size
    assert share <= high <= strict_high + 1e-9
    assert later_high - later_low <= high - low + 1e-9


def test_limits_of_much_work_are_those_of_the_normal_curve() -> None:
    """1.96 standard deviations to either side."""
    low, high = chance_limits(0.8, 100_000)

    deviation = 1.96 * sqrt(0.8 * 0.2 / 100_000)
    assert isclose(low, 0.8 - deviation, abs_tol=1e-5)
    assert isclose(high, 0.8 + deviation, abs_tol=2e-5)


def test_what_cannot_vary_has_no_room() -> None:
    """A target of all or nothing, and no work at all."""
    assert chance_limits(1.0, 10) == (1.0, 1.0)
    assert chance_limits(0.5, 0) == (0.0, 1.0)


def test_the_spread_of_people_who_differ_by_chance_is_about_one() -> None:
    """One who differs wildly is pulled in; of few nothing is told."""
    quiet = [-1.2, 0.3, 0.9, -0.4, 1.1, -0.8, 0.2, -1.0, 0.6, 1.4]

    assert dispersion(quiet[:4]) is None
    assert isclose(dispersion(quiet) or 0, 0.66273)  # the outermost pulled in to -1.02 and 1.13
    assert (dispersion([*quiet, 50.0]) or 0) < 1.2
    assert is_overdispersed(2.6, 12)
    assert not is_overdispersed(1.5, 12)


def test_work_that_is_all_alike_counts_as_it_is() -> None:
    """The size of average work is its number."""
    sums = Sums()
    sums.add(50, 40, 0.8, has_target=True)

    assert isclose(effective_size(sums, 0.8), 50)


@given(some.lists(some.tuples(some.integers(1, 3), some.sampled_from("abc"), some.integers(1, 50)), min_size=1))
def test_against_the_house_all_together_are_as_expected(work_done: list[tuple[int, str, int]]) -> None:
    """What some are above, the others are below."""
    rows = [(who, kind, None, count, count // (1 + who)) for who, kind, count in work_done]

    sums = expected_of(rows, Against.HOUSE)

    assert isclose(sum(each.expected for each in sums.values()), sum(row[-1] for row in rows), abs_tol=1e-6)


def worked(desk: Any, name: str, *, on_time: int, late: int, **values: Any) -> int:
    """Somebody with so much work judged."""
    work_facts = {key: values.pop(key) for key in ("resolution_id",) if key in values}
    who = int(desk.employee(name, **values))
    for number in range(on_time + late):
        desk.done(by=who, at=at(3 if number < on_time else 5), due_at=at(4), **work_facts)
    return who


def told(desk: Any, **asked: Any) -> Comparison:
    """The comparison of March against the house."""
    question = Question(period=MARCH, by=(By.EMPLOYEE,), as_of=at(20), employee_ids=asked.pop("seen", None))
    words: dict[str, Any] = {"against": Against.HOUSE} | asked
    return compare(desk.db, question, **words)


def test_a_difference_that_chance_explains_is_called_so(desk: Any) -> None:
    """Four people: as the others, far below, a little above, and hardly any work."""
    worked(desk, "Asta", on_time=80, late=20)
    worked(desk, "Benas", on_time=30, late=70)
    worked(desk, "Cecilija", on_time=90, late=10)
    worked(desk, "Dana", on_time=0, late=1)

    verdicts = {point.name: point.verdict for point in told(desk).points}

    assert verdicts["Benas"] is Verdict.LESS
    assert verdicts["Cecilija"] is Verdict.MORE
    assert verdicts["Dana"] is Verdict.WITHIN


def test_a_queue_is_nobody_and_no_part_of_the_spread(desk: Any) -> None:
    """What nobody took and is late belongs to the whole house; of four people no spread is told."""
    for name in ("Asta", "Benas", "Cecilija", "Dana"):
        worked(desk, name, on_time=8, late=2)
    desk.task(due_at=at(4))

    four = told(desk)
    worked(desk, "Emilis", on_time=8, late=2)
    five = told(desk)

    assert (len(four.points), four.house.count, four.spread) == (4, 41, None)
    assert (len(five.points), five.spread is not None and five.spread < 0.05) == (5, True)


def test_a_spread_wider_than_chance_is_said(desk: Any) -> None:
    """That the limits are too narrow is a sentence of its own; of people who hardly differ it is not said."""
    for name, on_time in (("Asta", 90), ("Benas", 10), ("Cecilija", 50), ("Dana", 80), ("Emilis", 20)):
        worked(desk, name, on_time=on_time, late=100 - on_time)

    wide = notes(told(desk))
    alike = notes(replace(told(desk), spread=1.2, is_spread_wide=False))

    assert wide[-2].endswith(" times that of chance: something matters that is not counted here.")
    assert wide[-1] == "The limits of chance are too narrow then."
    assert alike[-1] == "The spread among them is 1.2 times that of chance: about what it explains."


def test_what_is_not_decided_is_not_compared(desk: Any) -> None:
    """Still in time, called off and handed on in time are nobody's merit or fault."""
    asta = worked(desk, "Asta", on_time=1, late=1)
    desk.task(assignee_id=asta, due_at=at(30))
    desk.done(by=asta, at=at(3), due_at=at(4), status="cancelled")
    desk.task(assignee_id=asta, due_at=at(10))

    (point,) = told(desk).points

    assert (point.sums.count, point.sums.good) == (3, 1)


def test_success_counts_each_case_once_for_each_person(desk: Any) -> None:
    """Two tasks of a won case, one shared task of a lost one, and a case that runs."""
    asta = desk.employee("Asta")
    won, lost = desk.case(end_code="won", is_success=True), desk.case(end_code="lost", is_success=False)
    for number in (1, 2):
        desk.done(by=asta, at=at(3), case_id=won, round=number)
    shared = desk.done(by=asta, at=at(3), step=None)
    desk.put_item(shared, lost)
    desk.done(by=asta, at=at(3), case_id=desk.case())

    (point,) = told(desk, measure=Measure.SUCCESS).points

    assert (point.sums.count, point.sums.good, point.sums.expected) == (2, 1, 1.0)


def test_whoever_may_not_see_others_is_set_against_the_whole_house(desk: Any) -> None:
    """Their own mark only, expected of everybody's work."""
    asta = worked(desk, "Asta", on_time=10, late=0)
    worked(desk, "Benas", on_time=0, late=10)

    seen = told(desk, seen=(asta,))

    assert [point.name for point in seen.points] == ["Asta"]
    assert (seen.points[0].sums.expected, seen.house.count) == (5.0, 20)


def test_it_says_where_the_expectation_came_from(desk: Any) -> None:
    """All from standards, none, or some."""
    house = "how the whole house did in work of the same action, process, product, client tier"
    worked(desk, "Asta", on_time=3, late=1)

    assert basis(told(desk)) == f"Expected is {house}."
    standards = told(desk, against=Against.STANDARDS)
    assert basis(standards) == f"No standard sets a target for this work: expected is {house}."
    standards.house.by_standards = 3
    assert basis(standards) == f"Expected is the target of the standards for 3 of 4; for the rest {house}."
    standards.house.by_standards = 4
    assert basis(standards) == "Expected is the target that the standards set for each piece of work."


def test_only_people_and_teams_are_compared(desk: Any) -> None:
    """Word for word."""
    with pytest.raises(NotComparable) as refusal:
        compare(desk.db, QUESTION, who=By.ACTION)

    assert str(refusal.value) == "People and teams are compared, not actions. Use --by employee or --by team."


def test_the_whole_house_stands_below_its_people(desk: Any) -> None:
    """With its own ratio; far from its targets it is said where to look for who differs from the others."""
    asked = desk.put(work.resolutions, content_hash="t", action="call", fields={"on_time": "95 %"}, explanation={})
    for name, on_time in (("Asta", 30), ("Benas", 40)):
        worked(desk, name, on_time=on_time, late=50 - on_time, resolution_id=asked)

    against_targets = comparison_report(told(desk, against=Against.STANDARDS)).sheets[0]
    against_house = comparison_report(told(desk)).sheets[0]

    assert against_targets.total is not None
    assert [against_targets.total[name] for name in ("good", "count", "expected")] == [70, 100, 95.0]
    assert isclose(against_targets.total["ratio"], 70 / 95)
    assert against_targets.notes[-2:] == (
        "The whole house did less than its standards ask: 70 where 95 were expected.",
        "Who differs from the others is told by --against house.",
    )
    assert not any("than its standards ask" in note for note in against_house.notes)
