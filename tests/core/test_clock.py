"""Moments that people write, read in the zone of the house."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.clock import parse_date, parse_moment, start_of, zone
from core.errors import UsageError

VILNIUS = "Europe/Vilnius"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02", datetime(2026, 3, 1, 22, tzinfo=UTC)),
        ("2026-03-02T14:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-07-02T14:00", datetime(2026, 7, 2, 11, tzinfo=UTC)),
        ("2026-03-02T14:00+05:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        (" 2026-03-02T14:00Z ", datetime(2026, 3, 2, 14, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_the_wall_clock_of_the_house(written: str, meant: datetime) -> None:
    """A date alone is its first moment; an offset overrules the zone."""
    assert parse_moment(written, VILNIUS) == meant


def test_a_moment_that_is_none_is_refused_with_the_way_to_write_it() -> None:
    """The sentence shows the form that works."""
    with pytest.raises(UsageError) as refused:
        parse_moment("next tuesday", VILNIUS)

    assert str(refused.value) == "'next tuesday' is not a moment. Write it as 2026-03-02T14:00 or 2026-03-02."


def test_a_date_that_is_none_is_refused_with_the_way_to_write_it() -> None:
    """The thirtieth of February is nobody's date."""
    with pytest.raises(UsageError) as refused:
        parse_date("2026-02-30")

    assert str(refused.value) == "'2026-02-30' is not a date. Write it as 2026-03-02."


@pytest.mark.parametrize("name", ["Europe/Vilnus", "", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    """Whatever it is written as, also as a path."""
    with pytest.raises(UsageError) as refused:
        zone(name)

    assert str(refused.value) == f"There is no time zone {name!r}. Use an IANA name such as Europe/Vilnius."


def test_a_local_day_starts_at_its_own_midnight() -> None:
    """Days of the house are not days of UTC."""
    assert start_of(date(2026, 7, 1), VILNIUS) == datetime(2026, 6, 30, 21, tzinfo=UTC)
