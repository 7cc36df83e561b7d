"""From a cell to an amount or a number, with the declared decimal and thousands signs only."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from intake.cells.formats import Formats
from intake.cells.problem import CellRefused
from intake.cells.texts import Reader, text_of
from intake.reading.row_source import Cell

MOST_DIGITS = 14  # before the decimal sign: what an amount column holds
CENT = Decimal("0.01")

_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))


def amount_reader(
    formats: Formats, *, cents: bool = False, whole: bool = False, least: int | None = None, most: int | None = None
) -> Reader:
    """A number with the declared signs; `cents`: an amount of money, at most two decimals."""
    pattern = _number_pattern(formats)

    def read(cell: Cell) -> str:
        if isinstance(cell, bool):
            raise CellRefused(f"{cell} is not a number")
        if isinstance(cell, int | float):
            value = Decimal(repr(cell) if isinstance(cell, int) else f"{cell:.15g}")
        else:
            value = _decimal(text_of(cell), pattern, formats)
        if cents:
            value = _to_cents(value, formats)
        if whole and value != value.to_integral_value():
            raise CellRefused(f"{value} is not a whole number")
        if abs(value) >= 10 ** (9 if whole else MOST_DIGITS):
            raise CellRefused(f"{value} is too large")
        if (least is not None and value < least) or (most is not None and value > most):
            raise CellRefused(f"{value} is not between {least} and {most}")
        return str(int(value)) if whole else format(value, "f")

    return read


def _number_pattern(formats: Formats) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:{re.escape(formats.thousands_sign)}\d{{3}})+|" if formats.thousands_sign else ""
    return re.compile(rf"[+-]?(?:{grouped}\d+)(?:{re.escape(formats.decimal_sign)}\d+)?", re.ASCII)


def _decimal(text: str, pattern: re.Pattern[str], formats: Formats) -> Decimal:
    written = text.translate(_BLANKS).strip().replace("\u2212", "-")
    if not pattern.fullmatch(written):
        signs = f"decimal sign {formats.decimal_sign!r}, "
        signs += f"thousands sign {formats.thousands_sign!r}" if formats.thousands_sign else "no thousands sign"
        raise CellRefused(f"{text!r} is not a number as declared ({signs})")
    if formats.thousands_sign:
        written = written.replace(formats.thousands_sign, "")
    return Decimal(written.replace(formats.decimal_sign, "."))


def _to_cents(value: Decimal, formats: Formats) -> Decimal:
    rounded = value.quantize(CENT, ROUND_HALF_UP) if value.adjusted() <= MOST_DIGITS else value
    if rounded != value and not formats.rounds_to_cents:
        raise CellRefused(
            f"{value} has more than two decimals; declare numbers: {{rounding: cents}} if it may be rounded"
        )
    return rounded
