"""Calendars are written in layers, checked, and worked out day by day."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from standards.working_time.calendar import CalendarDefinition, CalendarNotUnderstood, resolve
from standards.working_time.resolved_calendar import NoOpenTime, ResolvedCalendar, ResolvedDay
from standards.working_time.weekly_hours import (
    DAY,
    HoursNotUnderstood,
    intersect,
    merge_overlaps,
    parse_spans,
    subtract,
    write_span,
)

LAW = settings(deadline=None, max_examples=60)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "calendars.md"
MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)

HOUSE: dict[str, Any] = {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "09:00-17:00"}}


def _layer(**facts: Any) -> CalendarDefinition:
    return CalendarDefinition.model_validate({"calendar": "ana", **facts})


def _house(**facts: Any) -> CalendarDefinition:
    return CalendarDefinition.model_validate(HOUSE | facts)


def _week(*layers: CalendarDefinition) -> dict[str, str]:
    resolved = resolve(layers, MONDAY, SUNDAY)
    return {f"{it.day:%a}": ", ".join(write_span(span) for span in it.spans) for it in resolved.days if it.spans}


def _day(day: date, *layers: CalendarDefinition) -> ResolvedDay:
    return next(it for it in resolve(layers, day - timedelta(days=10), day + timedelta(days=10)).days if it.day == day)


def _hours(day: ResolvedDay) -> str:
    return ", ".join(write_span(span) for span in day.spans)


def test_a_house_opens_on_the_weekdays_it_names() -> None:
    """A range of weekdays is one line; what is not named is closed."""
    house = _house(hours={"mon-wed": ["09:00-12:00", "13:00-17:00"], "saturday": [["10:00", "14:00"]]})

    assert _week(house) == {
        "Mon": "09:00-12:00, 13:00-17:00",
        "Tue": "09:00-12:00, 13:00-17:00",
        "Wed": "09:00-12:00, 13:00-17:00",
        "Sat": "10:00-14:00",
    }


def test_an_inner_layer_changes_only_what_it_names() -> None:
    """The team works late on Tuesday; the employee has Friday off and a break on Wednesday."""
    team = _layer(calendar="sales", hours={"tuesday": "11:00-19:00"})
    employee = _layer(hours={"fri": "closed"}, breaks={"wed": "15:00-16:00"})

    assert _week(_house(), team, employee) == {
        "Mon": "09:00-17:00",
        "Tue": "11:00-19:00",
        "Wed": "09:00-15:00, 16:00-17:00",
        "Thu": "09:00-17:00",
    }


def test_a_closed_day_has_no_hours_and_says_why() -> None:
    """A date that is named beats the weekly hours of every layer, also of inner ones."""
    house = _house(**{"closed days": {"2026-03-04": "Team day"}})

    day = _day(date(2026, 3, 4), house, _layer(hours={"wed": "08:00-20:00"}))

    assert (day.spans, day.reason) == ((), "closed: Team day")


def test_of_two_layers_that_name_a_date_the_inner_one_wins() -> None:
    """The house is closed; this employee works that morning."""
    house = _house(closed_days=[date(2026, 3, 4)])

    day = _day(date(2026, 3, 4), house, _layer(open_days={"2026-03-04": "08:00-12:00"}))

    assert (_hours(day), day.reason) == ("08:00-12:00", "open")


def test_an_open_day_beats_the_weekend_and_public_holidays() -> None:
    """A working Saturday, and a holiday on which somebody works."""
    house = _house(
        holidays="LT",
        open_days={"2026-11-07": {"hours": "09:00-15:00", "label": "Working Saturday"}, "2026-03-11": "10:00-12:00"},
    )

    assert _day(date(2026, 11, 7), house).reason == "open: Working Saturday"
    assert _hours(_day(date(2026, 11, 7), house)) == "09:00-15:00"
    assert _hours(_day(date(2026, 3, 11), house)) == "10:00-12:00"


def test_a_shortened_day_only_takes_time_away() -> None:
    """Who works in the afternoon keeps the first hour of it; who is off that weekday stays off."""
    house = _house(shortened_days={"2026-12-23": {"hours": "08:00-14:00", "label": "Before Christmas"}})
    afternoons = _layer(hours={"monday to friday": "13:00-18:00"})
    never_wednesdays = _layer(hours={"wednesday": "closed"})

    assert _day(date(2026, 12, 23), house).reason == "shortened: Before Christmas"
    assert _hours(_day(date(2026, 12, 23), house, afternoons)) == "13:00-14:00"
    assert _day(date(2026, 12, 23), house, never_wednesdays).spans == ()


def test_a_shortened_public_holiday_stays_a_holiday() -> None:
    """Shortening never opens a day."""
    house = _house(holidays="LT", shortened_days={"2026-03-11": "09:00-12:00"})

    assert _day(date(2026, 3, 11), house).reason == "public holiday: Day of Restoration of Independence of Lithuania"


def test_public_holidays_come_from_the_innermost_layer_that_names_any() -> None:
    """A colleague in Madrid keeps Madrid's; one who keeps none works through."""
    house = _house(holidays="LT")
    madrid = _layer(zone="Europe/Madrid", holidays={"country": "ES", "region": "MD"})
    none = _layer(holidays="none")
    lithuanian, madrilenian = date(2026, 3, 11), date(2026, 5, 15)

    open_days = [
        [bool(_day(day, house, *layers).spans) for day in (lithuanian, madrilenian)]
        for layers in ([], [madrid], [none])
    ]

    assert open_days == [[False, True], [True, True], [True, True]]
    assert resolve([house, madrid], MONDAY, SUNDAY).zone.key == "Europe/Madrid"


