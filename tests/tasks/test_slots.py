"""Slots: when a digest may leave, on any calendar, over any night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.service.digests import Slot, Weekday
from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_time import OpenTime
from tasks.seating.slots import last_slot, next_slot, slots_of_day, weekly_slot

USUAL = (Slot(), Slot(at=time(13), only_news=True))


def clock(hours: dict[str, str], zone: str = "Europe/Vilnius", **more: str) -> OpenTime:
    """A calendar with these hours, worked out for three years."""
    facts = {"calendar": "house", "title": "The week", "zone": zone, "hours": hours} | more
    definition = CalendarDefinition.model_validate(facts)
    return OpenTime.from_resolved(resolve((definition,), date(2025, 1, 1), date(2027, 12, 31)))


CLOCKS = {
    "office": clock({"monday to friday": "09:00-17:00"}),
    "lunch": clock({"monday to friday": "08:00-12:30, 13:30-17:00"}),
    "night": clock({"monday to friday": "22:00-06:00"}),
    "late": clock({"monday to saturday": "14:00-20:00"}, "Europe/Madrid", holidays="ES"),
}
MOMENTS = st.integers(0, 1_300_000).map(lambda minutes: datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes))
SLOTS = st.lists(
    st.builds(
        Slot, at=st.none() | st.times().map(lambda it: it.replace(second=0, microsecond=0)), only_news=st.booleans()
    ),
    min_size=1,
    max_size=4,
).map(lambda found: (*found, Slot()))


@given(st.sampled_from(sorted(CLOCKS)), SLOTS, MOMENTS)
def test_the_next_slot_is_open_and_nothing_lies_before_it(name: str, slots: tuple[Slot, ...], at: datetime) -> None:
    """It is after the moment; from just before it, it is still the next; and from itself it is the last."""
    found = next_slot(CLOCKS[name], slots, at)

    assert found is not None
    assert found.at > at
    assert CLOCKS[name].is_open(found.at)
    assert next_slot(CLOCKS[name], slots, found.at - timedelta(microseconds=1)) == found
    assert last_slot(CLOCKS[name], slots, found.at) == found


@given(st.sampled_from(sorted(CLOCKS)), SLOTS, MOMENTS)
def test_the_last_slot_is_the_one_before_the_next(name: str, slots: tuple[Slot, ...], at: datetime) -> None:
    """No slot lies between the last that has come and the moment, while somebody is at their desk."""
    if not CLOCKS[name].is_open(at):
        return
    found = last_slot(CLOCKS[name], slots, at)

    assert found is not None
    assert found.at <= at
    coming = next_slot(CLOCKS[name], slots, found.at)
    assert coming is not None
    assert coming.at > at


def test_a_time_outside_the_hours_waits_for_the_next_opening_of_that_day_or_is_left_out() -> None:
    """Thirteen o'clock in the lunch break is half past; in a night shift it is its beginning; nine at night is none."""
    monday = date(2026, 3, 2)

    lunch = slots_of_day(CLOCKS["lunch"], monday, USUAL)
    night = slots_of_day(CLOCKS["night"], monday, USUAL)
    evening = slots_of_day(CLOCKS["office"], monday, (Slot(at=time(21)),))

    assert [(f"{it.at:%H:%M}", it.only_news) for it in lunch] == [("06:00", False), ("11:30", True)]
    assert [(f"{it.at:%H:%M}", it.only_news) for it in night] == [("20:00", False)]
    assert evening == []


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-03-02 08:59", None),
        ("2026-03-02 09:00", "2026-03-02"),
        ("2026-03-08 23:00", "2026-03-02"),
        ("2026-04-06 12:00", None),  # Easter Monday
        ("2026-04-07 09:00", "2026-04-06"),
    ],
)
def test_the_weekly_slot_is_the_first_opening_from_the_declared_day_on(at: str, slot: str | None) -> None:
    """Once for each week, by the declared date, however the days off lie."""
    office = clock({"monday to friday": "09:00-17:00"}, holidays="LT")

    found = weekly_slot(office, Weekday.MONDAY, datetime.fromisoformat(at).replace(tzinfo=office.zone))

    assert (found[0].isoformat() if found else None) == slot


def test_a_week_without_working_days_after_the_declared_one_has_no_slot() -> None:
    """Sunday's digest in a house that works Monday to Friday."""
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)

    assert weekly_slot(CLOCKS["office"], Weekday.SUNDAY, at) is None


def test_without_declared_slots_there_are_none() -> None:
    """`daily: never`."""
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)

    assert next_slot(CLOCKS["office"], (), at) is None
    assert last_slot(CLOCKS["office"], (), at) is None
