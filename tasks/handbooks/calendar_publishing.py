"""Publishing the calendars of an edition: each layer worked out under those above it, the house's always there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.errors import TaktasError, did_you_mean
from models.definitions import calendar_versions, calendars
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks.calendar_versions import HOUSE, resolved_days, store_version, stored_layers, usual_week
from tasks.handbooks.stored_calendar import StoredCalendar


class CalendarWithoutGround(TaktasError):
    """A calendar lies over one that does not exist, or over itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalendar:
    """A calendar of an edition worked out, and whether its newest version is another. `above`: its parent's code."""

    stored: StoredCalendar
    above: str | None
    version: int
    is_changed: bool


def prepare_calendars(
    db: Connection, definitions: Iterable[CalendarDefinition], at: datetime
) -> tuple[NewCalendar, ...]:
    """The calendars of an edition, each after the one above it; the usual week where the house has none at all.

    Published calendars that lie over one of these are worked out anew with them.
    Raises: CalendarWithoutGround, CalendarNotUnderstood, NoOpenTime.
    """
    written = {definition.name: definition for definition in definitions}
    known = _published(db) | written
    if HOUSE not in known:
        known[HOUSE] = written[HOUSE] = usual_week()
    newest = newest_calendars(db)
    first, last = resolved_days(at)
    chains = {name: _layers(name, known) for name in known}
    concerned = [name for name, chain in chains.items() if any(layer.name in written for layer in chain)]
    prepared = []
    for name in sorted(concerned, key=lambda name: (len(chains[name]), name)):
        stored = stored_layers(chains[name], first, last)
        version, content_hash = newest.get(name, (0, ""))
        changed = content_hash != stored.content_hash
        prepared.append(
            NewCalendar(
                stored=stored, above=known[name].above, version=version + 1 if changed else version, is_changed=changed
            )
        )
    return tuple(prepared)


def publish_calendars(
    db: Connection, prepared: Iterable[NewCalendar], at: datetime, published_by: int | None
) -> Iterator[NewCalendar]:
    """Write those that changed; yields them."""
    ids = dict(db.execute(select(calendars.c.code, calendars.c.id)).all())
    for calendar in prepared:
        if calendar.is_changed:
            parent_id = ids.get(calendar.above or "")
            ids[calendar.stored.name] = store_version(
                db, calendar.stored, parent_id=parent_id, at=at, published_by=published_by
            )
            yield calendar


def newest_calendars(db: Connection) -> dict[str, tuple[int, str]]:
    """The newest version and its content hash of every published calendar, by code."""
    return {row.code: (row.version, row.content_hash) for row in db.execute(_NEWEST.order_by(calendars.c.code))}


def _layers(name: str, known: Mapping[str, CalendarDefinition]) -> tuple[CalendarDefinition, ...]:
    """A calendar and all above it, the outermost first."""
    chain = [known[name]]
    while (above := chain[0].above) is not None:
        if above not in known:
            hint = did_you_mean(above, known) or "."
            raise CalendarWithoutGround(
                f"The calendar {chain[0].name!r} lies over {above!r}, which does not exist{hint} Name one that does."
            )
        if any(layer.name == above for layer in chain):
            raise CalendarWithoutGround(f"The calendar {name!r} lies over itself. Take one of its above: lines away.")
        chain.insert(0, known[above])
    return tuple(chain)


def _published(db: Connection) -> dict[str, CalendarDefinition]:
    rows = db.execute(_NEWEST.add_columns(calendar_versions.c.definition))
    return {row.code: CalendarDefinition.model_validate(row.definition) for row in rows}


_LATER = calendar_versions.alias("later")
_NEWEST = (
    select(calendars.c.code, calendar_versions.c.version, calendar_versions.c.content_hash)
    .join(calendars, calendars.c.id == calendar_versions.c.calendar_id)
    .where(
        ~select(_LATER.c.id)
        .where(_LATER.c.calendar_id == calendar_versions.c.calendar_id, _LATER.c.version > calendar_versions.c.version)
        .exists()
    )
)
