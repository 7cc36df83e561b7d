"""Calendars as managers define them, layer over layer, and the days that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from core.clock import parse_date, zone
from core.errors import TaktasError, UsageError
from standards.working_time.public_holidays import Observance, PublicDays, public_days
from standards.working_time.resolved_calendar import DayKind, ResolvedCalendar, ResolvedDay
from standards.working_time.weekly_hours import (
    DAY,
    WEEK,
    Span,
    Weekday,
    intersect,
    merge_overlaps,
    parse_spans,
    parse_weekday,
    parse_weekdays,
    subtract,
    write_span,
)

__all__ = ["CalendarDefinition", "CalendarNotUnderstood", "DayHours", "ResolvedCalendar", "ResolvedDay", "resolve"]

ONE_DAY = timedelta(days=1)


class CalendarNotUnderstood(TaktasError, ValueError):
    """A calendar contradicts itself or leaves out what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """The hours of one date, and what the day is called."""

    hours: tuple[Span, ...]
    label: str = ""


def _zone_name(name: str) -> str:
    try:
        return zone(name).key
    except UsageError as error:
        raise CalendarNotUnderstood(str(error)) from error


def _day(written: object) -> date:
    if type(written) is date:
        return written
    try:
        return parse_date(str(written))
    except UsageError as error:
        raise CalendarNotUnderstood(str(error)) from error


def _weekday_or_day(written: object) -> Weekday | date:
    return parse_weekday(str(written)) if str(written)[:1].isalpha() else _day(written)


def _weekdays_key(written: str) -> str:
    parse_weekdays(written)
    return written


def _day_hours(written: object) -> DayHours:
    if isinstance(written, DayHours):
        return written
    if not isinstance(written, Mapping):
        return DayHours(hours=parse_spans(written))
    if not written.keys() <= {"hours", "label"} or "hours" not in written:
        raise CalendarNotUnderstood(f"{dict(written)!r} is not the hours of a day. Write hours and, if wanted, label.")
    return DayHours(hours=parse_spans(written["hours"]), label=str(written.get("label") or ""))


def _closed(written: object) -> object:
    return dict.fromkeys(written, "") if isinstance(written, (list, tuple)) else written


def _observances(written: object) -> object:
    if written is None or written == "none":
        return ()
    several = written if isinstance(written, (list, tuple)) else [written]
    return tuple(_observance(one) for one in several)


def _observance(written: object) -> Observance:
    if isinstance(written, Observance):
        return written
    facts = {"country": written} if isinstance(written, str) else written
    if not isinstance(facts, Mapping) or not {"country"} <= facts.keys() <= {"country", "region", "language"}:
        raise CalendarNotUnderstood(f"{written!r} names no country. Write a code such as LT, or country and region.")
    return Observance(**facts)


def _hours_text(hours: Sequence[Span]) -> list[str]:
    return [write_span(span) for span in hours]


def _day_hours_text(day: DayHours) -> dict[str, Any]:
    return {"hours": _hours_text(day.hours), "label": day.label}


Hours = Annotated[tuple[Span, ...], BeforeValidator(parse_spans), PlainSerializer(_hours_text, when_used="json")]
SetHours = Annotated[DayHours, BeforeValidator(_day_hours), PlainSerializer(_day_hours_text, when_used="json")]
Day = Annotated[date, BeforeValidator(_day)]


