"""The sources kept with a published book of standards: what goes in, how it is read back, what tells versions apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from standards.letters.letter import LetterSettings
from standards.letters.reading import SETTINGS, read_settings
from standards.list_reading import read_lists
from standards.lists import Lists
from standards.problem import DefinitionsNotValid, Problem
from standards.reading import read_yaml
from standards.service.digests import Digests
from standards.service.reading import read_book
from standards.service.standard import StandardBook

LISTS = "lists.yaml"
STANDARDS = "standards/"
LETTERS = "letters/"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookContent:
    """Service standards, coded lists, and what holds for each letter in all its languages."""

    book: StandardBook = field(default_factory=StandardBook)
    lists: Lists = field(default_factory=Lists)
    letter_settings: Mapping[str, LetterSettings] = field(default_factory=dict)


def read_sources(sources: Mapping[str, str]) -> BookContent:
    """The content of published sources, file name -> text. Raises: DefinitionsNotValid."""
    problems: list[Problem] = []
    nodes = []
    for file in sorted(name for name in sources if name.startswith(STANDARDS)):
        root, found = read_yaml(sources[file], file)
        problems += found
        nodes.append((file, root))
    book, found = read_book(nodes)
    problems += found
    lists = Lists()
    if LISTS in sources:
        lists, found = read_lists(read_yaml(sources[LISTS], LISTS)[0], LISTS)
        problems += found
    settings = {}
    for file in (name for name in sources if name.startswith(LETTERS) and is_kept_with_book(name)):
        settings[file.split("/")[1]], found = read_settings(file, sources[file])
        problems += found
    if problems:
        raise DefinitionsNotValid(problems)
    return BookContent(book=book, lists=lists, letter_settings=settings)


def is_kept_with_book(file: str) -> bool:
    """Whether a file of definitions is part of the book: standards, lists, and what holds for a whole letter."""
    return file == LISTS or file.startswith(STANDARDS) or (file.startswith(LETTERS) and file.endswith(f"/{SETTINGS}"))


def laid_over(in_force: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The sources of the book once a folder with these is published: what it does not mention stays.

    A folder with any standards has all of them, one with lists all lists; letters are mentioned one by one.
    """
    mentioned = {_part(file) for file in own}
    return {file: text for file, text in in_force.items() if _part(file) not in mentioned} | dict(own)


def _part(file: str) -> str:
    return STANDARDS if file.startswith(STANDARDS) else file


def book_hash(content: BookContent) -> str:
    """What tells two books apart: what they say, not how it is laid out or in which file it stands."""
    book = content.book
    said: dict[str, Any] = {
        "order": list(book.order),
        "standards": {
            standard.name: [
                {dimension.value: sorted(values) for dimension, values in standard.holds_for.items()},
                standard.fields.written(),
            ]
            for standard in book.standards
        },
        "lists": {name: list(one.labels.items()) for name, one in content.lists.lists.items()},
        "letters": {
            name: [one.letter_class, one.when_unknown, dict(one.titles)]
            for name, one in content.letter_settings.items()
        },
    }
    if book.digests != Digests():
        said["digests"] = book.digests.written()
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
