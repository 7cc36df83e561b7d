"""Work items of a case: which START goes with which COMPLETE. What has no partner is told, never given a duration."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from intake.history.log_case import LogEvent

SCHEDULE, ASSIGN, START, COMPLETE = "schedule", "assign", "start", "complete"
SUSPEND, RESUME = "suspend", "resume"


@dataclass(slots=True, kw_only=True)
class WorkItem:
    """One piece of work, by the places of its events in the case. `pauses`: what happened between, in order."""

    activity: str
    started: int
    scheduled: int | None = None
    completed: int | None = None
    pauses: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Paired:
    """The work items of a case in the order in which they began, and what is left over, counted."""

    items: list[WorkItem] = field(default_factory=list)
    without: Counter[tuple[str, str]] = field(default_factory=Counter)  # (transition, activity)

    def places(self) -> dict[int, tuple[int, str]]:
        """Place of an event -> which item it belongs to, and as what."""
        found: dict[int, tuple[int, str]] = {}
        for number, item in enumerate(self.items):
            if item.scheduled is not None:
                found[item.scheduled] = number, SCHEDULE
            found[item.started] = number, START
            found |= dict.fromkeys(item.pauses, (number, SUSPEND))
            if item.completed is not None:
                found[item.completed] = number, COMPLETE
        return found


def pair(events: Sequence[LogEvent]) -> Paired:
    """The first START of an activity (and instance) that is not complete yet goes with the next COMPLETE.

    A SCHEDULE (or ASSIGN) goes with the next START. Suspending and resuming belong to the item that is under way.
    What would end before it begins is no pair.
    """
    begun: dict[tuple[str | None, str | None], list[WorkItem]] = defaultdict(list)
    waiting: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    finished: list[WorkItem] = []
    for place, event in enumerate(events):
        key = event.activity, event.instance
        match event.transition:
            case "schedule" | "assign":
                waiting[key].append(place)
            case "start":
                scheduled = _taken(events, waiting[key], place)
                begun[key].append(WorkItem(activity=event.activity or "", started=place, scheduled=scheduled))
            case "suspend" | "resume" if begun[key]:
                begun[key][0].pauses.append(place)
            case "complete" if begun[key] and is_after(event, events[begun[key][0].started]):
                item = begun[key].pop(0)
                item.completed = place
                finished.append(item)
    finished.sort(key=lambda item: item.started)
    return _told(events, Paired(items=finished))


def is_after(event: LogEvent, earlier: LogEvent) -> bool:
    """Whether it happened at the moment of the earlier one or later."""
    return event.at is not None and earlier.at is not None and event.at >= earlier.at


def _taken(events: Sequence[LogEvent], waiting: list[int], place: int) -> int | None:
    if waiting and is_after(events[place], events[waiting[0]]):
        return waiting.pop(0)
    return None


def _told(events: Sequence[LogEvent], paired: Paired) -> Paired:
    taken = paired.places()
    for place, event in enumerate(events):
        if place not in taken:
            paired.without[event.transition, event.activity or ""] += 1
    return paired
