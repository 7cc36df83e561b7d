"""Messages to a mail server over several connections at once, each kept for many messages."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import Self

from core.errors import TaktasError
from core.settings import Settings, settings
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, CarrierDown, Keeper, Parcel, Supply
from notifications.sending.gate import Gate
from notifications.sending.smtp_line import LOOPBACK, Line
from notifications.sending.waiting import Waiting

GRACE = 2.0  # seconds that what is under way has to end when told to stop; then it is broken off
LOOK = 0.1  # seconds between two looks whether we are told to stop
FOR_ANOTHER = 5  # messages that wait for each connection before another one is opened
LOW = 100  # messages that could leave when more are fetched


class SmtpCarrier:
    """The server of the settings; one receiver a message."""

    def __init__(self, chosen: Settings | None = None) -> None:
        """By default the settings of this process."""
        self._settings = chosen or settings()
        self._tls: ssl.SSLContext | None = None
        self.name = f"{self._settings.smtp_host}:{self._settings.smtp_port}"

    def __enter__(self) -> Self:
        """Raises: CarrierDown where the settings would send a password unencrypted, or name no certificates."""
        chosen = self._settings
        if chosen.smtp_security == "none" and chosen.smtp_user and chosen.smtp_host not in LOOPBACK:
            raise CarrierDown(
                f"The password for {self.name} would leave this machine unencrypted. "
                "Set TAKTAS_SMTP_SECURITY to starttls or tls, or remove TAKTAS_SMTP_USER."
            )
        if chosen.smtp_security != "none":
            self._tls = _trusted(chosen)
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays open."""

    def carry(self, supply: Supply, keeper: Keeper) -> None:
        """Hand over whatever comes. Raises: CarrierDown when the server cannot be reached or refuses our login."""
        with asyncio.Runner() as runner:
            runner.run(_Pool(self._settings, self._tls, supply, keeper).run())


def _trusted(chosen: Settings) -> ssl.SSLContext:
    """The machine's own certificates and those of the settings. Raises: CarrierDown."""
    made = ssl.create_default_context()
    if chosen.smtp_ca is not None:
        try:
            made.load_verify_locations(cafile=chosen.smtp_ca)
        except OSError as error:
            raise CarrierDown(
                f"The certificates in {chosen.smtp_ca} cannot be read: {error}. Look at TAKTAS_SMTP_CA."
            ) from error
    return made


class _Pool:
    """What waits, what is under way, and the connections that take it."""

    def __init__(self, chosen: Settings, tls: ssl.SSLContext | None, supply: Supply, keeper: Keeper) -> None:
        self._settings, self._tls, self._supply, self._keeper = chosen, tls, supply, keeper
        self._gate = Gate(keeper)
        self._waiting = Waiting(keeper.at_once)
        self._hands: set[asyncio.Task[None]] = set()
        self._fetching: asyncio.Task[None] | None = None
        self._is_supplied, self._is_ending = True, False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Until nothing more comes. Raises: CarrierDown, and whatever the keeper raises."""
        gate, told = asyncio.create_task(self._gate.run()), asyncio.create_task(self._until_told_to_stop())
        try:
            await self._fetch()
            await self._work(gate, told)
        finally:
            told.cancel()
            await self._end(gate)

    async def _until_told_to_stop(self) -> None:
        """Nothing more is begun from then on; ends when what is under way had its time."""
        while not self._keeper.is_told_to_stop():
            await asyncio.sleep(LOOK)
        self._is_ending = True
        self._changed.set()
        await asyncio.sleep(GRACE)

    async def _work(self, gate: asyncio.Task[None], told: asyncio.Task[None]) -> None:
        """A connection that cannot be made stops the sending only when no other is left. Raises: CarrierDown …"""
        while self._hands and self._error is None and not told.done():
            done, _ = await asyncio.wait({*self._hands, gate, told}, return_when=asyncio.FIRST_COMPLETED)
            if gate in done:
                gate.result()
            ended = self._hands & done
            self._hands -= ended
            self._gate.expected = len(self._hands)
            for hand in ended:
                self._look_at(hand.exception())
        if self._error is not None:
            raise self._error

    def _look_at(self, error: BaseException | None) -> None:
        if error is None:
            return
        if not isinstance(error, CarrierDown):
            raise error
        if not self._hands and self._waiting:
            self._error = error

    async def _end(self, gate: asyncio.Task[None]) -> None:
        """Let nothing be under way any more, write down what is known, give back the rest."""
        self._is_ending = True
        for hand in self._hands:
            hand.cancel()
        if self._hands:
            await asyncio.wait(self._hands)
        if self._fetching is not None:
            await asyncio.wait({self._fetching})
        self._gate.close()
        with suppress(TaktasError):  # the first error is on its way already
            await gate
            await asyncio.to_thread(self._keeper.give_back, list(self._waiting))

    async def _fetch(self) -> None:
        """More messages, and connections for them."""
        try:
            parcels = await asyncio.to_thread(self._supply)
        except Exception as error:
            self._error, parcels = error, []
        self._is_supplied = bool(parcels)
        self._waiting.add(parcels)
        wanted = min(self._settings.smtp_connections, -(-len(self._waiting) // FOR_ANOTHER))
        while len(self._hands) < wanted and not self._is_ending:
            self._hands.add(asyncio.create_task(self._carry_all()))
        self._gate.expected = len(self._hands)
        self._changed.set()

    def _fetch_early(self) -> None:
        if self._is_supplied and not self._is_fetching() and self._waiting.is_low(LOW):
            self._fetching = asyncio.create_task(self._fetch())

    def _is_fetching(self) -> bool:
        return self._fetching is not None and not self._fetching.done()

    async def _carry_all(self) -> None:
        """One connection, from the first message to the last. Raises: CarrierDown, and whatever the keeper raises."""
        line = Line(self._settings, self._tls)
        try:
            while (parcel := await self._next()) is not None:
                try:
                    await self._carry(line, parcel)
                finally:
                    self._waiting.done(parcel)
                    self._changed.set()
        finally:
            await line.leave()

    async def _next(self) -> Parcel | None:
        """The first message whose domain has room; None when no more come."""
        while self._error is None and not self._is_ending:
            self._fetch_early()
            parcel = self._waiting.take()
            if parcel is not None:
                return parcel
            if not (self._waiting or self._is_supplied or self._is_fetching()):
                return None
            self._changed.clear()
            await self._changed.wait()
        return None

    async def _carry(self, line: Line, parcel: Parcel) -> None:
        """Hand over one message. Raises: CarrierDown, after which it waits again; and whatever the keeper raises."""
        try:
            await line.open()
        except BaseException:
            self._waiting.put_back(parcel)
            raise
        passing = _Passing(self._gate)
        try:
            answer = await line.hand_over(parcel, passing.may_leave)
        except BaseException:
            line.drop()
            if passing.is_allowed and not line.is_dotted:
                self._gate.never_left(parcel)
            elif passing.is_allowed:
                words = f"sending was interrupted before {line.name} answered"
                self._gate.settle(parcel, Answer(outcome=Outcome.UNKNOWN, words=words, host=line.name))
            elif not passing.is_asked:
                self._waiting.put_back(parcel)
            raise
        if answer is not None:
            self._gate.settle(parcel, answer)


class _Passing:
    """How far one message came at the gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.is_asked = self.is_allowed = False

    async def may_leave(self, parcel: Parcel) -> bool:
        """See `Gate.may_leave`."""
        self.is_asked = True
        self.is_allowed = await self._gate.may_leave(parcel)
        return self.is_allowed
