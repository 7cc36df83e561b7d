"""One field's way out of a row of cells: read from a column, put together from several, or counted from a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import did_you_mean
from intake.cells.dates import shifted
from intake.cells.formats import Formats, ValueKind, folded
from intake.cells.problem import CellRefused
from intake.cells.readers import reader_of
from intake.cells.texts import is_empty, text_of
from intake.mappings.field_specs import FieldSpec
from intake.mappings.mapping import ColumnUse
from intake.reading.row_source import Cell
from standards.working_time.duration import AnchoredMoment
from standards.working_time.local_time import DateOutOfReach

Value = str | None
Read = Callable[[Cell], Value]
Compute = Callable[[Sequence[Cell], Sequence[Value]], Value]

REMEMBERED = 20_000
UNREPEATED = frozenset({ValueKind.TEXT, ValueKind.KEY, ValueKind.EMAIL, ValueKind.ADDRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One field read from one column. `is_named`: somebody wants to know when its cell is empty."""

    field: FieldSpec
    heading: str
    place: int
    read: Read
    is_named: bool
    clears: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedSlot:
    """One field made of others. `headings`: the columns it needs."""

    field: FieldSpec
    headings: tuple[str, ...]
    places: tuple[int, ...]
    compute: Compute


def slot_of(use: ColumnUse, field: FieldSpec, place: int, formats: Formats, *, is_named: bool) -> Slot:
    """The slot of a column."""
    read: Read = reader_of(field, formats)
    if use.values is not None:
        read = _translating(use.values, read, keeps_others=use.keeps_others)
    plain = _unless_empty(read)
    remembers = use.values is not None or field.kind not in UNREPEATED
    return Slot(
        field=field,
        heading=use.heading,
        place=place,
        read=_remembering(plain) if remembers else plain,
        is_named=is_named,
        clears=use.clears,
    )


def _translating(values: Mapping[str, str], read: Read, *, keeps_others: bool) -> Read:
    known = {folded(written): meant for written, meant in values.items()}

    def translate(cell: Cell) -> Value:
        written = text_of(cell)
        meant = known.get(folded(written))
        if meant is not None:
            return read(meant) if meant.strip() else None
        if keeps_others:
            return read(cell)
        raise CellRefused(f"{written!r} is none of the values the mapping translates{did_you_mean(written, values)}")

    return translate


def _unless_empty(read: Read) -> Read:
    def read_unless_empty(cell: Cell) -> Value:
        if type(cell) is str:  # nearly always; asked first because every cell of every file passes here
            return read(cell) if cell and not cell.isspace() else None
        return None if is_empty(cell) else read(cell)

    return read_unless_empty


def _remembering(read: Read) -> Read:
    """Dates, codes and amounts repeat: each text is read once. Other cells are not remembered: 1 equals True."""
    known: dict[str, Value] = {}

    def recall(cell: Cell) -> Value:
        if type(cell) is not str:
            return read(cell)
        if cell in known:
            return known[cell]
        value = read(cell)
        if len(known) < REMEMBERED:
            known[cell] = value
        return value

    return recall


def template_of(parts: Sequence[str], places: Sequence[int], read: Read) -> Compute:
    """Texts between cells; nothing when one of the cells is empty."""
    texts = parts[::2]

    def compute(cells: Sequence[Cell], _: Sequence[Value]) -> Value:
        found = [cells[place] for place in places]
        if any(is_empty(cell) for cell in found):
            return None
        filled = (text_of(cell).strip() for cell in found)
        return read("".join(text + next(filled, "") for text in texts))

    return compute


def shift_of(shift: AnchoredMoment, place: int) -> Compute:
    """Counted from the date that stands at `place` among the values."""

    def compute(_: Sequence[Cell], values: Sequence[Value]) -> Value:
        anchor = values[place]
        try:
            return None if anchor is None else shifted(date.fromisoformat(anchor), shift).isoformat()
        except DateOutOfReach as error:
            raise CellRefused(str(error)) from error

    return compute
