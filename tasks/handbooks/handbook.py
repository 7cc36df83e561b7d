"""What the house has published, read back as values: processes, the book of standards, lists and letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, RowMapping, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.errors import TaktasError, did_you_mean
from models.definitions import letter_versions, process_versions, processes, standard_books
from standards.letters.letter import Letter, LetterClass, LetterSettings
from standards.lists import FALLBACK_LANGUAGE, Lists
from standards.parsing import process_of
from standards.process import Process
from standards.service.standard import StandardBook
from tasks.handbooks.book_sources import BookContent, read_sources


class NotPublished(TaktasError):
    """Something was asked for that the house has not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedProcess:
    """One version of a process. `starts_from`: subjects whose start moment lies before are not started unasked."""

    process_id: int
    version_id: int
    version: int
    content_hash: str
    process: Process
    published_at: datetime
    starts_from: datetime | None = None

    @property
    def label(self) -> str:
        """As people call it: `renewal@3`."""
        return f"{self.process.name}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBook:
    """The standards, lists and letter settings of the house; `id` None and version 0 when nothing is published."""

    id: int | None = None
    version: int = 0
    content_hash: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    content: BookContent = field(default_factory=BookContent)

    @property
    def book(self) -> StandardBook:
        """The service standards."""
        return self.content.book

    @property
    def lists(self) -> Lists:
        """The coded lists."""
        return self.content.lists


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLetter:
    """One version of a letter in one language."""

    version_id: int
    version: int
    content_hash: str
    letter: Letter


NO_BOOK = PublishedBook()
_PROCESSES: WeakKeyDictionary[Engine, dict[int, Process]] = WeakKeyDictionary()
_BOOKS: WeakKeyDictionary[Engine, dict[int, PublishedBook]] = WeakKeyDictionary()


def process_version(db: Connection, version_id: int) -> Process:
    """The process of one version. Raises: NotPublished."""
    kept = _PROCESSES.setdefault(db.engine, {})
    if version_id not in kept:
        source = db.execute(_SOURCE, {"id": version_id}).scalar_one_or_none()
        if source is None:
            raise NotPublished(f"There is no process version {version_id}. Look at `taktas standards show`.")
        kept[version_id] = parsed_process(source)
    return kept[version_id]


@lru_cache(maxsize=256)
def parsed_process(source: str) -> Process:
    """The process of a published source. Raises: DefinitionsNotValid."""
    return process_of(source)


def current(db: Connection, name: str) -> PublishedProcess:
    """The newest version of a process. Raises: NotPublished."""
    found = db.execute(_NEWEST.where(processes.c.name == name)).mappings().first()
    if found is None:
        known = db.execute(select(processes.c.name).order_by(processes.c.name)).scalars().all()
        listed = (
            f" Published: {', '.join(known)}." if known else " Nothing is published; run `taktas standards publish`."
        )
        raise NotPublished(f"There is no process {name!r}{did_you_mean(name, known) or '.'}{listed}")
    return _published_process(db, found)


def current_processes(db: Connection) -> tuple[PublishedProcess, ...]:
    """The newest version of every process, by name."""
    return tuple(_published_process(db, row) for row in db.execute(_NEWEST.order_by(processes.c.name)).mappings())


def _published_process(db: Connection, row: RowMapping) -> PublishedProcess:
    return PublishedProcess(
        process_id=row["process_id"],
        version_id=row["id"],
        version=row["version"],
        content_hash=row["content_hash"],
        process=process_version(db, row["id"]),
        published_at=row["published_at"],
        starts_from=row["starts_from"],
    )


def book(db: Connection) -> PublishedBook:
    """The current book of standards, or an empty one when none is published."""
    number = db.execute(_CURRENT_BOOK).scalar_one_or_none()
    return book_version(db, number) if number is not None else NO_BOOK


