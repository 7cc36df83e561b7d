"""Public holidays by country and region, and the weekend days a country moves its work to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.errors import TaktasError, did_you_mean

if TYPE_CHECKING:
    from holidays import HolidayBase


class HolidaysNotKnown(TaktasError, ValueError):
    """There are no public holidays of that country, region or language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observance:
    """Whose public holidays are kept: `LT`; `ES` with the region `MD`. Labels are English unless `language` says else.

    Raises: HolidaysNotKnown.
    """

    country: str
    region: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        """Refuse a country or region nobody has listed the holidays of."""
        import holidays  # loading it takes a tenth of a second, which only calendars should pay

        known = holidays.list_supported_countries(include_aliases=False)
        if self.country not in known:
            hint = did_you_mean(self.country, known) or "."
            raise HolidaysNotKnown(f"No public holidays are known for {self.country!r}{hint} Use a code such as LT.")
        if self.region is not None and self.region not in known[self.country]:
            regions = ", ".join(known[self.country]) or "none"
            raise HolidaysNotKnown(
                f"{self.country} has no region {self.region!r} with its own holidays. Its regions: {regions}."
            )
        languages = holidays.list_localized_countries().get(self.country, [])
        if self.language is not None and self.language not in languages:
            raise HolidaysNotKnown(
                f"The holidays of {self.country} have no names in {self.language!r}. "
                f"Its languages: {', '.join(languages) or 'none to choose from'}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDays:
    """`free`: names of the public holidays by date. `moved`: weekend days declared working days instead."""

    free: dict[date, str]
    moved: frozenset[date]


def public_days(kept: tuple[Observance, ...], first_day: date, last_day: date) -> PublicDays:
    """The public days of all observances together, first and last day included.

    A day that is free for one of them is free, whatever another one moves there.
    """
    free: dict[date, str] = {}
    moved: set[date] = set()
    for observance in kept:
        listed = _listed(observance, first_day, last_day)
        for day, name in listed.items():
            free[day] = f"{free[day]}; {name}" if free.get(day, name) != name else name
        moved |= listed.weekend_workdays
    inside = {day: name for day, name in free.items() if first_day <= day <= last_day}
    return PublicDays(free=inside, moved=frozenset(day for day in moved - set(free) if first_day <= day <= last_day))


def _listed(observance: Observance, first_day: date, last_day: date) -> HolidayBase:
    import holidays

    # A holiday that falls on a weekend can be kept in the year before or after: hence one year more on each side.
    years = range(max(first_day.year - 1, 1), min(last_day.year + 1, 9999) + 1)
    languages = holidays.list_localized_countries().get(observance.country, [])
    language = observance.language or ("en_US" if "en_US" in languages else None)
    return holidays.country_holidays(observance.country, subdiv=observance.region, years=years, language=language)
