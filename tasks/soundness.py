"""What is broken, stuck or about to run out in a house: a list of checks, each returning its findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from models import definitions, deliveries, outbox, parties, people, runs, work
from models.deliveries import BounceKind
from models.outbox import MessageState
from models.runs import RunState
from models.work import LIVE, CaseStatus
from tasks.desk.stuck import is_stuck, waits_for_the_stuck
from tasks.facts.ground import GROUNDS

EXAMPLES = 5
CALENDAR_AHEAD = timedelta(days=90)
BEAT_LATE = timedelta(hours=2)  # what is due longer than that says that nobody runs the beat
RUN_LONG = timedelta(hours=2)
LATELY = timedelta(days=7)  # mails nobody understood: a person has looked at them by then, or will not
MEND = "Mend the reason given, then `taktas messages retry` each."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that needs somebody: what is wrong, how often, where for example, and the way forward."""

    check: str
    what: str
    way: str
    count: int
    examples: tuple[Any, ...] = ()


def examine(db: Connection, *, at: datetime) -> list[Finding]:
    """All findings, in the order of the checks; none when all is well."""
    return [finding for check in CHECKS for finding in check(db, at)]


def orphans(db: Connection, _at: datetime) -> list[Finding]:
    """Cases and tasks about something that is not there: their subjects carry no foreign key."""
    found = []
    for name, table in (("cases", work.cases), ("tasks", work.tasks)):
        for subject_type, ground in GROUNDS.items():
            subject = ground.table.alias("subject")
            is_gone = ~exists().where(subject.c.id == table.c.subject_id)
            found += _counted(
                db,
                select(table.c.id).where(table.c.subject_type == subject_type, is_gone),
                check="orphans",
                what=f"{name} about a {subject_type} that is not there",
                way="Void the cases and cancel the tasks, or restore what was deleted.",
            )
    return found


def stuck_cases(db: Connection, _at: datetime) -> list[Finding]:
    """Cases that run with nothing alive in them, and those that wait for such a case."""
    case = work.cases.c
    is_waiting = and_(case.status == CaseStatus.RUNNING, waits_for_the_stuck(case))
    return [
        *_counted(
            db,
            select(case.id).where(is_stuck(case)),
            check="stuck_cases",
            what="cases that run with nothing left to happen in them",
            way="Look at one with `taktas cases show`, then say how it ended: `taktas cases end`.",
        ),
        *_counted(
            db,
            select(case.id).where(is_waiting),
            check="stuck_parents",
            what="cases that wait for one in which nothing is left to happen",
            way="`taktas cases show` names the one waited for. Say how that ended: `taktas cases end`.",
        ),
    ]


def queues_without_readers(db: Connection, at: datetime) -> list[Finding]:
    """Open work in the queue of a team nobody belongs to, and on the desk of somebody who has left."""
    task, person = work.tasks.c, people.employees.c
    works_here = or_(person.left_on.is_(None), person.left_on >= at.date())
    has_reader = exists().where(person.team_id == task.team_id, works_here)
    is_live = task.status.in_(LIVE)
    unread = select(task.id).where(is_live, task.assignee_id.is_(None), task.team_id.is_not(None), ~has_reader)
    left = select(task.id).where(is_live, exists().where(person.id == task.assignee_id, person.left_on < at.date()))
    return [
        *_counted(
            db,
            unread,
            check="unread_queues",
            what="open tasks in the queue of a team nobody belongs to",
            way="Give them to somebody with `taktas tasks reassign`, or put somebody into the team.",
        ),
        *_counted(
            db,
            left,
            check="left_behind",
            what="open tasks of people who have left",
            way="Hand everything over with `taktas employees leave`.",
        ),
    ]


def calendars_running_out(db: Connection, at: datetime) -> list[Finding]:
    """Calendars whose resolved days end soon: no due time can be counted beyond them."""
    version, calendar = definitions.calendar_versions.c, definitions.calendars.c
    newest = (
        select(version.calendar_id, func.max(version.version).label("version")).group_by(version.calendar_id).subquery()
    )
    ends = (
        select(calendar.code)
        .join(definitions.calendar_versions, version.calendar_id == calendar.id)
        .join(newest, and_(newest.c.calendar_id == version.calendar_id, newest.c.version == version.version))
        .where(version.last_day < at.date() + CALENDAR_AHEAD)
    )
    return _counted(
        db,
        ends,
        check="calendars",
        what=f"calendars that end within {CALENDAR_AHEAD.days} days",
        way="Publish them again with `taktas standards publish`: it resolves the years to come.",
    )


