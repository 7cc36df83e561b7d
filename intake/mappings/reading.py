"""Reading a mapping file: YAML into a mapping, with every problem at its line, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.errors import TaktasError
from intake.cells.formats import DateOrder, Formats, ValueKind
from intake.import_kinds import KINDS, ImportKind, Key
from intake.mappings.checks import check
from intake.mappings.mapping import ColumnUse, Computed, Constant, FileLayout, Mapping
from intake.mappings.nodes import Pages
from intake.reading.csv_rows import EncodingNotKnown, checked_encoding
from models.contracts import PremiumPeriod
from standards.problem import Problem, in_order
from standards.reading import Listing, Node, Scalar, read_yaml
from standards.reading import Mapping as Table
from standards.working_time.duration import AnchoredMoment, AnchorNotUnderstood, DurationNotUnderstood, parse_anchored

KEYS = (
    *("import", "file", "dates", "numbers", "premium", "zone", "columns", "constants", "computed", "key"),
    *("may be empty", "name when empty", "leave out", "insurers", "product lines"),
)
COLUMN_KEYS = ("to", "values", "others", "empty")
DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
SIGNS = {"comma": ",", "point": ".", "dot": ".", "blank": " ", "space": " ", "apostrophe": "'", "none": ""}
DECIMAL_SIGNS = (".", ",")
THOUSANDS_SIGNS = ("", " ", ",", ".", "'", "\u2019")

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_ORDER_WORDS = re.compile(r"[\s./-]+")


class MappingNotReadable(TaktasError):
    """There is no mapping at that place."""


class MappingNotValid(TaktasError, ValueError):
    """A mapping file has problems; all of them are told at once."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        """Tell every problem on a line of its own."""
        self.problems = in_order(tuple(problems))
        listed = "\n".join(str(problem) for problem in self.problems)
        many = "has a problem" if len(self.problems) == 1 else f"has {len(self.problems)} problems"
        super().__init__(f"The mapping {file} {many}. Nothing was imported; mend what is listed.\n{listed}")


def read_mapping(path: Path, *, kind: ImportKind, zone: str) -> Mapping:
    """The mapping in a file, for files of that kind; `zone`: of moments in files whose mapping names none.

    Raises: MappingNotReadable, MappingNotValid with every problem.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise MappingNotReadable(f"The mapping {path} cannot be read: {error.strerror or error}.") from error
    return parse_mapping(source, str(path), kind=kind, zone=zone)


def parse_mapping(source: str | bytes, file: str, *, kind: ImportKind, zone: str = "UTC") -> Mapping:
    """The mapping in a text. Raises: MappingNotValid with every problem."""
    node, problems = read_yaml(source, file)
    pages = _Reader(file=file, problems=problems)
    if not isinstance(node, Table):
        pages.table(node, "a mapping")
        raise MappingNotValid(file, problems)
    mapping = pages.mapping(node, kind, zone)
    found = [*pages.problems, *check(mapping)]
    if found:
        raise MappingNotValid(file, found)
    return mapping


