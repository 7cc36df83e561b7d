"""Reading when cases begin and how they end."""

from __future__ import annotations

import re

from standards import catalogue
from standards.catalogue import COLLECTIONS, HAPPENINGS
from standards.condition import ALWAYS, Condition
from standards.lists import code_of
from standards.notebook import described, listed, with_article
from standards.parsing.conditions import parse_condition
from standards.parsing.keys import END, START, START_KINDS
from standards.parsing.launches import parse_launches
from standards.parsing.page import Page
from standards.parsing.routes import parse_routes
from standards.parsing.triggers import parse_happening
from standards.process import End, Group, Start, StartKind
from standards.reading import Mapping, Node, Scalar
from standards.working_time.duration import DurationNotUnderstood, parse_duration, parse_schedule

NOT_COUNTED = "not counted"
_CLIENTS = re.compile(r"client within (?P<span>.+)")
_KINDS: dict[str, StartKind] = dict(zip(START_KINDS, StartKind, strict=True))
_SELECTING = {"when": ("schedule",), "group": ("schedule",), "leave out": ("schedule", "list")}


def parse_starts(page: Page, node: Node) -> tuple[Start, ...]:
    """The ways in which cases begin: one, or several in a list."""
    read = [_start(page, item) for item in listed(node)]
    if not read:
        page.note(node, "start lists no way to begin. Write by hand: true if people begin it.")
    return tuple(start for start in read if start is not None)


def _start(page: Page, node: Node) -> Start | None:
    written = page.mapping(node, "start")
    if written is None:
        return None
    page.unknown_keys(written, "start", START)
    given = [key for key in START_KINDS if key in written.entries]
    if len(given) != 1:
        page.note(written, f"start needs exactly one of {', '.join(START_KINDS)}.")
        return None
    _only_with_selection(page, written, given[0])
    return _of_kind(page, written, given[0])


def _only_with_selection(page: Page, node: Mapping, kind: str) -> None:
    for key, kinds in _SELECTING.items():
        if key in node.entries and kind not in kinds:
            page.note(node.lines[key], f"{key!r} needs a start by {' or '.join(kinds)}, not by {kind!r}. Remove it.")


def _of_kind(page: Page, node: Mapping, kind: str) -> Start | None:
    entries = node.entries
    value = entries[kind]
    if kind == "by hand" and page.yes_or_no(value, "by hand") is not True:
        return None
    return Start(
        kind=_KINDS[kind],
        schedule=page.parsed(value, "schedule", parse_schedule) if kind == "schedule" else None,
        when=page.anchored(entries["when"], "when") if "when" in entries else None,
        happening=_happening(page, value) if kind == "on" else None,
        list_path=_list_path(page, value) if kind == "list" else None,
        where=parse_condition(page, entries["where"], "where") if "where" in entries else ALWAYS,
        leave_out=_left_out(page, entries["leave out"]) if "leave out" in entries else {},
        assign=parse_routes(page, entries["assign"]) if "assign" in entries else (),
        group=_group(page, entries["group"]) if "group" in entries else None,
        line=node.line,
        lines=_lines_of_reasons(entries.get("leave out")),
    )


def _lines_of_reasons(node: Node | None) -> dict[str, int]:
    return {code_of(reason): line for reason, line in node.lines.items()} if isinstance(node, Mapping) else {}


def _happening(page: Page, node: Node) -> str | None:
    written = page.text(node, "start on")
    kind = parse_happening(page, written, node.line) if written else None
    known = HAPPENINGS.get(kind or "")
    if known and known.subjects and page.known_subject and page.subject not in known.subjects:
        about = " or ".join(with_article(subject) for subject in known.subjects)
        page.note(node, f"{kind} befalls {about}; it does not say which {page.subject} a case would be about.")
    return kind


def _list_path(page: Page, node: Node) -> str | None:
    path = page.text(node, "list")
    if path is None:
        return None
    fitting = [each.path for each in COLLECTIONS.values() if each.member == page.subject and each.entity == "campaign"]
    if page.known_subject and path not in fitting:
        known = ", ".join(fitting) or "none"
        page.note(
            node,
            f"list: {path!r} does not list what a process about {with_article(page.subject)} is about. Known: {known}.",
        )
    return path


def _left_out(page: Page, node: Node) -> dict[str, Condition]:
    written = page.mapping(node, "leave out")
    found: dict[str, Condition] = {}
    for key, each in written.entries.items() if written else ():
        reason = page.as_code(key, written.lines[key] if written else 0, "the reason")
        if reason is not None:
            found[reason] = parse_condition(page, each, f"leave out {key}")
    return found


def _group(page: Page, node: Node) -> Group | None:
    written = page.text(node, "group")
    if written is None:
        return None
    words = " ".join(written.split())
    match = _CLIENTS.fullmatch(words)
    reached = catalogue.SUBJECTS[page.subject].reaches if page.known_subject else ("client", "programme")
    if words == "programme" and "programme" in reached:
        return Group(by="programme")
    if match is None or "client" not in reached:
        page.note(
            node,
            f"cases about {with_article(page.subject)} cannot be grouped by {written!r}. "
            "Write client within 30 days, or programme for terms and policies.",
        )
        return None
    return _within(page, node, match["span"])


def _within(page: Page, node: Node, written: str) -> Group | None:
    try:
        span = parse_duration(written)
    except DurationNotUnderstood as error:
        page.note(node, str(error))
        return None
    if not span.unit.is_plain_date:
        page.note(node, f"group counts days, weeks, months or years, not {span}.")
    return Group(by="client", within=span)


def parse_ends(page: Page, node: Node) -> dict[str, End]:
    """The ways in which a case ends."""
    written = page.mapping(node, "ends")
    ends: dict[str, End] = {}
    for key, each in written.entries.items() if written else ():
        line = written.lines[key] if written else 0
        name = page.as_code(key, line, "the end")
        if name is not None:
            ends[name] = _end(page, name, each, line)
    return ends


def _end(page: Page, name: str, node: Node, line: int) -> End:
    written = page.mapping(node, f"the end {name!r}")
    if written is None:
        return End(name=name, success=None, line=line)
    page.unknown_keys(written, f"the end {name!r}", END)
    title = written.entries.get("title")
    start = written.entries.get("start")
    return End(
        name=name,
        success=_success(page, name, written),
        title=page.title(title, f"the title of {name}") if title is not None else {},
        launches=parse_launches(page, start) if start is not None else (),
        line=line,
    )


def _success(page: Page, name: str, node: Mapping) -> bool | None:
    value = node.entries.get("success")
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return value.value
    if value is None:
        page.note(
            node, f"the end {name!r} does not say whether it is a success. Add success: true, false or not counted."
        )
    elif not (isinstance(value, Scalar) and value.text == NOT_COUNTED):
        page.note(value, f"success of {name} must be true, false or not counted, not {described(value)}.")
    return None
