"""What a service standard is, once it has been read: for which work it holds and what it asks of that work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from standards.service.digests import Digests
from standards.working_time.duration import Direction, Duration, Unit

Written = str | list["str | dict[str, str | bool]"]
"""A value as it is stored with a resolution: text, or a list of reminders or levels."""


class Dimension(StrEnum):
    """What a standard may look at; every task has exactly one value for each, '' when there is none."""

    ACTION = "action"
    PROCESS = "process"
    STEP = "step"
    PRODUCT_LINE = "product_line"
    CLIENT_KIND = "client_kind"
    CLIENT_TIER = "client_tier"
    CLIENT_STANDING = "client_standing"
    INSURER = "insurer"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"

    @property
    def words(self) -> str:
        """As a manager writes it: `client.tier`, `product line`."""
        if self.value.startswith("client_"):
            return self.value.replace("_", ".", 1)
        return self.value.replace("_", " ")


# What was promised to few (a campaign, a tier) outranks what holds for a process, and that what holds for any action.
DEFAULT_ORDER = (
    Dimension.CAMPAIGN,
    Dimension.CLIENT_TIER,
    Dimension.STEP,
    Dimension.PROCESS,
    Dimension.PRODUCT_LINE,
    Dimension.INSURER,
    Dimension.CLIENT_STANDING,
    Dimension.CLIENT_KIND,
    Dimension.CHANNEL,
    Dimension.ACTION,
)


class Field(StrEnum):
    """What a standard may set; each is inherited by itself."""

    START_WITHIN = "start_within"
    DUE = "due"
    EFFORT = "effort"
    ON_TIME = "on_time"
    SUCCESS = "success"
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRES = "expires"

    @property
    def words(self) -> str:
        """As a manager writes it: `start within`."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """The one value each dimension has for one task; '' when there is none."""

    action: str = ""
    process: str = ""
    step: str = ""
    product_line: str = ""
    client_kind: str = ""
    client_tier: str = ""
    client_standing: str = ""
    insurer: str = ""
    channel: str = ""
    campaign: str = ""

    def of(self, dimension: Dimension) -> str:
        """The task's value in that dimension."""
        value: str = getattr(self, dimension.value)
        return value

    def as_mapping(self) -> dict[str, str]:
        """Dimension -> value, named like the columns of a resolution."""
        return {dimension.value: self.of(dimension) for dimension in Dimension}

    def __str__(self) -> str:
        """Only what is known: `action call, client.tier vip`."""
        known = (f"{dimension.words} {self.of(dimension)}" for dimension in Dimension if self.of(dimension))
        return ", ".join(known) or "a task of which nothing is known"


class Base(StrEnum):
    """The moment of a task from which a reminder or an expiry is counted."""

    OPENED = "opened"
    START_BY = "start_by"
    DUE = "due"

    @property
    def words(self) -> str:
        """As it is written."""
        return "start" if self is Base.START_BY else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """A moment counted from one of the task's own; without a span it is that moment itself."""

    base: Base
    direction: Direction = Direction.AT
    span: Duration | None = None

    def __str__(self) -> str:
        """As it is written: `1 working day before due`, `when overdue`."""
        if self.span is None:
            return {Base.OPENED: "when opened", Base.START_BY: "when not started", Base.DUE: "when overdue"}[self.base]
        return f"{self.span} {self.direction} {self.base.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A nudge to the assignee; `at_once` keeps it out of the digest, `any_hour` does not wait for working time."""

    when: Offset
    at_once: bool = False
    any_hour: bool = False

    def written(self) -> str | dict[str, str | bool]:
        """As it is stored."""
        if not self.at_once:
            return str(self.when)
        if self.any_hour:
            return {"when": str(self.when), "at once": True, "any hour": True}
        if self.when.base is Base.OPENED and self.when.span is None:
            return "at once"
        return {"when": str(self.when), "at once": True}


class Receiver(StrEnum):
    """Who hears of an overdue task."""

    SUBSTITUTE = "substitute"  # who stands in for the assignee
    MANAGER = "manager"  # whom the assignee answers to
    TEAM_LEAD = "team_lead"  # who leads the team the task belongs to
    ACCOUNT_MANAGER = "account_manager"  # of the client
    HANDLER = "handler"  # who does the work for the client
    PRODUCER = "producer"  # who won the client
    COLLECTOR = "collector"  # who collects from the client
    CASE_OWNER = "case_owner"  # to whom the case's first task was given
    EMPLOYEE = "employee"  # somebody named by login
    HOUSE = "house"  # everybody who sees the whole house

    @property
    def words(self) -> str:
        """As it is written."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of escalation: so long after the task was due, somebody is told."""

    after: Duration
    to: Receiver
    login: str | None = None

    def written(self) -> dict[str, str | bool]:
        """As it is stored."""
        receiver = f"employee {self.login}" if self.to is Receiver.EMPLOYEE else self.to.words
        return {"after": str(self.after), "to": receiver}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What is asked of a piece of work; None where nothing says anything.

    `effort` is the time at the desk it should take; `on_time` and `success` are targets in percent.
    An empty tuple of reminders or levels means: none, on purpose.
    """

    start_within: Duration | None = None
    due: Duration | None = None
    effort: Duration | None = None
    on_time: Decimal | None = None
    success: Decimal | None = None
    remind: tuple[Reminder, ...] | None = None
    escalate: tuple[Level, ...] | None = None
    expires: Offset | None = None

    @property
    def effort_minutes(self) -> int:
        """Minutes at the desk it should take, 0 when nothing says so."""
        if self.effort is None:
            return 0
        return self.effort.value * (60 if self.effort.unit in {Unit.HOUR, Unit.WORKING_HOUR} else 1)

    def of(self, name: Field) -> object:
        """The value of that field, None when it is not set."""
        value: object = getattr(self, name.value)
        return value

    def names(self) -> tuple[Field, ...]:
        """The fields that are set."""
        return tuple(name for name in Field if self.of(name) is not None)

    def written(self) -> dict[str, Written]:
        """Field -> value as it is stored and shown."""
        return {name.value: _written(self.of(name)) for name in self.names()}


def _written(value: object) -> Written:
    if isinstance(value, tuple):
        return [part.written() for part in value]
    return f"{value:f} %" if isinstance(value, Decimal) else str(value)


def level_place(number: int) -> str:
    """Under which name the line of a level of escalation is kept."""
    return f"{Field.ESCALATE.value} {number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One standard: it holds for work whose value is listed in each dimension it names."""

    name: str
    holds_for: Mapping[Dimension, tuple[str, ...]]
    fields: Fields
    file: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)  # dimension, level -> line

    def matches(self, task: Dimensions) -> bool:
        """Whether it speaks about that task."""
        return all(task.of(dimension) in values for dimension, values in self.holds_for.items())

    def scope(self) -> str:
        """For which work it holds, in words."""
        named = (
            f"{dimension.words}: {' or '.join(self.holds_for[dimension])}"
            for dimension in Dimension
            if dimension in self.holds_for
        )
        return ", ".join(named) or "all work"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardBook:
    """All standards of the house, and the order in which their dimensions are compared."""

    standards: tuple[Standard, ...] = ()
    order: tuple[Dimension, ...] = DEFAULT_ORDER
    digests: Digests = field(default_factory=Digests)
    order_file: str = ""
    order_line: int = 0
