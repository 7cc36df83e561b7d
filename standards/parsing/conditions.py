"""Reading conditions: a path, an operator and a value that fits the field's type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from core.errors import did_you_mean
from standards.catalogue import Field, FieldType
from standards.condition import ALWAYS, AllOf, AnyOf, Compare, Condition, Negation, Operator, Plain, Value
from standards.lists import code_of
from standards.notebook import described, is_nothing
from standards.parsing.page import Page
from standards.reading import Listing, Node, Scalar
from standards.working_time.duration import AnchoredMoment, Direction, Duration, Unit, parse_anchored, parse_duration

_LISTED = (Operator.EQUAL, Operator.IN, Operator.NOT_IN, Operator.IS_EMPTY)
_RANGED = (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)
_DATED = (Operator.EQUAL, *_RANGED, Operator.BEFORE, Operator.AFTER, Operator.WITHIN, Operator.IS_EMPTY)

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (*_LISTED, Operator.CONTAINS),
    FieldType.CODE: _LISTED,
    FieldType.CODES: (Operator.CONTAINS, Operator.IS_EMPTY),
    FieldType.NUMBER: (*_LISTED, *_RANGED),
    FieldType.MONEY: (*_LISTED, *_RANGED),
    FieldType.DATE: _DATED,
    FieldType.MOMENT: _DATED,
    FieldType.YES_NO: (Operator.EQUAL, Operator.IS_EMPTY),
    FieldType.PERSON: (Operator.IS_EMPTY,),
}
"""Which comparisons make sense for which type."""

BOOK_LISTS = ("insurers", "product_lines", "products", "currencies", "countries", "teams", "languages")
"""Lists kept in the book: their codes are compared as they are written there, capitals included."""

LONGEST_DAYS = 36_600
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}

_HOLDS = {
    FieldType.TEXT: "a text",
    FieldType.CODE: "a code",
    FieldType.CODES: "several codes",
    FieldType.NUMBER: "a number",
    FieldType.MONEY: "an amount",
    FieldType.DATE: "a date",
    FieldType.MOMENT: "a moment",
    FieldType.YES_NO: "yes or no",
    FieldType.PERSON: "somebody who works here",
}
_WANTED = {
    FieldType.TEXT: "a text",
    FieldType.CODE: "a code",
    FieldType.CODES: "a code",
    FieldType.NUMBER: "a number",
    FieldType.MONEY: "an amount",
    FieldType.DATE: "a date such as 2026-03-31, today, or 30 days before today",
    FieldType.MOMENT: "a date such as 2026-03-31, a moment with its zone, today, or 30 days before today",
    FieldType.YES_NO: "true or false",
    FieldType.PERSON: "is empty: true or false",
}


def parse_condition(page: Page, node: Node, what: str) -> Condition:
    """The condition a node states; ALWAYS where it could not be read, after noting why."""
    written = page.mapping(node, what)
    if written is None:
        return ALWAYS
    if not written.entries:
        page.note(written, f"{what} is empty, and would hold for everything. State a condition or leave {what} out.")
    parts = [_entry(page, key, each, written.lines[key], what) for key, each in written.entries.items()]
    return _together([part for part in parts if part is not None])


def _together(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))


def _entry(page: Page, key: str, node: Node, line: int, what: str) -> Condition | None:
    match key:
        case "all":
            return AllOf(parts=_several(page, key, node, what))
        case "any":
            return AnyOf(parts=_several(page, key, node, what))
        case "not":
            return Negation(part=parse_condition(page, node, f"{what} not"))
        case _:
            known = page.field(key, line)
            return _comparisons(page, known, node) if known is not None else None


def _several(page: Page, key: str, node: Node, what: str) -> tuple[Condition, ...]:
    if not isinstance(node, Listing) or not node.items:
        page.note(node, f"{what} {key} must list conditions, not {described(node)}.")
        return ()
    return tuple(parse_condition(page, item, f"{what} {key}") for item in node.items)


def _comparisons(page: Page, known: Field, node: Node) -> Condition | None:
    if isinstance(node, Listing):
        return _comparison(page, known, Operator.IN, node)
    if isinstance(node, Scalar):
        if node.value is None:
            page.note(node, f"{known.path} is compared with nothing. Write is empty: true.")
            return None
        return _comparison(page, known, Operator.EQUAL, node)
    if is_nothing(node):
        page.note(node, f"{known.path} is compared with nothing. Write is empty: true.")
        return None
    parts = [_named(page, known, name, each, node.lines[name]) for name, each in node.entries.items()]
    return _together([part for part in parts if part is not None])


def _named(page: Page, known: Field, name: str, node: Node, line: int) -> Condition | None:
    operators = tuple(operator.value for operator in Operator)
    if name not in operators:
        hint = did_you_mean(name, operators) or "."
        page.note(line, f"{known.path} cannot be compared by {name!r}{hint} Known: {', '.join(operators)}.")
        return None
    return _comparison(page, known, Operator(name), node)


def _comparison(page: Page, known: Field, operator: Operator, node: Node) -> Condition | None:
    allowed = OPERATORS[known.type]
    if operator not in allowed:
        words = ", ".join(allowed)
        page.note(
            node, f"{known.path} holds {_HOLDS[known.type]} and cannot be compared by {operator.value!r}. Use {words}."
        )
        return None
    if operator is Operator.IS_EMPTY:
        return _emptiness(page, known, node)
    value = _value(page, known, operator, node)
    return Compare(path=known.path, operator=operator, value=value, line=node.line) if value is not None else None


def _emptiness(page: Page, known: Field, node: Node) -> Condition | None:
    wanted = page.yes_or_no(node, f"{known.path} is empty")
    if wanted is None:
        return None
    empty = Compare(path=known.path, operator=Operator.IS_EMPTY, value=None, line=node.line)
    return empty if wanted else Negation(part=empty)


def _value(page: Page, known: Field, operator: Operator, node: Node) -> Value:
    match operator:
        case Operator.IN | Operator.NOT_IN:
            return _plain_list(page, known, operator, node)
        case Operator.BETWEEN:
            return _range(page, known, node)
        case Operator.WITHIN:
            return _span(page, known, node)
        case _:
            return _single(page, known, node)


def _plain_list(page: Page, known: Field, operator: Operator, node: Node) -> Value:
    if not isinstance(node, Listing) or not node.items:
        page.note(node, f"{known.path} {operator.value} needs a list of values, not {described(node)}.")
        return None
    values = tuple(plain_value(page, known, item) for item in node.items)
    kept = tuple(value for value in values if value is not None)
    return kept if len(kept) == len(values) else None


def _range(page: Page, known: Field, node: Node) -> Value:
    if not isinstance(node, Listing) or len(node.items) != 2:
        page.note(node, f"{known.path} between needs a list of two values, not {described(node)}.")
        return None
    low, high = (plain_value(page, known, item) for item in node.items)
    if low is None or high is None:
        return None
    if isinstance(low, datetime) != isinstance(high, datetime):
        page.note(node, f"{known.path} between mixes a date and a moment. Write two of the same.")
        return None
    if low > high:  # type: ignore[operator]  # both fit the field, so they are of one ordered type
        page.note(node, f"{known.path} between {low} and {high} holds for nothing. Write the smaller value first.")
        return None
    return (low, high)


def _span(page: Page, known: Field, node: Node) -> Value:
    span = page.parsed(node, f"{known.path} within", parse_duration)
    if span is not None and not _counts_dates(page, node, f"{known.path} within", span):
        return None
    return span


def _counts_dates(page: Page, node: Node, what: str, span: Duration) -> bool:
    """A selection of a million subjects knows no calendars: conditions count dates only."""
    if not span.unit.is_plain_date or span.keep:
        page.note(node, f"{what} cannot count {span}. Conditions count days, weeks, months and years.")
        return False
    if span.value * _DAYS[span.unit] > LONGEST_DAYS:
        page.note(node, f"{what} counts {span}, more than a hundred years. Use a shorter span.")
        return False
    return True


def _single(page: Page, known: Field, node: Node) -> Value:
    if known.type.is_anchor and isinstance(node, Scalar) and node.text.strip().endswith("today"):
        return _from_today(page, known, node)
    return plain_value(page, known, node)


def _from_today(page: Page, known: Field, node: Scalar) -> AnchoredMoment | None:
    moment = page.parsed(node, known.path, parse_anchored)
    if moment is None:
        return None
    if moment.direction is not Direction.AT and moment.duration is not None:
        return moment if _counts_dates(page, node, known.path, moment.duration) else None
    return moment


def plain_value(page: Page, known: Field, node: Node) -> Plain | None:
    """A single value that fits the field; None after noting what would."""
    value = _fitting(known.type, node) if isinstance(node, Scalar) else None
    if value is None:
        page.note(node, f"{known.path} needs {_WANTED[known.type]}, not {described(node)}.")
        return None
    if known.type in {FieldType.CODE, FieldType.CODES}:
        return _known_code(page, known, str(value), node)
    return value


def _fitting(wanted: FieldType, node: Scalar) -> Plain | None:
    value = node.meant
    match wanted:
        case FieldType.TEXT | FieldType.CODE | FieldType.CODES:
            return node.text.strip() or None
        case FieldType.NUMBER | FieldType.MONEY:
            return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        case FieldType.DATE:
            return value if isinstance(value, date) and not isinstance(value, datetime) else None
        case FieldType.MOMENT:
            return value if isinstance(value, date) else None
        case FieldType.YES_NO:
            return {"yes": True, "no": False}.get(node.text, value if isinstance(value, bool) else None)
        case FieldType.PERSON:
            return None


def _known_code(page: Page, known: Field, written: str, node: Node) -> str | None:
    code = "_".join(written.split()) if known.code_list in BOOK_LISTS or not known.code_list else code_of(written)
    if known.codes and code not in known.codes:
        hint = did_you_mean(code, known.codes) or "."
        page.note(node, f"{known.path} is never {written!r}{hint} Known: {', '.join(known.codes)}.")
        return None
    return code
