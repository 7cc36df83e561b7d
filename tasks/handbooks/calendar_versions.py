"""Writing versions of calendars: worked out day by day, stored once, never changed."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import Connection, func, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert

from core.errors import TaktasError
from core.settings import settings
from models.definitions import calendar_versions, calendars
from standards.working_time.calendar import CalendarDefinition, resolve
from tasks.handbooks.stored_calendar import StoredCalendar

HOUSE = "house"
"""The code of the calendar above all others."""

YEARS_BACK, YEARS_AHEAD = 20, 20
"""A published calendar is worked out for so many whole years around its publishing."""


class NoHouseCalendar(TaktasError):
    """Nothing was published, and nothing may be written now."""


def resolved_days(at: datetime) -> tuple[date, date]:
    """The first and the last day a calendar published at that moment is worked out for."""
    return date(at.year - YEARS_BACK, 1, 1), date(at.year + YEARS_AHEAD, 12, 31)


def usual_week() -> CalendarDefinition:
    """The calendar of a house that has not written one: Monday to Friday, its country's public holidays."""
    return CalendarDefinition.model_validate(
        {
            "calendar": HOUSE,
            "title": "The usual week",
            "zone": settings().zone,
            "hours": {"monday to friday": "09:00-17:00"},
            "holidays": settings().country,
        }
    )


def publish_usual_week(db: Connection) -> None:
    """Give a house without a calendar its first. Raises: NoHouseCalendar in a transaction that may only read."""
    if db.execute(sql("SELECT current_setting('transaction_read_only') = 'on'")).scalar_one():
        raise NoHouseCalendar(
            "Cannot tell working time: no calendar was published yet. "
            "Publish the house's with `taktas standards publish`."
        )
    at: datetime = db.execute(select(func.now())).scalar_one()
    store_version(db, stored_layers((usual_week(),), *resolved_days(at)), parent_id=None, at=at, published_by=None)


@lru_cache(maxsize=64)
def _stored(key: str, first: date, last: date) -> StoredCalendar:
    layers = [CalendarDefinition.model_validate_json(layer) for layer in key.split("\n")]
    return StoredCalendar.of(layers[-1], resolve(layers, first, last))


def stored_layers(layers: tuple[CalendarDefinition, ...], first: date, last: date) -> StoredCalendar:
    """The innermost of the layers worked out for those days, as it is stored. Raises: as `calendar.resolve`."""
    return _stored("\n".join(layer.model_dump_json() for layer in layers), first, last)


def store_version(
    db: Connection, stored: StoredCalendar, *, parent_id: int | None, at: datetime, published_by: int | None
) -> int:
    """Write a version of a calendar unless its newest is the same. Returns the id of the calendar."""
    row = insert(calendars).values(code=stored.name, parent_id=parent_id, zone=stored.zone)
    changed = {"parent_id": row.excluded.parent_id, "zone": row.excluded.zone}
    calendar_id: int = db.execute(
        row.on_conflict_do_update(index_elements=["code"], set_=changed).returning(calendars.c.id)
    ).scalar_one()
    newest = db.execute(
        select(calendar_versions.c.version, calendar_versions.c.content_hash)
        .where(calendar_versions.c.calendar_id == calendar_id)
        .order_by(calendar_versions.c.version.desc())
        .limit(1)
    ).first()
    if newest is None or newest.content_hash != stored.content_hash:
        version = insert(calendar_versions).values(
            calendar_id=calendar_id,
            version=newest.version + 1 if newest else 1,
            content_hash=stored.content_hash,
            definition=stored.definition,
            resolved=stored.resolved,
            first_day=stored.first_day,
            last_day=stored.last_day,
            published_at=at,
            published_by=published_by,
        )
        db.execute(version)
    return calendar_id
