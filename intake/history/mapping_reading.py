"""Reading the mapping of an event log: YAML into a mapping, with every problem at its line, all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.clock import zone as known_zone
from core.errors import TaktasError
from intake.cells.formats import DateOrder, Formats
from intake.history.history_mapping import (
    EndRule,
    EventColumns,
    HistoryMapping,
    Strangers,
    Unpaired,
    WorkedRows,
)
from intake.mappings.mapping import FileLayout
from intake.mappings.nodes import Pages
from intake.mappings.reading import DELIMITERS, MappingNotReadable, MappingNotValid
from intake.reading.csv_rows import EncodingNotKnown, checked_encoding
from standards.lists import code_of, is_code
from standards.problem import Problem
from standards.reading import Mapping as Table
from standards.reading import Node, Scalar, read_yaml

KEYS = (
    *("import", "process", "title", "file", "dates", "zone", "employees", "events without a partner", "columns"),
    *("worked", "attributes", "case attributes", "leave out", "end", "ends"),
)
EVENT_COLUMNS = ("case", "activity", "at", "start", "complete", "transition", "employee", "instance")
WORKED = ("case", "first day", "last day")
SUCCESS = {"true": True, "yes": True, "false": False, "no": False, "not_counted": None}


def read_history_mapping(path: Path, *, zone: str) -> HistoryMapping:
    """The mapping in a file. Raises: MappingNotReadable, MappingNotValid with every problem."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise MappingNotReadable(f"The mapping {path} cannot be read: {error.strerror or error}.") from error
    return parse_history_mapping(source, str(path), zone=zone)


def parse_history_mapping(source: str | bytes, file: str, *, zone: str = "UTC") -> HistoryMapping:
    """The mapping in a text; `zone`: of moments without an offset where it names none. Raises: MappingNotValid."""
    node, problems = read_yaml(source, file)
    reader = _Reader(file=file, problems=problems)
    if not isinstance(node, Table):
        reader.table(node, "a mapping")
        raise MappingNotValid(file, reader.problems or [Problem(file=file, line=0, message="the file is empty.")])
    mapping = reader.mapping(node, zone)
    if reader.problems:
        raise MappingNotValid(file, reader.problems)
    return mapping


