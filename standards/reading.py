"""Reading YAML into plain nodes that know their line; whatever could surprise is refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from standards.problem import Problem

LARGEST_FILE = 256 * 1024
"""Bytes a definition may have: far beyond any manual page, far below what could hurt."""

DEEPEST = 24
"""Levels a definition may be nested."""

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?\d{1,18}\.\d{1,18}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}

PlainValue = str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value as it was written; `is_quoted` says that it is text whatever it looks like."""

    text: str
    is_quoted: bool
    line: int

    @property
    def value(self) -> PlainValue:
        """What it stands for: a whole number, a decimal, a date, a moment with its zone, true, false, nothing, or text.

        `yes`, `no`, `on` and `off` are words.
        """
        return self.text if self.is_quoted else _meant(self.text)

    @property
    def meant(self) -> PlainValue:
        """The same with quotes passed over: for places where text makes no sense."""
        return _meant(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Several nodes in order."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Nodes by key, in the order written, and the line of each key."""

    entries: dict[str, Node]
    lines: dict[str, int]
    line: int


Node = Scalar | Listing | Mapping


def _meant(text: str) -> PlainValue:
    lowered = text.lower()
    if lowered in _CONSTANTS:
        return _CONSTANTS[lowered]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return _day_or_text(text)


def _day_or_text(text: str) -> date | datetime | str:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        return text  # 2026-02-31 is no day; whoever wants a date refuses the text
    return text


class _RefusedError(Exception):
    """The reader stops here."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(slots=True, kw_only=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    line: int
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    key: str | None = None
    key_line: int = 0


def read_yaml(source: str | bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The document as nodes, and what is wrong with it; None when it cannot be used at all.

    Refused with one problem: more than LARGEST_FILE bytes, bytes that are not UTF-8, control characters, more than
    DEEPEST levels, anchors, aliases, tags, a second document, keys that are no plain words, and what is not YAML.
    Keys written twice are told one by one.
    """
    problems: list[Problem] = []
    try:
        node = _Builder(problems=problems, file=file).build(_text_of(source))
    except _RefusedError as refused:
        problems.append(Problem(file=file, line=refused.line, message=refused.message))
        return None, problems
    return node, problems


def head_comment(source: str) -> str:
    """The comment at the head of a file, without its signs: what the page is about."""
    lines = []
    for line in source.removeprefix("\ufeff").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").removeprefix(" ").rstrip())
    return "\n".join(lines).strip()


def _text_of(source: str | bytes) -> str:
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST_FILE:
        raise _RefusedError(0, f"the file has {len(raw):,} bytes; a definition may have {LARGEST_FILE:,}. Split it.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _RefusedError(line, "this line is not UTF-8 text. Save the file as UTF-8.") from error
    return text


class _Builder:
    """Turns the parser's events into nodes, and stops at the first thing that is not allowed."""

    def __init__(self, *, problems: list[Problem], file: str) -> None:
        self.problems = problems
        self.file = file
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def build(self, text: str) -> Node:
        """The document's node. Raises: _RefusedError."""
        for event in _events(text):
            self._take(event)
        if self.root is None:
            raise _RefusedError(0, "the file is empty. Write a definition, or remove the file.")
        return self.root

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        match event:
            case DocumentStartEvent():
                self._count_document(line)
            case AliasEvent():
                raise _RefusedError(
                    line, f"'*{event.anchor}' refers to another place of the file. Write it out instead."
                )
            case ScalarEvent() | SequenceStartEvent() | MappingStartEvent():
                self._refuse_marks(event, line)
                self._open_or_add(event, line)
            case SequenceEndEvent() | MappingEndEvent():
                self._close()
            case _:
                pass  # the stream's own beginning and end

    def _count_document(self, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _RefusedError(line, "a second document starts here. Keep one definition in a file.")

    def _refuse_marks(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            raise _RefusedError(line, f"'&{event.anchor}' names this place for use elsewhere. Write it out instead.")
        if event.tag is not None and not (isinstance(event, ScalarEvent) and event.tag == "!"):
            raise _RefusedError(line, f"'{event.tag}' is a tag; definitions are plain values. Remove it.")
        if self._wants_key() and not isinstance(event, ScalarEvent):
            raise _RefusedError(
                line, "a key must be a word, not a list or a mapping. Check the brackets and question marks."
            )

    def _wants_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_mapping and self.stack[-1].key is None

    def _open_or_add(self, event: Any, line: int) -> None:
        if isinstance(event, ScalarEvent):
            self._scalar(str(event.value), bool(event.style), line)
            return
        if len(self.stack) >= DEEPEST:
            raise _RefusedError(line, f"the file is nested more than {DEEPEST} levels deep. Write it flatter.")
        self.stack.append(_Open(line=line, is_mapping=isinstance(event, MappingStartEvent)))

    def _scalar(self, text: str, is_quoted: bool, line: int) -> None:
        unfit = _UNFIT.search(text)
        if unfit is not None:
            raise _RefusedError(line, _unfit(ord(unfit[0])))
        if self._wants_key():
            self.stack[-1].key, self.stack[-1].key_line = text, line
        else:
            nothing = not text and not is_quoted and bool(self.stack) and self.stack[-1].is_mapping
            self._add(Scalar(text=text, is_quoted=is_quoted, line=self.stack[-1].key_line if nothing else line))

    def _close(self) -> None:
        done = self.stack.pop()
        if done.is_mapping:
            self._add(Mapping(entries=done.entries, lines=done.lines, line=done.line))
        else:
            self._add(Listing(items=tuple(done.items), line=done.line))

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if not parent.is_mapping:
            parent.items.append(node)
            return
        key, parent.key = parent.key or "", None
        if key in parent.entries:
            message = f"{key!r} is written twice here, first on line {parent.lines[key]}. Keep one of them."
            self.problems.append(Problem(file=self.file, line=parent.key_line, message=message))
            return
        parent.entries[key] = node
        parent.lines[key] = parent.key_line


def _events(text: str) -> Iterator[Any]:
    """What the parser reads, event by event. Raises: _RefusedError."""
    events = iter(YAML(typ="safe", pure=True).parse(text))
    while True:
        try:
            event = next(events)
        except StopIteration:
            return
        except ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise _RefusedError(line, _unfit(_code_of(error))) from error
        except MarkedYAMLError as error:
            raise _RefusedError(_line_of(error), _not_yaml(error)) from error
        except Exception as error:  # the parser is not ours: on strange escapes it fails in its own ways
            raise _RefusedError(0, "the file cannot be read as YAML. Check its quotes and escapes.") from error
        yield event


def _unfit(code: int) -> str:
    return f"the character U+{code:04X} cannot stand in a definition. Remove it."


def _code_of(error: ReaderError) -> int:
    character = error.character
    return ord(character) if isinstance(character, str) else int(character)


def _line_of(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def _not_yaml(error: MarkedYAMLError) -> str:
    said = str(error.problem or error.context or "")
    if "'\\t'" in said:
        return "a tab stands where the line is indented. Indent with spaces."
    return f"this cannot be read as YAML: {said}. Check indentation, colons, quotes and brackets."
