"""Numbers with what they count."""

from __future__ import annotations

import pytest

from core.words import counted


@pytest.mark.parametrize(
    ("number", "things", "told"),
    [
        (1, "reminders", "1 reminder"),
        (2, "reminders", "2 reminders"),
        (0, "tasks opened", "0 tasks opened"),
        (1, "tasks given back", "1 task given back"),
    ],
)
def test_one_is_told_as_one_thing(number: int, things: str, told: str) -> None:
    """Only the first word changes."""
    assert counted(number, things) == told
