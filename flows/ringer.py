"""The ringer: looks at the table of schedules, claims what is due, has it done, and writes down what came of it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import DataError, DBAPIError

from core.errors import TaktasError
from flows.account import Account, on_clock
from flows.duties import perform
from models.database import DatabaseUnreachable, begin, read
from models.embedded.account import EmbeddedServerError
from tasks.timetable import claiming
from tasks.timetable.claiming import Claim
from tasks.timetable.holder import own_holder

AT_ONCE = 6
"""Schedules that may be at work at the same time."""

LONGEST = 500
"""Characters of an error of which nobody has foreseen what it says."""

_VALUE = re.compile(r'".*"')
"""What PostgreSQL quotes of data it cannot take; in other errors that is a name of ours."""

KEEP = 10
"""Seconds between two words that keep a claim; a sixth of its lease."""

AWAY = (DatabaseUnreachable, EmbeddedServerError)
"""What says that the database cannot be used now, whatever the work."""

Clock = Callable[[], datetime]
Way = Callable[[Claim, Callable[[], Account]], Account]
"""How work is done: as it is, or shown by Prefect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One ringing that was done or could not be."""

    code: str
    due_at: datetime
    seconds: float
    result: str
    has_failed: bool = False
    has_trouble: bool = False


Told = Rung | str
Tell = Callable[[Told], None]


def plainly(_claimed: Claim, work: Callable[[], Account]) -> Account:
    """The work, without anybody watching."""
    return work()


class Ringer:
    """Keeps the beat of one house in this process; `beat` and `keep` are called by a ticker.

    Each schedule is at work at most once; a long run does not hold up the others. While the database is away nothing
    is claimed; what was at work then is given back and done again.
    """

    def __init__(self, clock: Clock, tell: Tell, way: Way = plainly) -> None:
        self._clock, self._tell, self._way = clock, tell, way
        self._holder = own_holder()
        self._pool = ThreadPoolExecutor(4 * AT_ONCE, thread_name_prefix="ringing")  # some may wait for Prefect
        self._guard = threading.Lock()
        self._at_work: dict[str, object] = {}  # schedule -> its claim, or the mark of who is about to claim it
        self._left: list[Claim] = []
        self._troubles: dict[str, str] = {}
        self._is_away = False
        self._stopping = threading.Event()

    def beat(self) -> None:
        """Look once, and begin whatever is due."""
        if self._stopping.is_set():
            return
        try:
            self._give_back_left()
            with read() as db:
                due, troubles = claiming.codes_due(db, self._clock())
        except Exception as error:
            self._say_away(in_words(error))
            return
        self._say_back()
        self._say_troubles(troubles)
        for code in due:
            self._begin(code)

    def keep(self) -> None:
        """Say the word that keeps others from what is being done here."""
        with self._guard:
            held = [claimed for claimed in self._at_work.values() if isinstance(claimed, Claim)]
        with suppress(TaktasError):  # with the database away nobody else can take them either
            if held:
                with begin() as db:
                    claiming.keep(db, held)

    def stop(self, patience: float) -> bool:
        """Begin nothing more and wait so many seconds; False when something is still at work, and then given back."""
        self._stopping.set()
        deadline = time.monotonic() + patience
        while self._at_work and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._guard:
            self._left += [claimed for claimed in self._at_work.values() if isinstance(claimed, Claim)]
        with suppress(TaktasError):  # then our process is seen to be gone, or the lease ends
            self._give_back_left()
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not self._at_work

    def ring_due(self, code: str) -> Rung | None:
        """Claim and do in the caller's thread what one schedule is to ring for now; None when there is nothing.

        Raises: DatabaseUnreachable and its kin, the ringing to be given back.
        """
        with begin() as db:
            claimed = claiming.claim(db, code, self._clock(), self._holder)
        return None if claimed is None else self.ring(claimed)

    def ring(self, claimed: Claim) -> Rung:
        """Do what was claimed and write down what came of it. Raises: as `ring_due`."""
        begun = time.monotonic()
        with self._guard:
            self._at_work[claimed.code] = claimed
        try:
            told = self._way(claimed, lambda: self._do(claimed))
        except Exception as error:
            if isinstance(error, AWAY):
                self._leave(claimed)
                raise
            return self._failed(claimed, in_words(error), time.monotonic() - begun)
        finally:
            self._let_go(claimed.code, claimed)
        seconds = time.monotonic() - begun
        return Rung(
            code=claimed.code,
            due_at=claimed.due_at,
            seconds=seconds,
            result=told.sentence,
            has_trouble=told.has_trouble,
        )

    def _begin(self, code: str) -> None:
        with self._guard:
            if code in self._at_work or len(self._at_work) >= AT_ONCE:
                return
            self._at_work[code] = mark = object()
        self._pool.submit(self._one, code, mark)

    def _one(self, code: str, mark: object) -> None:
        """All that one schedule is to ring for by now, each told when it is done."""
        try:
            while self._goes_on(code, mark) and (rung := self.ring_due(code)) is not None:
                self._tell(rung)
                if rung.has_failed:
                    break
        except AWAY:
            return  # the next look says so
        except Exception as error:
            self._tell(f"{code} could not be rung: {in_words(error)}")
        finally:
            self._let_go(code, mark)

    def _goes_on(self, code: str, mark: object) -> bool:
        """Whether there is time to look again, and nobody else has begun to since the work was done."""
        with self._guard:
            return not self._stopping.is_set() and self._at_work.setdefault(code, mark) is mark

    def _do(self, claimed: Claim) -> Account:
        """The work, and in the same breath the word that it is done, whatever becomes of those who watch."""
        told = with_what_was_missed(claimed, perform(claimed, self._stopping))
        with begin() as db:
            claiming.finish(db, claimed, told.sentence)
        self._let_go(claimed.code, claimed)
        return told

    def _failed(self, claimed: Claim, why: str, seconds: float) -> Rung:
        """Keep why; a failure over which the database was restarted is none. Raises: as `ring_due`."""
        try:
            with begin() as db:
                if claiming.was_restarted(db, claimed):
                    raise DatabaseUnreachable(f"The database was restarted under {claimed.code}: {why}")
                again_at = claiming.fail(db, claimed, why)
        except AWAY:
            self._leave(claimed)
            raise
        words = f"failed and {'will be tried again' if again_at else 'is given up'}: {why}"
        return Rung(code=claimed.code, due_at=claimed.due_at, seconds=seconds, result=words, has_failed=True)

    def _leave(self, claimed: Claim) -> None:
        with self._guard:
            self._left.append(claimed)

    def _let_go(self, code: str, by: object) -> None:
        with self._guard:
            if self._at_work.get(code) is by:
                del self._at_work[code]

    def _give_back_left(self) -> None:
        while self._left:
            with begin() as db:
                claiming.give_back(db, self._left[0])
            with self._guard:
                self._left.pop(0)

    def _say_away(self, why: str) -> None:
        if not self._is_away:
            self._tell(f"The database is away, the beat waits for it. {why}")
        self._is_away = True

    def _say_back(self) -> None:
        if self._is_away:
            self._tell("The database is back, the beat goes on.")
        self._is_away = False

    def _say_troubles(self, troubles: dict[str, str]) -> None:
        for code, why in troubles.items():
            if self._troubles.get(code) != why:
                self._tell(f"{code} cannot ring: {why}")
        self._troubles = troubles


def with_what_was_missed(claimed: Claim, told: Account) -> Account:
    """After a stop the account says since when nothing rang, and what becomes of that."""
    if claimed.missed_since is None:
        return told
    became = "serves for all that was missed" if claimed.is_caught_up else "passes over what was missed"
    return replace(told, sentence=f"{told.sentence}; {became} since {on_clock(claimed.missed_since)}")


@contextmanager
def kept(ringer: Ringer) -> Iterator[Ringer]:
    """The ringer, its claims kept for as long as the block lasts."""
    is_done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(ringer, is_done), daemon=True)
    keeper.start()
    try:
        yield ringer
    finally:
        is_done.set()
        keeper.join()


def _keep(ringer: Ringer, is_done: threading.Event) -> None:
    while not is_done.wait(KEEP):
        ringer.keep()


def in_words(error: Exception) -> str:
    """An error as it is told and kept with the ringing: never the statement that failed, nor the values in it."""
    if isinstance(error, TaktasError):
        return str(error)
    said = str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else str(error)
    if isinstance(error, DataError):
        said = _VALUE.sub('"…"', said)
    return " ".join(f"{type(error).__name__}: {said}".split())[:LONGEST]