def beat_missing(db: Connection, at: datetime) -> list[Finding]:
    """Things that should have happened long ago: nobody runs `taktas tick`."""
    late, timer, task = at - BEAT_LATE, work.timers.c, work.tasks.c
    way = "Run `taktas tick`, and let it run every few minutes."
    waiting = and_(timer.fired_at.is_(None), timer.cancelled_at.is_(None))
    heard = work.happenings.c
    return [
        *_counted(
            db,
            select(timer.id).where(waiting, timer.fires_at < late),
            check="beat",
            what="timers that should have fired",
            way=way,
        ),
        *_counted(
            db,
            select(task.id).where(task.next_at < late),
            check="beat",
            what="tasks whose reminder, escalation or opening is overdue",
            way=way,
        ),
        *_counted(
            db,
            select(heard.id).where(heard.handled_at.is_(None), heard.at < late),
            check="beat",
            what="happenings nobody has heard",
            way=way,
        ),
    ]


def happenings_set_aside(db: Connection, _at: datetime) -> list[Finding]:
    """Happenings that could not be dealt with and were kept for a person."""
    heard = work.happenings.c
    return _counted(
        db,
        select(heard.problem).where(heard.problem.is_not(None)),
        check="set_aside",
        what="happenings that could not be dealt with",
        way="Mend the cause, and do by hand what they asked for.",
    )


def runs_unfinished(db: Connection, at: datetime) -> list[Finding]:
    """Runs that began long ago and never ended."""
    run = runs.runs.c
    return _counted(
        db,
        select(run.id).where(run.state == RunState.RUNNING, run.created_at < at - RUN_LONG),
        check="runs",
        what="runs that were interrupted",
        way="Run the same process again: it does what is left, and nothing twice.",
    )


def messages_in_trouble(db: Connection, at: datetime) -> list[Finding]:
    """Messages that failed, whose fate nobody knows, or that nobody sends or prints."""
    message = outbox.messages.c
    is_waiting = message.state.in_((MessageState.PENDING, MessageState.RETRY))
    by_mail = message.channel == "email"
    failed = message.state == MessageState.FAILED
    reasons = select(message.last_answer).where(failed)
    questions: tuple[tuple[ColumnElement[bool], str, str], ...] = (
        (
            message.state == MessageState.UNKNOWN,
            "messages that may have arrived or not",
            "Ask the receiver or look at the mail server's log, then decide with `taktas messages release`.",
        ),
        (
            and_(is_waiting, by_mail, message.not_before < at - timedelta(days=1)),
            "messages that should have left a day ago",
            "Run `taktas send`, and let it run every few minutes.",
        ),
        (and_(is_waiting, ~by_mail), "letters on paper or by another channel that wait", "Print and post them."),
    )
    return [
        *_counted(db, reasons, check="messages", what="messages that failed", way=MEND),
        *(
            finding
            for condition, what, way in questions
            for finding in _counted(db, select(message.id).where(condition), check="messages", what=what, way=way)
        ),
    ]


def mail_that_came_back(db: Connection, at: datetime) -> list[Finding]:
    """Clients nobody can write to any more, and mails in the bounce mailbox a person should look at."""
    bounce, point = deliveries.bounces.c, parties.contact_points.c
    strange = and_(bounce.kind == BounceKind.NOT_UNDERSTOOD, bounce.read_at >= at - LATELY)
    other = parties.contact_points.alias("other").c
    works = exists().where(other.party_id == point.party_id, other.channel == "email", other.bounced_at.is_(None))
    unreached = (
        select(parties.parties.c.number)
        .join_from(parties.contact_points, parties.parties)
        .where(point.channel == "email", point.bounced_at.is_not(None), ~works, parties.parties.c.erased_at.is_(None))
        .distinct()
    )
    way = "`taktas bounces marked` lists them; ask for another address."
    look = "`taktas bounces list --kind not_understood` lists them."
    what = "mails of the last week in the bounce mailbox that say nothing we understand"
    return [
        *_counted(db, unreached, check="bounces", what="clients whose e-mail addresses all came back", way=way),
        *_counted(db, select(bounce.id).where(strange), check="bounces", what=what, way=look),
    ]


def definitions_missing(db: Connection, _at: datetime) -> list[Finding]:
    """A house that has published no process or no calendar can do nothing."""
    found = []
    tables = (("process", definitions.process_versions), ("calendar", definitions.calendar_versions))
    for name, table in tables:
        if db.scalar(select(func.count()).select_from(table)) == 0:
            way = "Run `taktas standards publish`."
            found.append(Finding(check="definitions", what=f"no {name} is published", way=way, count=1))
    return found


def _counted(db: Connection, query: Select[Any], *, check: str, what: str, way: str) -> list[Finding]:
    """A finding where the query finds rows; its first column is the example."""
    found = query.subquery("found")
    (number,) = found.c
    count = db.scalar(select(func.count()).select_from(found)) or 0
    if not count:
        return []
    examples = tuple(db.scalars(select(number).distinct().order_by(number).limit(EXAMPLES)))
    return [Finding(check=check, what=what, way=way, count=count, examples=examples)]


CHECKS: Sequence[Callable[[Connection, datetime], list[Finding]]] = (
    definitions_missing,
    calendars_running_out,
    beat_missing,
    messages_in_trouble,
    mail_that_came_back,
    stuck_cases,
    queues_without_readers,
    happenings_set_aside,
    runs_unfinished,
    orphans,
)
