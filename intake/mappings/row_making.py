"""From the rows of a file to rows of fields: the mapping applied cell by cell, with a reason for what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from intake.cells.formats import folded
from intake.cells.problem import CellRefused, RowProblems
from intake.cells.readers import reader_of
from intake.cells.slots import Compute, ComputedSlot, Slot, Value, shift_of, slot_of, template_of
from intake.cells.texts import is_empty
from intake.mappings.checks import PLAIN
from intake.mappings.field_specs import FACT, FieldSpec
from intake.mappings.mapping import ColumnUse, Computed, Mapping
from intake.mappings.row_finishing import finishers
from intake.reading.headings import Headings
from intake.reading.row_source import RawRow

EMPTY = "it is empty"


class RowMaker:
    """Makes rows of fields out of the cells of one file; `language`: of names whose row says none.

    Raises: MappingNotValid when columns the mapping names are not there.
    """

    def __init__(self, mapping: Mapping, written: Sequence[str], *, language: str) -> None:
        self._mapping = mapping
        self._headings = Headings(written, mapping.file)
        self._needs = {field.path for field in mapping.kind.fields if field.is_required} | set(mapping.business_key)
        self._watched = [(self._headings.find(name, line), name) for name, line in mapping.name_when_empty.items()]
        quiet = {self._headings.find(name, line) for name, line in mapping.may_be_empty.items()}
        self.slots = [self._slot(use, quiet) for use in mapping.columns]
        self._reads = [(slot.read, slot.place) for slot in self.slots]
        constants = [(self._field(each.path), each.text) for each in mapping.constants]
        self._constants = [reader_of(field, PLAIN)(text) if text.strip() else None for field, text in constants]
        supplied = [*(slot.field for slot in self.slots), *(field for field, _ in constants)]
        self.computed = [self._computed(each, supplied) for each in mapping.computed]
        self._headings.refuse()
        self._fields = [*supplied, *(each.field for each in self.computed)]
        self._finishers = finishers([field.staged for field in self._fields], language)
        self._kept = [place for place, field in enumerate(self._fields) if not field.path.startswith(FACT)]

    @property
    def staged(self) -> list[str]:
        """The names of the values in every row made, the first of which is the row's number."""
        return ["row", *(self._fields[place].staged for place in self._kept), *self._finishers]

    @property
    def headings_of(self) -> dict[str, str]:
        """Staged name -> the heading a problem with it is told under."""
        columns = {slot.field.staged: slot.heading for slot in self.slots}
        return columns | {each.field.staged: each.headings[0] for each in self.computed if each.headings}

    @property
    def clears(self) -> frozenset[str]:
        """The staged names whose emptiness is meant."""
        return frozenset(slot.field.staged for slot in self.slots if slot.clears)

    def rows(self, source: Iterable[RawRow], problems: RowProblems) -> Iterator[list[Value | int]]:
        """A row of values for each row that can be read; the others are told to `problems`."""
        finishing = list(self._finishers.values())
        keeps_all = len(self._kept) == len(self._fields)
        for row in source:
            values = self._values(row, problems)
            if values is not None:
                finished = [finish(values) for finish in finishing]
                yield [row.number, *(values if keeps_all else [values[place] for place in self._kept]), *finished]

    def _values(self, row: RawRow, problems: RowProblems) -> list[Value] | None:
        if row.trouble:
            problems.refuse(row.number, "", row.trouble)
            return None
        cells = row.cells
        for place, heading in self._watched:
            if is_empty(cells[place]):
                problems.warn(row.number, heading, EMPTY)
        try:
            values = [read(cells[place]) for read, place in self._reads]
            values += self._constants
            for each in self.computed:
                values.append(each.compute(cells, values))
        except CellRefused:
            self._tell_refused(row, problems)
            return None
        return values if None not in values or self._bears_empty(row, values, problems) else None

    def _tell_refused(self, row: RawRow, problems: RowProblems) -> None:
        """The slow way through a row of which something cannot be read: everything wrong with it is told."""
        told: set[str] = set()
        values: list[Value] = []
        for slot in self.slots:
            try:
                values.append(slot.read(row.cells[slot.place]))
            except CellRefused as refused:
                values.append("")
                if slot.heading not in told:
                    problems.refuse(row.number, slot.heading, str(refused))
                told.add(slot.heading)
        values += self._constants
        for each in self.computed:
            values.append(self._computed_or_told(row, each, values, problems, is_new=not told))
        self._bears_empty(row, values, problems)

    def _computed_or_told(
        self, row: RawRow, each: ComputedSlot, values: Sequence[Value], problems: RowProblems, *, is_new: bool
    ) -> Value:
        try:
            return each.compute(row.cells, values)
        except (CellRefused, ValueError) as refused:
            if is_new:
                problems.refuse(row.number, "", f"{each.field.path} cannot be made: {refused}")
            return ""

    def _bears_empty(self, row: RawRow, values: Sequence[Value], problems: RowProblems) -> bool:
        """Whether what is empty in a row may be; what may, and is wanted to be known, is told as a warning."""
        needed = self._needed_headings(row, values)
        for heading, paths in needed.items():
            problems.refuse(row.number, heading, f"{EMPTY}, and every row needs {' and '.join(paths)}")
        told = {name for _, name in self._watched} | set(needed)
        for slot, value in zip(self.slots, values, strict=False):
            if value is None and slot.is_named and slot.heading not in told:
                told.add(slot.heading)
                problems.warn(row.number, slot.heading, f"{EMPTY}, so {slot.field.path} is not filled in")
        return not needed

    def _needed_headings(self, row: RawRow, values: Sequence[Value]) -> dict[str, list[str]]:
        """Heading -> the required fields that its empty cell leaves without a value."""
        needed: dict[str, list[str]] = {}
        for place, (field, value) in enumerate(zip(self._fields, values, strict=True)):
            if value is None and field.path in self._needs:
                needed.setdefault(self._heading_at(place, row), []).append(field.path)
        return needed

    def _heading_at(self, place: int, row: RawRow) -> str:
        if place < len(self.slots):
            return self.slots[place].heading
        made = self.computed[place - len(self.slots) - len(self._constants)]
        empty = (heading for heading, at in zip(made.headings, made.places, strict=True) if is_empty(row.cells[at]))
        return next(empty, "")

    def _slot(self, use: ColumnUse, quiet: set[int]) -> Slot:
        field = self._field(use.path)
        place = self._headings.find(use.heading, use.line)
        is_named = not (self._mapping.is_own_layout or use.clears or place in quiet)
        return slot_of(use, field, place, self._mapping.formats, is_named=is_named)

    def _computed(self, each: Computed, supplied: Sequence[FieldSpec]) -> ComputedSlot:
        field = self._field(each.path)
        if each.shift is not None:
            paths = [one.path for one in supplied]
            compute: Compute = shift_of(each.shift, paths.index(each.shift.anchor))
            return ComputedSlot(field=field, headings=(), places=(), compute=compute)
        headings = tuple(each.parts[1::2])
        places = tuple(self._headings.find(heading, each.line) for heading in headings)
        compute = template_of(each.parts, places, reader_of(field, self._mapping.formats))
        return ComputedSlot(field=field, headings=headings, places=places, compute=compute)

    def _field(self, path: str) -> FieldSpec:
        found = self._mapping.kind.field(path)
        if found is None:
            raise KeyError(path)
        return found

    def unused(self) -> list[str]:
        """The headings of the file that the mapping says nothing about."""
        known = {folded(slot.heading) for slot in self.slots} | {folded(name) for name in self._mapping.leave_out}
        known |= {folded(heading) for each in self.computed for heading in each.headings}
        known |= {folded(name) for name in (*self._mapping.name_when_empty, *self._mapping.may_be_empty)}
        return [heading for heading in self._headings.written if heading and folded(heading) not in known]
