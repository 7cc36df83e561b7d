"""What a sender has in hand, and its memory: claims, marks and answers, written down through database restarts."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Self, TypeVar

from sqlalchemy import Connection

from core.settings import settings
from models.database import DatabaseGaveUp, DatabaseUnreachable, begin
from models.embedded.account import EmbeddedServerError
from notifications.outbox import states
from notifications.sending.brakes import Brakes
from notifications.sending.carrier import Parcel, Settled
from notifications.sending.preparing import Group, Taken, Taking, take_up
from notifications.sending.settling import Settlement, settle, settlement

BATCH = 200  # messages claimed and written at once
PATIENCE = 30.0  # seconds the database may be away in the middle of sending
PAUSE = 0.2  # seconds between two tries to reach it
AWAY = (DatabaseUnreachable, DatabaseGaveUp, EmbeddedServerError)
"""What says that the database cannot be used now, and may be again in a moment."""

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
Tell = Callable[[Settlement], None]

log = logging.getLogger(__name__)


class Desk:
    """The keeper of one sending, and its supply; safe to be called from several threads."""

    def __init__(
        self,
        at: datetime,
        tell: Tell,
        *,
        limit: int | None = None,
        is_for_letters: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        """`at`: what is due then is sent; `tell` hears of each message what was written down; `stop` ends the supply.

        `is_for_letters`: nothing to staff is taken, so that no digest is torn between two senders.
        """
        self._at, self._tell, self._limit, self._is_for_letters = at, tell, limit, is_for_letters
        self._stop = stop or threading.Event()
        self._began = time.monotonic()
        self._sender = secrets.token_hex(8)
        self._lease = timedelta(seconds=settings().send_lease)
        self._brakes = Brakes()
        self._in_hand: dict[int, Group] = {}
        self._domains: Counter[str] = Counter()  # how many parcels for each are in hand
        self._taken_up = 0
        self._lock = threading.RLock()
        self._is_over = threading.Event()
        self._heart = threading.Thread(target=self._renew_leases, name="leases", daemon=True)

    def __enter__(self) -> Self:
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._heart.join()

    def supply(self) -> list[Parcel]:
        """The next messages, claimed and written; none when nothing more is due. Raises: as `keep`."""
        taking = Taking(
            sender=self._sender,
            at=self._at,
            lease=self._lease,
            brakes=self._brakes,
            is_for_letters=self._is_for_letters,
            in_hand=self._domains,
        )
        while not self._stop.is_set() and (room := self._room()):
            taken = self._persist(partial(self._take_up, taking, room), first=self._take_back_own)
            with self._lock:
                self._taken_up += taken.count
                self._in_hand |= {parcel.number: group for group, parcel in taken.parcels}
                self._domains.update(parcel.domain for _, parcel in taken.parcels)
                for refused in taken.refused:
                    self._tell(refused)
            if taken.parcels or taken.is_empty:
                return [parcel for _, parcel in taken.parcels]
        return []

    @staticmethod
    def _take_up(taking: Taking, room: int, db: Connection) -> Taken:
        return take_up(db, taking, limit=room)

    def _room(self) -> int:
        return BATCH if self._limit is None else max(0, min(BATCH, self._limit - self._taken_up))

    def keep(self, marks: Sequence[Parcel], settled: Sequence[Settled]) -> frozenset[int]:
        """See `carrier.Keeper`. Raises: whatever is in AWAY."""
        at = self._at + timedelta(seconds=time.monotonic() - self._began)
        ended = [settlement(self._in_hand[parcel.number], answer, at=at) for parcel, answer in settled]
        groups = {parcel.number: self._in_hand[parcel.number] for parcel in marks}

        def work(db: Connection) -> set[int]:
            settle(db, ended)
            self._brakes.learn(db, settled, at=at)
            return states.mark(db, _rows(groups.values()), lease=self._lease)

        marked = self._persist(work, first=self._brakes.read)
        ours = frozenset(number for number, group in groups.items() if marked.issuperset(it.id for it in group))
        self._let_go([parcel for parcel, _ in settled] + [parcel for parcel in marks if parcel.number not in ours])
        for one in ended:
            self._tell(one)
        return ours

    def give_back(self, parcels: Sequence[Parcel]) -> None:
        """See `carrier.Keeper`. Raises: whatever is in AWAY."""
        if parcels:
            rows = _rows(self._in_hand[parcel.number] for parcel in parcels)
            self._persist(lambda db: states.give_back(db, rows))
            self._let_go(parcels)

    def _let_go(self, parcels: Sequence[Parcel]) -> None:
        """They are settled, or another sender has them."""
        with self._lock:
            for parcel in parcels:
                if self._in_hand.pop(parcel.number, None) is not None:
                    self._domains[parcel.domain] -= 1

    def at_once(self, domain: str) -> int:
        """See `carrier.Keeper`."""
        return self._brakes.at_once(domain, self._at)

    def is_told_to_stop(self) -> bool:
        """See `carrier.Keeper`."""
        return self._stop.is_set()

    def _persist(self, work: Work[Result], *, first: Work[None] = lambda _db: None) -> Result:
        """One transaction, tried until the database has been away for too long; doing it twice does it once.

        `first` is done before every try but the first: nobody knows whether that one was kept.
        """
        until, is_again = time.monotonic() + PATIENCE, False
        while True:
            try:
                with begin() as db:
                    if is_again:
                        first(db)
                    return work(db)
            except AWAY as error:
                if time.monotonic() > until or self._stop.is_set():
                    raise
                if not is_again:
                    log.warning("sending waits for the database, which cannot be used just now")
                log.debug("what it said: %s", error)
                is_again = True
                time.sleep(PAUSE)

    def _take_back_own(self, db: Connection) -> None:
        with self._lock:
            known = [it.id for it in _rows(self._in_hand.values())]
        states.take_back_own(db, self._sender, known)

    def _renew_leases(self) -> None:
        while not self._is_over.wait(self._lease.total_seconds() / 3):
            with self._lock:
                rows = _rows(self._in_hand.values())
            try:
                with begin() as db:
                    states.renew(db, rows, lease=self._lease)
            except Exception as error:  # whatever it was: without leases everything in hand would be taken for lost
                log.warning("leases of messages in hand could not be renewed: %s", error)


def _rows(groups: Iterable[Group]) -> Group:
    return [message for group in groups for message in group]
