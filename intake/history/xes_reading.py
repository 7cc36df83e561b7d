"""XES in, case by case: whatever its size, one case is in memory at a time, and nothing outside the file is fetched."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from intake.history.log_case import MOST_EVENTS, LogCase, LogEvent, LogNotReadable, event_of
from intake.history.xes_mending import LINE_KEY, REASON_KEY
from tasks.record.log_attributes import TYPES, Attribute, first_value, restored

PIECE = 1 << 16
LARGEST_CASE = 64 << 20
"""Bytes between the end of one case and the end of the next."""
DEEPEST = 24
OURS = frozenset({REASON_KEY, LINE_KEY})
_HEADER = frozenset({"extension", "global", "classifier"})


class XesLog:
    """An opened XES file, plain or packed. Raises: LogNotReadable, also while cases are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: list[dict[str, Any]] = []

    def notes(self) -> list[str]:
        """Nothing: whatever cannot be kept is refused."""
        return []

    def cases(self) -> Iterator[LogCase]:
        """The cases in the order of the file."""
        target = _Target(self.path.name)
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        target.parser = parser
        self.header = target.header
        try:
            with _opened(self.path) as file:
                yield from _fed(self.path, file, parser, target)
        except (OSError, EOFError, zlib.error) as error:
            raise LogNotReadable(f"{self.path.name} cannot be read: {error}. Nothing was imported.") from error
        except DefusedXmlException as error:
            raise LogNotReadable(
                f"{self.path.name} declares entities or a document type, which an event log does not need and a trap "
                "does. Nothing was imported; save it without them."
            ) from error
        except (ParseError, ValueError) as error:
            raise LogNotReadable(
                f"{self.path.name} is not well-formed XML: {error}. Nothing was imported; write the file anew."
            ) from error


def _opened(path: Path) -> gzip.GzipFile | BufferedReader:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return gzip.GzipFile(path) if is_packed else path.open("rb")


def _fed(path: Path, file: gzip.GzipFile | BufferedReader, parser: Any, target: _Target) -> Iterator[LogCase]:
    waiting = 0
    while piece := file.read(_next_piece(waiting)):
        parser.feed(piece)
        waiting += len(piece)
        if target.done:
            yield from target.done
            target.done.clear()
            waiting = 0
        if waiting > LARGEST_CASE:
            raise LogNotReadable(
                f"More than {LARGEST_CASE >> 20} MB of {path.name} after line {target.line} belong to one case. "
                "This is not an event log; nothing was imported."
            )
    parser.close()
    yield from target.done
    if not target.is_log:
        raise LogNotReadable(f"{path.name} holds no <log>: it is not an XES file. Nothing was imported.")


def _next_piece(waiting: int) -> int:
    """As many bytes as the case has so far: the parser begins each unfinished word anew with every piece."""
    return min(max(PIECE, waiting), LARGEST_CASE + PIECE - waiting)


class _Target:
    """What the parser tells of its elements; finished cases wait in `done`."""

    parser: Any

    def __init__(self, name: str) -> None:
        self.name = name
        self.header: list[dict[str, Any]] = []
        self.done: list[LogCase] = []
        self.is_log = False
        self._depth = 0
        self._case: LogCase | None = None
        self._event: list[Attribute] | None = None
        self._event_line = 0
        self._open: list[Attribute] = []  # attributes whose end has not been read
        self._part: dict[str, Any] | None = None  # of the header

    @property
    def line(self) -> int:
        """Where the parser is."""
        number: int = self.parser.parser.CurrentLineNumber
        return number

    def start(self, tag: str, told: dict[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        self._depth += 1
        if self._depth > DEEPEST:
            raise LogNotReadable(f"{self.name}, line {self.line}: elements are nested more than {DEEPEST} levels deep.")
        if name in TYPES and self.is_log:
            self._attribute(name, told)
        elif name == "event" and self._case is not None and self._event is None:
            self._event, self._event_line = [], self.line
        elif name == "trace" and self.is_log and self._case is None:
            self._case = LogCase(number="", line=self.line)
        elif name == "log" and self._depth == 1:
            self.is_log = True
            self.header.append({"tag": name, "told": _plain(told)})
        elif name in _HEADER and self._depth == 2:
            self._part = {"tag": name, "told": _plain(told), "holds": []}
            self.header.append(self._part)
        else:
            raise LogNotReadable(
                f"{self.name}, line {self.line}: <{name}> cannot stand here in an event log. Nothing was imported."
            )

    def _attribute(self, kind: str, told: dict[str, str]) -> None:
        attribute: Attribute = [kind, told.get("key"), told.get("value")]
        if self._open:
            above = self._open[-1]
            if len(above) == 3:
                above.append([])
            above[3].append(attribute)
        elif self._event is not None:
            self._event.append(attribute)
        elif self._case is not None:
            self._case.attributes.append(attribute)
        elif self._part is not None:
            self._part["holds"].append(attribute)
        else:
            self.header.append({"tag": "attribute", "holds": [attribute]})
        self._open.append(attribute)

    def end(self, tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self._open:
            self._open.pop()
            return
        name = tag.rpartition("}")[2]
        if name == "event" and self._event is not None and self._case is not None:
            self._keep(self._case, event_of(_own(self._event), self._event_line))
            self._event = None
        elif name == "trace" and self._case is not None:
            self._case.attributes = _own(self._case.attributes)
            self._case.number = first_value(self._case.attributes, "concept:name") or ""
            self.done.append(self._case)
            self._case = None
        elif name in _HEADER:
            self._part = None

    def _keep(self, case: LogCase, event: LogEvent) -> None:
        if len(case.events) >= MOST_EVENTS:
            raise LogNotReadable(
                f"{self.name}, line {self.line}: one case has more than {MOST_EVENTS:,} events. "
                "This is not a log of cases; nothing was imported."
            )
        case.events.append(event)

    def close(self) -> None:
        """The document ends."""


def _own(attributes: list[Attribute]) -> list[Attribute]:
    """Without what taktas itself wrote beside them to be mended."""
    return [restored(each) for each in attributes if each[1] not in OURS]


def _plain(told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if not name.startswith("{")}
