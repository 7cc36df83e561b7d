"""Titles with {fields}: read by a parser of its own, filled without evaluating anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.errors import TaktasError

DASH = "—"
"""What stands where a value is missing."""

LONGEST = 500
"""Characters a title may have as it is written."""

_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
# Characters that move the cursor, break the line or turn the reading direction: harmless in a name, not on a screen.
_SPACES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class TitleNotUnderstood(TaktasError, ValueError):
    """A title with {fields} cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlace:
    """Where a field's value goes."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeText:
    """A text with places for fields, in the order of reading."""

    parts: tuple[str | FieldPlace, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The paths it needs, each once, in the order of their first use."""
        return tuple(dict.fromkeys(part.path for part in self.parts if isinstance(part, FieldPlace)))

    def render(self, facts: Mapping[str, object]) -> str:
        """The text with its facts; a dash where one is missing."""
        return "".join(part if isinstance(part, str) else plain(facts.get(part.path)) for part in self.parts)


def parse_merge(written: str) -> MergeText:
    """`Call {policyholder.name}` as parts; `{{` and `}}` stand for the braces themselves.

    Raises: TitleNotUnderstood for a brace without its other half, a place without a field, or too long a text.
    """
    if len(written) > LONGEST:
        raise TitleNotUnderstood(f"The text has {len(written)} characters; a title may have {LONGEST}. Shorten it.")
    return MergeText(parts=tuple(_part(piece, written) for piece in _PIECE.findall(neutral(written))))


def _part(piece: str, written: str) -> str | FieldPlace:
    if piece in {"{{", "}}"}:
        return piece[0]
    if piece in {"{", "}"}:
        raise TitleNotUnderstood(
            f"{written!r} has a brace without its other half. Write a field as {{policyholder.name}}, "
            "or {{ and }} for the braces themselves."
        )
    if not piece.startswith("{"):
        return piece
    path = piece[1:-1].strip()
    if _PATH.fullmatch(path) is None:
        raise TitleNotUnderstood(
            f"{piece!r} in {written!r} is not a field. Write its path in the catalogue, such as {{policyholder.name}}."
        )
    return FieldPlace(path=path)


def plain(value: object) -> str:
    """A value as it stands in a title: a date as 2026-03-02, a dash where it is missing."""
    match value:
        case None | "":
            return DASH
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return neutral(str(value))


def neutral(text: str) -> str:
    """The same text with line breaks as spaces and every other control character as a visible sign."""
    if text.isprintable():  # most are, and this is asked for every word of every letter
        return text
    return _CONTROLS.sub(_sign, _SPACES.sub(" ", text))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
