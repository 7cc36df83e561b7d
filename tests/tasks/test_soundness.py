"""What the doctor finds: each finding once, nothing where all is well."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from models import definitions, outbox, parties, people, runs, work
from tasks.soundness import Finding, examine

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Sick:
    """A house in which things go wrong, row by row; every method returns the new number."""

    def __init__(self, db: Connection) -> None:
        """Begin with a house that has what every house needs."""
        self.db = db
        self.count = 0
        self.house = self.put(people.organisations, code="h", name="House", kind="house")
        self.process = self.put(definitions.processes, name="p", subject="client")
        self.version = self.put(
            definitions.process_versions,
            process_id=self.process,
            version=1,
            content_hash="x",
            source="",
            published_at=NOON,
        )
        calendar = self.put(definitions.calendars, code="house", zone="Europe/Vilnius")
        self.calendar(calendar, version=1, last_day=date(2028, 1, 1))

    def put(self, table: Any, **values: Any) -> int:
        """One row of any table."""
        return int(self.db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

    def number(self) -> int:
        """A number not used before."""
        self.count += 1
        return self.count

    def calendar(self, calendar: int, *, version: int, last_day: date) -> int:
        """A version of a calendar."""
        return self.put(
            definitions.calendar_versions,
            calendar_id=calendar,
            version=version,
            content_hash="x",
            definition={},
            resolved=[],
            first_day=date(2020, 1, 1),
            last_day=last_day,
            published_at=NOON,
        )

    def client(self) -> int:
        """Somebody a case can be about."""
        return self.put(parties.parties, number=f"C{self.number()}", kind="person", name="Ona", sort_key="ona")

    def case(self, **values: Any) -> int:
        """A running case about a client."""
        facts = {
            "process_id": self.process,
            "version_id": self.version,
            "subject_type": "client",
            "subject_id": self.client(),
            "cycle_id": self.number(),
            "started_at": NOON,
        } | values
        return self.put(work.cases, **facts)

    def task(self, **values: Any) -> int:
        """An open task."""
        resolution = self.put(
            work.resolutions, content_hash=f"h{self.number()}", action="call", fields={}, explanation={}
        )
        return self.put(work.tasks, **({"status": "open", "step": "call", "resolution_id": resolution} | values))

    def employee(self, **values: Any) -> int:
        """Somebody who works here."""
        login = f"e{self.number()}"
        return self.put(people.employees, organisation_id=self.house, login=login, name=login, sort_key=login, **values)

    def message(self, **values: Any) -> int:
        """A row in the outbox, due now."""
        facts = {
            "key": f"k{self.number()}",
            "message_class": "staff",
            "template": "task_reminder",
            "language": "en",
            "facts": {},
            "created_at": NOON,
            "not_before": NOON,
        } | values
        return self.put(outbox.messages, **facts)

    def findings(self) -> list[Finding]:
        """What the doctor says at noon."""
        return examine(self.db, at=NOON)


@pytest.fixture
def sick(db: Connection) -> Sick:
    """A house of one transaction."""
    return Sick(db)


def test_a_sound_house_has_no_findings(sick: Sick) -> None:
    """A case with a task, a queue with a reader, a message that is not late, a calendar that lasts."""
    team = sick.put(people.teams, organisation_id=sick.house, code="sales", name="Sales")
    sick.employee(team_id=team)
    sick.task(case_id=sick.case(), team_id=team, next_at=NOON - timedelta(minutes=5), next_what="remind")
    sick.message()

    assert sick.findings() == []


def test_an_empty_house_is_told_what_to_publish(db: Connection) -> None:
    """Nothing can be done without definitions."""
    assert [finding.what for finding in examine(db, at=NOON)] == ["no process is published", "no calendar is published"]


def test_a_case_in_which_nothing_is_left_to_happen_is_found(sick: Sick) -> None:
    """One whose task is done, beside others that wait for something."""
    stuck, waiting, timed, parent = sick.case(), sick.case(), sick.case(), sick.case()
    sick.task(case_id=stuck, status="done", finished_at=NOON)
    sick.put(work.waits, case_id=waiting, step="wait", kind="happening", began_at=NOON)
    sick.put(work.timers, case_id=timed, step="wait", purpose="wait", fires_at=NOON + timedelta(days=1))
    child = sick.case(parent_id=parent)
    sick.task(case_id=child)

    (finding,) = sick.findings()

    assert (finding.check, finding.count, finding.examples) == ("stuck_cases", 1, (stuck,))


@pytest.mark.parametrize("subject_type", ["client", "term", "receivable", "period"])
def test_a_case_about_something_that_is_not_there_is_found(sick: Sick, subject_type: str) -> None:
    """Subjects have no foreign key; the doctor looks instead."""
    case = sick.case(subject_type=subject_type, subject_id=9_000_000_000)
    sick.task(case_id=case)

    (finding,) = sick.findings()

    assert finding.what == f"cases about a {subject_type} that is not there"
    assert finding.examples == (case,)


def test_work_nobody_can_see_is_found(sick: Sick) -> None:
    """In the queue of an empty team, and on the desk of somebody who has left."""
    team = sick.put(people.teams, organisation_id=sick.house, code="empty", name="Empty")
    gone = sick.employee(team_id=team, left_on=date(2026, 1, 31))
    unread, left = sick.task(team_id=team), sick.task(assignee_id=gone)

    found = {finding.check: finding.examples for finding in sick.findings()}

    assert found == {"unread_queues": (unread,), "left_behind": (left,)}


def test_a_calendar_that_ends_soon_is_found(sick: Sick) -> None:
    """Its newest version counts, not an old one."""
    old = sick.put(definitions.calendars, code="team:sales")
    sick.calendar(old, version=1, last_day=date(2030, 1, 1))
    sick.calendar(old, version=2, last_day=date(2026, 5, 1))

    (finding,) = sick.findings()

    assert (finding.check, finding.examples) == ("calendars", ("team:sales",))


def test_a_beat_that_does_not_run_is_found(sick: Sick) -> None:
    """A timer, a task's moment and a happening, all long due."""
    early = NOON - timedelta(hours=3)
    case = sick.case()
    sick.put(work.timers, case_id=case, step="wait", purpose="wait", fires_at=early)
    sick.task(next_at=early, next_what="remind")
    sick.put(work.happenings, key="k", kind="custom.x", subject_type="client", subject_id=1, at=early)

    assert [finding.check for finding in sick.findings()] == ["beat", "beat", "beat"]


def test_messages_in_trouble_are_found(sick: Sick) -> None:
    """Failed with its reason, unknown, unsent for a day, and one to be printed."""
    sick.message(state="failed", last_answer="no address")
    unknown = sick.message(state="unknown")
    unsent = sick.message(not_before=NOON - timedelta(days=2))
    paper = sick.message(channel="letter")

    found = [finding.examples for finding in sick.findings()]

    assert found == [("no address",), (unknown,), (unsent,), (paper,)]


def test_what_was_interrupted_or_set_aside_is_found(sick: Sick) -> None:
    """A run that never ended, and a happening kept for a person with its reason."""
    sick.put(
        runs.runs,
        process_id=sick.process,
        version_id=sick.version,
        as_of=NOON,
        state="running",
        created_at=NOON - timedelta(hours=5),
        door="cli",
    )
    sick.put(
        work.happenings,
        key="k",
        kind="custom.x",
        subject_type="client",
        subject_id=1,
        at=NOON,
        handled_at=NOON,
        problem="it could not be followed",
    )

    assert {finding.check: finding.examples[:1] for finding in sick.findings()}["set_aside"] == (
        "it could not be followed",
    )
    assert "runs" in {finding.check for finding in sick.findings()}
