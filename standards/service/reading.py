"""Reading the files of service standards into one book, with everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.errors import TaktasError, did_you_mean
from standards.lists import code_of
from standards.problem import Problem
from standards.reading import Listing, Mapping, Node, Scalar
from standards.service.digests import Digests, parse_digests
from standards.service.standard import DEFAULT_ORDER, Dimension, Field, Fields, Standard, StandardBook, level_place
from standards.service.values import parse_field

SCOPE = "for"
ALL_WORK = "all work"
_PARTS = ("standards", "order", "digests")
_PARTS_NAMED = "standards, order and digests"

_BY_WORDS = {words: dimension for dimension in Dimension for words in (dimension.words, dimension.value)}
_WRITTEN = [dimension.words for dimension in Dimension]
_FIELDS = {name.words: name for name in Field}
_AS_WRITTEN = {Dimension.INSURER, Dimension.CAMPAIGN}  # their codes are the house's own, not words


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects the standards and problems of all files."""

    standards: dict[str, Standard] = field(default_factory=dict)
    order: tuple[Dimension, ...] = DEFAULT_ORDER
    order_place: tuple[str, int] = ("", 0)
    digests: Digests | None = None
    problems: list[Problem] = field(default_factory=list)
    file: str = ""

    def find(self, line: int, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, message=message))

    def read_file(self, root: Node | None) -> None:
        if not isinstance(root, Mapping):
            self.find(1, "this is not a file of standards. Write standards: and below it one entry for each.")
            return
        for key, node in root.entries.items():
            if key == "standards":
                self._read_standards(node)
            elif key == "order":
                self._read_order(node)
            elif key == "digests":
                self._read_digests(node, root.lines[key])
            else:
                hint = did_you_mean(key, _PARTS) or "."
                self.find(root.lines[key], f"a file of standards has no {key!r}{hint} It has {_PARTS_NAMED}.")

    def _read_standards(self, node: Node) -> None:
        if not isinstance(node, Mapping):
            self.find(node.line, "standards are written by name. Write a name, and below it what the standard says.")
            return
        for name, body in node.entries.items():
            line = node.lines[name]
            known = self.standards.get(name)
            if known:
                self.find(line, f"there is a standard {name!r} already, at {known.file}:{known.line}. Rename one.")
            elif not isinstance(body, Mapping):
                self.find(line, f"the standard {name!r} says nothing. Write for: and what it asks.")
            else:
                self.standards[name] = self._standard(name, body, line)

    def _standard(self, name: str, body: Mapping, line: int) -> Standard:
        scope: dict[Dimension, tuple[str, ...]] = {}
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, node in body.entries.items():
            if key == SCOPE:
                scope = self._scope(node, lines)
            elif key in _FIELDS:
                values |= self._value(_FIELDS[key], node)
                if _FIELDS[key] is Field.ESCALATE:
                    levels = node.items if isinstance(node, Listing) else (node,)
                    lines |= {level_place(number): level.line for number, level in enumerate(levels)}
            else:
                hint = did_you_mean(key, (SCOPE, *_FIELDS)) or "."
                self.find(body.lines[key], f"a standard has no field {key!r}{hint} It has {', '.join(_FIELDS)}.")
        if not body.entries.keys() & _FIELDS.keys():
            self.find(line, f"the standard {name!r} asks nothing. Give it a due, an effort or a target.")
        return Standard(name=name, holds_for=scope, fields=Fields(**values), file=self.file, line=line, lines=lines)

    def _value(self, name: Field, node: Node) -> dict[str, Any]:
        try:
            return {name.value: parse_field(name, _plain(node))}
        except TaktasError as error:
            self.find(node.line, f"{name.words}: {error}")
            return {}

    def _scope(self, node: Node, lines: dict[str, int]) -> dict[Dimension, tuple[str, ...]]:
        if isinstance(node, Scalar) and node.text == ALL_WORK:
            return {}
        if not isinstance(node, Mapping):
            self.find(node.line, f"for: says for which work, such as action: call, or {ALL_WORK}.")
            return {}
        found: dict[Dimension, tuple[str, ...]] = {}
        for key, values in node.entries.items():
            dimension = self._dimension(key, node.lines[key])
            if dimension:
                found[dimension] = self._codes(dimension, values)
                lines[dimension.value] = node.lines[key]
        return found

    def _dimension(self, written: str, line: int) -> Dimension | None:
        dimension = _BY_WORDS.get(written)
        if dimension is None:
            hint = did_you_mean(written, _WRITTEN) or "."
            self.find(line, f"work has no dimension {written!r}{hint} It has {', '.join(_WRITTEN)}.")
        return dimension

    def _codes(self, dimension: Dimension, node: Node) -> tuple[str, ...]:
        nodes = node.items if isinstance(node, Listing) else (node,)
        codes: list[str] = []
        for one in nodes:
            if not isinstance(one, Scalar) or not one.text.strip():
                self.find(one.line, f"{dimension.words} needs a value or a list of values.")
            else:
                codes.append(one.text.strip() if dimension in _AS_WRITTEN else code_of(one.text))
        if isinstance(node, Listing) and not nodes:
            self.find(node.line, f"{dimension.words} needs a value or a list of values.")
        return tuple(dict.fromkeys(codes))

    def _read_order(self, node: Node) -> None:
        if self.order_place[0]:
            self.find(
                node.line, f"the order is declared already, at {self.order_place[0]}:{self.order_place[1]}. Keep one."
            )
            return
        self.order_place = (self.file, node.line)
        named: list[Dimension] = []
        for one in node.items if isinstance(node, Listing) else (node,):
            dimension = self._dimension(one.text if isinstance(one, Scalar) else "", one.line)
            if dimension and dimension in named:
                self.find(one.line, f"the order names {dimension.words} twice. Keep it once.")
            elif dimension:
                named.append(dimension)
        self.order = (*named, *(dimension for dimension in DEFAULT_ORDER if dimension not in named))

    def _read_digests(self, node: Node, line: int) -> None:
        if self.digests is not None:
            self.find(line, "the digests are declared already, in another file. Keep one.")
            return
        try:
            self.digests = parse_digests(_plain(node))
        except TaktasError as error:
            self.digests = Digests()
            self.find(line, f"digests: {error}")


def read_book(files: Iterable[tuple[str, Node | None]]) -> tuple[StandardBook, list[Problem]]:
    """All files of standards as one book, and what is wrong in them.

    Dimensions which a declared order does not name are compared after it, in the usual order.
    """
    reader = _Reader()
    for reader.file, root in files:
        reader.read_file(root)
    file, line = reader.order_place
    book = StandardBook(
        standards=tuple(reader.standards.values()),
        order=reader.order,
        digests=reader.digests or Digests(),
        order_file=file,
        order_line=line,
    )
    return book, reader.problems


def _plain(node: Node) -> object:
    """Text stays as it was written: 95 without its sign is the reader's to refuse."""
    match node:
        case Scalar():
            return node.value if isinstance(node.value, bool) else node.text
        case Listing():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key: _plain(value) for key, value in node.entries.items()}
