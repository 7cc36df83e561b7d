"""One case while it is being advanced: locked, with its process, its history and what is still to be done to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, literal, select, union_all

from core.actor import Actor
from core.clock import zone
from core.errors import TaktasError
from core.settings import settings
from models import work
from models.work import LIVE, TaskStatus
from standards.process import Process, Route, Step, Transition
from standards.working_time.duration import Duration
from tasks.advancing.history import History, Place, history_of
from tasks.advancing.outlook import Token
from tasks.handbooks import handbook
from tasks.record import ledger
from tasks.record.ledger import Entry, Ledger
from tasks.record.rows import CaseRow, TaskRow

MOST_TRANSITIONS = 500
"""Transitions a case may take by itself at once: a process that was checked never comes near."""

TASK, ITEM, FAN = "task", "item", "members"


class CourseTooLong(TaktasError):
    """A case goes round and round without anybody doing anything."""


@dataclass(frozen=True, slots=True)
class Enter:
    """The case comes to a step; `after` is the task whose person keeps the work, when it is the next round of it."""

    step: str
    member: str = ""
    wait: Duration | None = None
    after: TaskRow | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """A transition is taken from a place; `taken` says how often it was before, for its limit."""

    place: Place
    transition: Transition
    taken: int = 0
    after: TaskRow | None = None


@dataclass(frozen=True, slots=True)
class Alive:
    """A task, an item of a shared task, or a wait that has not come to its end; `id` is the row's."""

    place: Place
    kind: str  # task | item | members | happening | child | race | timer
    id: int

    @property
    def token(self) -> Token:
        """As joins look at it."""
        return Token(self.place.step, self.place.member, self.kind == FAN)


@dataclass(slots=True, kw_only=True)
class Effects:
    """What came of it, for whoever asked."""

    opened: list[int] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    stranded: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Course:
    """Everything here happens under the case's lock, in the caller's transaction; `close` writes the ledger."""

    db: Connection
    actor: Actor
    at: datetime
    case: CaseRow
    process: Process
    history: History
    ledger: Ledger
    effects: Effects
    agenda: deque[Enter | Take] = field(default_factory=deque)
    cause: int = 0
    is_over: bool = False
    first_assignee_id: int | None = None  # named by hand for the first task
    first_routes: tuple[Route, ...] = ()  # of the start that began it just now
    children: list[Course] = field(default_factory=list)  # cases it has begun, which take their steps after it
    orphaned: list[Place] = field(default_factory=list)  # steps that no longer wait for the cases they began
    facts: dict[str, Any] = field(default_factory=dict)
    _alive: list[Alive] | None = None

    @property
    def today(self) -> date:
        """The house's date of the moment."""
        return self.at.astimezone(zone(settings().zone)).date()

    def step(self, name: str) -> Step:
        """A step of the case's process."""
        return self.process.steps[name]

    def note(
        self,
        kind: str,
        place: Place | None = None,
        /,
        *,
        task_id: int | None = None,
        item_id: int | None = None,
        **facts: Any,
    ) -> Entry:
        """Write to the case's ledger; what the engine does by itself names the event that caused it."""
        known = (place.facts() if place else {}) | facts
        if self.cause:
            known["cause"] = self.cause
        entry = self.ledger.note(kind, known, task_id=task_id, item_id=item_id)
        self.history.add(entry)
        return entry

    def next_place(self, step: str, member: str) -> Place:
        """The place of the next coming to a step."""
        return Place(step, member, self.history.round_of(step, member) + 1)

    def alive(self) -> list[Alive]:
        """All that has not come to its end in this case, in the order of its beginning."""
        if self._alive is None:
            rows = self.db.execute(_ALIVE, {"case_id": self.case.id})
            self._alive = [Alive(Place(*row[:3]), row.kind, row.id) for row in rows]
        return self._alive

    def changed(self) -> None:
        """Something began or ended: what is alive has to be asked again."""
        self._alive = None

    def close(self) -> None:
        """Write what was noted."""
        self.ledger.flush(self.db)

    def too_long(self) -> CourseTooLong:
        """The refusal of a process that never comes to rest."""
        return CourseTooLong(
            f"Case {self.case.id} took {MOST_TRANSITIONS} transitions of {self.process.name} and did not come to rest, "
            "so nothing was changed. A circle of that process has no limit: give one of its steps at most, and publish "
            "it."
        )


def open_course(db: Connection, actor: Actor, case: CaseRow, *, at: datetime, effects: Effects | None = None) -> Course:
    """Take up a case whose row is locked."""
    entries = ledger.read_case(db, case.id)
    history = history_of(entries)
    return Course(
        db=db,
        actor=actor,
        at=at,
        case=case,
        process=handbook.process_version(db, case.version_id),
        history=history,
        ledger=Ledger(actor=actor, at=at, last=history.last, case_id=case.id),
        effects=effects if effects is not None else Effects(),
        is_over=not case.is_running,
    )


def places(alive: Iterable[Alive]) -> list[Token]:
    """What joins look at."""
    return [one.token for one in alive]


def _alive_query() -> Any:
    task, item, wait = work.tasks.c, work.task_items.c, work.waits.c
    live = [status.value for status in LIVE]
    case_id: Any = bindparam("case_id")
    return union_all(
        select(task.step, task.member, task.round, literal(TASK).label("kind"), task.id).where(
            task.case_id == case_id, task.status.in_(live), task.step.is_not(None)
        ),
        select(item.step, item.member, item.round, literal(ITEM).label("kind"), item.id).where(
            item.case_id == case_id, item.status == TaskStatus.OPEN.value
        ),
        select(wait.step, wait.member, wait.round, wait.kind, wait.id).where(
            wait.case_id == case_id, wait.ended_at.is_(None)
        ),
    )


_ALIVE = _alive_query()
