"""Adding what is new and changing what differs, in sets, by business key; and counting both beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from intake.loading.cargo import Loading, Rows

Default = Any  # a value, or a function that makes an expression of the rows that come in

ORDER = "from_row"
NOT_YET = -1
MANY = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """What is to go into one table.

    `rows`: one row per key, a column for each of the table's and `from_row` for their order. What is NULL there leaves
    the book as it is, unless the mapping says that an empty cell clears. `defaults`: for new rows, where NULL;
    a value, or a function that is given the rows and returns an expression.
    `identity`: where the key is not enough, an expression that tells rows apart within it, on both sides.
    `silent`: columns that follow from others and are not counted.
    """

    name: str
    table: Table
    rows: Rows
    key: tuple[str, ...]
    prefix: str = ""
    defaults: Mapping[str, Default] = field(default_factory=dict)
    identity: Callable[[FromClause], ColumnElement[Any]] | None = None
    silent: frozenset[str] = frozenset({"sort_key"})


def upsert(loading: Loading, what: Upsert) -> None:
    """Count what differs, and unless it is a dry run, write it."""
    added, changed = count(loading, what)
    if loading.is_dry_run:
        return
    source = what.rows.subquery("s")
    if changed or what.silent & set(source.c.keys()):
        _change(loading, what, source)
    if added:
        _add(loading, what, source)


def count(loading: Loading, what: Upsert) -> tuple[int, int]:
    """How many rows are new and how many differ, also into the tally; nothing is written."""
    source = what.rows.subquery("s")
    added, changed, every, fields = _counted(loading, what, source)
    tally = loading.tally(what.name)
    tally.added += added
    tally.changed += changed
    tally.unchanged += every - added - changed
    tally.fields.update(fields)
    return added, changed


def write(loading: Loading, what: Upsert) -> None:
    """Write without counting."""
    source = what.rows.subquery("s")
    if not loading.is_dry_run:
        _change(loading, what, source)
        _add(loading, what, source)


def _newer(loading: Loading, what: Upsert, column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    known = what.table.c[name]
    if f"{what.prefix}_{name}" in loading.clears:
        return column
    if isinstance(known.type, JSONB):
        nothing = literal({}, JSONB)
        return func.nullif(func.coalesce(known, nothing).concat(func.coalesce(column, nothing)), nothing)
    return func.coalesce(column, known)


def _changes(loading: Loading, what: Upsert, source: Subquery) -> dict[str, ColumnElement[Any]]:
    """Column -> its value after the import."""
    names = [column.name for column in source.c if column.name not in {*what.key, ORDER}]
    return {name: _newer(loading, what, source.c[name], name) for name in names}


def _same(what: Upsert, source: Subquery) -> ColumnElement[bool]:
    same = [what.table.c[name] == source.c[name] for name in what.key]
    if what.identity is not None:
        same.append(what.identity(what.table) == what.identity(source))
    return and_(*same)


def _counted(loading: Loading, what: Upsert, source: Subquery) -> tuple[int, int, int, dict[str, int]]:
    table = what.table
    is_known = _own_number(table).is_not(None)
    differs = {
        name: and_(is_known, value.is_distinct_from(table.c[name]))
        for name, value in _changes(loading, what, source).items()
        if name not in what.silent
    }
    numbers = [
        func.count().filter(~is_known),
        func.count().filter(or_(false(), *differs.values())),
        func.count(),
        *(func.count().filter(condition) for condition in differs.values()),
    ]
    joined = source.outerjoin(table, _same(what, source))
    added, changed, every, *each = loading.db.execute(select(*numbers).select_from(joined)).one()
    return added, changed, every, {str(name): number for name, number in zip(differs, each, strict=True) if number}


def _change(loading: Loading, what: Upsert, source: Subquery) -> None:
    changes = _changes(loading, what, source)
    differs = [value.is_distinct_from(what.table.c[name]) for name, value in changes.items()]
    if differs:
        loading.db.execute(update(what.table).values(dict(changes)).where(_same(what, source), or_(*differs)))


def _add(loading: Loading, what: Upsert, source: Subquery) -> None:
    given = {column.name: column for column in source.c if column.name != ORDER}
    values: dict[str, ColumnElement[Any]] = {}
    for name in [*given, *(name for name in what.defaults if name not in given)]:
        default = what.defaults.get(name)
        filled = None if default is None else _as_element(default, source, what.table, name)
        column = given.get(name)
        chosen = column if filled is None else filled if column is None else func.coalesce(column, filled)
        values[name] = chosen if chosen is not None else literal(None)
    new = (
        select(*values.values())
        .select_from(source.outerjoin(what.table, _same(what, source)))
        .where(_own_number(what.table).is_(None))
        .order_by(source.c[ORDER])
    )
    added = loading.db.execute(insert(what.table).from_select(list(values), new).on_conflict_do_nothing()).rowcount
    if added > MANY:
        loading.db.execute(text(f"ANALYZE {what.table.name}"))  # the steps that follow join what was just added


def _own_number(table: Table) -> ColumnElement[Any]:
    """What no row of the table is without."""
    return table.primary_key.columns[0]


def _as_element(value: Default, source: Subquery, table: Table, name: str) -> ColumnElement[Any]:
    made: Any = value(source) if callable(value) else literal(value, table.c[name].type)
    return cast("ColumnElement[Any]", made)


def id_of(table: FromClause, named: ColumnElement[Any]) -> ColumnElement[Any]:
    """The id of what a row names; NOT_YET where it is named and will only be added."""
    return func.coalesce(table.c.id, case((named.is_not(None), NOT_YET)))
