"""By what a report can be split: the dimensions, their names on the command line and in tables."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from core.errors import UsageError, did_you_mean


class By(StrEnum):
    """One way of splitting; a task keeps the values it was created with."""

    EMPLOYEE = "employee"
    TEAM = "team"
    ACTION = "action"
    PROCESS = "process"
    STEP = "step"
    PRODUCT = "product"
    CLIENT_KIND = "client_kind"
    CLIENT_TIER = "client_tier"
    CLIENT_STANDING = "client_standing"
    INSURER = "insurer"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def heading(self) -> str:
        """As it heads a column."""
        return self.value.replace("_", " ").capitalize()


ALIASES = {"product_line": By.PRODUCT, "tier": By.CLIENT_TIER, "kind": By.CLIENT_KIND, "standing": By.CLIENT_STANDING}
CALENDAR = (By.DAY, By.WEEK, By.MONTH, By.QUARTER, By.YEAR)
PERIODS = ("period", "time", "date", "days")
"""What people say for one of these."""


class UnknownDimension(UsageError):
    """The report cannot be split by that."""


def parse_by(words: str) -> tuple[By, ...]:
    """`employee,product` as dimensions, each once, in the order given. Raises: UnknownDimension."""
    wanted = [word.strip().lower().replace(" ", "_").replace("-", "_").replace(".", "_") for word in words.split(",")]
    return tuple(dict.fromkeys(_one(word) for word in wanted if word))


def _one(word: str) -> By:
    known = {by.value: by for by in By} | ALIASES
    if word not in known:
        hint = did_you_mean(word, known) if word not in PERIODS else f". Say which: {_listed(CALENDAR)}."
        hint = hint or f". Use one or several of: {_listed(list(By))}."
        raise UnknownDimension(f"A report cannot be split by {word!r}{hint}")
    return known[word]


def _listed(every: Sequence[By]) -> str:
    return ", ".join(by.value for by in every)
