"""Publishing the book of standards and the letters of an edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.definitions import letter_versions, standard_books
from standards.letters.letter import Letter
from tasks.handbooks import handbook
from tasks.handbooks.edition import Edition, distinct_hash, is_same, letter_hash


def publish_book(db: Connection, edition: Edition, at: datetime, published_by: int | None) -> int | None:
    """Write the book unless the current one says the same, or the edition has none. Returns its version, or None."""
    current = handbook.book(db)
    if not edition.sources or is_same(current.content_hash, edition.book_hash):
        return None
    version = current.version + 1
    used = db.execute(select(standard_books.c.content_hash)).scalars()
    db.execute(
        insert(standard_books).values(
            version=version,
            content_hash=distinct_hash(edition.book_hash, used, version),
            sources=dict(edition.sources),
            published_at=at,
            published_by=published_by,
        )
    )
    return version


def changed_letters(db: Connection, letters: Iterable[Letter]) -> Iterator[tuple[Letter, int]]:
    """The letters whose newest version is another, each with the number its new version gets."""
    newest = {(it.letter.name, it.letter.language): it for it in handbook.current_letters(db)}
    for letter in letters:
        known = newest.get((letter.name, letter.language))
        if known is None or not is_same(known.content_hash, letter_hash(letter)):
            yield letter, known.version + 1 if known else 1


def publish_letter(db: Connection, letter: Letter, version: int, at: datetime, published_by: int | None) -> None:
    """Write one version of a letter in one language."""
    used = db.execute(
        select(letter_versions.c.content_hash).where(
            letter_versions.c.name == letter.name, letter_versions.c.language == letter.language
        )
    ).scalars()
    db.execute(
        insert(letter_versions).values(
            name=letter.name,
            language=letter.language,
            version=version,
            content_hash=distinct_hash(letter_hash(letter), used, version),
            letter_class=letter.settings.letter_class.value,
            subject=letter.subject,
            body_text=letter.body_text,
            body_html=letter.body_html,
            published_at=at,
            published_by=published_by,
        )
    )
