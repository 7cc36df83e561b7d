"""The stretch of days a report is about, in the house's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.clock import start_of
from core.errors import UsageError


class WrongPeriod(UsageError):
    """The last day of the report lies before its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the first day to the last, both included. Raises: WrongPeriod."""

    first: date
    last: date
    zone: str

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WrongPeriod(
                f"The report would run from {self.first} to {self.last}, which is backwards. "
                "Give the earlier day to --from and the later one to --to."
            )

    @property
    def start(self) -> datetime:
        """The first moment, in UTC."""
        return start_of(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return start_of(self.last + timedelta(days=1), self.zone)
