"""Coded lists: codes with a label in each language, such as tiers, channels and reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import TaktasError, did_you_mean

FALLBACK_LANGUAGE = "en"
_CODE = re.compile(r"[a-z][a-z0-9_]*")


class CodeNotKnown(TaktasError, ValueError):
    """A code that no list has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedList:
    """One list, in the order in which it is offered."""

    name: str
    labels: Mapping[str, Mapping[str, str]]  # code -> language -> label
    line: int = 0

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in order."""
        return tuple(self.labels)

    def label(self, code: str, language: str) -> str:
        """The label in that language, else in English, else the code in words."""
        known = self.labels.get(code, {})
        return known.get(language) or known.get(FALLBACK_LANGUAGE) or code.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All coded lists of the house."""

    lists: Mapping[str, CodedList] = field(default_factory=dict)
    file: str = ""

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes of a list; none when the house does not keep it."""
        found = self.lists.get(name)
        return found.codes if found else ()

    def label(self, name: str, code: str, language: str) -> str:
        """What a code of a list is called; the code in words when it is not listed."""
        found = self.lists.get(name)
        return found.label(code, language) if found else code.replace("_", " ")

    def checked(self, name: str, written: str) -> str:
        """The code a person meant, also when written with spaces. Raises: CodeNotKnown."""
        code = code_of(written)
        known = self.codes(name)
        if code not in known:
            listed = ", ".join(known) or "none"
            hint = did_you_mean(code, known) or "."
            raise CodeNotKnown(
                f"{written!r} is not in the list of {name.replace('_', ' ')}{hint} Known: {listed}. "
                "Add it to lists.yaml and publish, or use a known one."
            )
        return code


def code_of(written: str) -> str:
    """`Price too high` as `price_too_high`: how a code is stored."""
    return "_".join(written.strip().lower().replace("-", " ").split())


def is_code(text: str) -> bool:
    """Whether a text can be a code: small letters, digits and underscores, a letter first."""
    return _CODE.fullmatch(text) is not None
