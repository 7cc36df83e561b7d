"""Business-time cases of other projects: each gives their answer, or is a difference that docs/calendars.md states."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.local_time import add_wall, moment_at, parse_wall_span, wall_clock
from standards.working_time.open_time import BeyondCalendar, OpenTime, Period
from standards.working_time.resolved_calendar import NoOpenTime
from standards.working_time.stopped_clock import due_after_pauses, working_seconds_minus

Case = dict[str, Any]

SECONDS = {"second": 1, "seconds": 1, "minute": 60, "minutes": 60, "hour": 3600, "hours": 3600}
ONE_DAY = timedelta(days=1)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "calendars.md"
STATED = re.compile(r"^\| (?P<id>[a-z]+-\d+) \| (?P<theirs>[^|]*) \| (?P<ours>[^|]*) \|", re.MULTILINE)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    day, _, clock = text.partition("T")
    if clock.startswith("24:00"):
        text = f"{date.fromisoformat(day) + ONE_DAY}T00{clock[2:]}"
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment_at(moment, zone)


def _moments_in(value: Any, zone: ZoneInfo) -> Iterable[datetime]:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        yield _moment(value, zone)
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _moments_in(part, zone)


def _periods(written: Any, zone: ZoneInfo) -> list[Period]:
    """Pairs of moments, `{from, to}`, or whole dates."""
    periods = []
    for one in written:
        ends = list(one.values()) if isinstance(one, dict) else [one] if isinstance(one, str) else one
        first, last = ends[0], ends[-1]
        end = f"{last}T24:00:00" if len(last) == 10 else last
        periods.append((_moment(first, zone), _moment(end, zone)))
    return periods


def _open_time(case: Case, years: int) -> OpenTime:
    facts = case["calendar"]
    overrides = facts.get("date_overrides", {})
    definition = CalendarDefinition.model_validate(
        {
            "name": case["id"],
            "zone": facts["tz"],
            "hours": facts.get("hours", {}),
            "closed_days": {
                **{day: "holiday" for day in facts.get("holidays", ()) if not overrides.get(day)},
                **{day: "closed" for day, hours in overrides.items() if not hours},
            },
            "open_days": {day: hours for day, hours in overrides.items() if hours},
            "breaks": facts.get("breaks", {}),
        }
    )
    zone = ZoneInfo(facts["tz"])
    moments = [*_moments_in([case.get("start"), case.get("end"), case.get("expected")], zone)]
    margin = timedelta(days=366 * years)
    resolved = resolve([definition], (min(moments) - margin).date(), (max(moments) + margin).date())
    open_time = OpenTime.from_resolved(resolved)
    return open_time.without(_periods(facts["absences"], zone)) if facts.get("absences") else open_time


def _add(clock: OpenTime, case: Case, start: datetime) -> datetime:
    value, unit = case["amount"]["value"], case["amount"]["unit"]
    back = value < 0 or (value == 0 and "negative" in case.get("tags", ()))
    if unit not in SECONDS:
        return _same_clock_on_nth_day(clock, start, abs(value), back=back)
    seconds = int(abs(value) * SECONDS[unit])
    if case.get("pauses"):
        return due_after_pauses(clock, start, seconds, _periods(case["pauses"], clock.zone))
    return clock.subtract(start, seconds) if back else clock.add(start, seconds)


def _same_clock_on_nth_day(clock: OpenTime, start: datetime, count: int, *, back: bool) -> datetime:
    """How others count `n days`: to an open moment, n working days on, the same clock time, to an open moment."""
    to_open = clock.previous_open if back else clock.next_open
    nth = clock.working_day_before if back else clock.working_day_after
    wall = wall_clock(to_open(start), clock.zone)
    day = nth(wall.date(), count) if count else wall.date()
    return to_open(moment_at(datetime.combine(day, wall.time()), clock.zone))


def _counts_days(case: Case) -> bool:
    return bool(case["op"] == "add" and case["amount"]["unit"] == "days")


def _wall(case: Case, start: datetime, zone: ZoneInfo) -> datetime:
    amount = case["amount"]
    return add_wall(start, parse_wall_span(amount["value"] if isinstance(amount, dict) else amount), zone)


def _answer_on(clock: OpenTime, case: Case, start: datetime, end: datetime) -> Any:
    zone = clock.zone
    match case["op"]:
        case "add":
            return _add(clock, case, start)
        case "between":
            return working_seconds_minus(clock, start, end, _periods(case.get("pauses") or [], zone))
        case "open_intervals":
            return clock.open_intervals(start, count=case["count"])
        case "working_days_between":
            return clock.working_days_between(wall_clock(start, zone).date(), wall_clock(end, zone).date())
        case "prev_open_moment":
            return clock.previous_open(start)
        case operation:
            return getattr(clock, operation)(start)


def _answer(case: Case, years: int = 2) -> Any:
    """What the product says, in the operations it offers; None when it finds nothing in thirty years."""
    zone = ZoneInfo(case["calendar"]["tz"])
    start = _moment(case["start"], zone)
    if case["op"] == "local_to_instant":
        return start
    if case["op"] == "add_wall":
        return _wall(case, start, zone)
    try:
        clock = _open_time(case, years)
        return _answer_on(clock, case, start, _moment(case["end"] if case.get("end") else case["start"], zone))
    except NoOpenTime:
        return "refused"
    except BeyondCalendar:
        return _answer(case, 30) if years < 30 else None


def _expected(case: Case) -> Any:
    zone = ZoneInfo(case["calendar"]["tz"])

    def read(value: Any) -> Any:
        if isinstance(value, str):
            return _moment(value, zone)
        return tuple(read(part) for part in value) if isinstance(value, list) else value

    expected = read(case["expected"])
    return list(expected) if isinstance(expected, tuple) else expected


def _kind_of_difference(case: Case, answer: Any) -> str | None:
    """The heading in docs/calendars.md under which a different answer falls, if any."""
    expected, zone = _expected(case), ZoneInfo(case["calendar"]["tz"])
    start = _moment(case["start"], zone)
    if answer == "refused":
        return "No open time"
    if case["op"] == "between" and _moment(case["end"], zone) < start:
        return "Reversed range" if expected in {0, -answer} else None
    if case["op"] == "working_days_between" or _counts_days(case):
        return "Day counting"
    if case["op"] == "add" and isinstance(answer, datetime):
        clock = _open_time(case, 2)
        beside = clock.next_open(answer), clock.previous_open(answer - timedelta(microseconds=1))
        return "Used up exactly at closing" if expected in beside else None
    return None


def _written(answer: Any) -> str:
    return f"{answer:%Y-%m-%dT%H:%M:%SZ}" if isinstance(answer, datetime) else str(answer)


@pytest.fixture(scope="module")
def cases(real_data: Callable[[str], Path]) -> list[Case]:
    """Every case of every file in the folder."""
    return [
        case for path in sorted(real_data("sla_vectors").glob("*.json")) for case in json.loads(path.read_text("utf-8"))
    ]


@pytest.fixture(scope="module")
def answers(cases: list[Case]) -> dict[str, Any]:
    """What the product says to each of them."""
    return {case["id"]: _answer(case) for case in cases}


def test_what_follows_from_open_time_alone_agrees_with_other_projects(
    cases: list[Case], answers: dict[str, Any]
) -> None:
    """Every strict case holds; only a calendar that never opens is refused where another falls back to wall time."""
    strict = [case for case in cases if case["strict"]]

    different = [case["id"] for case in strict if answers[case["id"]] not in (_expected(case), "refused")]

    assert strict
    assert different == []


def test_every_difference_from_other_projects_is_stated_in_the_documents(
    cases: list[Case], answers: dict[str, Any]
) -> None:
    """What does not agree is in the tables of docs/calendars.md with both answers, or is of a kind stated there."""
    text = DOCS.read_text("utf-8")
    stated = {row["id"]: (row["theirs"].strip(), row["ours"].strip()) for row in STATED.finditer(text)}

    different = {case["id"]: (case, answer) for case in cases if (answer := answers[case["id"]]) != _expected(case)}

    for name, (case, answer) in different.items():
        assert f"### {_kind_of_difference(case, answer)}\n" in text, name
        assert stated.get(name, (both := (_written(_expected(case)), _written(answer)))) == both, name


def test_no_difference_is_stated_that_is_none(cases: list[Case], answers: dict[str, Any]) -> None:
    """A case in the tables differs, or counts days."""
    stated = {row["id"] for row in STATED.finditer(DOCS.read_text("utf-8"))}

    different = {case["id"] for case in cases if answers[case["id"]] != _expected(case)}
    counted = {case["id"] for case in cases if _counts_days(case)}

    assert stated
    assert stated & {case["id"] for case in cases} <= different | counted


def test_days_counted_as_others_count_them_can_be_expressed(cases: list[Case], answers: dict[str, Any]) -> None:
    """What the documents list as day counting is three of our operations one after another."""
    stated = {row["id"] for row in STATED.finditer(DOCS.read_text("utf-8"))}

    different = [
        case["id"]
        for case in cases
        if case["id"] in stated and _counts_days(case) and answers[case["id"]] != _expected(case)
    ]

    assert different == []


def test_our_working_days_are_stated_beside_those_of_others(cases: list[Case]) -> None:
    """For each such case the documents say where our `n working days` ends instead."""
    stated = {row["id"]: row["ours"].strip() for row in STATED.finditer(DOCS.read_text("utf-8"))}
    counted = [case for case in cases if _counts_days(case) and case["id"] in stated]

    ours = {}
    for case in counted:
        clock, value = _open_time(case, 2), case["amount"]["value"]
        count = clock.working_days_before if value < 0 else clock.add_working_days
        ours[case["id"]] = _written(count(_moment(case["start"], clock.zone), abs(value)))

    assert {case: answer for case, answer in ours.items() if stated.get(case) != answer} == {}