def test_holidays_of_several_countries_are_kept_together() -> None:
    """A team that serves two countries is closed when either is."""
    house = _house(holidays=["LT", {"country": "ES", "region": "MD"}])

    reasons = {day: _day(day, house).reason for day in (date(2026, 3, 11), date(2026, 5, 1), date(2026, 10, 12))}

    assert reasons == {
        date(2026, 3, 11): "public holiday: Day of Restoration of Independence of Lithuania",
        date(2026, 5, 1): "public holiday: International Workers' Day; Labor Day",
        date(2026, 10, 12): "public holiday: National Day",
    }


def test_breaks_of_all_layers_add_up() -> None:
    """A weekday's and a date's, the house's and the employee's."""
    house = _house(breaks={"monday": "12:00-13:00"})
    employee = _layer(breaks={"2026-03-02": "16:00-16:30", "mon": "12:30-13:30"})

    assert _hours(_day(MONDAY, house, employee)) == "09:00-12:00, 13:30-16:00, 16:30-17:00"


def test_a_break_after_midnight_cuts_the_hours_of_the_evening_before() -> None:
    """Tuesday's break at two in the morning lies in Monday's shift; a break past midnight reaches into the next day."""
    house = _house(hours={"mon": "22:00-06:00", "wed": "00:00-08:00"}, breaks={"tue": ["02:00-03:00", "23:00-01:00"]})

    days = [_day(MONDAY, house).spans, _day(MONDAY + timedelta(days=2), house).spans]

    assert days == [((22 * 3600, 26 * 3600), (27 * 3600, 30 * 3600)), ((3600, 8 * 3600),)]


def test_overlapping_hours_count_once() -> None:
    """Two stretches that overlap are one; two that touch stay two."""
    house = _house(hours={"mon": "09:00-13:00, 12:00-15:00, 15:00-17:00"})

    assert _hours(_day(MONDAY, house)) == "09:00-15:00, 15:00-17:00"


