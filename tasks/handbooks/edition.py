"""Everything a house publishes together: processes, the book of standards, calendars and letters, checked as one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from standards.canonical import content_hash
from standards.definition_folder import Definitions
from standards.letters.letter import Letter
from standards.process import Process
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks.book_sources import BookContent, book_hash, is_kept_with_book, laid_over, read_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenProcess:
    """A process and the text it was read from."""

    process: Process
    source: str

    @property
    def content_hash(self) -> str:
        """What tells two versions apart."""
        return content_hash(self.process)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One folder of definitions without problems. `sources` are those of the book: file name -> text."""

    processes: tuple[WrittenProcess, ...] = ()
    content: BookContent = field(default_factory=BookContent)
    sources: Mapping[str, str] = field(default_factory=dict)
    calendars: tuple[CalendarDefinition, ...] = ()
    letters: tuple[Letter, ...] = ()

    @property
    def book_hash(self) -> str:
        """What tells two books apart."""
        return book_hash(self.content)


def edition_of(definitions: Definitions, in_force: Mapping[str, str] | None = None) -> Edition:
    """What a checked folder publishes over a book of those sources. Raises: DefinitionsNotValid with every problem."""
    definitions.checked()
    own = {file: text for file, text in definitions.sources.items() if is_kept_with_book(file)}
    sources = laid_over(in_force or {}, own)
    return Edition(
        processes=tuple(
            WrittenProcess(process=process, source=definitions.sources[process.file])
            for process in definitions.processes.values()
        ),
        content=read_sources(sources),
        sources=sources,
        calendars=tuple(definitions.calendars.values()),
        letters=definitions.letters,
    )


def letter_hash(letter: Letter) -> str:
    """What tells two versions of a letter in one language apart."""
    said = [letter.settings.letter_class, letter.subject, letter.body_text, letter.body_html]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def is_same(stored_hash: str | None, content: str) -> bool:
    """Whether a stored version has that content."""
    return stored_hash is not None and stored_hash.partition(":")[0] == content


def distinct_hash(content: str, used: Iterable[str], version: int) -> str:
    """The hash to store: the content's own; with the version where the house comes back to what it had before."""
    return f"{content}:{version}" if any(is_same(one, content) for one in used) else content
