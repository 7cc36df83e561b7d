"""Stored answers as facts: amounts and numbers as Decimal or int, dates as dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tasks.facts.fields import Fact


def fact_of_kind(value: Any, kind: str | None) -> Fact:
    """A stored answer as the field `case.<name>`; `kind` as `standards.process.AnswerType` has it."""
    match kind:
        case "money":
            return Decimal(value["amount"])
        case "number":
            return value if isinstance(value, int) else Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "codes":
            return tuple(value)
        case _:
            return value if isinstance(value, str | bool) else None
