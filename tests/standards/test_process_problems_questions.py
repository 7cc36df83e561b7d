"""Questions nobody could answer: names, types and choices that do not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "outcome",
        "{end: won, ask: {9x: text}}",
        [
            "10: the answer '9x' cannot be a name. Use words of plain letters and digits, a letter first.",
        ],
        id="an answer that cannot be a name",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {owner: text}}",
        [
            "10: the answer 'owner' would hide case.owner. Give it another name.",
        ],
        id="an answer that hides a field",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: mony}}",
        [
            (
                "10: case.size cannot be 'mony'; did you mean money? Known: text, number, money, date, yes or no; or "
                "list the choices."
            ),
        ],
        id="an answer of an unknown type",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: {type: money, optionl: true}}}",
        [
            (
                "10: the question 'size' has no key 'optionl'; did you mean optional? Known: type, one of, any of, "
                "optional."
            ),
        ],
        id="a question with an unknown key",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: {type: mony}}}",
        [
            ("10: the type of size cannot be 'mony'; did you mean money? Known: text, number, money, date, yes or no."),
        ],
        id="a question with an unknown type",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: {type: money, one of: [a]}}}",
        [
            "10: the question 'size' needs exactly one of type, one of and any of.",
        ],
        id="a question with two types",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: []}}",
        [
            "10: the choices of size must be a list of codes or the name of a list, not an empty list.",
        ],
        id="choices of nothing",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: {size: [a, A]}}",
        [
            "10: the choices of size list the same code twice. Keep one of them.",
        ],
        id="a choice twice",
    ),
    pytest.param(
        "outcome",
        "{end: won, ask: size}",
        [
            "10: the outcome 'other' ask must be keys with values, not 'size'.",
        ],
        id="questions that are a word",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
