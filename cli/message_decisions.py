"""Deciding about several messages at the keyboard: each by itself, and telling what came of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cli.choices import choices
from cli.output import say, show_json
from core.errors import TaktasError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from notifications.outbox.deciding import Decided


class SomeNotDecided(TaktasError):
    """Of several messages some could not be decided about; the others were."""


def decide_all(numbers: Sequence[int], decide: Callable[[Connection, int], Decided], words: str) -> None:
    """What is refused keeps no other from being decided; `words` say what becomes of a message.

    Raises: SomeNotDecided; UsageError; of a single message its own refusal.
    """
    from models.database import begin

    told: list[dict[str, Any]] = []
    known, refused = set[int](), list[TaktasError]()
    for number in numbers:
        if number in known:
            continue  # it left as one with another of them
        try:
            with begin() as db:
                decided = decide(db, number)
        except UsageError:
            raise
        except TaktasError as refusal:
            refused.append(refusal)
            continue
        known |= set(decided.numbers)
        told.append({"messages": decided.numbers, "before": decided.before.value, "after": decided.after.value})
        _tell(decided, words)
    if len(numbers) == 1 and refused:
        raise refused[0]
    if choices().is_json:
        show_json(told[0] if len(numbers) == 1 else told)
    if refused:
        raise SomeNotDecided("\n".join(map(str, refused)))


def _tell(decided: Decided, words: str) -> None:
    if choices().is_json:
        return
    first, *others = decided.numbers
    with_it = f" (with {', '.join(map(str, others))}, which left as one with it)" if others else ""
    say(f"Message {first}{with_it} {words}.")
