"""What differs between two versions of a definition, line by line, for somebody who decides whether to publish."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from standards.canonical import process_data
from standards.process import Process
from standards.service.standard import Standard
from standards.working_time.resolved_calendar import ResolvedCalendar
from tasks.handbooks.book_sources import BookContent

LONGEST = 80
_NAMED = ("steps", "ends", "on")
_SINGULAR = {"steps": "step", "ends": "end", "on": "on"}


def process_changes(before: Process | None, after: Process) -> tuple[str, ...]:
    """`+ step letter`, `- step visit`, `~ step call: no later than: … → …`; nothing for a first version."""
    if before is None:
        return ()
    old, new = process_data(before), process_data(after)
    lines: list[str] = []
    for key in dict.fromkeys((*old, *new)):
        if key in _NAMED:
            lines += _named_parts(_SINGULAR[key], old.get(key, {}), new.get(key, {}))
        elif old.get(key) != new.get(key):
            lines += [f"~ {change}" for change in _differences(key, old.get(key), new.get(key))]
    if list(old.get("steps", {})) != list(new.get("steps", {})) and not lines:
        lines.append("~ the order of the steps")
    return tuple(lines)


def _named_parts(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"+ {kind} {name}" for name in new if name not in old)
    yield from (f"- {kind} {name}" for name in old if name not in new)
    for name in new:
        if name in old:
            yield from (f"~ {kind} {name}: {change}" for change in _changes(old[name], new[name]))


def _changes(old: Any, new: Any) -> Iterator[str]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old != new:
            yield f"{_short(old)} → {_short(new)}"
        return
    for key in dict.fromkeys((*old, *new)):
        if key == "outcomes":
            yield from _outcomes(old.get(key, {}), new.get(key, {}))
        elif old.get(key) != new.get(key):
            yield from _differences(key, old.get(key), new.get(key))


def _differences(name: str, old: Any, new: Any) -> Iterator[str]:
    """`name: before → after`; where that would be cut short, only the parts that differ."""
    is_long = max(len(_told(old)), len(_told(new))) > LONGEST
    parts = _parts(name, old, new) if is_long else ()
    if not parts:
        yield f"{name}: {_short(old)} → {_short(new)}"
    for part, before, after in parts:
        if before != after:
            yield from _differences(part, before, after)


def _parts(name: str, old: Any, new: Any) -> tuple[tuple[str, Any, Any], ...]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return tuple((f"{name}: {key}", old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new)))
    if not (isinstance(old, list) and isinstance(new, list)) or len(old) != len(new):
        return ()
    return tuple(
        (f"{name} {place}" if len(old) > 1 else name, *pair)
        for place, pair in enumerate(zip(old, new, strict=True), start=1)
    )


def _outcomes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"outcome {name} added" for name in new if name not in old)
    yield from (f"outcome {name} removed" for name in old if name not in new)
    for name in new:
        if name in old:
            yield from (f"outcome {name}: {change}" for change in _changes(old[name], new[name]))


def book_changes(before: BookContent, after: BookContent) -> tuple[str, ...]:
    """Standards, their fields, the order of the dimensions, the codes of lists."""
    lines: list[str] = []
    if before.book.order != after.book.order:
        lines.append(f"~ order: {_order(before)} → {_order(after)}")
    old = {standard.name: _standard_data(standard) for standard in before.book.standards}
    new = {standard.name: _standard_data(standard) for standard in after.book.standards}
    lines += _named_parts("standard", old, new)
    if before.book.digests != after.book.digests:
        old_digests, new_digests = before.book.digests.written(), after.book.digests.written()
        lines += [f"~ digests: {key}" for key in new_digests if old_digests[key] != new_digests[key]]
    for name in dict.fromkeys((*before.lists.lists, *after.lists.lists)):
        lines += _list_changes(name, before, after)
    for name in dict.fromkeys((*before.letter_settings, *after.letter_settings)):
        if before.letter_settings.get(name) != after.letter_settings.get(name):
            lines.append(f"~ settings of the letter {name}")
    return tuple(lines)


def _order(content: BookContent) -> str:
    return ", ".join(dimension.words for dimension in content.book.order)


def _standard_data(standard: Standard) -> dict[str, Any]:
    written = {name.words: standard.fields.written()[name.value] for name in standard.fields.names()}
    return {"for": standard.scope(), **written}


def _list_changes(name: str, before: BookContent, after: BookContent) -> Iterator[str]:
    old, new = (content.lists.lists.get(name) for content in (before, after))
    old_codes, new_codes = (one.labels if one else {} for one in (old, new))
    yield from (f"+ {code} in the list of {name}" for code in new_codes if code not in old_codes)
    yield from (f"- {code} from the list of {name}" for code in old_codes if code not in new_codes)
    for code in new_codes:
        if code in old_codes and dict(old_codes[code]) != dict(new_codes[code]):
            yield f"~ label of {code} in the list of {name}"


def calendar_changes(before: ResolvedCalendar | None, after: ResolvedCalendar) -> tuple[str, ...]:
    """The days whose open hours differ, as far as both were worked out; the first few by date."""
    if before is None:
        return ()
    old = {day.day: day.spans for day in before.days}
    different = [day.day for day in after.days if day.day in old and old[day.day] != day.spans]
    if before.zone != after.zone:
        return (f"~ zone: {before.zone} → {after.zone}",)
    if not different:
        return (f"~ worked out to {after.last_day}",) if after.last_day != before.last_day else ("~ its description",)
    shown = ", ".join(str(day) for day in different[:5])
    more = f" and {len(different) - 5} more" if len(different) > 5 else ""
    return (f"~ hours of {shown}{more}",)


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    text = _told(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _told(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)
