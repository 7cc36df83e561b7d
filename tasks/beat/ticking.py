"""The beat: timers, happenings and task moments that are due are dealt with in batches, one savepoint for each row."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from psycopg2.errors import DeadlockDetected
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from core.actor import Actor, Door
from core.collector import no_collecting
from core.errors import TaktasError
from core.words import counted
from models.database import begin
from tasks.advancing.course import Effects
from tasks.beat.due_rows import (
    Due,
    due_happenings,
    due_moments,
    due_returns,
    due_timers,
    put_off_task,
    put_off_timer,
    reason_of,
    set_aside_happening,
)
from tasks.beat.expiring import report_ended_terms
from tasks.beat.firing import fire_moment, fire_return, fire_timer, hear_happening
from tasks.beat.nudge_rows import lock_due
from tasks.beat.ringing import nudge
from tasks.digests.making import make_digests
from tasks.handbooks.short_forms import renew_short_forms
from tasks.record.rows import TaskRow
from tasks.seating.directory import Directory, directory

BATCH = 50
"""Rows dealt with in one transaction: what a killed beat loses, and what others wait for."""
NUDGED = 500
"""Tasks nudged in one transaction, by a few statements for all of them."""
HANDS = 2
"""Batches nudged at the same time where there are many: while one is thought about, the other is written."""
MOST_ROUNDS = 100
"""How often what was done may cause more to do within one beat."""
TROUBLES = (TaktasError, ArithmeticError, LookupError, ValueError, TypeError, IntegrityError, DataError)
"""What a single row may bring about: it is put off, and the beat goes on."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class TickReport:
    """What one beat did: how many of each, digests queued beside that, and what could not be done and why."""

    counts: Counter[str] = field(default_factory=Counter)
    digests: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many rows it dealt with."""
        return sum(self.counts.values())

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """What it did and how often, by name, the digests last."""
        return [*sorted(self.counts.items()), *([("digests", self.digests)] if self.digests else [])]

    @property
    def words(self) -> str:
        """`4 escalations, 1 reminder, 1 digest`; nothing where nothing was due."""
        return ", ".join(counted(number, what) for what, number in self.kinds if number)


@dataclass(slots=True, kw_only=True)
class _Beat:
    at: datetime
    left: int | None
    report: TickReport = field(default_factory=TickReport)
    actor: Actor = field(default_factory=lambda: Actor(door=Door.TICK))
    effects: Effects = field(default_factory=Effects)
    people: Directory | None = None

    @property
    def some(self) -> int:
        """How many rows the next batch may take."""
        return self.at_most(BATCH)

    def at_most(self, most: int) -> int:
        """So many rows, or what is left of the limit."""
        return most if self.left is None else min(most, self.left)

    def staff(self, db: Connection) -> Directory:
        """Everybody who works here, read once for the whole beat."""
        if self.people is None:
            self.people = directory(db, self.at)
        return self.people

    def hand(self) -> _Beat:
        """Part of this beat for a thread of its own; `join` adds what it did."""
        return _Beat(at=self.at, left=None, actor=self.actor, people=self.people)

    def join(self, hand: _Beat) -> None:
        """Add what a hand did to the report."""
        self.report.counts.update(hand.report.counts)
        self.report.problems += hand.report.problems

    def count(self, done: Counter[str], rows: int) -> None:
        """Add to the report."""
        self.report.counts.update(done)
        if self.left is not None:
            self.left -= rows


_Look = Callable[[Connection, datetime, Due, int], list[Due]]
_Act = Callable[[Connection, Actor, Due, datetime, Effects], str | None]
_PutOff = Callable[[Connection, Actor, Due, datetime, Exception], None]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of thing that is due: how it is looked for, dealt with, and put off when it cannot be."""

    name: str
    look: _Look
    act: _Act
    put_off: _PutOff


_BY_MOMENT = _Kind("task", due_moments, fire_moment, put_off_task)
_KINDS = (
    _Kind("happening", due_happenings, hear_happening, set_aside_happening),
    _Kind("timer", due_timers, fire_timer, put_off_timer),
    _BY_MOMENT,
    _Kind("return", due_returns, fire_return, put_off_task),
)


def tick(*, at: datetime, limit: int | None = None) -> TickReport:
    """Deal with whatever is due at that moment, in transactions of its own; at most `limit` rows.

    Safe at any time, also twice at once and when killed: each row is taken under its lock, looked at again, and kept
    or undone as a whole. A row that cannot be dealt with is put off, named in the report, and stops nobody else.
    Raises: DatabaseUnreachable and what else keeps the database from being used.
    """
    beat = _Beat(at=at, left=limit)
    with begin() as db:
        renew_short_forms(db)
        has_more = report_ended_terms(db, at)
    while has_more:
        with begin() as db:
            has_more = report_ended_terms(db, at)
    for _ in range(MOST_ROUNDS):
        if not sum([*(_drain(kind, beat) for kind in _KINDS), _nudge_all(beat)]):
            break
    with begin() as db:
        _make_digests(db, beat)
    return beat.report


