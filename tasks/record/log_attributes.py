"""Attributes of event logs as they are kept, and as XES writes them: every text comes back as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Attribute = list[Any]
"""`[type, key, value]` with the value as it was written, or `[type, key, value, children]`."""

TYPES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container", "values"})
ESCAPED = "taktas:escaped"
"""Beside a text with characters XML cannot hold: they are written as \\u001f, a backslash as two."""

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOWHERE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL cannot hold either
_WRITTEN = re.compile(r"\\(\\|u[0-9a-f]{4})")
_SIGNS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def xml_text(text: str) -> str:
    """The text as it stands in an attribute of XML; it must be free of characters XML cannot hold."""
    return text.translate(_SIGNS)


def is_fit(text: str) -> bool:
    """Whether XML can hold the text."""
    return _UNFIT.search(text) is None


def escaped(text: str) -> str:
    """The text with backslashes doubled and unfit characters as \\u001f; `unescaped` gives it back."""
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\\", "\\\\"))


def unescaped(text: str) -> str:
    """The text as it was before `escaped`."""
    return _WRITTEN.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), text)


def written(attribute: Attribute) -> str:
    """One attribute as XES, with what it holds."""
    kind, key, value = attribute[:3]
    children: list[Attribute] = attribute[3] if len(attribute) > 3 else []
    if not (is_fit(key or "") and is_fit(value or "")):
        key, value = key and escaped(key), value and escaped(value)
        children = [["boolean", ESCAPED, "true"], *children]
    named = "" if key is None else f' key="{xml_text(key)}"'
    valued = "" if value is None else f' value="{xml_text(value)}"'
    if not children:
        return f"<{kind}{named}{valued}/>"
    return f"<{kind}{named}{valued}>{''.join(map(written, children))}</{kind}>"


def restored(attribute: Attribute) -> Attribute:
    """An attribute as it was read from XES, without the mark of `written` and with what it stands for.

    What could be kept nowhere stays as it was written, mark and all.
    """
    if len(attribute) < 4:
        return attribute
    kind, key, value, children = attribute
    left = [restored(child) for child in children if child[1] != ESCAPED]
    if len(left) < len(children):
        meant = key and unescaped(key), value and unescaped(value)
        if any(_NOWHERE.search(each or "") for each in meant):
            return [kind, key, value, [each if each[1] == ESCAPED else restored(each) for each in children]]
        key, value = meant
    return [kind, key, value, left] if left else [kind, key, value]


def first_value(attributes: Iterable[Attribute], key: str) -> str | None:
    """The value of the first attribute of that key."""
    return next((each[2] for each in attributes if each[1] == key), None)


def trace_lines(attributes: Iterable[Attribute], events: Iterable[Iterable[Attribute]]) -> Iterator[str]:
    """A case as XES, line by line."""
    yield "\t<trace>\n"
    for attribute in attributes:
        yield f"\t\t{written(attribute)}\n"
    for event in events:
        yield f"\t\t<event>{''.join(map(written, event))}</event>\n"
    yield "\t</trace>\n"


def head_lines(header: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The beginning of an XES file with that header."""
    parts = list(header)
    told: dict[str, str] = next((part["told"] for part in parts if part["tag"] == "log"), {})
    named = {"xes.version": "1.0", "xes.features": "nested-attributes"} | told
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<log {_pairs(named)} xmlns="http://www.xes-standard.org/">\n'
    for part in parts:
        if part["tag"] == "attribute":
            yield f"\t{written(part['holds'][0])}\n"
        elif part["tag"] != "log":
            yield f"\t<{part['tag']} {_pairs(part['told'])}>{''.join(map(written, part['holds']))}</{part['tag']}>\n"


def _pairs(told: Mapping[str, str]) -> str:
    return " ".join(f'{name}="{xml_text(value)}"' for name, value in told.items())