class _Reader(Pages):
    """The parts of a mapping file, one method each."""

    def mapping(self, node: Table, kind: ImportKind, zone: str) -> Mapping:
        """The whole of it."""
        top = self.table(node, "a mapping", KEYS)
        entries = top.entries
        self._kind(entries.get("import"), kind)
        columns = self._columns(entries.get("columns"))
        constants, computed = self._constants(entries.get("constants")), self._computed(entries.get("computed"), kind)
        return Mapping(
            kind=kind,
            file=self.file,
            layout=self._layout(entries.get("file")),
            formats=self._formats(entries, zone),
            columns=columns,
            constants=(*constants, *self._premium(entries.get("premium"))),
            computed=computed,
            key=self._key(entries.get("key")),
            may_be_empty=self.words(entries.get("may be empty"), "may be empty"),
            leave_out=self.words(entries.get("leave out"), "leave out"),
            name_when_empty=self.words(entries.get("name when empty"), "name when empty"),
            insurers=self._named(entries.get("insurers"), "insurers"),
            product_lines=self._labelled(entries.get("product lines")),
            lines=top.lines,
        )

    def _kind(self, node: Node | None, kind: ImportKind) -> None:
        written = self.one_of(node, "kind of import", (*KINDS, "receivables"), kind.name)
        if {"receivables": "invoices"}.get(written, written) != kind.name:
            line = node.line if node else 0
            self.problem(line, f"this mapping is for {written}, not for {kind.name}. Use another, or import {written}.")

    def _layout(self, node: Node | None) -> FileLayout:
        entries = self.table(node, "file", ("encoding", "delimiter", "heading row", "sheet")).entries
        encoding = entries.get("encoding")
        try:
            name = checked_encoding(self.word(encoding, "encoding", "utf-8"))
        except EncodingNotKnown as error:
            self.problem(encoding.line if encoding else 0, str(error))
            name = "utf-8"
        return FileLayout(
            encoding=name,
            delimiter=self._delimiter(entries.get("delimiter")),
            heading_row=self.whole(entries.get("heading row"), "heading row", 1),
            sheet=self.word(entries.get("sheet"), "sheet") or None,
        )

    def _delimiter(self, node: Node | None) -> str:
        written = self.word(node, "delimiter", ",")
        sign = DELIMITERS.get(written.strip().lower(), written)
        if len(sign) != 1 or sign.isalnum() or sign in '"\r\n':
            line = node.line if node else 0
            self.problem(line, f"{written!r} is not a delimiter. Use one sign such as ',' or ';', or tab.")
            return ","
        return sign

    def _formats(self, entries: dict[str, Node], zone: str) -> Formats:
        numbers = self.table(entries.get("numbers"), "numbers", ("decimal", "thousands", "rounding")).entries
        before = len(self.problems)
        decimal = self._sign(numbers.get("decimal"), "decimal sign", DECIMAL_SIGNS, ".")
        thousands = self._sign(numbers.get("thousands"), "thousands sign", THOUSANDS_SIGNS, "")
        if decimal == thousands and len(self.problems) == before:
            node = numbers.get("thousands") or numbers.get("decimal")
            self.problem(node.line if node else 0, f"{decimal!r} cannot be both the decimal and the thousands sign.")
        return Formats(
            dates=self._dates(entries.get("dates")),
            decimal_sign=decimal,
            thousands_sign=thousands,
            rounds_to_cents=self.one_of(numbers.get("rounding"), "rounding", ("cents", "none"), "none") == "cents",
            zone=self.word(entries.get("zone"), "zone", zone),
        )

    def _sign(self, node: Node | None, what: str, signs: tuple[str, ...], default: str) -> str:
        written = self.word(node, what, default)
        sign = SIGNS.get(written.strip().lower(), written)
        if sign not in signs:
            listed = ", ".join(repr(each) for each in signs if each)
            self.problem(node.line if node else 0, f"{written!r} is not a {what}. Use {listed}.")
            return default
        return sign

    def _dates(self, node: Node | None) -> DateOrder | None:
        if node is None:
            return None
        written = self.word(node, "dates")
        order = "/".join(_ORDER_WORDS.split(written.strip().lower()))
        if order not in set(DateOrder):
            self.problem(node.line, f"{written!r} is not an order of dates. Use {', '.join(DateOrder)}.")
            return None
        return DateOrder(order)

    def _columns(self, node: Node | None) -> tuple[ColumnUse, ...]:
        table = self.table(node, "columns")
        return tuple(
            self._column(heading, item)
            for heading, below in table.entries.items()
            for item in (below.items if isinstance(below, Listing) else (below,))
        )

    def _column(self, heading: str, node: Node) -> ColumnUse:
        if isinstance(node, Scalar):
            return ColumnUse(heading=heading, path=node.text, line=node.line)
        entries = self.table(node, f"column {heading!r}", COLUMN_KEYS).entries
        if "to" not in entries:
            self.problem(node.line, f"column {heading!r} does not say which field it becomes. Add to: a field.")
        values = entries.get("values")
        return ColumnUse(
            heading=heading,
            path=self.word(entries.get("to"), "to"),
            values=None if values is None else self._named(values, "values"),
            keeps_others=self.one_of(entries.get("others"), "word for others", ("keep", "refuse"), "refuse") == "keep",
            clears=self.one_of(entries.get("empty"), "word for empty", ("clears", "keeps"), "keeps") == "clears",
            line=node.line,
        )

    def _named(self, node: Node | None, what: str) -> dict[str, str]:
        return {key: self.word(value, what) for key, value in self.table(node, what).entries.items()}

    def _labelled(self, node: Node | None) -> dict[str, dict[str, str]]:
        found = {}
        for code, labels in self.table(node, "product lines").entries.items():
            found[code] = {"en": labels.text} if isinstance(labels, Scalar) else self._named(labels, "labels")
        return found

    def _constants(self, node: Node | None) -> tuple[Constant, ...]:
        table = self.table(node, "constants")
        return tuple(
            Constant(path=path, text=self.word(value, "constant"), line=table.lines[path])
            for path, value in table.entries.items()
        )

    def _premium(self, node: Node | None) -> tuple[Constant, ...]:
        table = self.table(node, "premium", ("period", "currency"))
        period, currency = table.entries.get("period"), table.entries.get("currency")
        found = []
        if period is not None:
            code = self.one_of(period, "premium period", PremiumPeriod, "")
            found.append(Constant(path="term.premium_period", text=code, line=period.line))
        if currency is not None:
            text = self.word(currency, "currency")
            found.append(Constant(path="term.currency", text=text, line=currency.line))
        return tuple(each for each in found if each.text)

    def _computed(self, node: Node | None, kind: ImportKind) -> tuple[Computed, ...]:
        table = self.table(node, "computed")
        found = []
        for path, value in table.entries.items():
            written = self.word(value, "computed")
            spec = kind.field(path)
            is_date = spec is not None and spec.kind is ValueKind.DATE
            shift = self._shift(written, value.line) if is_date and "{" not in written else None
            parts = () if shift else tuple(_PLACEHOLDER.split(written))
            found.append(Computed(path=path, parts=parts, shift=shift, line=table.lines[path]))
        return tuple(found)

    def _shift(self, written: str, line: int) -> AnchoredMoment | None:
        try:
            return parse_anchored(written)
        except (AnchorNotUnderstood, DurationNotUnderstood) as error:
            self.problem(line, str(error))
            return None

    def _key(self, node: Node | None) -> Key:
        return tuple(self.words(node, "key"))
