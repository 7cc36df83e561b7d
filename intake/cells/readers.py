"""The reader for each kind of value."""

from __future__ import annotations

from collections.abc import Callable

from intake.cells.dates import date_reader, moment_reader
from intake.cells.formats import Formats, ValueKind
from intake.cells.numbers import amount_reader
from intake.cells.texts import (
    Reader,
    code_reader,
    letters_reader,
    read_address,
    read_email,
    read_key,
    read_text,
    read_yes_no,
)
from intake.mappings.field_specs import FieldSpec


def reader_of(field: FieldSpec, formats: Formats) -> Reader:
    """The function that reads cells of that field; empty cells must be kept from it."""
    least, most = field.least, field.most
    makers: dict[ValueKind, Callable[[], Reader]] = {
        ValueKind.TEXT: lambda: read_text,
        ValueKind.KEY: lambda: read_key,
        ValueKind.CODE: lambda: code_reader(field.codes),
        ValueKind.ADDRESS: lambda: read_address,
        ValueKind.EMAIL: lambda: read_email,
        ValueKind.LANGUAGE: lambda: letters_reader(2, capitals=False),
        ValueKind.COUNTRY: lambda: letters_reader(2, capitals=True),
        ValueKind.CURRENCY: lambda: letters_reader(3, capitals=True),
        ValueKind.MONEY: lambda: amount_reader(formats, cents=True),
        ValueKind.NUMBER: lambda: amount_reader(formats, least=least, most=most),
        ValueKind.WHOLE: lambda: amount_reader(formats, whole=True, least=least, most=most),
        ValueKind.DATE: lambda: date_reader(formats),
        ValueKind.START: lambda: moment_reader(formats, is_end=False),
        ValueKind.END: lambda: moment_reader(formats, is_end=True),
        ValueKind.YES_NO: lambda: read_yes_no,
    }
    return makers[field.kind]()