def _make_digests(db: Connection, beat: _Beat) -> None:
    """Last of all, so that what was given back or escalated in this beat is told."""
    try:
        with db.begin_nested():
            made = make_digests(db, beat.staff(db))
    except TROUBLES as error:
        _log.warning("digests could not be made: %s", reason_of(error))
        beat.report.problems.append(f"digests: {reason_of(error)}")
        return
    beat.report.digests += made


def _nudge_all(beat: _Beat) -> int:
    """All tasks that are to be nudged, by several hands where one batch is full. Returns how many were."""
    with begin() as db:
        last, done = _nudge_batch(db, beat, Due())
    if last is None:
        return done
    if done < NUDGED or beat.left is not None:
        return done + _nudge_on(beat, last)
    hands = [beat.hand() for _ in range(HANDS)]
    with no_collecting(), ThreadPoolExecutor(HANDS, thread_name_prefix="nudging") as pool:
        done += sum(pool.map(_nudge_on, hands, [last] * HANDS))
    for hand in hands:
        beat.join(hand)
    return done


def _nudge_on(beat: _Beat, last: Due) -> int:
    """Batch after batch, each after the last; what another has locked is left to them. Returns how many were nudged."""
    done = 0
    while beat.at_most(NUDGED):
        with begin() as db:
            found, batch_done = _nudge_batch(db, beat, last)
        done += batch_done
        if found is None:
            break
        last = found
    return done


def _nudge_batch(db: Connection, beat: _Beat, last: Due) -> tuple[Due | None, int]:
    """One batch. Returns how far was looked (None: nothing was left), and how many were nudged."""
    tasks, found = lock_due(db, beat.at, last, beat.at_most(NUDGED))
    return found, _nudge_together(db, beat, tasks) if tasks else 0


def _nudge_together(db: Connection, beat: _Beat, tasks: Sequence[TaskRow]) -> int:
    """Locked tasks at once; where something is wrong with one of them, by halves, until it stands alone."""
    try:
        with db.begin_nested():
            done = nudge(db, beat.actor, beat.staff(db), tasks, at=beat.at)
    except OperationalError as error:
        if isinstance(error.orig, DeadlockDetected):
            return 0  # somebody else went on instead; the next beat looks again
        raise
    except TROUBLES as error:
        if len(tasks) == 1:
            _put_off(db, _BY_MOMENT, beat, Due(id=tasks[0].id), error)
            return 0
        half = len(tasks) // 2
        return sum(_nudge_together(db, beat, some) for some in (tasks[:half], tasks[half:]))
    beat.count(done, len(tasks))
    return len(tasks)


def _drain(kind: _Kind, beat: _Beat) -> int:
    """All rows of one kind, batch after batch. Returns how many were dealt with."""
    done, last = 0, Due()
    while beat.some:
        with begin() as db:
            found, batch_done = _batch(db, kind, beat, last)
        done += batch_done
        if not found:
            break
        last = found[-1]
    return done


def tick_within(db: Connection, *, at: datetime, limit: int | None = None) -> TickReport:
    """`tick` inside a transaction of the caller's, who commits it."""
    beat = _Beat(at=at, left=limit)
    while report_ended_terms(db, at):
        continue
    for _ in range(MOST_ROUNDS):
        done = 0
        for kind in _KINDS:
            last = Due()
            while beat.some:
                found, batch_done = _batch(db, kind, beat, last)
                done += batch_done
                if not found:
                    break
                last = found[-1]
        last_nudged: Due | None = Due()
        while last_nudged is not None and beat.at_most(NUDGED):
            last_nudged, batch_done = _nudge_batch(db, beat, last_nudged)
            done += batch_done
        if not done:
            break
    _make_digests(db, beat)
    return beat.report


def _batch(db: Connection, kind: _Kind, beat: _Beat, last: Due) -> tuple[list[Due], int]:
    found = kind.look(db, beat.at, last, beat.some)
    done = sum(_one(db, kind, beat, due) for due in found)
    return found, done


def _one(db: Connection, kind: _Kind, beat: _Beat, due: Due) -> bool:
    """Deal with one row. Returns whether anything was done."""
    try:
        with db.begin_nested():
            did = kind.act(db, beat.actor, due, beat.at, beat.effects)
    except OperationalError as error:
        if isinstance(error.orig, DeadlockDetected):
            return False  # somebody else went on instead; the next beat looks again
        raise
    except TROUBLES as error:
        _put_off(db, kind, beat, due, error)
        return False
    if did is None:
        return False
    beat.count(Counter([did]), 1)
    return True


def _put_off(db: Connection, kind: _Kind, beat: _Beat, due: Due, error: Exception) -> None:
    """Leave a row that troubles for tomorrow or for a person, and name it."""
    with db.begin_nested():
        kind.put_off(db, beat.actor, due, beat.at, error)
    why = reason_of(error)
    _log.warning("%s %s could not be dealt with: %s", kind.name, due.id, why)
    beat.report.problems.append(f"{kind.name} {due.id}: {why}")
