"""What a mapping declares about how values are written, and the kinds of values there are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class ValueKind(StrEnum):
    """What a field holds, as far as reading a cell is concerned."""

    TEXT = "text"  # kept exactly as it is
    KEY = "key"  # a number, login or code that identifies: without blanks around it
    CODE = "code"  # one of a list; stored with underscores
    ADDRESS = "address"
    EMAIL = "email"
    LANGUAGE = "language"  # ISO 639, two small letters
    COUNTRY = "country"  # ISO 3166, two capitals
    CURRENCY = "currency"  # ISO 4217, three capitals
    MONEY = "money"
    NUMBER = "number"
    WHOLE = "whole"
    DATE = "date"
    START = "start"  # a moment; a bare date is its first moment
    END = "end"  # a moment; a bare date is the end of that day
    YES_NO = "yes_no"


class DateOrder(StrEnum):
    """How a file writes its dates; only what is declared is read so."""

    DAY_MONTH_YEAR = "day/month/year"
    MONTH_DAY_YEAR = "month/day/year"
    YEAR_MONTH_DAY = "year/month/day"

    @property
    def places(self) -> tuple[int, int, int]:
        """Where year, month and day stand."""
        words = self.value.split("/")
        return words.index("year"), words.index("month"), words.index("day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """What the mapping declares about how values are written."""

    dates: DateOrder | None = None
    decimal_sign: str = "."
    thousands_sign: str = ""
    rounds_to_cents: bool = False
    zone: str = "UTC"


def folded(text: str) -> str:
    """How headings and listed values are compared: case does not count, blanks and underscores are alike."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split())
