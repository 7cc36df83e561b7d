"""The gate before the final dot: nobody passes before a mark is durable, and many pass on one commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from models.deliveries import Stage
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, Keeper, Parcel, Settled

GATHERING = 0.002  # seconds a commit waits for others at the gate, where there are others
LATEST = 0.05  # seconds an answer waits for others before it is written down
MANY = 50  # answers that are written down without waiting for more


class Gate:
    """Gathers marks and answers of all connections; a thread of its own commits them."""

    def __init__(self, keeper: Keeper) -> None:
        """`keeper` writes down; its errors reach everybody who waits."""
        self._keeper = keeper
        self._waiting: list[tuple[Parcel, asyncio.Future[bool]]] = []
        self._settled: list[Settled] = []
        self._settled_since = 0.0
        self._wake = asyncio.Event()
        self._is_closing = self._is_shut = False
        self.expected = 1  # connections that may come to the gate

    async def may_leave(self, parcel: Parcel) -> bool:
        """Wait until the mark is durable; False when another sender has the message. Raises: what the keeper raises."""
        if self._is_shut:
            return False
        passing: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((parcel, passing))
        self._wake.set()
        try:
            return await passing
        except asyncio.CancelledError:
            if passing.done() and not passing.cancelled() and passing.exception() is None and passing.result():
                self.never_left(parcel)  # it was told so in the moment in which it was broken off
            raise

    def settle(self, parcel: Parcel, answer: Answer) -> None:
        """Have what came of it written down soon."""
        if not self._settled:
            self._settled_since = time.monotonic()
        self._settled.append((parcel, answer))
        self._wake.set()

    async def run(self) -> None:
        """Commit until closed and everything is written down. Raises: what the keeper raises."""
        try:
            while not (self._is_closing and not self._waiting and not self._settled):
                await self._wake.wait()
                self._wake.clear()
                if not self._is_closing:
                    await self._gather()
                await self._commit()
        finally:
            self._shut()

    def close(self) -> None:
        """Nobody comes any more."""
        self._is_closing = True
        self._wake.set()

    def _shut(self) -> None:
        """Nobody passes any more, and nobody waits for ever."""
        self._is_shut = True
        for _, passing in self._waiting:
            if not passing.done():
                passing.set_result(False)

    async def _gather(self) -> None:
        if len(self._waiting) >= self.expected:
            return
        if self._waiting:
            await asyncio.sleep(GATHERING)
            return
        try:
            await asyncio.wait_for(self._wake.wait(), LATEST)
        except TimeoutError:
            return
        await asyncio.sleep(GATHERING)

    def _has_waited(self) -> bool:
        return len(self._settled) >= MANY or time.monotonic() > self._settled_since + LATEST

    async def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        settled: list[Settled] = []
        if not waiting or self._is_closing or self._has_waited():
            settled, self._settled = self._settled, []
        if self._settled:
            self._wake.set()
        if not (waiting or settled):
            return
        try:
            allowed = await asyncio.to_thread(self._keeper.keep, [parcel for parcel, _ in waiting], settled)
        except BaseException as error:
            _tell(waiting, error)
            raise
        for parcel, passing in waiting:
            if not passing.done():
                passing.set_result(parcel.number in allowed)
            elif parcel.number in allowed:
                self.never_left(parcel)

    def never_left(self, parcel: Parcel) -> None:
        """It was marked, but broken off before its final dot."""
        words = "sending was interrupted before the message left"
        self.settle(parcel, Answer(outcome=Outcome.RETRY, words=words, stage=Stage.WRITING))


def _tell(waiting: Sequence[tuple[Parcel, asyncio.Future[bool]]], error: BaseException) -> None:
    for _, passing in waiting:
        if not passing.done():
            passing.set_exception(error)
            passing.exception()  # it is raised by the gate too: who has left need not hear it