def test_a_definition_reads_back_from_its_own_json() -> None:
    """What is stored at publishing is the whole definition."""
    definition = _house(
        title="The house",
        above="group",
        holidays=["LT", {"country": "ES", "region": "MD"}],
        closed_days={"2026-12-24": "Christmas Eve"},
        shortened_days={"2026-12-23": {"hours": "08:00-14:00", "label": "Early"}},
        open_days={"2026-11-07": "22:00-06:00"},
        breaks={"mon": "12:00-13:00", "2026-03-04": "00:00-24:00"},
    )

    stored = json.loads(json.dumps(definition.model_dump(mode="json")))

    assert CalendarDefinition.model_validate(stored) == definition


def test_a_resolved_calendar_reads_back_from_its_own_json() -> None:
    """Every day with its hours and its reason, also stretches that begin after midnight."""
    house = _house(
        holidays="LT",
        hours={"mon": "22:00-06:00", "fri": "09:00-09:00"},
        breaks={"mon": "23:00-02:00"},
        closed_days={"2026-03-20": "Team day"},
    )
    resolved = resolve([house], date(2026, 1, 1), date(2027, 12, 31))

    stored = json.loads(json.dumps(resolved.to_json()))

    assert ResolvedCalendar.from_json(stored) == resolved
    assert (resolved.first_day, resolved.last_day, len(resolved.days)) == (date(2026, 1, 1), date(2027, 12, 31), 730)


def test_the_calendars_in_the_documents_are_valid() -> None:
    """The two layers shown in docs/calendars.md do what the page says of them."""
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    house, ana = (CalendarDefinition.model_validate(YAML(typ="safe").load(block)) for block in blocks)

    assert ana.above == house.name
    assert _week(house, ana)["Wed"] == "08:00-12:00, 12:45-15:00, 16:00-17:00"
    assert "Fri" not in _week(house, ana)
    assert _hours(_day(date(2026, 12, 23), house, ana)) == "08:00-12:00, 12:45-14:00"
    assert _day(date(2026, 12, 24), house, ana).reason == "closed: Christmas Eve"
    assert _day(date(2026, 11, 7), house, ana).reason == "open: Working Saturday"
    assert _day(date(2026, 12, 25), house, ana).reason == "public holiday: Christmas Day"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"closed_days": {"2026-12-24": "Eve"}, "open_days": {"2026-12-24": "09:00-12:00"}},
            "2026-12-24 is given twice in the calendar 'ana'. Make it closed, shortened or open.",
        ),
        ({"hours": {"mon": "09:00-17:00", "monday": "closed"}}, "The hours of mon are given twice. Keep one of them."),
        (
            {"open_days": {"2026-12-24": "closed"}},
            "2026-12-24 has no hours in the calendar 'ana'. Make it a closed day.",
        ),
        ({"hours": {"mondy": "09:00-17:00"}}, "There is no weekday 'mondy'; did you mean monday?"),
        (
            {"hours": {"friday to monday": "09:00-17:00"}},
            "'friday to monday' is not a range of weekdays. Write it as monday to friday.",
        ),
        (
            {"hours": {"mon": "9am-5pm"}},
            "'9am' is not a time of day. Write it as 09:00; the end of the day is 24:00.",
        ),
        ({"hours": {"mon": 9}}, "9 are not opening hours. Write them as 09:00-17:00."),
        ({"hours": {"mon": "09:00"}}, "'09:00' are not opening hours. Write them as 09:00-17:00."),
        (
            {"hours": {"mon": "24:00-06:00"}},
            "'24:00-06:00' open when the day is over. Start at 00:00 of the next day.",
        ),
        ({"zone": "Europe/Vilna"}, "There is no time zone 'Europe/Vilna'. Use an IANA name such as Europe/Vilnius."),
        ({"closed_days": {"24.12.2026": "Eve"}}, "'24.12.2026' is not a date. Write it as 2026-03-02."),
        (
            {"open_days": {"2026-12-24": {"from": "09:00"}}},
            "{'from': '09:00'} is not the hours of a day. Write hours and, if wanted, label.",
        ),
        (
            {"holidays": {"region": "MD"}},
            "{'region': 'MD'} names no country. Write a code such as LT, or country and region.",
        ),
        (
            {"holidays": "XX"},
            "No public holidays are known for 'XX'. Use a code such as LT.",
        ),
        (
            {"holidays": {"country": "EE", "region": "ZZ"}},
            "EE has no region 'ZZ' with its own holidays. Its regions: none.",
        ),
        (
            {"holidays": {"country": "LT", "language": "es"}},
            "The holidays of LT have no names in 'es'. Its languages: en_US, lt, uk.",
        ),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(facts: dict[str, Any], message: str) -> None:
    """Each refusal says what is wrong and what to write."""
    with pytest.raises(ValidationError) as refused:
        _layer(**facts)

    assert refused.value.errors()[0]["msg"] == f"Value error, {message}"


