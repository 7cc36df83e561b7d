"""Conditions as they are written, what they mean, and that they hold or not, two-valued."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards import catalogue
from standards.canonical import condition_data
from standards.condition import ALWAYS, AllOf, AnyOf, Compare, Condition, Negation, Operator
from standards.holding import day_of, holds, last_day_within, paths_of
from standards.parsing.conditions import parse_condition
from standards.parsing.page import Page
from standards.reading import Mapping, read_yaml
from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit

TODAY = date(2026, 3, 2)
LAW = settings(deadline=None, max_examples=100)


def condition_of(written: str, subject: str = "term") -> Condition:
    """The condition of some lines, which must be faultless."""
    node, problems = read_yaml(written, "f.yaml")
    assert isinstance(node, Mapping)
    page = Page(file="f.yaml", subject=subject, fields=catalogue.fields_of(subject), problems=problems)
    condition = parse_condition(page, node, "where")
    assert page.problems == []
    return condition


def test_several_lines_are_all_asked_for() -> None:
    """A single line is the comparison itself; codes may be written with spaces."""
    one = condition_of("term.placed: by us\n")
    two = condition_of("term.placed: by us\nterm.renews: [by offer, anniversary]\n")

    placed = Compare(path="term.placed", operator=Operator.EQUAL, value="by_us")
    renews = Compare(path="term.renews", operator=Operator.IN, value=("by_offer", "anniversary"))
    assert one == placed
    assert two == AllOf(parts=(placed, renews))


def test_all_any_and_not_nest() -> None:
    """The three words of logic."""
    condition = condition_of(
        "any:\n"
        "  - not: {client.is_blacklisted: true}\n"
        "  - all:\n"
        "      - term.premium_gross: {at least: 100, at most: 500.50}\n"
        "      - term.notice_by: {is empty: false}\n"
    )

    premium = AllOf(
        parts=(
            Compare(path="term.premium_gross", operator=Operator.AT_LEAST, value=100),
            Compare(path="term.premium_gross", operator=Operator.AT_MOST, value=Decimal("500.50")),
        )
    )
    noticed = Negation(part=Compare(path="term.notice_by", operator=Operator.IS_EMPTY, value=None))
    listed = Negation(part=Compare(path="client.is_blacklisted", operator=Operator.EQUAL, value=True))
    assert condition == AnyOf(parts=(listed, AllOf(parts=(premium, noticed))))


def test_dates_may_be_counted_from_today() -> None:
    """Today is the as-of day, not the day of the clock."""
    condition = condition_of("client.last_contacted_at: {before: 30 days before today}\n")

    span = Duration(value=30, unit=Unit.DAY)
    moment = AnchoredMoment(duration=span, direction=Direction.BEFORE, anchor="today")
    assert condition == Compare(path="client.last_contacted_at", operator=Operator.BEFORE, value=moment)
    assert day_of(moment, TODAY) == date(2026, 1, 31)
    assert day_of(AnchoredMoment(duration=None, direction=Direction.AT, anchor="today"), TODAY) == TODAY


def test_codes_of_the_book_keep_their_capitals() -> None:
    """An insurer is called as it stands in the book; a tier as it stands in the lists."""
    assert condition_of("policy.insurer: BTA\n") == Compare(path="policy.insurer", operator=Operator.EQUAL, value="BTA")
    assert condition_of("client.tier: VIP\n") == Compare(path="client.tier", operator=Operator.EQUAL, value="vip")


@pytest.mark.parametrize(
    ("written", "facts", "expected"),
    [
        ("term.placed: by us", {"term.placed": "by_us"}, True),
        ("term.placed: by us", {"term.placed": "elsewhere"}, False),
        ("term.placed: by us", {}, False),
        ("not: {term.placed: by us}", {}, True),
        ("term.renews: {not in: [no]}", {"term.renews": "by_offer"}, True),
        ("term.renews: {not in: [no]}", {}, False),
        ("term.expires_on: {before: today}", {"term.expires_on": date(2026, 3, 1)}, True),
        ("term.expires_on: {before: today}", {"term.expires_on": TODAY}, False),
        ("term.expires_on: {after: today}", {"term.expires_on": date(2026, 3, 3)}, True),
        ("term.expires_on: {at least: today}", {"term.expires_on": TODAY}, True),
        ("term.expires_on: today", {"term.expires_on": TODAY}, True),
        ("term.expires_on: {within: 30 days}", {"term.expires_on": TODAY}, True),
        ("term.expires_on: {within: 30 days}", {"term.expires_on": date(2026, 4, 1)}, True),
        ("term.expires_on: {within: 30 days}", {"term.expires_on": date(2026, 4, 2)}, False),
        ("term.expires_on: {within: 30 days}", {"term.expires_on": date(2026, 3, 1)}, False),
        ("term.expires_on: {within: 1 month}", {"term.expires_on": date(2026, 4, 2)}, True),
        ("term.expires_on: {between: [2026-01-01, 2026-03-02]}", {"term.expires_on": TODAY}, True),
        ("term.premium_gross: {at least: 100}", {"term.premium_gross": Decimal("100.00")}, True),
        ("term.premium_gross: {between: [1, 2]}", {"term.premium_gross": Decimal("2.01")}, False),
        ("policy.number: {contains: LT-}", {"policy.number": "LT-77"}, True),
        ("policy.number: {contains: lt-}", {"policy.number": "LT-77"}, False),
        ("client.running: {contains: complaint}", {"client.running": ["renewal", "complaint"]}, True),
        ("client.running: {contains: complaint}", {"client.running": []}, False),
        ("client.running: {is empty: true}", {"client.running": []}, True),
        ("client.account_manager: {is empty: true}", {"client.account_manager": None}, True),
        ("client.account_manager: {is empty: true}", {"client.account_manager": 7}, False),
        ("client.region: {is empty: true}", {"client.region": ""}, True),
        ("term.is_estimated: no", {"term.is_estimated": False}, True),
        ("term.is_estimated: no", {}, False),
    ],
)
def test_a_condition_holds_or_does_not(written: str, facts: dict[str, object], expected: bool) -> None:
    """A missing fact makes a comparison false; there is no third answer."""
    assert holds(condition_of(written), facts, TODAY) is expected


def test_a_moment_meets_a_date_as_the_date_it_has_in_the_house() -> None:
    """Half an hour before midnight in London is already the next day in Vilnius."""
    condition = condition_of("client.last_contacted_at: {before: today}\n")
    facts = {"client.last_contacted_at": datetime(2026, 3, 1, 23, 30, tzinfo=UTC)}

    assert holds(condition, facts, TODAY, UTC)
    assert not holds(condition, facts, TODAY, ZoneInfo("Europe/Vilnius"))


def test_a_moment_meets_a_moment_as_it_is() -> None:
    """No zone is needed to compare instants."""
    condition = condition_of("term.bound_at: {at least: 2026-03-01T10:00:00+02:00}\n")

    assert holds(condition, {"term.bound_at": datetime(2026, 3, 1, 8, tzinfo=UTC)}, TODAY)
    assert not holds(condition, {"term.bound_at": datetime(2026, 3, 1, 7, 59, tzinfo=UTC)}, TODAY)


@pytest.mark.parametrize(
    ("unit", "day"),
    [
        (Unit.DAY, date(2026, 2, 1)),
        (Unit.WEEK, date(2026, 2, 7)),
        (Unit.MONTH, date(2026, 2, 28)),
        (Unit.YEAR, date(2027, 1, 31)),
    ],
)
def test_spans_count_dates_as_calendars_do(unit: Unit, day: date) -> None:
    """The last day of January and a month is the last day of February."""
    assert last_day_within(Duration(value=1, unit=unit), date(2026, 1, 31)) == day


def test_a_condition_knows_the_fields_it_asks_for() -> None:
    """Each once, so that they can be read from the book in one go."""
    condition = condition_of("term.placed: by us\nnot: {term.placed: elsewhere, client.tier: vip}\n")

    assert paths_of(condition) == ("term.placed", "client.tier")


NUMBERS = st.integers(-3, 3)
PATHS = st.sampled_from(["term.sequence", "term.instalments", "policy.open_claims"])
FACTS = st.dictionaries(PATHS, st.one_of(st.none(), NUMBERS))
COMPARISONS = st.one_of(
    st.builds(
        lambda path, operator, value: Compare(path=path, operator=operator, value=value),
        PATHS,
        st.sampled_from([Operator.EQUAL, Operator.AT_LEAST, Operator.AT_MOST]),
        NUMBERS,
    ),
    st.builds(
        lambda path, operator, values: Compare(path=path, operator=operator, value=tuple(values)),
        PATHS,
        st.sampled_from([Operator.IN, Operator.NOT_IN]),
        st.lists(NUMBERS, min_size=1, max_size=3),
    ),
    st.builds(
        lambda path, values: Compare(path=path, operator=Operator.BETWEEN, value=tuple(sorted(values))),
        PATHS,
        st.lists(NUMBERS, min_size=2, max_size=2),
    ),
    st.builds(lambda path: Compare(path=path, operator=Operator.IS_EMPTY, value=None), PATHS),
)


def _nested(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(lambda found: AllOf(parts=found), several),
        st.builds(lambda found: AnyOf(parts=found), several),
        st.builds(lambda found: Negation(part=found), parts),
    )


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(COMPARISONS, _nested, max_leaves=8)


@given(st.lists(CONDITIONS, max_size=3).map(tuple), FACTS)
@LAW
def test_de_morgan(parts: tuple[Condition, ...], facts: dict[str, object]) -> None:
    """Not any is all not; not all is any not; also where values are missing."""
    denied = tuple(Negation(part=part) for part in parts)

    assert holds(Negation(part=AnyOf(parts=parts)), facts, TODAY) == holds(AllOf(parts=denied), facts, TODAY)
    assert holds(Negation(part=AllOf(parts=parts)), facts, TODAY) == holds(AnyOf(parts=denied), facts, TODAY)


@given(CONDITIONS, FACTS)
@LAW
def test_not_turns_round(condition: Condition, facts: dict[str, object]) -> None:
    """There are two answers, and not is the other one."""
    once = Negation(part=condition)

    assert holds(once, facts, TODAY) is not holds(condition, facts, TODAY)
    assert holds(Negation(part=once), facts, TODAY) is holds(condition, facts, TODAY)


@given(COMPARISONS)
@LAW
def test_a_missing_value_makes_every_comparison_but_is_empty_false(comparison: Compare) -> None:
    """However the value is missing."""
    for facts in ({}, {comparison.path: None}, {comparison.path: ""}, {comparison.path: []}):
        assert holds(comparison, facts, TODAY) is (comparison.operator is Operator.IS_EMPTY)


def test_nothing_asked_holds_and_no_choice_does_not() -> None:
    """All of nothing is true, any of nothing is false."""
    assert holds(ALWAYS, {}, TODAY)
    assert not holds(AnyOf(parts=()), {}, TODAY)


@given(PATHS, NUMBERS, st.tuples(NUMBERS, NUMBERS).map(sorted))
@LAW
def test_between_is_at_least_and_at_most(path: str, value: int, bounds: list[int]) -> None:
    """Both bounds belong to it."""
    low, high = bounds
    between = Compare(path=path, operator=Operator.BETWEEN, value=(low, high))
    both = AllOf(
        parts=(
            Compare(path=path, operator=Operator.AT_LEAST, value=low),
            Compare(path=path, operator=Operator.AT_MOST, value=high),
        )
    )

    assert holds(between, {path: value}, TODAY) == holds(both, {path: value}, TODAY)


@given(CONDITIONS)
@LAW
def test_a_condition_written_out_and_read_again_is_the_same(condition: Condition) -> None:
    """What is stored is what was meant."""
    assert condition_of(json.dumps(condition_data(condition))) == condition


@pytest.mark.parametrize(
    "written",
    [
        "term.expires_on: {within: 2 weeks}",
        "term.expires_on: {between: [2026-01-01, 2026-12-31]}",
        "term.bound_at: {after: 2026-03-01T10:00:00+02:00}",
        "term.premium_gross: {at least: 99.90}",
        "term.is_estimated: true",
        "client.running: {contains: complaint}",
        "policy.number: {contains: '007'}",
        "client.last_contacted_at: {before: 1 month before today}",
    ],
)
def test_every_kind_of_value_survives_being_written_out(written: str) -> None:
    """Dates, moments, amounts, truths, spans."""
    condition = condition_of(written)

    assert condition_of(json.dumps(condition_data(condition))) == condition
