"""Whole processes told as stories: what was done, written and ended, in order, and whether anything was left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from models import outbox, parties, work
from standards.definition_folder import read_definitions
from tasks.beat import happening
from tasks.generation.running import generate_here
from tasks.handbooks import publishing
from tasks.record.rebuild import rebuild_holds

House = Any

_LEFT_BEHIND = {
    "an ended case has an open task": """
        SELECT c.id, t.step FROM tasks t JOIN cases c ON c.id = t.case_id
        WHERE c.status = 'ended' AND t.status IN ('planned', 'open', 'active', 'waiting')""",
    "an ended case has an open share": """
        SELECT c.id, i.step FROM task_items i JOIN cases c ON c.id = i.case_id
        WHERE c.status = 'ended' AND i.status = 'open'""",
    "an ended case still waits": """
        SELECT c.id, w.step FROM waits w JOIN cases c ON c.id = w.case_id
        WHERE c.status = 'ended' AND w.ended_at IS NULL""",
    "an ended case has a timer": """
        SELECT c.id, t.step FROM timers t JOIN cases c ON c.id = t.case_id
        WHERE c.status = 'ended' AND t.fired_at IS NULL AND t.cancelled_at IS NULL""",
    "a running case has nothing left to do": """
        SELECT c.id, '' FROM cases c
        WHERE c.status = 'running'
          AND NOT EXISTS (SELECT FROM tasks t WHERE t.case_id = c.id
                          AND t.status IN ('planned', 'open', 'active', 'waiting'))
          AND NOT EXISTS (SELECT FROM task_items i WHERE i.case_id = c.id AND i.status = 'open')
          AND NOT EXISTS (SELECT FROM waits w WHERE w.case_id = c.id AND w.ended_at IS NULL)""",
    "a timer belongs to a step that is over": """
        SELECT t.case_id, t.step FROM timers t
        WHERE t.fired_at IS NULL AND t.cancelled_at IS NULL
          AND NOT EXISTS (SELECT FROM tasks k WHERE k.case_id = t.case_id AND k.step = t.step AND k.member = t.member
                          AND k.round = t.round AND k.status IN ('open', 'active', 'waiting'))
          AND NOT EXISTS (SELECT FROM task_items i WHERE i.case_id = t.case_id AND i.step = t.step
                          AND i.member = t.member AND i.round = t.round AND i.status = 'open')
          AND NOT EXISTS (SELECT FROM waits w WHERE w.case_id = t.case_id AND w.step = t.step
                          AND w.member = t.member AND w.round = t.round AND w.ended_at IS NULL)""",
    "a step waits for a timer that will never fire": """
        SELECT w.case_id, w.step FROM waits w
        WHERE w.ended_at IS NULL AND w.kind = 'timer'
          AND NOT EXISTS (SELECT FROM timers t WHERE t.case_id = w.case_id AND t.step = w.step
                          AND t.member = w.member AND t.round = w.round
                          AND t.fired_at IS NULL AND t.cancelled_at IS NULL)""",
    "a step waits for a sub-process that has ended": """
        SELECT w.case_id, w.step FROM waits w
        WHERE w.ended_at IS NULL AND w.kind = 'child'
          AND NOT EXISTS (SELECT FROM cases c WHERE c.parent_id = w.case_id AND c.parent_step = w.step
                          AND c.parent_member = w.member AND c.parent_round = w.round AND c.status = 'running')
          AND NOT EXISTS (SELECT FROM happenings h WHERE h.kind = 'case.ended' AND h.subject_id = w.case_id
                          AND h.handled_at IS NULL)""",
    "the ledger of a case has a gap": """
        SELECT case_id, '' FROM events WHERE case_id IS NOT NULL
        GROUP BY case_id HAVING min(number) <> 1 OR max(number) <> count(*)""",
    "a join fired twice in one round": """
        SELECT case_id, data->>'step' FROM events WHERE kind = 'join.fired'
        GROUP BY case_id, data->>'step', data->>'round' HAVING count(*) > 1""",
    "a finished task has no hold": """
        SELECT t.case_id, t.step FROM tasks t
        WHERE t.opened_at IS NOT NULL AND t.status IN ('done', 'cancelled', 'expired')
          AND NOT EXISTS (SELECT FROM holds h WHERE h.task_id = t.id)""",
}
_HOLDS = text(
    "SELECT task_id, employee_id, team_id, calendar_version_id, began_at, ended_at, working_seconds, "
    "waiting_seconds, ended_by FROM holds ORDER BY task_id, began_at"
)


def find_troubles(db: Connection) -> list[str]:
    """Whatever in the database breaks a promise of the engine, in words; empty when all is well."""
    troubles = [
        f"{what}: case {row[0]} {row[1]}".strip()
        for what, query in _LEFT_BEHIND.items()
        for row in db.execute(text(query))
    ]
    kept = [tuple(row) for row in db.execute(_HOLDS)]
    with db.begin_nested() as rehearsal:
        rebuild_holds(db)
        rebuilt = [tuple(row) for row in db.execute(_HOLDS)]
        rehearsal.rollback()
    if kept != rebuilt:
        troubles.append(f"the ledger tells other holds than were kept: {set(kept) ^ set(rebuilt)}")
    return troubles


@pytest.fixture(scope="session")
def troubles() -> Callable[[Connection], list[str]]:
    """What breaks a promise of the engine."""
    return find_troubles


@dataclass
class Story:
    """One case and all that came of it: sub-processes, letters, ends."""

    house: House
    case_id: int

    def family(self) -> list[int]:
        """The case and every case begun from it, oldest first."""
        found, left = [], [self.case_id]
        while left:
            found += left
            query = select(work.cases.c.id).where(work.cases.c.parent_id.in_(left)).order_by(work.cases.c.id)
            left = list(self.house.db.execute(query).scalars())
        return sorted(found)

    def generated(self, process: str) -> list[int]:
        """The run starts whatever is due of a process; the numbers of the new cases."""
        before = set(self.house.db.execute(select(work.cases.c.id)).scalars())
        generate_here(self.house.db, self.house.actor("ona"), process, self.house.now)
        return sorted(set(self.house.db.execute(select(work.cases.c.id)).scalars()) - before)

    def begins(self, process: str) -> Story:
        """The run starts the one case of a process that is due: the story is about it."""
        (self.case_id,) = self.generated(process)
        return self

    def hands_in(self, *papers: str, client: str = "C-1") -> Story:
        """The client brings papers."""
        number = self.house.ids[client]
        facts = {"party_id": number, "on_type": "party", "on_id": number, "received_at": self.house.now}
        for paper in papers:
            self.house.add(parties.requirements, type=paper, state="received", **facts)
        return self

    def does(self, step: str, outcome: str, *, by: str = "ona", **answers: Any) -> Story:
        """Somebody finishes the (oldest) open task of a step, and the beat lets what follows follow."""
        live = [task for case_id in self.family() for task in self.house.tasks(case_id, step=step)]
        assert live, f"there is no open task of {step}, only {self.live}"
        self.house.complete(min(live, key=lambda task: task["id"]), outcome, by=by, **answers)
        self.beat()
        return self

    def goes_by(self, **span: float) -> Story:
        """Time goes by on the clock, hour by hour where it is short and day by day where it is long."""
        left = timedelta(**span)
        while left > timedelta():
            leap = min(left, timedelta(days=1) if left >= timedelta(days=1) else timedelta(hours=1))
            self.house.now, left = self.house.now + leap, left - leap
            self.beat()
        return self

    def until(self, written: str) -> Story:
        """Time goes by until a moment on the wall clock, day by day."""
        end: datetime = self.house.at(written)
        while self.house.now < end:
            self.house.now = min(end, self.house.now + timedelta(days=1))
            self.beat()
        return self

    def hears(self, kind: str, subject: str = "C-1", subject_type: str = "client", **data: Any) -> Story:
        """Something befalls a subject, and the beat lets everybody hear."""
        house = self.house
        happening.report(
            house.db,
            kind=kind,
            subject_type=subject_type,
            subject_id=house.ids[subject],
            at=house.now,
            key=f"{kind}:{len(house.rows(work.happenings))}",
            data=data,
        )
        self.beat()
        return self

    def beat(self) -> None:
        """The beat at this moment; nothing may stand in its way."""
        report = self.house.tick()
        assert report.problems == []

    @property
    def told(self) -> list[str]:
        """What was done (`step: outcome`), written (`letter name`), cancelled and ended, in the order of the ledger."""
        family = self.family()
        query = select(work.events).where(work.events.c.case_id.in_(family)).order_by(work.events.c.id)
        lines = (self._line(row._mapping) for row in self.house.db.execute(query))
        return [line for line in lines if line]

    def _line(self, event: Any) -> str:
        data = event["data"] or {}
        match event["kind"]:
            case "task.completed":
                return f"{data['step']}: {data['outcome']}"
            case "task.cancelled":
                return f"{data['step']} cancelled"
            case "letter.queued":
                return f"letter {self._letter(data['message_id'])}"
            case "case.ended":
                return f"{self._process(event['case_id'])} ends {data['end']}"
        return ""

    def _letter(self, number: int) -> str:
        query = select(outbox.messages.c.template).where(outbox.messages.c.id == number)
        return str(self.house.db.execute(query).scalar_one())

    def _process(self, case_id: int) -> str:
        number = self.house.case(case_id)["process_id"]
        return next(name for name, found in self._names().items() if found == number)

    def _names(self) -> dict[str, int]:
        query = text("SELECT name, id FROM processes")
        return {row.name: row.id for row in self.house.db.execute(query)}

    @property
    def live(self) -> list[str]:
        """The steps with open or planned work, in alphabetical order."""
        return sorted(str(task["step"]) for case_id in self.family() for task in self.house.tasks(case_id))

    @property
    def waits(self) -> list[str]:
        """The steps that wait for something, in alphabetical order."""
        query = select(work.waits.c.step).where(
            work.waits.c.case_id.in_(self.family()), work.waits.c.ended_at.is_(None)
        )
        return sorted(self.house.db.execute(query).scalars())

    @property
    def end(self) -> str | None:
        """How the case ended; None while it runs. Nothing may be left behind in it or in any other."""
        assert find_troubles(self.house.db) == []
        ended: str | None = self.house.case(self.case_id)["end_code"]
        return ended


@pytest.fixture
def tell() -> Callable[[House, int], Story]:
    """The story of a case."""
    return Story


@pytest.fixture(scope="module")
def _kept(_shared_engine: Engine) -> Iterator[tuple[Connection, list[House]]]:
    """One transaction for all stories of a module, taken back after the last; the house in it is made once."""
    with _shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection, []
        transaction.rollback()


@pytest.fixture
def brokerage(_kept: tuple[Connection, list[House]], furnished: Callable[[Connection], House]) -> Iterator[House]:
    """The small house with everything that ships with taktas published; each story leaves it as it was."""
    db, made = _kept
    if not made:
        made.append(furnished(db))
        shipped = read_definitions().checked()
        publishing.publish(db, made[0].actor(), shipped, made[0].now, start_inside=True, start_behind=False)
    with db.begin_nested() as story:
        yield replace(made[0], ids=dict(made[0].ids))
        story.rollback()
