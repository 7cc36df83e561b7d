"""What a letter is: its texts in one language, its class, and the fields it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LetterClass(StrEnum):
    """Whom a letter may reach: marketing needs consent."""

    SERVICE = "service"
    MARKETING = "marketing"


class WhenUnknown(StrEnum):
    """What becomes of a letter when nobody knows whether the mail server took it."""

    HOLD = "hold"  # for a person: dunning, legal letters
    SEND_AGAIN = "send_again"  # with the same Message-ID: reminders


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSettings:
    """What holds for a letter in all its languages."""

    letter_class: LetterClass = LetterClass.SERVICE
    when_unknown: WhenUnknown = WhenUnknown.HOLD
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter in one language; the texts are templates. `folder` is where its files lie."""

    name: str
    language: str
    subject: str
    body_text: str
    body_html: str | None = None
    settings: LetterSettings = LetterSettings()
    folder: str = ""

    def parts(self) -> dict[str, str]:
        """File name -> template."""
        texts = {"subject.txt": self.subject, "body.txt": self.body_text}
        return texts | ({"body.html": self.body_html} if self.body_html is not None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedFields:
    """What a letter reads: single fields, and of the members of a list their own fields."""

    fields: frozenset[str] = frozenset()
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def joined(self, other: UsedFields) -> UsedFields:
        """What both read together."""
        paths = self.lists.keys() | other.lists.keys()
        lists = {path: self.lists.get(path, frozenset()) | other.lists.get(path, frozenset()) for path in sorted(paths)}
        return UsedFields(fields=self.fields | other.fields, lists=lists)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedLetter:
    """A letter as it leaves the house."""

    subject: str
    text: str
    html: str | None
