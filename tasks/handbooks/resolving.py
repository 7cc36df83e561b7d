"""What holds for a task, resolved once per distinct combination and kept with its explanation; tasks point to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from models.definitions import standard_books
from models.work import resolutions
from standards.service.cascade import Resolution, resolve
from standards.service.standard import Dimension, Dimensions, Fields
from standards.service.values import parse_stored
from tasks.handbooks import handbook

_DIMENSIONS = tuple(dimension.value for dimension in Dimension)
_KEPT: WeakKeyDictionary[Engine, dict[int, Fields]] = WeakKeyDictionary()
_LAST_BOOK: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()
_MOST_KEPT = 10_000


def resolve_task(db: Connection, dimensions: Dimensions) -> tuple[int, Fields]:
    """The number of the resolution under the current book, and what it asks. Raises: AmbiguousStandards.

    Usually one statement: the book is nearly always the one it was last time.
    """
    guess = _LAST_BOOK.get(db.engine, "")
    found = db.execute(_GUESSED, {"key": _hash(guess, dimensions)}).first()
    if found is not None and found.content_hash == guess and found.id is not None:
        return found.id, fields_of(db, found.id)
    return resolve_tasks(db, [dimensions])[dimensions]


def resolution_id(db: Connection, dimensions: Dimensions) -> int:
    """The number of the resolution under the current book, written when it is new. Raises: AmbiguousStandards."""
    return resolve_task(db, dimensions)[0]


def resolve_tasks(db: Connection, wanted: Iterable[Dimensions]) -> dict[Dimensions, tuple[int, Fields]]:
    """The same for many at once: one statement to look, one to write what is new. Raises: AmbiguousStandards."""
    book = handbook.book(db)
    _LAST_BOOK[db.engine] = book.content_hash
    hashes = {_hash(book.content_hash, dimensions): dimensions for dimensions in wanted}
    known = _ids(db, hashes)
    new = [key for key in hashes if key not in known]
    if new:
        rows = [_row(book, key, hashes[key]) for key in new]
        db.execute(_INSERT, rows)
        known |= _ids(db, new)
    return {dimensions: (known[key], fields_of(db, known[key])) for key, dimensions in hashes.items()}


def fields_of(db: Connection, number: int) -> Fields:
    """What a resolution asks. Raises: sqlalchemy.exc.NoResultFound when there is none of that number."""
    kept = _KEPT.setdefault(db.engine, {})
    if number not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[number] = parse_stored(db.execute(_FIELDS, {"id": number}).scalar_one())
    return kept[number]


def dimensions_of(db: Connection, number: int) -> Dimensions:
    """The dimension values a task was created with."""
    return Dimensions(**db.execute(_DIMENSIONS_OF, {"id": number}).mappings().one())


def explanation_of(db: Connection, number: int) -> dict[str, dict[str, Any]]:
    """Field -> winner and losers with their places, as the resolution keeps it."""
    stored: dict[str, dict[str, Any]] = db.execute(
        select(resolutions.c.explanation).where(resolutions.c.id == number)
    ).scalar_one()
    return stored


def _hash(book_hash: str, dimensions: Dimensions) -> str:
    written = orjson.dumps([book_hash, dimensions.as_mapping()], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(written).hexdigest()


def _ids(db: Connection, hashes: Iterable[str]) -> dict[str, int]:
    return {row.content_hash: row.id for row in db.execute(_KNOWN, {"hashes": list(hashes)})}


def _row(book: handbook.PublishedBook, key: str, dimensions: Dimensions) -> Mapping[str, Any]:
    found: Resolution = resolve(book.book, dimensions)
    return {
        "standard_book_id": book.id,
        "content_hash": key,
        **dimensions.as_mapping(),
        "effort_minutes": found.fields.effort_minutes,
        "fields": found.fields.written(),
        "explanation": found.explanation(),
    }


_BOOK_NOW = (
    select(standard_books.c.content_hash).order_by(standard_books.c.version.desc()).limit(1).subquery("book_now")
)
_GUESSED = select(_BOOK_NOW.c.content_hash, resolutions.c.id).outerjoin_from(
    _BOOK_NOW, resolutions, resolutions.c.content_hash == bindparam("key")
)
_KNOWN = select(resolutions.c.id, resolutions.c.content_hash).where(
    resolutions.c.content_hash.in_(bindparam("hashes", expanding=True))
)
_FIELDS = select(resolutions.c.fields).where(resolutions.c.id == bindparam("id"))
_DIMENSIONS_OF = select(*(resolutions.c[name] for name in _DIMENSIONS)).where(resolutions.c.id == bindparam("id"))
_INSERT = insert(resolutions).on_conflict_do_nothing(index_elements=["content_hash"])
