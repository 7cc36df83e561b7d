"""A case as an event log tells it: its attributes and its events, each with the line it stands in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from core.errors import TaktasError
from tasks.record.log_attributes import Attribute

MOST_EVENTS = 30_000
"""Events one case may have."""
MOST_LETTERS = 500
"""Letters of a name: no index of a database holds much more, and nobody reads it."""


class LogNotReadable(TaktasError):
    """A log as a whole cannot be read: missing, broken, too large in one piece, or no event log."""


@dataclass(slots=True, kw_only=True)
class LogEvent:
    """One event. `line` is where it stands in the file; `instance` tells work items of one activity apart."""

    line: int
    attributes: list[Attribute]
    activity: str | None
    transition: str
    resource: str | None
    instance: str | None
    written_at: str | None
    at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class LogCase:
    """One case. `number`: what the log calls it; `trouble`: what is wrong with it, by line, as far as reading saw."""

    number: str
    line: int
    attributes: list[Attribute] = field(default_factory=list)
    events: list[LogEvent] = field(default_factory=list)
    trouble: list[tuple[int, str]] = field(default_factory=list)
    span: tuple[datetime, datetime] | None = None  # of a case without events: when it began and ended
    says: str | None = None  # the value of the column that says how it ended

    @property
    def content_hash(self) -> str:
        """What tells the same case with other events apart from the same case again."""
        told: list[Any] = [self.attributes, [event.attributes for event in self.events]]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()


class Log(Protocol):
    """An opened log. `header`: what stands above its cases, as far as they have been read."""

    header: list[dict[str, Any]]

    def cases(self) -> Iterator[LogCase]:
        """The cases, one after another."""
        ...

    def notes(self) -> list[str]:
        """What somebody should know about the file."""
        ...


def event_of(attributes: list[Attribute], line: int) -> LogEvent:
    """The event with those attributes; one without a transition is a completion, as XES has it."""
    told = {attribute[1]: attribute[2] for attribute in attributes}
    return LogEvent(
        line=line,
        attributes=attributes,
        activity=told.get("concept:name") or None,
        transition=(told.get("lifecycle:transition") or "complete").lower(),
        resource=told.get("org:resource") or None,
        instance=told.get("concept:instance") or None,
        written_at=told.get("time:timestamp") or None,
    )