class CalendarDefinition(BaseModel):
    """One layer of a calendar, as its file says. What it does not say comes from the layer above.

    `holidays` None means those of the layer above; an empty tuple (written `none`) means no public holidays.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(validation_alias=AliasChoices("calendar", "name"), min_length=1)]
    title: str = ""
    above: str | None = None
    zone: Annotated[str, AfterValidator(_zone_name)] | None = None
    hours: dict[Annotated[str, AfterValidator(_weekdays_key)], Hours] = {}
    holidays: Annotated[tuple[Observance, ...], BeforeValidator(_observances)] | None = None
    closed_days: Annotated[dict[Day, str], BeforeValidator(_closed)] = {}
    shortened_days: dict[Day, SetHours] = {}
    open_days: dict[Day, SetHours] = {}
    breaks: dict[Annotated[Weekday | date, BeforeValidator(_weekday_or_day)], Hours] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_spaces(cls, facts: Any) -> Any:
        """`closed days` reads better in a file than closed_days."""
        if not isinstance(facts, Mapping):
            return facts
        return {str(key).replace(" ", "_"): value for key, value in facts.items()}

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> CalendarDefinition:
        """A weekday or date has one answer in one layer."""
        weekdays = [weekday for key in self.hours for weekday in parse_weekdays(key)]
        for weekday in WEEK:
            if weekdays.count(weekday) > 1:
                raise CalendarNotUnderstood(f"The hours of {weekday} are given twice. Keep one of them.")
        dates = [*self.closed_days, *self.shortened_days, *self.open_days]
        for day in sorted(set(dates)):
            if dates.count(day) > 1:
                raise CalendarNotUnderstood(
                    f"{day} is given twice in the calendar {self.name!r}. Make it closed, shortened or open."
                )
        for day, set_hours in {**self.shortened_days, **self.open_days}.items():
            if not set_hours.hours:
                raise CalendarNotUnderstood(f"{day} has no hours in the calendar {self.name!r}. Make it a closed day.")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layers:
    """All layers folded into one: the innermost word on each thing."""

    name: str
    zone: ZoneInfo
    week: dict[Weekday, tuple[Span, ...]]
    kept: tuple[Observance, ...]
    closed: dict[date, str]
    shortened: dict[date, DayHours]
    open: dict[date, DayHours]
    breaks: dict[Weekday | date, tuple[Span, ...]]


def resolve(layers: Sequence[CalendarDefinition], first_day: date, last_day: date) -> ResolvedCalendar:
    """The days from first to last, both included, of the innermost (last) of the layers, house first.

    A date named by a layer beats weekly hours and public holidays of every layer; of two layers that name it the
    inner one wins. A weekday's hours, the zone and the public holidays come from the innermost layer that gives
    them. Shortened days only take time away; open days say the day's whole hours. Breaks of all layers add up.

    Raises: CalendarNotUnderstood without a zone or without days, NoOpenTime when nothing ever opens.
    """
    if last_day < first_day:
        raise CalendarNotUnderstood(f"There are no days from {first_day} to {last_day}. Give the earlier day first.")
    folded = _fold(layers)
    public = public_days(folded.kept, first_day, last_day)
    count = (last_day - first_day).days + 1
    days = tuple(_resolve_day(first_day + n * ONE_DAY, folded, public) for n in range(count))
    return ResolvedCalendar(name=folded.name, zone=folded.zone, days=days)


def _fold(layers: Sequence[CalendarDefinition]) -> _Layers:
    zones = [layer.zone for layer in layers if layer.zone]
    if not zones:
        name = layers[-1].name if layers else "without layers"
        raise CalendarNotUnderstood(f"The calendar {name!r} has no time zone. Write one: zone: Europe/Vilnius.")
    folded = _Layers(
        name=layers[-1].name,
        zone=ZoneInfo(zones[-1]),
        week={},
        kept=next((layer.holidays for layer in reversed(layers) if layer.holidays is not None), ()),
        closed={},
        shortened={},
        open={},
        breaks={},
    )
    for layer in layers:
        _lay_over(folded, layer)
    return folded


def _lay_over(folded: _Layers, layer: CalendarDefinition) -> None:
    for key, hours in layer.hours.items():
        folded.week.update(dict.fromkeys(parse_weekdays(key), hours))
    said: tuple[dict[date, Any], ...] = (layer.closed_days, layer.shortened_days, layer.open_days)
    so_far: tuple[dict[date, Any], ...] = (folded.closed, folded.shortened, folded.open)
    for day in (day for days in said for day in days):
        for days in so_far:
            days.pop(day, None)
    folded.closed.update(layer.closed_days)
    folded.shortened.update(layer.shortened_days)
    folded.open.update(layer.open_days)
    for when, holes in layer.breaks.items():
        folded.breaks[when] = (*folded.breaks.get(when, ()), *holes)


def _resolve_day(day: date, folded: _Layers, public: PublicDays) -> ResolvedDay:
    if day in folded.closed:
        return ResolvedDay(day=day, spans=(), kind=DayKind.CLOSED, label=folded.closed[day])
    set_hours = folded.open.get(day)
    if set_hours is not None:
        spans = _without_breaks(day, set_hours.hours, folded)
        return ResolvedDay(day=day, spans=spans, kind=DayKind.OPEN, label=set_hours.label)
    if day in public.free:
        return ResolvedDay(day=day, spans=(), kind=DayKind.PUBLIC_HOLIDAY, label=public.free[day])
    kind, usual = _usual_hours(day, folded, public)
    label = ""
    cut = folded.shortened.get(day)
    if cut is not None and usual:
        kind, label, usual = DayKind.SHORTENED, cut.label, intersect(usual, cut.hours)
    return ResolvedDay(day=day, spans=_without_breaks(day, usual, folded), kind=kind, label=label)


def _usual_hours(day: date, folded: _Layers, public: PublicDays) -> tuple[DayKind, tuple[Span, ...]]:
    hours = folded.week.get(WEEK[day.weekday()], ())
    if hours or day not in public.moved:
        return DayKind.ORDINARY, hours
    # The law moves the work of a weekday to this day: it has the hours of the last weekday before it that has any.
    before = (folded.week.get(WEEK[(day.weekday() - back) % 7], ()) for back in range(1, 7))
    return DayKind.MOVED_WORKING_DAY, next((hours for hours in before if hours), ())


def _without_breaks(day: date, spans: tuple[Span, ...], folded: _Layers) -> tuple[Span, ...]:
    if not folded.breaks or not spans:
        return merge_overlaps(spans)
    # Hours past midnight meet the breaks of the next day, and a break past midnight the hours of the next.
    holes = [
        (start + shift * DAY, end + shift * DAY)
        for shift in (-1, 0, 1)
        for when in (day + shift * ONE_DAY, WEEK[(day.weekday() + shift) % 7])
        for start, end in folded.breaks.get(when, ())
    ]
    return merge_overlaps(subtract(spans, holes))
