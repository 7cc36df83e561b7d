"""What a process starts by itself: inside its window, behind it when it is published, and in the weeks to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from core.clock import zone
from core.errors import TaktasError
from core.settings import settings
from standards.catalogue import FIELDS, FieldType
from standards.process import Process, Start
from standards.working_time.duration import Direction
from standards.working_time.open_time import OpenTime
from tasks.generation.candidates import Scope, count_statement, to_start_statement
from tasks.generation.plan import GENERATED, Plan, plans_of
from tasks.generation.window import Anchor, StartRule, Window
from tasks.handbooks import calendars
from tasks.handbooks.handbook import PublishedProcess

Count = Callable[[Connection, Plan], int]
"""How many subjects of a plan have no case yet in this cycle."""

NOTHING = Window(first=date.max, last=date.min)
"""A window in which no anchor lies."""


class StartNotSaid(TaktasError):
    """Subjects are waiting where a process is published, and nobody said what is to become of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Subjects whose start has come already, and the moment that divides them; None: there is no such moment.

    `inside`: the next run could start them in good time. `behind`: they lie in the past, and nothing bounds how far (a
    receivable overdue for years). `gone`: their anchor has passed (a term that expired); those are never started.
    """

    inside: int = 0
    behind: int = 0
    gone: int = 0
    inside_from: datetime | None = None


def count_new(db: Connection, plan: Plan) -> int:
    """How many subjects of a plan have no case yet in this cycle."""
    return 0 if plan.is_idle else int(db.execute(count_statement(plan, Scope())).one().new)


def count_to_start(db: Connection, plan: Plan) -> int:
    """How many of these the process does not leave out."""
    return 0 if plan.is_idle else int(db.execute(to_start_statement(plan)).scalar_one())


def waiting(
    db: Connection,
    published: PublishedProcess,
    at: datetime,
    *,
    count: Count = count_new,
    clock: OpenTime | None = None,
) -> Waiting:
    """What a version would find at that moment, had it always been there. Raises: BeyondCalendar."""
    if not is_generated(published.process):
        return Waiting()
    house = clock or calendars.calendar_of(db)[1]
    unbounded = plans_of(db, replace(published, starts_from=None), at, clock=house)
    gone = sum(count(db, plan) for plan in map(_passed, unbounded) if plan is not None)
    since = _inside_from(unbounded, house, at)
    everything = sum(count(db, _alone(plan)) for plan in unbounded)
    inside = everything
    if since is not None:
        bounded = plans_of(db, replace(published, starts_from=since), at, clock=house)
        inside = sum(count(db, _alone(plan)) for plan in bounded)
    return Waiting(inside=inside, behind=everything - inside, gone=gone, inside_from=since)


def waiting_anew(
    db: Connection,
    published: PublishedProcess,
    before: PublishedProcess | None,
    at: datetime,
    *,
    count: Count = count_new,
    clock: OpenTime | None = None,
) -> Waiting:
    """What a version would find that the version before it would not; nothing when it starts as that one did."""
    if before is not None and before.process.starts == published.process.starts:
        return Waiting(inside_from=before.starts_from)
    found = waiting(db, published, at, count=count, clock=clock)
    if before is None or not is_generated(before.process):
        return found
    known = sum(count(db, _alone(plan)) for plan in plans_of(db, before, at, clock=clock))
    if found.inside + found.behind <= known:
        return Waiting(gone=found.gone, inside_from=before.starts_from)
    return found


def waiting_already(db: Connection, published: PublishedProcess, at: datetime, *, clock: OpenTime | None = None) -> int:
    """How many cases a published version has to start when its schedule rings next; not those it leaves out."""
    if not is_generated(published.process):
        return 0
    return sum(count_to_start(db, plan) for plan in plans_of(db, published, at, clock=clock))


def starts_from(
    waits: Waiting, at: datetime, *, start_inside: bool | None, start_behind: bool | None
) -> datetime | None:
    """The moment before which nothing starts by itself; None for no such moment."""
    if start_behind:
        return None
    return at if waits.inside and not start_inside else waits.inside_from


def refuse_silence(name: str, waits: Waiting, *, start_inside: bool | None, start_behind: bool | None) -> None:
    """Nothing is started, or left out, unasked. Raises: StartNotSaid."""
    unsaid = []
    if waits.inside and start_inside is None:
        unsaid.append("--start-inside or --no-start-inside")
    if waits.behind and start_behind is None:
        unsaid.append("--start-behind or --no-start-behind")
    if unsaid:
        raise StartNotSaid(
            f"Cannot publish {name} without a word about what waits for it: {waits.inside} inside its window, "
            f"{waits.behind} behind it. Say {' and '.join(unsaid)}."
        )


def is_generated(process: Process) -> bool:
    """Whether runs start its cases."""
    return any(start.kind in GENERATED for start in process.starts)


def _looks_back(start: Start) -> bool:
    """Counted forward from its anchor: whatever ever happened would start."""
    return start.when is not None and start.when.direction is not Direction.BEFORE


def _alone(plan: Plan) -> Plan:
    """Without what a group would pull forward."""
    return replace(plan, reach=plan.window)


def _inside_from(unbounded: tuple[Plan, ...], clock: OpenTime, at: datetime) -> datetime | None:
    """The start of the earliest subject still inside; None when no start of the process looks back."""
    if not any(_looks_back(plan.start) for plan in unbounded):
        return None
    first = at
    for plan in unbounded:
        if plan.start.when is not None and plan.window.first is not None:
            is_date = FIELDS[plan.start.when.anchor].type is FieldType.DATE
            rule = StartRule(when=plan.start.when, clock=clock, is_date=is_date)
            first = min(first, rule.start_of(plan.window.first))
    return first


def _passed(plan: Plan) -> Plan | None:
    """The same question about the anchors before the window; None where the window has no beginning."""
    if plan.window.first is None:
        return None
    before = Window(first=None, last=_just_before(plan.window.first))
    return replace(plan, window=before, reach=before)


def _just_before(anchor: Anchor) -> Anchor:
    return anchor - (timedelta(microseconds=1) if isinstance(anchor, datetime) else timedelta(days=1))


def weekly_starts(
    db: Connection,
    published: PublishedProcess,
    at: datetime,
    *,
    weeks: int = 4,
    count: Count = count_to_start,
    clock: OpenTime | None = None,
) -> tuple[int, ...]:
    """How many cases come up for the schedules in each of the coming weeks, besides those that wait already.

    Nothing that is left out counts; the cases start when a schedule rings next (`starts_to_come`).

    Raises: BeyondCalendar.
    """
    if not is_generated(published.process):
        return (0,) * weeks
    moments = [at + timedelta(weeks=number) for number in range(weeks + 1)]
    plans = [plans_of(db, published, moment, clock=clock) for moment in moments]
    return tuple(
        sum(count(db, _between(before, after)) for before, after in zip(earlier, later, strict=True))
        for earlier, later in pairwise(plans)
    )


def starts_to_come(db: Connection, published: PublishedProcess, edges: Sequence[datetime]) -> tuple[int, ...]:
    """How many cases the schedules will start between each two of these moments, at whatever rings there.

    The first ringing also starts what waits for it already; what is left out starts never. Raises: BeyondCalendar.
    """
    clock, found = calendars.calendar_of(db)[1], [0] * (len(edges) - 1)
    for place, start in enumerate(it for it in published.process.starts if it.kind in GENERATED):
        before: Plan | None = None
        for number, (after, until) in enumerate(pairwise(edges)):
            for rung in _served(start, after, until, clock):
                plan = plans_of(db, published, rung, clock=clock)[place]
                found[number] += count_to_start(db, _alone(plan) if before is None else _between(before, plan))
                before = plan
    return tuple(found)


def _served(start: Start, after: datetime, until: datetime, clock: OpenTime) -> list[datetime]:
    """The ringings that matter: the last of all finds what those before it did; without an anchor, of each day."""
    if start.schedule is None:
        return []
    house = zone(settings().zone)
    rung = start.schedule.ringings(after, until, house, clock.is_working_day)
    return rung[-1:] if start.when else list({each.astimezone(house).date(): each for each in rung}.values())


def _between(before: Plan, after: Plan) -> Plan:
    """What starts by `after` that had not started by `before`."""
    if after.start.when is None or before.window.last is None:
        new = after.ringing is not None and after.ringing != before.ringing
        return after if new else replace(after, window=NOTHING, reach=NOTHING, ringing=None)
    window = Window(first=_just_after(before.window.last), last=after.window.last)
    return replace(after, window=window, reach=window)


def _just_after(anchor: Anchor) -> Anchor:
    return anchor + (timedelta(microseconds=1) if isinstance(anchor, datetime) else timedelta(days=1))