def book_version(db: Connection, number: int) -> PublishedBook:
    """One version of the book. Raises: sqlalchemy.exc.NoResultFound when there is none of that number."""
    kept = _BOOKS.setdefault(db.engine, {})
    if number not in kept:
        row = db.execute(select(standard_books).where(standard_books.c.id == number)).one()
        kept[number] = PublishedBook(
            id=row.id,
            version=row.version,
            content_hash=row.content_hash,
            sources=row.sources,
            content=_read(orjson.dumps(row.sources, option=orjson.OPT_SORT_KEYS)),
        )
    return kept[number]


@lru_cache(maxsize=32)
def _read(sources: bytes) -> BookContent:
    """The same sources are read once, whatever database they come from."""
    return read_sources(orjson.loads(sources))


def lists(db: Connection) -> Lists:
    """The coded lists of the house."""
    return book(db).lists


def letter(db: Connection, name: str, language: str) -> PublishedLetter:
    """The newest version of a letter in that language, else in English, else in any. Raises: NotPublished."""
    rows = {it["language"]: it for it in db.execute(_NEWEST_LETTERS.where(letter_versions.c.name == name)).mappings()}
    found = rows.get(language) or rows.get(FALLBACK_LANGUAGE) or next(iter(rows.values()), None)
    if found is None:
        known = db.execute(select(letter_versions.c.name).distinct()).scalars().all()
        hint = did_you_mean(name, known) or "."
        raise NotPublished(f"There is no letter {name!r}{hint} Write it under letters/ and publish.")
    return _published_letter(db, found)


def letter_version(db: Connection, version_id: int) -> PublishedLetter:
    """One version of a letter. Raises: NotPublished."""
    found = db.execute(select(letter_versions).where(letter_versions.c.id == version_id)).mappings().first()
    if found is None:
        raise NotPublished(f"There is no letter version {version_id}. Look at `taktas standards show`.")
    return _published_letter(db, found)


def current_letters(db: Connection) -> tuple[PublishedLetter, ...]:
    """The newest version of every letter in every language."""
    return tuple(_published_letter(db, row) for row in db.execute(_NEWEST_LETTERS).mappings())


def _published_letter(db: Connection, row: RowMapping) -> PublishedLetter:
    known = book(db).content.letter_settings.get(row["name"], LetterSettings())
    settings = LetterSettings(
        letter_class=LetterClass(row["letter_class"]), when_unknown=known.when_unknown, titles=known.titles
    )
    return PublishedLetter(
        version_id=row["id"],
        version=row["version"],
        content_hash=row["content_hash"],
        letter=Letter(
            name=row["name"],
            language=row["language"],
            subject=row["subject"],
            body_text=row["body_text"],
            body_html=row["body_html"],
            settings=settings,
            folder=f"letters/{row['name']}/{row['language']}",
        ),
    )


_SOURCE = select(process_versions.c.source).where(process_versions.c.id == bindparam("id"))
_LATEST = (
    select(process_versions.c.process_id, func.max(process_versions.c.version).label("version"))
    .group_by(process_versions.c.process_id)
    .subquery("latest")
)
_NEWEST = (
    select(
        process_versions.c.id,
        process_versions.c.process_id,
        process_versions.c.version,
        process_versions.c.content_hash,
        process_versions.c.published_at,
        process_versions.c.starts_from,
    )
    .join(
        _LATEST,
        (_LATEST.c.process_id == process_versions.c.process_id) & (_LATEST.c.version == process_versions.c.version),
    )
    .join(processes, processes.c.id == process_versions.c.process_id)
)
_CURRENT_BOOK = select(standard_books.c.id).order_by(standard_books.c.version.desc()).limit(1)
_NEWEST_LETTERS = (
    select(letter_versions)
    .ext(distinct_on(letter_versions.c.name, letter_versions.c.language))
    .order_by(letter_versions.c.name, letter_versions.c.language, letter_versions.c.version.desc())
)