class _Reader(Pages):
    """The parts of a mapping, one method each."""

    def mapping(self, node: Table, zone: str) -> HistoryMapping:
        """The whole of it."""
        entries = self.table(node, "a mapping", KEYS).entries
        self.one_of(entries.get("import"), "kind of import", ("history",), "history")
        people = self.table(entries.get("employees"), "employees", ("unknown", "names")).entries
        ends = self._ends(entries.get("ends"))
        columns, worked = self._columns(entries.get("columns")), self._worked(entries.get("worked"))
        if columns is not None and worked is not None:
            self.problem(node.lines["worked"], "a table holds either events (columns) or finished cases (worked).")
        return HistoryMapping(
            file=self.file,
            process=self._code(entries.get("process"), "process"),
            title=self.word(entries.get("title"), "title"),
            layout=self._layout(entries.get("file")),
            formats=Formats(dates=self._dates(entries.get("dates")), zone=self._zone(entries.get("zone"), zone)),
            strangers=Strangers(self.one_of(people.get("unknown"), "word for unknown", Strangers, Strangers.REFUSE)),
            logins=self._named(people.get("names"), "names"),
            unpaired=Unpaired(
                self.one_of(
                    entries.get("events without a partner"), "word for such events", Unpaired, Unpaired.LEAVE_OUT
                )
            ),
            columns=columns,
            worked=worked,
            attributes=self.words(entries.get("attributes"), "attributes"),
            case_attributes=self.words(entries.get("case attributes"), "case attributes"),
            leave_out=self.words(entries.get("leave out"), "leave out"),
            end=self._end(entries.get("end"), ends),
            ends=ends,
        )

    def _code(self, node: Node | None, what: str) -> str:
        code = code_of(self.word(node, what))
        if node is not None and not is_code(code):
            self.problem(node.line, f"{what} {code!r} cannot be a name. Use plain letters and digits, a letter first.")
        return code

    def _layout(self, node: Node | None) -> FileLayout:
        entries = self.table(node, "file", ("encoding", "delimiter", "heading row")).entries
        encoding, written = entries.get("encoding"), self.word(entries.get("delimiter"), "delimiter", ",")
        delimiter = DELIMITERS.get(written.strip().lower(), written)
        if len(delimiter) != 1:
            self.problem(node.line if node else 0, f"{written!r} is not a delimiter. Use one sign such as ';', or tab.")
            delimiter = ","
        try:
            name = checked_encoding(self.word(encoding, "encoding", "utf-8"))
        except EncodingNotKnown as error:
            self.problem(encoding.line if encoding else 0, str(error))
            name = "utf-8"
        row = self.whole(entries.get("heading row"), "heading row", 1)
        return FileLayout(encoding=name, delimiter=delimiter, heading_row=row)

    def _dates(self, node: Node | None) -> DateOrder | None:
        written = "/".join(self.word(node, "dates").strip().lower().replace(".", " ").replace("-", " ").split())
        orders = {order.value: order for order in DateOrder}
        if node is not None and written.replace(" ", "/") not in orders:
            self.problem(node.line, f"{written!r} is not an order of dates. Use {', '.join(DateOrder)}.")
        return orders.get(written)

    def _zone(self, node: Node | None, usual: str) -> str:
        name = self.word(node, "zone", usual)
        try:
            known_zone(name)
        except TaktasError as error:
            self.problem(node.line if node else 0, str(error))
            return "UTC"
        return name

    def _named(self, node: Node | None, what: str) -> dict[str, str]:
        return {key: self.word(value, what) for key, value in self.table(node, what).entries.items()}

    def _columns(self, node: Node | None) -> EventColumns | None:
        if node is None:
            return None
        found = self.table(node, "columns", EVENT_COLUMNS).entries
        told = {name: self.word(value, name) for name, value in found.items() if name in EVENT_COLUMNS}
        for needed in ("case", "activity"):
            if not told.get(needed):
                self.problem(node.line, f"columns must say which column is the {needed}.")
        if bool(told.get("at")) == bool(told.get("complete")):
            self.problem(
                node.line, "columns must say when: either at, or complete (with start) for a row per work item."
            )
        return EventColumns(**{"case": "", "activity": "", **told})

    def _worked(self, node: Node | None) -> WorkedRows | None:
        if node is None:
            return None
        entries = self.table(node, "worked", WORKED).entries
        first, last = (self._day(entries.get(name), name, node.line) for name in ("first day", "last day"))
        if last < first:
            self.problem(node.line, f"the last day, {last}, lies before the first, {first}.")
        return WorkedRows(
            first_day=first,
            last_day=last,
            case=self.word(entries.get("case"), "case"),
        )

    def _day(self, node: Node | None, what: str, line: int) -> date:
        value = node.meant if isinstance(node, Scalar) else None
        if isinstance(value, date):
            return value
        self.problem(node.line if node else line, f"worked must say the {what}, such as {what}: 2026-01-31.")
        return date.min

    def _ends(self, node: Node | None) -> dict[str, bool | None]:
        found = {}
        for name, below in self.table(node, "ends").entries.items():
            told = self.table(below, f"end {name!r}", ("success",)).entries.get("success")
            word = self.one_of(told, "word for success", SUCCESS, "not_counted")
            code = code_of(name)
            if not is_code(code):
                self.problem(below.line, f"end {name!r} cannot be a name. Use plain letters and digits.")
            found[code] = SUCCESS[word]
        return found

    def _end(self, node: Node | None, ends: dict[str, bool | None]) -> EndRule | None:
        if node is None:
            return None
        entries = self.table(node, "end", ("column", "values", "activities")).entries
        column, activities = self.word(entries.get("column"), "column"), entries.get("activities")
        if bool(column) == (activities is not None):
            self.problem(node.line, "end must name either a column with values, or activities.")
        codes = self._named(activities if activities is not None else entries.get("values"), "values")
        codes = {said: code_of(code) for said, code in codes.items()}
        for code in sorted(set(codes.values()) - set(ends)):
            self.problem(node.line, f"there is no end {code!r}. Write it under ends, with its success.")
        return EndRule(codes=codes, column=column)
