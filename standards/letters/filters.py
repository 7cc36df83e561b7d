"""What a letter may do with a value: dates, amounts, numbers and labels as its language writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from standards.lists import Lists
from standards.merge import neutral

LANGUAGE, LISTS = "@language", "@lists"
"""Names under which a rendering keeps what its filters need; no template can write them."""

DATE_STYLES = ("long", "short")
LOCALES = {"en": "en_GB"}  # a European house writes the day first


class FieldMissing(Exception):
    """A field has no value where the letter prints it."""


class FactNotFitting(Exception):
    """A value is not of the kind the letter needs."""


def shown(value: object, language: str) -> str:
    """A value as it is printed where the letter says nothing else. Raises: FieldMissing, FactNotFitting."""
    match value:
        case Undefined():
            return str(value)
        case str():
            return neutral(value)
        case bool():
            raise FactNotFitting("yes or no cannot be printed; ask for it with if")
        case date():
            return _day(value, "long", language)
        case int() | Decimal():
            return format_decimal(value, locale=_locale(language))
        case list():  # the codes of an answer that may have several
            return ", ".join(shown(part, language) for part in value)
        case _:
            raise FactNotFitting(f"{type(value).__name__} cannot be printed")


@lru_cache(maxsize=2048)
def _day(day: date, style: str, language: str) -> str:
    """Letters sent together speak of few days; writing one out takes as long as the rest of a short letter."""
    return format_date(day, style, locale=_locale(language))


def _locale(language: str) -> str:
    return LOCALES.get(language, language)


@pass_context
def _date(context: Context, value: object, style: str = "long") -> str:
    _present(value)
    if not isinstance(value, date):
        raise FactNotFitting(f"{value!r} is not a date")
    if style not in DATE_STYLES:
        raise FactNotFitting(f"{style!r} is not a way to write a date; write long or short")
    day = value.date() if isinstance(value, datetime) else value
    return _day(day, style, context[LANGUAGE])


@pass_context
def _money(context: Context, value: object, currency: object) -> str:
    _present(value)
    _present(currency)
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise FactNotFitting(f"{value!r} is not an amount") from error
    return format_currency(amount, str(currency), locale=_locale(context[LANGUAGE]))


@pass_context
def _number(context: Context, value: object) -> str:
    _present(value)
    try:
        return format_decimal(Decimal(str(value)), locale=_locale(context[LANGUAGE]))
    except InvalidOperation as error:
        raise FactNotFitting(f"{value!r} is not a number") from error


@pass_context
def _label(context: Context, code: object, name: str) -> str:
    _present(code)
    lists: Lists = context[LISTS]
    codes = code if isinstance(code, list) else [code]
    return neutral(", ".join(lists.label(name, str(one), context[LANGUAGE]) for one in codes))


def _default(value: object, instead: object) -> object:
    return instead if value is None or value == "" or isinstance(value, Undefined) else value


def _length(value: Any) -> int:
    _present(value)
    return len(value)


def _capitalize(value: object) -> str:
    text = _text(value)
    return text[:1].upper() + text[1:]


def _upper(value: object) -> str:
    return _text(value).upper()


def _lower(value: object) -> str:
    return _text(value).lower()


def _text(value: object) -> str:
    _present(value)
    return neutral(str(value))


def _present(value: object) -> None:
    if isinstance(value, Undefined):
        str(value)  # a missing field says its own name


FILTERS: Mapping[str, Callable[..., object]] = {
    "capitalize": _capitalize,
    "date": _date,
    "default": _default,
    "label": _label,
    "length": _length,
    "lower": _lower,
    "money": _money,
    "number": _number,
    "upper": _upper,
}
