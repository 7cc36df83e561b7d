"""From a case as a log tells it to a case as it is written down: checked, paired, with the time of whoever worked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from intake.cells.problem import CellRefused
from intake.history.history_mapping import HistoryMapping, Unpaired
from intake.history.log_case import MOST_LETTERS, LogCase, LogEvent
from intake.history.moments import ReadMoment, in_utc
from intake.history.pairing import COMPLETE, SCHEDULE, START, Paired, WorkItem, pair
from intake.history.staff import Staff
from standards.service.standard import Dimensions
from standards.working_time.open_table import BeyondCalendar
from tasks.handbooks.clocks import clock_of
from tasks.handbooks.resolving import resolution_id
from tasks.record.log_steps import OPEN_END, Steps
from tasks.record.log_writing import OUTCOME, LoggedCase, LoggedEvent, LoggedItem

MOMENT = "log.event"
"""An event of the log that is no part of a work item: it has a moment, no duration."""
_KINDS = {SCHEDULE: "task.opened", START: "task.started", COMPLETE: "task.completed"}
_PAUSES = {"suspend": "task.waited", "resume": "task.resumed"}


@dataclass(slots=True, kw_only=True)
class CaseMaker:
    """Makes cases of one log. `unpaired`: what had no partner, by transition and activity; `worked`: what had one."""

    db: Connection
    mapping: HistoryMapping
    process: str
    steps: Steps
    staff: Staff
    read_moment: ReadMoment
    may_write: bool
    unpaired: Counter[tuple[str, str]] = field(default_factory=Counter)
    worked: set[str] = field(default_factory=set)
    items: int = 0
    events: int = 0
    _resolutions: dict[str, int] = field(default_factory=dict)

    def look_over(self, case: LogCase) -> None:
        """Note what is wrong with a case: nothing of it goes in then, for half a case tells less than none."""
        if not case.number:
            case.trouble.append((case.line, "the case has no name (concept:name)"))
        case.trouble += [(case.line, reason) for reason in _too_long("the name of the case", case.number)]
        if not case.events and case.span is None:
            case.trouble.append((case.line, "the case has no events"))
        for event in case.events:
            case.trouble += [(event.line, reason) for reason in self._wrong(event)]

    def _wrong(self, event: LogEvent) -> Iterator[str]:
        if event.activity is None:
            yield "the event has no activity (concept:name)"
        if event.at is None:
            yield from self._wrong_moment(event)
        yield from _too_long("the activity", event.activity)
        yield from _too_long("the transition", event.transition)
        yield from _too_long("the name of the person", event.resource)
        if event.resource is not None and (reason := self.staff.trouble(event.resource)):
            yield reason

    def _wrong_moment(self, event: LogEvent) -> Iterator[str]:
        if event.written_at is None:
            yield "the event has no moment (time:timestamp)"
            return
        try:
            event.at = self.read_moment(event.written_at)
        except CellRefused as error:
            yield str(error)

    def make(self, case: LogCase) -> LoggedCase | None:
        """The case as it is written; None, with the reason noted, where its days lie outside every calendar."""
        paired = pair(case.events)
        try:
            items = list(self._items(case.events, paired))
        except BeyondCalendar as error:
            case.trouble.append((case.line, str(error)))
            return None
        self.unpaired += paired.without
        self.worked |= {item.activity for item in paired.items}
        self.items += len(items)
        self.events += len(case.events)
        began, ended = self._span(case)
        end = self._end(case)
        return LoggedCase(
            number=case.number,
            content_hash=case.content_hash,
            attributes=case.attributes,
            started_at=began,
            ended_at=ended,
            end_code=end,
            is_success=self.mapping.ends.get(end),
            items=items,
            events=list(self._ledger(case, paired, items, (began, ended), end)),
        )

    def _span(self, case: LogCase) -> tuple[datetime, datetime]:
        if case.span is not None:
            return case.span
        moments = [in_utc(_at(event)) for event in case.events]
        return min(moments), max(moments)

    def _end(self, case: LogCase) -> str:
        """What the mapping makes of how the case ended; the last word counts."""
        rule = self.mapping.end
        if rule is None:
            return OPEN_END
        said = [case.says] if rule.column else [event.activity for event in reversed(case.events)]
        return next((rule.codes[word] for word in said if word is not None and word in rule.codes), OPEN_END)

    def _resolution(self, activity: str) -> int:
        step = self.steps.step(activity)
        if step not in self._resolutions:
            asked = Dimensions(action=step, process=self.process, step=step)
            self._resolutions[step] = resolution_id(self.db, asked) if self.may_write else 0
        return self._resolutions[step]

    def _items(self, events: list[LogEvent], paired: Paired) -> Iterator[LoggedItem]:
        rounds: Counter[str] = Counter()
        for item in paired.items:
            rounds[item.activity] += 1
            yield self._item(events, item, rounds[item.activity])

    def _item(self, events: list[LogEvent], item: WorkItem, number: int) -> LoggedItem:
        started, completed = events[item.started], events[item.completed or 0]
        opened = events[item.scheduled] if item.scheduled is not None else started
        began, ended, given = in_utc(_at(started)), in_utc(_at(completed)), in_utc(_at(opened))
        employee_id = self.staff.employee(completed.resource, ended)
        calendar, queued, worked = 0, 0, 0
        if self.may_write:
            calendar = self.staff.calendar(employee_id)
            clock = clock_of(self.db, calendar)
            queued, worked = clock.between(given, began), clock.between(began, ended)
        return LoggedItem(
            step=self.steps.step(item.activity),
            round=number,
            resolution_id=self._resolution(item.activity),
            employee_id=employee_id,
            calendar_version_id=calendar,
            opened_at=given,
            started_at=began,
            finished_at=ended,
            queued_seconds=queued,
            working_seconds=worked,
        )

    def _ledger(
        self, case: LogCase, paired: Paired, items: list[LoggedItem], span: tuple[datetime, datetime], end: str
    ) -> Iterator[LoggedEvent]:
        yield LoggedEvent(kind="case.started", at=span[0], facts={"basis": "inferred"})
        places = paired.places()
        for place, event in enumerate(case.events):
            if place not in places:
                if self.mapping.unpaired is Unpaired.KEEP:
                    yield self._told(MOMENT, event, None, self._about(event))
                continue
            number, role = places[place]
            if role == START:
                yield self._beginning(items[number], number, was_scheduled=paired.items[number].scheduled is not None)
            yield self._of_item(event, role, number, items[number])
        facts_of_end = {"end": end, "success": self.mapping.ends.get(end), "basis": "inferred"}
        yield LoggedEvent(kind="case.ended", at=span[1], facts=facts_of_end)

    def _about(self, event: LogEvent) -> dict[str, object]:
        activity = event.activity or ""
        step, resolution = self.steps.step(activity), self._resolution(activity)
        return {"step": step, "transition": event.transition, "resolution_id": resolution}

    def _beginning(self, item: LoggedItem, number: int, *, was_scheduled: bool) -> LoggedEvent:
        """What the log leaves unsaid: the work came into somebody's hands when they began."""
        calendar = item.calendar_version_id
        facts = {"step": item.step, "round": item.round, "calendar_version_id": calendar, "basis": "inferred"}
        if was_scheduled:
            facts |= {"from_calendar": calendar, "to": item.employee_id}
        else:
            facts |= {"assignee_id": item.employee_id}
        kind = "task.reassigned" if was_scheduled else "task.opened"
        return LoggedEvent(kind=kind, at=item.started_at, item=number, facts=facts)

    def _of_item(self, event: LogEvent, role: str, number: int, item: LoggedItem) -> LoggedEvent:
        facts: dict[str, object] = {"step": item.step, "round": item.round}
        kind = _KINDS.get(role) or _PAUSES[event.transition]
        if role == SCHEDULE:
            facts["calendar_version_id"] = item.calendar_version_id
        elif role == COMPLETE:
            facts |= {"outcome": OUTCOME, "assignee_id": item.employee_id}
        elif kind == "task.waited":
            facts["waiting_for"] = "other"
        return self._told(kind, event, number, facts)

    def _told(self, kind: str, event: LogEvent, item: int | None, facts: dict[str, object]) -> LoggedEvent:
        at = _at(event)
        return LoggedEvent(
            kind=kind,
            at=at,
            item=item,
            employee_id=self.staff.employee(event.resource, at),
            facts=facts,
            attributes=event.attributes,
        )


def _too_long(what: str, name: str | None) -> Iterator[str]:
    if name is not None and len(name) > MOST_LETTERS:
        yield f"{what} is {len(name):,} letters long, and at most {MOST_LETTERS} can be kept"


def _at(event: LogEvent) -> datetime:
    """The moment of an event that was looked over. Raises: ValueError for another."""
    if event.at is None:
        raise ValueError(f"the event in line {event.line} was not looked over")
    return event.at
