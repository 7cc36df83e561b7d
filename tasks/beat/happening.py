"""Reporting that something befell a subject: a row with a unique key, in the transaction that changed the subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, DateTime, Text, bindparam, cast, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.errors import TaktasError, did_you_mean
from models import work
from models.listed import listed
from standards.catalogue import HAPPENINGS, is_happening
from tasks.record.hot import Hot
from tasks.record.ledger import plain

_INSERT = insert(work.happenings).on_conflict_do_nothing(index_elements=["key"]).returning(work.happenings.c.id)
_told = listed("told", key=Text(), subject_type=Text(), subject_id=BigInteger(), data=Text())
_INSERT_MANY = Hot(
    insert(work.happenings)
    .from_select(
        ["key", "subject_type", "subject_id", "data", "kind", "at"],
        select(
            _told.c.key,
            _told.c.subject_type,
            _told.c.subject_id,
            cast(_told.c.data, JSONB),
            cast(bindparam("kind"), Text),
            cast(bindparam("at"), DateTime(timezone=True)),
        ),
    )
    .on_conflict_do_nothing(index_elements=["key"])
)


class NoSuchHappening(TaktasError):
    """A kind of happening that no process can hear."""


def check_kind(kind: str) -> None:
    """Refuse a kind nobody can hear. Raises: NoSuchHappening."""
    if not is_happening(kind):
        hint = did_you_mean(kind, HAPPENINGS) or "."
        raise NoSuchHappening(
            f"There is no happening {kind!r}{hint} Use one of the catalogue, or custom. and a word of your own."
        )


def report(
    db: Connection,
    *,
    kind: str,
    subject_type: str,
    subject_id: int,
    at: datetime,
    key: str,
    data: Mapping[str, Any] | None = None,
    reported_by: int | None = None,
) -> int | None:
    """Report a happening; the next beat lets every case hear it that listens.

    `key` makes it unique: reporting it again does nothing and returns None. `data`: ids, codes, moments, amounts.
    Raises: NoSuchHappening.
    """
    check_kind(kind)
    row = {
        "key": key,
        "kind": kind,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "at": at,
        "data": _plain(data),
        "reported_by": reported_by,
    }
    return db.execute(_INSERT, row).scalar_one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One of many happenings of a kind; `key` makes it unique. `data`: ids, codes, moments, amounts."""

    subject_type: str
    subject_id: int
    key: str
    data: Mapping[str, Any]


def report_all(db: Connection, *, kind: str, at: datetime, about: Sequence[Told]) -> None:
    """Report that the same befell many subjects, in one statement; those reported before stay as they are.

    Raises: NoSuchHappening.
    """
    check_kind(kind)
    if about:
        values = {
            "told_key": [one.key for one in about],
            "told_subject_type": [one.subject_type for one in about],
            "told_subject_id": [one.subject_id for one in about],
            "told_data": [_kept(one.data) for one in about],
        }
        _INSERT_MANY.change(db, values | {"kind": kind, "at": at})


def _plain(data: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: plain(value) for name, value in (data or {}).items()} or None


def _kept(data: Mapping[str, Any]) -> str | None:
    kept = _plain(data)
    return orjson.dumps(kept).decode() if kept else None
