"""Deadlines, races and happenings that cannot come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = [
    pytest.param(
        "step",
        "first of: [{in: 1 day, end: won}]",
        [
            "11: first of must list at least two things that can come first. For a single one write wait for.",
        ],
        id="a race of one",
    ),
    pytest.param(
        "step",
        "first of: [{in: 1 day, on: term.ended, end: won}, {in: 2 days, end: won}]",
        [
            "11: first of needs exactly one of on, in, at.",
        ],
        id="a racer that is two",
    ),
    pytest.param(
        "step",
        "first of: [{in: 1 day, end: won}, {in: 1 days, end: won}]",
        [
            "11: first of lists 'in 1 day' twice. Keep one of them.",
        ],
        id="a racer written twice",
    ),
    pytest.param(
        "task",
        "deadline: {end: won}",
        [
            "8: deadline needs exactly one of in, at, every.",
        ],
        id="a deadline of no kind",
    ),
    pytest.param(
        "task",
        "deadline: {every: 1 day, keep: true, end: won}",
        [
            "8: a deadline that rings every so often needs a limit. Add at most:.",
        ],
        id="a ringing deadline without a limit",
    ),
    pytest.param(
        "task",
        "deadline: {every: 1 day, at most: 3, end: won}",
        [
            "8: a deadline that rings every so often would close its step the first time. Add keep: true.",
        ],
        id="a ringing deadline that closes",
    ),
    pytest.param(
        "task",
        "deadline: {in: 1 day, at most: 3, end: won}",
        [
            "8: only a deadline with every can be limited by at most. Remove it.",
        ],
        id="a limit on a deadline that rings once",
    ),
    pytest.param(
        "more",
        """on:
  policy.canceled: {end: won}""",
        [
            (
                "5: nothing reports 'policy.canceled'; did you mean policy.cancelled? Name a happening of the "
                "catalogue, or custom. and a word."
            ),
        ],
        id="an unknown happening",
    ),
    pytest.param(
        "more",
        """on:
  receivable.settled: {end: won}""",
        [
            "5: receivable.settled befalls a receivable, which a process about a term does not hear of.",
        ],
        id="a happening that is not heard",
    ),
    pytest.param(
        "more",
        """on:
  policy.cancelled: {keep: true, end: won}""",
        [
            "5: on policy.cancelled has no key 'keep'. Known: where, next, end, reason, cancel, move to.",
        ],
        id="keeping what has no step",
    ),
]


@pytest.mark.parametrize(("place", "text", "expected"), CASES)
def test_what_is_wrong_is_told_word_for_word(
    place: str, text: str, expected: list[str], told: Callable[[str, str], list[str]]
) -> None:
    """Exactly these sentences, each at its line: nothing is missed, and one mistake is told once."""
    assert told(place, text) == expected