def test_all_that_is_wrong_in_a_calendar_is_said_at_once() -> None:
    """Each problem names the place it is in."""
    with pytest.raises(ValidationError) as refused:
        _layer(zone="Mars", hours={"mondy": "closed", "tue": "9"}, holidays="XX", opening="09:00")

    places = {error["loc"] for error in refused.value.errors()}
    assert places == {("zone",), ("hours", "mondy", "[key]"), ("hours", "tue"), ("holidays",), ("opening",)}


def test_a_calendar_without_any_open_time_is_refused() -> None:
    """Nothing could ever be due on it."""
    with pytest.raises(NoOpenTime) as refused:
        resolve([_house(hours={})], MONDAY, SUNDAY)

    assert str(refused.value) == ("The calendar 'house' has no open time at all. Give at least one weekday hours.")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "The calendar 'without layers' has no time zone. Write one: zone: Europe/Vilnius."),
        (
            [_layer(hours={"mon": "09:00-17:00"})],
            "The calendar 'ana' has no time zone. Write one: zone: Europe/Vilnius.",
        ),
    ],
)
def test_a_calendar_without_a_zone_is_refused(layers: list[CalendarDefinition], message: str) -> None:
    """Hours mean nothing without the clock they are read on."""
    with pytest.raises(CalendarNotUnderstood) as refused:
        resolve(layers, MONDAY, SUNDAY)

    assert str(refused.value) == message


def test_days_are_worked_out_from_the_earlier_to_the_later() -> None:
    """A range the wrong way round is a slip."""
    with pytest.raises(CalendarNotUnderstood) as refused:
        resolve([_house()], SUNDAY, MONDAY)

    assert str(refused.value) == "There are no days from 2026-03-08 to 2026-03-02. Give the earlier day first."


def test_hours_past_midnight_and_to_the_end_of_the_day_are_told_apart() -> None:
    """An end at or before the start lies in the next day; 24:00 is the end of this one."""
    assert parse_spans("22:00-06:00") == ((22 * 3600, 30 * 3600),)
    assert parse_spans("18:00-24:00") == ((18 * 3600, DAY),)
    assert parse_spans("09:00-09:00") == ((9 * 3600, 33 * 3600),)
    assert parse_spans("08:00-23:59:59") == ((8 * 3600, DAY - 1),)


def test_a_clock_time_has_at_most_24_hours_and_60_minutes() -> None:
    """25:00 and 09:75 are refused."""
    for text in ("25:00-26:00", "09:75-10:00"):
        with pytest.raises(HoursNotUnderstood):
            parse_spans(text)


SPANS = st.lists(st.tuples(st.integers(0, 48), st.integers(1, 12)).map(lambda it: (it[0], it[0] + it[1])), max_size=5)


@LAW
@given(SPANS, SPANS)
def test_stretches_of_a_day_behave_like_sets_of_moments(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    """Merging, cutting out and keeping what is common, compared with plain sets."""

    def moments(stretches: Any) -> set[int]:
        return {moment for start, end in stretches for moment in range(start, end)}

    assert moments(merge_overlaps(spans)) == moments(spans)
    assert moments(subtract(spans, others)) == moments(spans) - moments(others)
    assert moments(intersect(spans, others)) == moments(spans) & moments(others)
    assert sum(end - start for start, end in merge_overlaps(spans)) == len(moments(spans))
