"""Public holidays of the countries taktas is used in, against a stored list."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.resolved_calendar import DayKind, ResolvedCalendar
from standards.working_time.weekly_hours import write_span

COUNTRIES = ("LT", "LV", "EE", "PL", "ES", "CO", "MX", "US", "CN")


def _resolved(country: str, first: date, last: date, days: str = "monday to friday") -> ResolvedCalendar:
    house = CalendarDefinition.model_validate(
        {"calendar": country, "zone": "UTC", "hours": {days: "09:00-17:00"}, "holidays": country}
    )
    return resolve([house], first, last)


@pytest.fixture(scope="module")
def listed(real_data: Callable[[str], Path]) -> dict[str, Any]:
    """Holidays and moved working days by country and year, as published in 2025."""
    stored = json.loads((real_data("holidays") / "holidays_0.109_2020_2028.json").read_text("utf-8"))
    return dict(stored["data"])


@pytest.mark.parametrize("country", COUNTRIES)
def test_public_holidays_are_closed_under_their_names(country: str, listed: dict[str, Any]) -> None:
    """Nine years, day by day and name by name; every day off the list is an ordinary or a moved one."""
    years = listed[country]
    expected = {day: name for year in years.values() for day, name in year["days"].items()}

    resolved = _resolved(country, date(2020, 1, 1), date(2028, 12, 31), "monday to sunday")

    free = {str(it.day): it.label for it in resolved.days if it.kind is DayKind.PUBLIC_HOLIDAY}
    assert free == expected
    assert all(bool(it.spans) == (it.kind is not DayKind.PUBLIC_HOLIDAY) for it in resolved.days)


@pytest.mark.parametrize("country", COUNTRIES)
def test_weekend_days_a_country_moves_its_work_to_are_open(country: str, listed: dict[str, Any]) -> None:
    """They have the hours of the weekday before."""
    expected = {day for year in listed[country].values() for day in year["weekend_workdays"]}

    resolved = _resolved(country, date(2020, 1, 1), date(2028, 12, 31))

    moved = {str(it.day): it.spans for it in resolved.days if it.kind is DayKind.MOVED_WORKING_DAY}
    assert set(moved) == expected
    assert {write_span(span) for spans in moved.values() for span in spans} <= {"09:00-17:00"}


def test_a_moved_working_day_says_so() -> None:
    """In Latvia Saturday 14 December 2024 stood in for Monday the 23rd."""
    resolved = _resolved("LV", date(2024, 12, 9), date(2024, 12, 29))

    reasons = {str(it.day): it.reason for it in resolved.days if it.reason}

    assert reasons["2024-12-14"] == "moved working day"
    assert reasons["2024-12-23"].startswith("public holiday: ")


def test_a_holiday_kept_in_the_year_before_is_found() -> None:
    """New Year's Day 2028 is a Saturday: in the United States it is kept on the last day of 2027."""
    resolved = _resolved("US", date(2027, 12, 31), date(2028, 1, 3))

    assert resolved.days[0].reason == "public holiday: New Year's Day (observed)"


def test_holidays_are_named_in_the_language_asked_for() -> None:
    """English unless a language is given."""
    house = CalendarDefinition.model_validate(
        {
            "calendar": "house",
            "zone": "Europe/Vilnius",
            "hours": {"mon": "09:00-17:00"},
            "holidays": {"country": "LT", "language": "lt"},
        }
    )

    resolved = resolve([house], date(2026, 12, 14), date(2026, 12, 25))

    assert resolved.days[-1].reason == "public holiday: Šv. Kalėdų pirma diena"
