"""What a run is about to do, before it looks at a single subject: which window, which cycle, which first step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.clock import zone
from core.errors import TaktasError
from core.settings import settings
from models.definitions import process_versions
from standards.catalogue import FIELDS, FieldType, step_of_anchor
from standards.process import Process, Route, RouteKind, Start, StartKind, Step, StepKind
from standards.working_time.duration import Direction
from standards.working_time.open_time import OpenTime
from standards.working_time.schedule import Schedule
from tasks.facts.computed import AsOf
from tasks.generation.window import EVERYTHING, Anchor, StartRule, Window
from tasks.handbooks import calendars, handbook
from tasks.handbooks.handbook import PublishedProcess

GENERATED = frozenset({StartKind.SCHEDULE, StartKind.LIST})
"""Ways of starting that a run looks at."""

LOOK_BACK = (2, 10, 40, 400)
"""Days in which the last ringing of a schedule is looked for, in turn."""


class NothingToGenerate(TaktasError):
    """A process that no run can start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One way of starting of one version, for one run. All moments in UTC.

    `window`: the anchors that start now; `reach`: with those a group may pull forward. `ringing`: of a schedule
    without an anchor, the one that is served. `step`: the first step when it is one plain task; None leaves every
    case to the engine. `campaign`: the code of the only campaign asked for.
    """

    published: PublishedProcess
    start: Start
    place: int
    as_of: AsOf
    window: Window = EVERYTHING
    reach: Window = EVERYTHING
    ringing: datetime | None = None
    step: Step | None = None
    routes: tuple[Route, ...] = ()
    campaign: str | None = None

    @property
    def process(self) -> Process:
        """The definition."""
        return self.published.process

    @property
    def anchor(self) -> str | None:
        """The path the start is counted from; None when it is counted from nothing."""
        return self.start.when.anchor if self.start.when else None

    @property
    def is_idle(self) -> bool:
        """Whether nothing can start: the window is empty, or the schedule has not rung."""
        if self.start.kind is StartKind.SCHEDULE and self.start.when is None:
            return self.ringing is None
        return self.window.is_empty

    @property
    def pulls_forward(self) -> bool:
        """Whether a group may take along what would start later."""
        return self.reach != self.window

    @property
    def alone(self) -> Plan:
        """The same without what a group would pull forward."""
        return replace(self, reach=self.window)

    @property
    def roles(self) -> tuple[str, ...]:
        """The paths that may name the first task's person, in the order they are tried; a case has no owner yet."""
        paths = (route.path for route in self.routes if route.kind is RouteKind.ROLE and route.path)
        return tuple(dict.fromkeys(path for path in paths if path != "case.owner"))

    @property
    def teams(self) -> tuple[Route, ...]:
        """The routes by which a team's work is dealt."""
        return tuple(it for it in self.routes if it.kind in {RouteKind.BY_TURN, RouteKind.BY_LOAD})

    @property
    def anchors(self) -> tuple[str, ...]:
        """The paths the first task's limit and deadlines are counted from."""
        if self.step is None:
            return ()
        moments = [self.step.limit, *(deadline.moment for deadline in self.step.deadlines)]
        paths = (it.anchor for it in moments if it is not None)
        return tuple(dict.fromkeys(it for it in paths if step_of_anchor(it) is None and not it.startswith("case.")))


def plans(db: Connection, name: str, at: datetime, *, campaign: str | None = None) -> tuple[Plan, ...]:
    """How the newest version of a process starts by itself as of that moment.

    Raises: NotPublished, NothingToGenerate, BeyondCalendar.
    """
    return plans_of(db, handbook.current(db, name), at, campaign=campaign)


def plans_of(
    db: Connection,
    published: PublishedProcess,
    at: datetime,
    *,
    campaign: str | None = None,
    clock: OpenTime | None = None,
) -> tuple[Plan, ...]:
    """How one version starts by itself as of that moment, on the house's calendar or on `clock`.

    Raises: NothingToGenerate, BeyondCalendar.
    """
    starts = [it for it in published.process.starts if it.kind in GENERATED]
    if not starts:
        raise NothingToGenerate(_by_what_else(published.process))
    clock = clock or calendars.calendar_of(db)[1]
    made = (
        Plan(published=published, start=start, place=place, as_of=AsOf.of(at), campaign=campaign)
        for place, start in enumerate(starts)
    )
    return tuple(_with_first_step(_with_window(plan, clock)) for plan in made)


def published_version(db: Connection, version_id: int) -> PublishedProcess:
    """One version of a process, the newest or not. Raises: NotPublished."""
    process = handbook.process_version(db, version_id)
    row = db.execute(select(process_versions).where(process_versions.c.id == version_id)).one()
    return PublishedProcess(
        process_id=row.process_id,
        version_id=row.id,
        version=row.version,
        content_hash=row.content_hash,
        process=process,
        published_at=row.published_at,
        starts_from=row.starts_from,
    )


def _by_what_else(process: Process) -> str:
    ways = {
        StartKind.HAPPENING: "when something happens",
        StartKind.BY_HAND: "by hand",
        StartKind.SCHEDULE: "",
        StartKind.LIST: "",
    }
    known = " or ".join(dict.fromkeys(ways[start.kind] for start in process.starts))
    return (
        f"A run cannot start {process.name}: its cases begin {known}. "
        "Only processes with a schedule or a list are generated."
    )


def _with_window(plan: Plan, clock: OpenTime) -> Plan:
    start, at = plan.start, plan.as_of.at
    if start.when is None:
        return replace(plan, ringing=_last_ringing(plan, start.schedule, clock) if start.schedule else None)
    rule = StartRule(when=start.when, clock=clock, is_date=FIELDS[start.when.anchor].type is FieldType.DATE)
    window = Window(first=_first_anchor(plan, rule), last=rule.last_started(at))
    within = start.group.within if start.group else None
    pulled = window if within is None else replace(window, last=rule.last_started(clock.add_duration(at, within)))
    return replace(plan, window=window, reach=pulled)


def _first_anchor(plan: Plan, rule: StartRule) -> Anchor | None:
    """Nothing behind is touched: an anchor that has passed, or a start before the process was to begin."""
    bounds: list[Any] = []
    if rule.when.direction is Direction.BEFORE:
        bounds.append(plan.as_of.day if rule.is_date else plan.as_of.at + timedelta(microseconds=1))
    if plan.published.starts_from is not None:
        bounds.append(rule.first_not_before(plan.published.starts_from))
    return max(bounds, default=None)


def _last_ringing(plan: Plan, schedule: Schedule, clock: OpenTime) -> datetime | None:
    at, house = plan.as_of.at, _house()
    since = plan.published.starts_from
    for days in LOOK_BACK:
        rung = schedule.ringings(at - timedelta(days=days), at, house, clock.is_working_day)
        if rung:
            return rung[-1] if since is None or rung[-1] >= since else None
    return None


def _house() -> ZoneInfo:
    return zone(settings().zone)


def _with_first_step(plan: Plan) -> Plan:
    begin = plan.process.begin
    step = plan.process.steps[begin[0]]
    if len(begin) > 1 or step.kind is not StepKind.TASK or step.for_each is not None:
        return plan
    at_start = plan.start.assign or next((start.assign for start in plan.process.starts if start.assign), ())
    return replace(plan, step=step, routes=step.assign or at_start or plan.process.assign)
