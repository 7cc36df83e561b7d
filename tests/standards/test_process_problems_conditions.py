"""Conditions that cannot be asked: unknown fields, operators that do not fit, values of the wrong kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "where",
        "term.expiers_on: today",
        [
            (
                "8: there is no field 'term.expiers_on'; did you mean term.expires_on? It sees the fields of term, "
                "policy, product_line, product, insurer, programme, client, policyholder, case."
            ),
        ],
        id="an unknown field",
    ),
    pytest.param(
        "where",
        "campaign.name: spring",
        [
            (
                "8: a process about a term cannot see 'campaign.name'. It sees the fields of term, policy, "
                "product_line, product, insurer, programme, client, policyholder, case."
            ),
        ],
        id="a field the subject does not reach",
    ),
    pytest.param(
        "where",
        "case.budget: 5",
        [
            "8: no step asks for 'case.budget'. Ask for it, or name a field of the catalogue.",
        ],
        id="an answer nobody asks for",
    ),
    pytest.param(
        "selection",
        "where: {}",
        [
            "7: where is empty, and would hold for everything. State a condition or leave where out.",
        ],
        id="an empty where",
    ),
    pytest.param(
        "selection",
        "where: ours",
        [
            "7: where must be keys with values, not 'ours'.",
        ],
        id="a where that is a word",
    ),
    pytest.param(
        "where",
        "all: {term.placed: by us}",
        [
            "8: where all must list conditions, not keys with values.",
        ],
        id="all without a list",
    ),
    pytest.param(
        "where",
        "term.placed:",
        [
            "8: term.placed is compared with nothing. Write is empty: true.",
        ],
        id="a comparison with nothing",
    ),
    pytest.param(
        "where",
        "term.placed: {}",
        [
            "8: term.placed is compared with nothing. Write is empty: true.",
        ],
        id="a comparison with an empty mapping",
    ),
    pytest.param(
        "where",
        "term.premium_gross: {at lest: 5}",
        [
            (
                "8: term.premium_gross cannot be compared by 'at lest'; did you mean at least? Known: equal, in, not "
                "in, at least, at most, between, before, after, within, is empty, contains."
            ),
        ],
        id="an unknown operator",
    ),
    pytest.param(
        "where",
        "term.placed: {at least: 5}",
        [
            "8: term.placed holds a code and cannot be compared by 'at least'. Use equal, in, not in, is empty.",
        ],
        id="an operator that does not fit",
    ),
    pytest.param(
        "where",
        "client.account_manager: jonas",
        [
            (
                "8: client.account_manager holds somebody who works here and cannot be compared by 'equal'. Use is "
                "empty."
            ),
        ],
        id="a person compared by name",
    ),
    pytest.param(
        "where",
        "term.placed: {is empty: perhaps}",
        [
            "8: term.placed is empty must be true or false, not 'perhaps'.",
        ],
        id="is empty with a doubt",
    ),
    pytest.param(
        "where",
        "term.placed: {in: by us}",
        [
            "8: term.placed in needs a list of values, not 'by us'.",
        ],
        id="in without a list",
    ),
    pytest.param(
        "where",
        "term.premium_gross: {between: 5}",
        [
            "8: term.premium_gross between needs a list of two values, not '5'.",
        ],
        id="between with one value",
    ),
    pytest.param(
        "where",
        "term.premium_gross: {between: [9, 5]}",
        [
            "8: term.premium_gross between 9 and 5 holds for nothing. Write the smaller value first.",
        ],
        id="between the wrong way round",
    ),
    pytest.param(
        "where",
        "term.bound_at: {between: [2026-01-01, 2026-02-01T10:00:00Z]}",
        [
            "8: term.bound_at between mixes a date and a moment. Write two of the same.",
        ],
        id="between a date and a moment",
    ),
    pytest.param(
        "where",
        "term.expires_on: {within: 30}",
        [
            "8: '30' has no unit. Write 30 days or 30 working days, for example.",
        ],
        id="within without a unit",
    ),
    pytest.param(
        "where",
        "term.expires_on: {within: 3 working days}",
        [
            ("8: term.expires_on within cannot count 3 working days. Conditions count days, weeks, months and years."),
        ],
        id="within working time",
    ),
    pytest.param(
        "where",
        "term.expires_on: {within: 200 years}",
        [
            "8: term.expires_on within counts 200 years, more than a hundred years. Use a shorter span.",
        ],
        id="within centuries",
    ),
    pytest.param(
        "where",
        "term.expires_on: {before: 3 working days before today}",
        [
            "8: term.expires_on cannot count 3 working days. Conditions count days, weeks, months and years.",
        ],
        id="so long before today",
    ),
    pytest.param(
        "where",
        "term.expires_on: {before: soon}",
        [
            "8: term.expires_on needs a date such as 2026-03-31, today, or 30 days before today, not 'soon'.",
        ],
        id="a date that is none",
    ),
    pytest.param(
        "where",
        "term.bound_at: {before: soon}",
        [
            (
                "8: term.bound_at needs a date such as 2026-03-31, a moment with its zone, today, or 30 days before "
                "today, not 'soon'."
            ),
        ],
        id="a moment that is none",
    ),
    pytest.param(
        "where",
        "term.premium_gross: {at least: much}",
        [
            "8: term.premium_gross needs an amount, not 'much'.",
        ],
        id="an amount that is none",
    ),
    pytest.param(
        "where",
        "term.sequence: {at least: many}",
        [
            "8: term.sequence needs a number, not 'many'.",
        ],
        id="a number that is none",
    ),
    pytest.param(
        "where",
        "term.is_estimated: maybe",
        [
            "8: term.is_estimated needs true or false, not 'maybe'.",
        ],
        id="a truth that is none",
    ),
    pytest.param(
        "where",
        "policy.number: {contains: [a]}",
        [
            "8: policy.number needs a text, not a list.",
        ],
        id="a text that is a list",
    ),
    pytest.param(
        "where",
        "term.placed: by uz",
        [
            "8: term.placed is never 'by uz'; did you mean by_us? Known: by_us, elsewhere.",
        ],
        id="a code taktas does not know",
    ),
    pytest.param(
        "where",
        "client.tier: vipp",
        [
            "8: the list tiers has no code 'vipp'; did you mean vip? Known: vip, standard.",
        ],
        id="a code the house does not keep",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
