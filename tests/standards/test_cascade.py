"""The cascade: field by field, the most specific standard wins, and what cannot be decided is refused."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.service.cascade import AmbiguousStandards, Resolution, ambiguities, resolve, specificity
from standards.service.standard import DEFAULT_ORDER, Dimension, Dimensions, Field, Fields, Standard, StandardBook
from standards.working_time.duration import Duration, Unit

ACTION, PROCESS, TIER, LINE = Dimension.ACTION, Dimension.PROCESS, Dimension.CLIENT_TIER, Dimension.PRODUCT_LINE
VALUES = {ACTION: ("call", "offer"), PROCESS: ("renewal", "claim"), TIER: ("vip", "gold"), LINE: ("motor", "travel")}
EVERY_TASK = [
    Dimensions(action=action, process=process, client_tier=tier, product_line=line)
    for action, process, tier, line in product(
        *(("", *VALUES[dimension]) for dimension in (ACTION, PROCESS, TIER, LINE))
    )
]


def days(count: int) -> Duration:
    return Duration(value=count, unit=Unit.WORKING_DAY)


def standard(name: str, fields: Fields, line: int = 1, **holds_for: str) -> Standard:
    scope = {Dimension(dimension): tuple(values.split()) for dimension, values in holds_for.items()}
    return Standard(name=name, holds_for=scope, fields=fields, file="service.yaml", line=line)


@st.composite
def standards(draw: st.DrawFn, name: str) -> Standard:
    named = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=3))
    scope = {
        dimension: tuple(sorted(draw(st.sets(st.sampled_from(VALUES[dimension]), min_size=1)))) for dimension in named
    }
    fields = Fields(
        due=draw(st.none() | st.integers(0, 9).map(days)),
        on_time=draw(st.none() | st.integers(0, 100).map(Decimal)),
    )
    return Standard(name=name, holds_for=scope, fields=fields)


@st.composite
def books(draw: st.DrawFn) -> StandardBook:
    count = draw(st.integers(0, 7))
    order = (*draw(st.permutations(sorted(VALUES))), *(it for it in DEFAULT_ORDER if it not in VALUES))
    return StandardBook(standards=tuple(draw(standards(f"s{n}")) for n in range(count)), order=order)


def outcome(book: StandardBook, task: Dimensions) -> dict[Field, tuple[str, object]] | None:
    """Who gave what, or None when it cannot be decided."""
    try:
        resolution = resolve(book, task)
    except AmbiguousStandards:
        return None
    return {it.field: (it.winner.name, resolution.fields.of(it.field)) for it in resolution.verdicts}


def by_brute_force(book: StandardBook, task: Dimensions) -> dict[Field, tuple[str, object]] | None:
    """The same, worked out the long way: no other speaking standard is greater, dimension by dimension."""
    given_by: dict[Field, tuple[str, object]] = {}
    for name in Field:
        rivals = [one for one in book.standards if one.matches(task) and one.fields.of(name) is not None]
        best = [one for one in rivals if not any(_beats(other, one, book.order) for other in rivals)]
        if len(best) > 1:
            return None
        for one in best:
            given_by[name] = (one.name, one.fields.of(name))
    return given_by


def _beats(one: Standard, other: Standard, order: tuple[Dimension, ...]) -> bool:
    for dimension in order:
        if (dimension in one.holds_for) != (dimension in other.holds_for):
            return dimension in one.holds_for
    return False


@settings(max_examples=60, deadline=None)
@given(books(), st.sampled_from(EVERY_TASK))
def test_the_winner_is_the_one_no_other_beats(book: StandardBook, task: Dimensions) -> None:
    """`resolve` agrees with comparing every pair, dimension by dimension from the left."""
    assert outcome(book, task) == by_brute_force(book, task)


@settings(max_examples=60, deadline=None)
@given(books(), st.randoms(use_true_random=False), st.sampled_from(EVERY_TASK))
def test_the_order_of_the_rows_never_matters(book: StandardBook, chance: object, task: Dimensions) -> None:
    """Shuffling a book changes no winner."""
    shuffled = list(book.standards)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random

    assert outcome(StandardBook(standards=tuple(shuffled), order=book.order), task) == outcome(book, task)


@settings(max_examples=60, deadline=None)
@given(books())
def test_a_book_is_either_refused_or_decides_every_task(book: StandardBook) -> None:
    """The check for ambiguity is complete, and never refuses a book that decides everything."""
    refused = list(ambiguities(book))

    undecided = [task for task in EVERY_TASK if outcome(book, task) is None]

    assert bool(refused) == bool(undecided)


@settings(max_examples=60, deadline=None)
@given(books())
def test_the_example_of_an_ambiguity_is_undecided(book: StandardBook) -> None:
    """Both standards of the pair speak about the example, and set each of the fields named."""
    for found in ambiguities(book):
        assert found.first.matches(found.example)
        assert found.second.matches(found.example)
        assert all(one.fields.of(name) is not None for one in (found.first, found.second) for name in found.fields)


@settings(max_examples=60, deadline=None)
@given(standards("wide"), st.sampled_from(sorted(VALUES)), st.data())
def test_naming_one_dimension_more_never_loses(wide: Standard, dimension: Dimension, data: st.DataObject) -> None:
    """A standard narrowed by one dimension outranks itself before."""
    narrow = Standard(
        name="narrow",
        holds_for={**wide.holds_for, dimension: data.draw(st.sampled_from(VALUES[dimension]).map(lambda it: (it,)))},
        fields=wide.fields,
    )

    if dimension in wide.holds_for:
        assert specificity(narrow, DEFAULT_ORDER) == specificity(wide, DEFAULT_ORDER)
    else:
        assert specificity(narrow, DEFAULT_ORDER) > specificity(wide, DEFAULT_ORDER)


@pytest.fixture
def calls() -> Resolution:
    """A renewal call of a VIP client, about which three standards speak."""
    book = StandardBook(
        standards=(
            standard("any call", Fields(due=days(3), effort=Duration(value=15, unit=Unit.MINUTE)), 3, action="call"),
            standard("renewal calls", Fields(due=days(2)), 9, action="call", process="renewal"),
            standard("vip calls", Fields(due=days(1)), 14, action="call", client_tier="vip"),
        )
    )
    return resolve(book, Dimensions(action="call", process="renewal", step="call", client_tier="vip"))


def test_each_field_is_inherited_by_itself(calls: Resolution) -> None:
    """The narrower standard sets the due time; the effort still comes from the wider one."""
    assert calls.fields.due == days(1)
    assert calls.fields.effort_minutes == 15


def test_the_explanation_names_the_winner_and_why_the_others_lost(calls: Resolution) -> None:
    """Every field is explained with places, values and the dimension that decided."""
    assert calls.explanation()["due"] == {
        "winner": {
            "name": "vip calls",
            "file": "service.yaml",
            "line": 14,
            "value": "1 working day",
            "scope": "action: call, client.tier: vip",
        },
        "losers": [
            {
                "name": "renewal calls",
                "file": "service.yaml",
                "line": 9,
                "value": "2 working days",
                "scope": "action: call, process: renewal",
                "why_not": "does not name client.tier, as vip calls does",
            },
            {
                "name": "any call",
                "file": "service.yaml",
                "line": 3,
                "value": "3 working days",
                "scope": "action: call",
                "why_not": "does not name client.tier, as vip calls does",
            },
        ],
    }


def test_another_declared_order_lets_another_standard_win() -> None:
    """What outranks what is declared, not built in."""
    rivals = (
        standard("renewal", Fields(due=days(2)), process="renewal"),
        standard("vip", Fields(due=days(1)), client_tier="vip"),
    )
    task = Dimensions(process="renewal", client_tier="vip")
    process_first = (PROCESS, *(it for it in DEFAULT_ORDER if it is not PROCESS))

    assert resolve(StandardBook(standards=rivals), task).fields.due == days(1)
    assert resolve(StandardBook(standards=rivals, order=process_first), task).fields.due == days(2)


def test_one_dimension_on_the_left_outweighs_several_on_the_right() -> None:
    """Specificity is compared from the left, never summed."""
    rivals = (
        standard("vip", Fields(due=days(1)), client_tier="vip"),
        standard("narrow", Fields(due=days(9)), process="renewal", action="call", product_line="motor", channel="web"),
    )
    task = Dimensions(client_tier="vip", process="renewal", action="call", product_line="motor", channel="web")

    assert resolve(StandardBook(standards=rivals), task).fields.due == days(1)


def test_what_cannot_be_decided_is_refused_in_a_sentence() -> None:
    """Both standards are named with their places, and the way out."""
    book = StandardBook(
        standards=(
            standard("one", Fields(due=days(1)), 3, action="call offer"),
            standard("two", Fields(due=days(2)), 8, action="call"),
        )
    )

    with pytest.raises(AmbiguousStandards) as refusal:
        resolve(book, Dimensions(action="call", client_tier="vip"))

    assert str(refusal.value) == (
        "Cannot tell which due holds for action call, client.tier vip: one (service.yaml:3) and two (service.yaml:8) "
        "are equally specific. Let one of them name one dimension more, or let only one of them set it."
    )


def test_standards_that_share_no_value_are_not_ambiguous() -> None:
    """Two standards of the same shape may stand side by side."""
    book = StandardBook(
        standards=(
            standard("calls", Fields(due=days(1)), action="call", client_tier="vip gold"),
            standard("offers", Fields(due=days(2)), action="offer", client_tier="vip"),
        )
    )

    assert list(ambiguities(book)) == []


def test_standards_that_set_different_fields_are_not_ambiguous() -> None:
    """Two standards may share the work and divide the fields."""
    book = StandardBook(
        standards=(
            standard("time", Fields(due=days(1)), action="call"),
            standard("target", Fields(on_time=Decimal(95)), action="call"),
        )
    )

    assert list(ambiguities(book)) == []
