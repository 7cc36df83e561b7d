"""What must hold of a mapping before a file is opened: each check returns the problems it finds."""

from __future__ import annotations

from collections.abc import Iterator

from core.clock import zone
from core.errors import UsageError, did_you_mean
from intake.cells.formats import DateOrder, Formats, ValueKind
from intake.cells.problem import CellRefused
from intake.cells.readers import reader_of
from intake.mappings.field_specs import PREMIUM_PATHS
from intake.mappings.mapping import Mapping
from standards.catalogue import LANGUAGES
from standards.lists import is_code
from standards.problem import Problem
from standards.working_time.duration import Direction

PLAIN = Formats(dates=DateOrder.YEAR_MONTH_DAY)


def check(mapping: Mapping) -> list[Problem]:
    """Everything that is wrong with a mapping in itself."""
    return [
        Problem(file=mapping.file, line=line, message=message)
        for find in (
            _unknown_fields,
            _fields_filled_twice,
            _required_fields,
            _undeclared_premiums,
            _nameless_objects,
            _unusable_keys,
            _unreadable_constants,
            _unreadable_values,
            _uncountable_shifts,
            _unusable_codes,
            _unknown_zone,
        )
        for line, message in find(mapping)
    ]


Found = Iterator[tuple[int, str]]


def _unknown_fields(mapping: Mapping) -> Found:
    for path, line in mapping.filled:
        if path and mapping.kind.field(path) is None:
            named = mapping.kind.paths_named(path)
            hint = f"; did you mean {named[0]}?" if named else did_you_mean(path, mapping.kind.by_path) or "."
            yield line, f"{mapping.kind.name} have no field {path!r}{hint}"


def _fields_filled_twice(mapping: Mapping) -> Found:
    seen: dict[str, int] = {}
    for path, line in mapping.filled:
        if path in seen:
            yield line, f"{path} is filled twice, first on line {seen[path]}. Keep one of them."
        seen.setdefault(path, line)


def _required_fields(mapping: Mapping) -> Found:
    for field in mapping.kind.fields:
        if field.is_required and field.path not in mapping.paths:
            yield (
                mapping.lines.get("columns", 0),
                f"nothing fills {field.path}, which every row needs. Add a column, a constant or a computed field.",
            )


def _undeclared_premiums(mapping: Mapping) -> Found:
    if not mapping.paths & PREMIUM_PATHS:
        return
    declared = {"term.premium_period": "period: year", "term.currency": "currency: EUR"}
    for path, example in declared.items():
        if path not in mapping.paths:
            what = path.rpartition("_")[2].rpartition(".")[2]
            yield (
                mapping.lines.get("premium", 0),
                f"premiums need their {what}, which is never guessed. Declare it: premium: {{{example}}}.",
            )


def _nameless_objects(mapping: Mapping) -> Found:
    brought = [(path, line) for path, line in mapping.filled if path.startswith("object.")]
    if brought and not mapping.paths & {"object.label", "object.plate"}:
        path, line = brought[0]
        yield line, f"{path} belongs to an insured object, which needs object.label or object.plate to be known by."


def _unusable_keys(mapping: Mapping) -> Found:
    line = mapping.lines.get("key", 0)
    if mapping.key and mapping.key not in mapping.kind.keys:
        listed = " or ".join(f"[{', '.join(key)}]" for key in mapping.kind.keys)
        yield line, f"key [{', '.join(mapping.key)}] does not tell {mapping.kind.name} apart. Use {listed}."
        return
    for path in mapping.key:
        if path not in mapping.paths:
            yield line, f"key names {path}, which nothing fills. Add a column for it, or choose another key."


def _unreadable_constants(mapping: Mapping) -> Found:
    for constant in mapping.constants:
        yield from _unreadable(mapping, constant.path, constant.text, constant.line)


def _unreadable_values(mapping: Mapping) -> Found:
    for column in mapping.columns:
        for text in set((column.values or {}).values()):
            yield from _unreadable(mapping, column.path, text, column.line)


def _unreadable(mapping: Mapping, path: str, text: str, line: int) -> Found:
    """Values in a mapping are written plainly: dates as 2026-03-02, numbers with a point."""
    field = mapping.kind.field(path)
    if field is None or not text.strip():
        return
    try:
        reader_of(field, PLAIN)(text)
    except CellRefused as refused:
        yield line, f"{path}: {refused}{'' if str(refused).endswith('?') else '.'}"


def _uncountable_shifts(mapping: Mapping) -> Found:
    supplied = {each.path for each in (*mapping.columns,)} | {each.path for each in mapping.constants}
    for computed in mapping.computed:
        shift = computed.shift
        if shift is None:
            continue
        anchor = mapping.kind.field(shift.anchor)
        if anchor is None or anchor.kind is not ValueKind.DATE or shift.anchor not in supplied:
            yield computed.line, f"{computed.path} is counted from {shift.anchor}, which is no date this file brings."
        if shift.direction is Direction.AT or (shift.duration and shift.duration.unit.is_plain_date):
            continue
        yield computed.line, f"{computed.path} can be counted in days, weeks, months or years, not in {shift.duration}."


def _unusable_codes(mapping: Mapping) -> Found:
    for what, codes in (("insurers", mapping.insurers), ("product lines", mapping.product_lines)):
        for code in codes:
            if not is_code(code):
                line = mapping.lines.get(what, 0)
                yield line, f"{what}: {code!r} cannot be a code. Use small letters, digits and underscores."
    for code, labels in mapping.product_lines.items():
        for language in labels.keys() - set(LANGUAGES):
            line = mapping.lines.get("product lines", 0)
            yield line, f"product lines: {code} has a label in {language!r}. Use {', '.join(LANGUAGES)}."


def _unknown_zone(mapping: Mapping) -> Found:
    try:
        zone(mapping.formats.zone)
    except UsageError as error:
        yield mapping.lines.get("zone", 0), str(error)
