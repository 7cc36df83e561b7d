"""From a cell to text, a key, a code: exactly as it stands, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.errors import did_you_mean
from intake.cells.problem import CellRefused
from intake.reading.row_source import Cell, ErrorCell
from standards.lists import code_of, is_code

Reader = Callable[[Cell], str]

LONGEST_TEXT = 10_000
LONGEST_KEY = 200
LONGEST_ADDRESS = 500
EXACT_IN_EXCEL = 10**15

_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]\\]+@[^\s@<>\"',;:()\[\]\\]+")
_YES = {"yes", "true", "1", "taip", "sí", "si"}
_NO = {"no", "false", "0", "ne"}


def is_empty(cell: Cell) -> bool:
    """Nothing, or nothing but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Cell) -> str:
    """A cell as text, exactly. Raises: CellRefused for an error, a damaged character, or a rounded number."""
    if isinstance(cell, ErrorCell):
        raise CellRefused("the cell shows an error; mend the formula in the sheet")
    if isinstance(cell, str):
        return _sound(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return _number_text(cell)
    return "" if cell is None else str(cell)


def _number_text(cell: float) -> str:
    if abs(cell) >= EXACT_IN_EXCEL:
        raise CellRefused(
            "the number has more digits than Excel keeps, so its end is lost; type it again in a cell formatted as text"
        )
    return str(int(cell)) if cell.is_integer() else repr(cell)


def _sound(text: str) -> str:
    """Most texts pass in one comparison; the others are looked at. Raises: CellRefused."""
    if "\0" in text:
        raise CellRefused("it contains the character NUL, which no database text can hold; delete it")
    if text.isascii():
        return text
    for character in text:
        if "\udc80" <= character <= "\udcff":
            byte = ord(character) - 0xDC00
            raise CellRefused(
                f"the byte 0x{byte:02X} belongs to no character of the declared encoding; "
                "declare the right one, for example: file: {encoding: cp1257}"
            )
        if "\ud800" <= character <= "\udfff":
            raise CellRefused("it contains half a character (an unpaired surrogate); type it again")
    return text


def read_text(cell: Cell) -> str:
    """Kept as it is. Raises: CellRefused."""
    if type(cell) is str and cell.isascii() and len(cell) <= LONGEST_TEXT and "\0" not in cell:
        return cell
    return _at_most(text_of(cell), LONGEST_TEXT)


def read_address(cell: Cell) -> str:
    """A phone number or a postal address. Raises: CellRefused."""
    return _at_most(text_of(cell).strip(), LONGEST_ADDRESS)


def read_key(cell: Cell) -> str:
    """Without blanks around it, on one line. Raises: CellRefused."""
    if type(cell) is str and cell.isascii() and cell.isprintable() and len(cell) <= LONGEST_KEY:
        return cell.strip()
    key = _at_most(text_of(cell).strip(), LONGEST_KEY)
    if not key.isprintable():
        raise CellRefused(f"{key!r} identifies something, so it may not contain line breaks or invisible characters")
    return key


def _at_most(text: str, longest: int) -> str:
    if len(text) > longest:
        raise CellRefused(f"it is {len(text):,} characters long; at most {longest:,} are taken")
    return text


def read_email(cell: Cell) -> str:
    """One address. Raises: CellRefused."""
    address = read_key(cell)
    if not _EMAIL.fullmatch(address):
        raise CellRefused(f"{address!r} is not one e-mail address")
    return address


def letters_reader(count: int, *, capitals: bool) -> Reader:
    """A country, language or currency code."""

    def read(cell: Cell) -> str:
        code = read_key(cell)
        if len(code) != count or not (code.isascii() and code.isalpha()):
            raise CellRefused(f"{code!r} is not a code of {count} letters")
        return code.upper() if capitals else code.lower()

    return read


def code_reader(codes: tuple[str, ...]) -> Reader:
    """One of the codes, also when written with blanks or capitals; where none are listed, whatever can be a code."""

    def read(cell: Cell) -> str:
        written = read_key(cell)
        code = code_of(written)
        if codes and code not in codes:
            hint = did_you_mean(code, codes)
            raise CellRefused(f"{written!r} is not one of {', '.join(codes)}{hint}")
        if not is_code(code):
            raise CellRefused(
                f"{written!r} cannot be a code; translate it, for example: values: {{{written}: some_code}}"
            )
        return code

    return read


def read_yes_no(cell: Cell) -> str:
    """Yes or no, in English, Lithuanian or Spanish. Raises: CellRefused."""
    word = text_of(cell).strip().lower()
    if word in _YES:
        return "true"
    if word in _NO:
        return "false"
    raise CellRefused(f"{word!r} is neither yes nor no")
