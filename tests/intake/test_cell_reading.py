"""From cells to values: what is declared is read, what is not is refused with the reason."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.cells.dates import shifted
from intake.cells.formats import DateOrder, Formats, ValueKind
from intake.cells.problem import CellRefused
from intake.cells.readers import reader_of
from intake.mappings.field_specs import FieldSpec
from intake.reading.row_source import Cell, ErrorCell
from standards.working_time.duration import parse_anchored

COMMA = Formats(decimal_sign=",", thousands_sign=" ")
POINT = Formats(thousands_sign=",")


def _read(kind: ValueKind, cell: Cell, formats: Formats = Formats(), codes: tuple[str, ...] = ()) -> str:  # noqa: B008 - frozen
    return reader_of(FieldSpec(path="a.b", kind=kind, codes=codes), formats)(cell)


def _reason(kind: ValueKind, cell: Cell, formats: Formats = Formats(), codes: tuple[str, ...] = ()) -> str:  # noqa: B008 - frozen
    with pytest.raises(CellRefused) as refused:
        _read(kind, cell, formats, codes)
    return str(refused.value)


@pytest.mark.parametrize(
    ("written", "order", "meant"),
    [
        ("2/24/2011", DateOrder.MONTH_DAY_YEAR, "2011-02-24"),
        ("24.2.2011", DateOrder.DAY_MONTH_YEAR, "2011-02-24"),
        ("24.02.2011.", DateOrder.DAY_MONTH_YEAR, "2011-02-24"),
        ("2011.02.24", DateOrder.YEAR_MONTH_DAY, "2011-02-24"),
        (" 1/2/2011 ", DateOrder.DAY_MONTH_YEAR, "2011-02-01"),
        ("1/2/2011 00:00:00", DateOrder.MONTH_DAY_YEAR, "2011-01-02"),
        ("2011-02-24", None, "2011-02-24"),
        ("2011-02-24", DateOrder.DAY_MONTH_YEAR, "2011-02-24"),
        (date(2011, 2, 24), None, "2011-02-24"),
        (datetime.fromisoformat("2011-02-24"), None, "2011-02-24"),
    ],
)
def test_a_date_is_read_in_the_declared_order(written: Cell, order: DateOrder | None, meant: str) -> None:
    """The international form and a date of Excel need no declaration."""
    assert _read(ValueKind.DATE, written, Formats(dates=order)) == meant


@pytest.mark.parametrize(
    ("written", "order", "reason"),
    [
        (
            "1/2/2011",
            None,
            "'1/2/2011' can be read in several ways; declare the order, for example: dates: month/day/year",
        ),
        ("24/2/11", DateOrder.DAY_MONTH_YEAR, "'24/2/11' has no year of four digits where day/month/year has it"),
        ("2/24/2011", DateOrder.DAY_MONTH_YEAR, "'2/24/2011' is not a day of the calendar when read as day/month/year"),
        ("2011-02-30", None, "'2011-02-30' is not a day of the calendar"),
        ("24/2-2011", DateOrder.DAY_MONTH_YEAR, "'24/2-2011' is not a date"),
        ("tomorrow", DateOrder.DAY_MONTH_YEAR, "'tomorrow' is not a date"),
        (40567.0, None, "40567 is not a date; format the column as a date in Excel"),
        (time(14, 30), None, "14:30:00 is not a date; format the column as a date in Excel"),
        ("2011-02-24 14:30", None, "'2011-02-24 14:30' is a moment; a date is wanted here"),
        ("24/2/0211", DateOrder.DAY_MONTH_YEAR, "0211-02-24 lies outside the years 1900 to 2199"),
    ],
)
def test_a_date_that_is_not_sure_is_refused(written: Cell, order: DateOrder | None, reason: str) -> None:
    """Nothing is guessed."""
    assert _reason(ValueKind.DATE, written, Formats(dates=order)) == reason


def test_a_moment_is_on_the_wall_clock_of_the_zone() -> None:
    """A bare date begins at its first moment, and ends with the first moment of the next."""
    vilnius = Formats(zone="Europe/Vilnius")

    assert _read(ValueKind.START, "2026-07-01", vilnius) == "2026-06-30T21:00:00+00:00"
    assert _read(ValueKind.END, "2026-07-01", vilnius) == "2026-07-01T21:00:00+00:00"
    assert _read(ValueKind.END, "2026-07-01 14:30", vilnius) == "2026-07-01T11:30:00+00:00"
    assert _read(ValueKind.START, datetime.fromisoformat("2026-01-01T09:00"), vilnius) == "2026-01-01T07:00:00+00:00"
    assert _reason(ValueKind.START, "2026-07-01 25:00", vilnius) == "'2026-07-01 25:00' has no possible time of day"


@pytest.mark.parametrize(
    ("written", "formats", "meant"),
    [
        ("1 234 567,89", COMMA, "1234567.89"),
        ("1\u00a0234,5", COMMA, "1234.50"),
        ("1234,5", COMMA, "1234.50"),
        ("-12", COMMA, "-12.00"),
        ("\u221212", COMMA, "-12.00"),
        ("1,234.56", POINT, "1234.56"),
        ("+7.00", POINT, "7.00"),
        (384.81, POINT, "384.81"),
        (12, POINT, "12.00"),
        ("0", POINT, "0.00"),
    ],
)
def test_an_amount_is_read_with_the_declared_signs(written: Cell, formats: Formats, meant: str) -> None:
    """Blanks of all widths count as the blank that was declared."""
    assert _read(ValueKind.MONEY, written, formats) == meant


@pytest.mark.parametrize(
    ("written", "formats", "reason"),
    [
        (
            "1,234",
            Formats(),
            "'1,234' is not a number as declared (decimal sign '.', no thousands sign)",
        ),
        (
            "1,23,4.5",
            POINT,
            "'1,23,4.5' is not a number as declared (decimal sign '.', thousands sign ',')",
        ),
        ("12 €", COMMA, "'12 €' is not a number as declared (decimal sign ',', thousands sign ' ')"),
        ("٣٤", POINT, "'٣٤' is not a number as declared (decimal sign '.', thousands sign ',')"),
        (
            "384.811147",
            POINT,
            "384.811147 has more than two decimals; declare numbers: {rounding: cents} if it may be rounded",
        ),
        ("1" + "0" * 15, POINT, "1000000000000000 is too large"),
        (True, POINT, "True is not a number"),
    ],
)
def test_an_amount_that_is_not_sure_is_refused(written: Cell, formats: Formats, reason: str) -> None:
    """A comma is a decimal sign or a thousands sign only where it is declared to be."""
    assert _reason(ValueKind.MONEY, written, formats) == reason


def test_amounts_are_rounded_only_where_declared() -> None:
    """Half a cent goes up."""
    rounding = Formats(rounds_to_cents=True)

    assert _read(ValueKind.MONEY, "384.815", rounding) == "384.82"


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=2))
def test_every_amount_survives_writing_and_reading(amount: Decimal) -> None:
    """As a Lithuanian spreadsheet writes it."""
    written = f"{amount:,.2f}".replace(",", " ").replace(".", ",")

    assert Decimal(_read(ValueKind.MONEY, written, COMMA)) == amount


def test_whole_numbers_are_whole() -> None:
    """Also as Excel gives them."""
    assert _read(ValueKind.WHOLE, 12.0) == "12"
    assert _reason(ValueKind.WHOLE, "1.5") == "1.5 is not a whole number"

    bounded = reader_of(FieldSpec(path="a.b", kind=ValueKind.NUMBER, least=0, most=168), Formats())
    with pytest.raises(CellRefused, match="200 is not between 0 and 168"):
        bounded("200")


def test_text_is_kept_exactly() -> None:
    """Blanks around it, line breaks, leading zeros; numbers of Excel as it shows them."""
    assert _read(ValueKind.TEXT, "  a\nb ") == "  a\nb "
    assert _read(ValueKind.TEXT, "007") == "007"
    assert _read(ValueKind.TEXT, 123456789012345.0) == "123456789012345"
    assert _read(ValueKind.TEXT, 0.5) == "0.5"
    assert _read(ValueKind.TEXT, True) == "yes"
    assert _read(ValueKind.TEXT, date(2026, 3, 2)) == "2026-03-02"


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        (ValueKind.TEXT, "a\0b", "it contains the character NUL, which no database text can hold; delete it"),
        (ValueKind.TEXT, "a\ud800b", "it contains half a character (an unpaired surrogate); type it again"),
        (
            ValueKind.TEXT,
            "a\udce8b",
            (
                "the byte 0xE8 belongs to no character of the declared encoding; declare the right one, "
                "for example: file: {encoding: cp1257}"
            ),
        ),
        (ValueKind.TEXT, "x" * 10_001, "it is 10,001 characters long; at most 10,000 are taken"),
        (ValueKind.TEXT, ErrorCell("#ERROR"), "the cell shows an error; mend the formula in the sheet"),
        (
            ValueKind.KEY,
            1e15,
            (
                "the number has more digits than Excel keeps, so its end is lost; "
                "type it again in a cell formatted as text"
            ),
        ),
        (
            ValueKind.KEY,
            "a\nb",
            "'a\\nb' identifies something, so it may not contain line breaks or invisible characters",
        ),
        (ValueKind.EMAIL, "a@b@c", "'a@b@c' is not one e-mail address"),
        (ValueKind.EMAIL, "a@b, c@d", "'a@b, c@d' is not one e-mail address"),
        (ValueKind.COUNTRY, "LTU", "'LTU' is not a code of 2 letters"),
        (ValueKind.YES_NO, "perhaps", "'perhaps' is neither yes nor no"),
        (ValueKind.CODE, "IF P&C", "'IF P&C' cannot be a code; translate it, for example: values: {IF P&C: some_code}"),
    ],
)
def test_what_cannot_be_stored_or_identified_is_refused(kind: ValueKind, cell: Cell, reason: str) -> None:
    """With the reason, and what to do."""
    assert _reason(kind, cell) == reason


def test_codes_are_stored_with_underscores() -> None:
    """Also when written with blanks or capitals; one that is not listed is answered with the nearest."""
    placed = ("by_us", "elsewhere")

    assert _read(ValueKind.CODE, " By us ", codes=placed) == "by_us"
    assert _read(ValueKind.CODE, "Call Center") == "call_center"
    assert _reason(ValueKind.CODE, "elswhere", codes=placed) == (
        "'elswhere' is not one of by_us, elsewhere; did you mean elsewhere?"
    )


def test_countries_languages_and_currencies_are_codes() -> None:
    """Capitals and small letters as their standards have them."""
    assert _read(ValueKind.COUNTRY, "lt") == "LT"
    assert _read(ValueKind.LANGUAGE, "LT") == "lt"
    assert _read(ValueKind.CURRENCY, "eur") == "EUR"


@pytest.mark.parametrize(
    ("shift", "meant"),
    [
        ("1 year before term.expires_on", date(2027, 2, 28)),
        ("1 month after term.expires_on", date(2028, 3, 29)),
        ("2 weeks before term.expires_on", date(2028, 2, 15)),
        ("10 days after term.expires_on", date(2028, 3, 10)),
        ("term.expires_on", date(2028, 2, 29)),
    ],
)
def test_a_date_can_be_counted_from_another(shift: str, meant: date) -> None:
    """Calendar days, weeks, months and years."""
    assert shifted(date(2028, 2, 29), parse_anchored(shift)) == meant
