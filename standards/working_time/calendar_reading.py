"""Reading a calendar's file, with everything that is wrong in it."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import TaktasError, did_you_mean
from standards.problem import Problem
from standards.reading import Listing, Mapping, Node, Scalar
from standards.working_time.calendar import CalendarDefinition

KEYS = (
    *("calendar", "title", "above", "zone", "hours", "holidays"),
    *("closed days", "shortened days", "open days", "breaks"),
)


def read_calendar(root: Node | None, file: str) -> tuple[CalendarDefinition | None, list[Problem]]:
    """The calendar of a file, and what is wrong with it; None when it cannot be used."""
    if root is None:
        return None, []
    if not isinstance(root, Mapping):
        return None, [
            _problem(file, root.line, "this is not a calendar. Write calendar: and its name, then its hours.")
        ]
    problems = _unknown_keys(root, file)
    if problems:
        return None, problems
    try:
        return CalendarDefinition.model_validate(_plain(root)), []
    except ValidationError as error:
        return None, [_problem(file, _line(root, each), _told(each)) for each in error.errors()]
    except TaktasError as error:
        return None, [_problem(file, root.line, str(error))]


def _problem(file: str, line: int, message: str) -> Problem:
    return Problem(file=file, line=line, message=message)


def _unknown_keys(root: Mapping, file: str) -> list[Problem]:
    problems = []
    for key, line in root.lines.items():
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) or "."
            problems.append(_problem(file, line, f"a calendar has no key {key!r}{hint} Known: {', '.join(KEYS)}."))
    if "calendar" not in root.entries:
        problems.append(_problem(file, root.line, "the calendar has no name. Write calendar: and its name."))
    return problems


def _plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.text
        case Listing():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key: _plain(value) for key, value in node.entries.items()}


def _line(root: Mapping, error: ErrorDetails) -> int:
    """The line of the innermost key the error names."""
    node: Node = root
    line = root.line
    for part in error["loc"]:
        written = str(part).replace("_", " ")
        if not isinstance(node, Mapping) or written not in node.entries:
            break
        line = node.lines[written]
        node = node.entries[written]
    return line


def _told(error: ErrorDetails) -> str:
    cause = error.get("ctx", {}).get("error")
    if cause is not None:
        return str(cause)
    where = " ".join(str(part).replace("_", " ") for part in error["loc"]) or "the calendar"
    return f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}. Mend it as docs/calendars.md shows."
