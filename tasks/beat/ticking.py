"""The beat: timers, happenings and task moments that are due are dealt with in batches, one savepoint for each row."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from psycopg2.errors import DeadlockDetected
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from core.actor import Actor, Door
from core.errors import TaktasError
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
from tasks.handbooks.short_forms import renew_short_forms

BATCH = 50
"""Rows dealt with in one transaction: what a killed beat loses, and what others wait for."""
MOST_ROUNDS = 100
"""How often what was done may cause more to do within one beat."""
TROUBLES = (TaktasError, ArithmeticError, LookupError, ValueError, TypeError, IntegrityError, DataError)
"""What a single row may bring about: it is put off, and the beat goes on."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class TickReport:
    """What one beat did: how many of each, and what could not be done and why."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many rows it dealt with."""
        return sum(self.counts.values())


@dataclass(slots=True, kw_only=True)
class _Beat:
    at: datetime
    left: int | None
    report: TickReport = field(default_factory=TickReport)
    actor: Actor = field(default_factory=lambda: Actor(door=Door.TICK))
    effects: Effects = field(default_factory=Effects)

    @property
    def some(self) -> int:
        """How many rows the next batch may take."""
        return BATCH if self.left is None else min(BATCH, self.left)


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


_KINDS = (
    _Kind("happening", due_happenings, hear_happening, set_aside_happening),
    _Kind("timer", due_timers, fire_timer, put_off_timer),
    _Kind("task", due_moments, fire_moment, put_off_task),
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
        report_ended_terms(db, at)
    for _ in range(MOST_ROUNDS):
        if not sum(_drain(kind, beat) for kind in _KINDS):
            break
    return beat.report


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
    report_ended_terms(db, at)
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
        if not done:
            break
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
        with db.begin_nested():
            kind.put_off(db, beat.actor, due, beat.at, error)
        why = reason_of(error)
        _log.warning("%s %s could not be dealt with: %s", kind.name, due.id, why)
        beat.report.problems.append(f"{kind.name} {due.id}: {why}")
        return False
    if did is None:
        return False
    beat.report.counts[did] += 1
    if beat.left is not None:
        beat.left -= 1
    return True
