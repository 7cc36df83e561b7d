"""Numbers with what they count, as a sentence has them."""

from __future__ import annotations


def counted(number: int, things: str) -> str:
    """`1 reminder`, `2 reminders`; `1 task opened`, `2 tasks opened`: the first word is what is counted, as several."""
    what, space, more = things.partition(" ")
    return f"{number} {what.removesuffix('s') if number == 1 else what}{space}{more}"
