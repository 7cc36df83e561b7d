"""One connection to a mail server, step by step, so that it is always known how far a message came."""

from __future__ import annotations

import asyncio
import re
import select
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponse, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from core.settings import Settings
from models.deliveries import Stage
from notifications.outbox.message_id import sender_domain
from notifications.outbox.states import Outcome
from notifications.sending.carrier import Answer, CarrierDown, Parcel
from notifications.sending.mishaps import on_one_line, told

PATIENCE = {Stage.CONNECT: 60.0, Stage.MAIL: 300.0, Stage.RCPT: 300.0, Stage.DATA: 120.0}
"""Seconds for each step at most (RFC 5321, 4.5.3.2); the settings may ask for less."""

GOODBYE = 5.0  # seconds for the answer to QUIT
GO_ON = 354
WANTS_A_LOGIN = frozenset({530, 534, 535, 538})
"""Answers about the line and its login (RFC 4954, RFC 3207): no message is to blame for them."""

IMPLICIT_TLS = 465
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

Gatekeeper = Callable[[Parcel], Awaitable[bool]]


class _NotTaken(Exception):
    """The server answered a step with something else than yes."""

    def __init__(self, said: SMTPResponse) -> None:
        super().__init__(said.message)
        self.said = said


class Line:
    """A connection that is opened when it is needed, and renewed after so many messages."""

    def __init__(self, chosen: Settings, tls: ssl.SSLContext | None) -> None:
        """The server of the settings; `tls` says whom to trust, None encrypts nothing."""
        self._settings, self._tls = chosen, tls
        self._client: aiosmtplib.SMTP | None = None
        self._carried = 0
        self._stage = Stage.CONNECT
        self.is_dotted = False  # the final dot of the message in hand may have left
        self.name = f"{chosen.smtp_host}:{chosen.smtp_port}"

    async def open(self) -> None:
        """Be connected, encrypted and logged in. Raises: CarrierDown."""
        if self._carried >= self._settings.smtp_messages:
            await self.leave()
        if self._client is not None and self._client.is_connected and not self._has_more_to_say():
            return
        self.drop()
        self._client, self._carried = self._new_client(), 0
        try:
            await self._client.connect()
        except (SMTPException, OSError, ValueError) as error:
            self.drop()
            what, where = told(error)
            raise CarrierDown(
                f"The mail server {self.name} cannot be used: {what}. Look at {where}; what was not sent waits."
            ) from error

    async def hand_over(self, parcel: Parcel, may_leave: Gatekeeper) -> Answer | None:
        """MAIL, RCPT, DATA, the message; then, when `may_leave` says so, the final dot. None: another sender has it.

        Raises: CarrierDown, where the server takes nothing from us without another login, or from our address.
        """
        self._carried += 1
        began = time.monotonic()
        self.is_dotted = False
        try:
            await self._step(Stage.MAIL, b"MAIL", b"FROM:<" + parcel.sender.encode("ascii") + b">")
            await self._step(Stage.RCPT, b"RCPT", b"TO:<" + parcel.recipient.encode("ascii") + b">")
            await self._step(Stage.DATA, b"DATA")
            await self._write(parcel.content)
            if not await may_leave(parcel):
                self.drop()  # without the final dot the server has nothing
                return None
            await self._be_there_still()
            self.is_dotted = True
            said = await self._step(Stage.DOT, b".")
        except _NotTaken as refusal:
            if _is_about_sender(refusal.said.code, self._stage):
                return await self._on_a_new_line(parcel, may_leave, refusal.said)
            return await self._refused(refusal.said, began)
        except (SMTPException, OSError, ValueError) as error:
            self.drop()
            outcome, when = Outcome.RETRY, "before the message had left"
            if self.is_dotted:
                outcome, when = Outcome.UNKNOWN, "after the message was handed over, before the answer"
            words = f"the connection to {self.name} broke {when}: {told(error)[0]}"
            return self._answer(outcome, words, began)
        return self._answer(Outcome.SENT, self._quoted(said), began, code=said.code)

    async def _step(self, stage: Stage, *words: bytes) -> SMTPResponse:
        self._stage = stage
        self._check_turn()
        chosen = self._settings
        longest = float(chosen.smtp_patience_for_dot) if stage is Stage.DOT else PATIENCE[stage]
        patience = longest if stage is Stage.DOT else min(longest, chosen.smtp_patience)
        said = await self._protocol().execute_command(*words, timeout=patience)
        is_yes = said.code == GO_ON if stage is Stage.DATA else 200 <= said.code < 300
        if not is_yes:
            raise _NotTaken(said)
        return said

    async def _write(self, content: bytes) -> None:
        """Everything but the final dot."""
        self._protocol().write(_LEADING_DOT.sub(b"..", content))
        await asyncio.sleep(0)  # a connection that is gone by now says so before the mark is made
        if not self._protocol().is_connected:
            raise SMTPServerDisconnected("it closed while the message was written")

    async def _be_there_still(self) -> None:
        """While the mark was written the server may have hung up: without the final dot it has nothing."""
        transport = self._protocol().transport
        socket = transport.get_extra_info("socket") if transport is not None else None
        if socket is None or _can_be_read(socket.fileno()):
            await asyncio.sleep(0)  # what it said or did meanwhile is read now
            await asyncio.sleep(0)
        if not self._protocol().is_connected:
            raise SMTPServerDisconnected("it closed before the message was ended")
        self._check_turn()

    def _check_turn(self) -> None:
        if self._has_more_to_say():
            raise SMTPException("it answered what it had not been asked")

    def _has_more_to_say(self) -> bool:
        """Whether an answer nobody asked for waits: the library would take it for that to our next word."""
        protocol = self._client.protocol if self._client is not None else None
        return bool(getattr(protocol, "_buffer", b""))

    async def _on_a_new_line(self, parcel: Parcel, may_leave: Gatekeeper, said: SMTPResponse) -> Answer | None:
        """Our address was refused before any receiver was named: by a server that has had enough on this connection,
        or by one that will not have the house. Raises: CarrierDown.
        """
        is_worn = self._carried > 1
        self.drop()
        if is_worn:
            await self.open()
            return await self.hand_over(parcel, may_leave)
        own = "TAKTAS_MAIL_BOUNCES" if self._settings.mail_bounces else "TAKTAS_MAIL_FROM"
        raise CarrierDown(
            f"The mail server {self.name} takes no mail from {parcel.sender}: {said.code} {on_one_line(said.message)}. "
            f"Look at {own} and TAKTAS_SMTP_USER; what was not sent waits."
        )

    async def _refused(self, said: SMTPResponse, began: float) -> Answer:
        """4xx may be tried again, 5xx is refused for good; anything else means nothing, and after 421 it hangs up."""
        stage = self._stage
        if said.code in WANTS_A_LOGIN and stage is not Stage.DOT:
            words = f"{said.code} {on_one_line(said.message)}"
            raise CarrierDown(
                f"The mail server {self.name} takes nothing from us as we are: {words}. "
                "Look at TAKTAS_SMTP_USER, TAKTAS_SMTP_PASSWORD and TAKTAS_SMTP_SECURITY; what was not sent waits."
            )
        outcome = _meaning(said.code, stage)
        if said.code == 421 or not 400 <= said.code < 600:
            self.drop()
        else:
            await self._begin_anew()
        words = "" if 400 <= said.code < 600 else "an answer that means nothing there: "
        return self._answer(outcome, words + self._quoted(said), began, code=said.code, stage=stage)

    def _answer(
        self, outcome: Outcome, words: str, began: float, *, code: int | None = None, stage: Stage | None = None
    ) -> Answer:
        took = time.monotonic() - began
        return Answer(outcome=outcome, words=words, stage=stage or self._stage, code=code, host=self.name, took=took)

    def _quoted(self, said: SMTPResponse) -> str:
        return f"{self.name} said: {said.code} {on_one_line(said.message)}"

    async def _begin_anew(self) -> None:
        """After a refusal the server forgets sender and receiver, or the connection is given up."""
        if self._has_more_to_say():
            self.drop()
        try:
            if self._client is not None:
                await self._client.rset(timeout=min(PATIENCE[Stage.MAIL], self._settings.smtp_patience))
        except (SMTPException, OSError):
            self.drop()

    def _protocol(self) -> SMTPProtocol:
        if self._client is None or self._client.protocol is None:
            raise SMTPServerDisconnected("it is closed")
        return self._client.protocol

    def drop(self) -> None:
        """Hang up without a word."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def leave(self) -> None:
        """Say goodbye where somebody still listens."""
        with suppress(SMTPException, OSError):
            if self._client is not None and self._client.is_connected:
                await self._client.quit(timeout=min(GOODBYE, self._settings.smtp_patience))
        self.drop()

    def _new_client(self) -> aiosmtplib.SMTP:
        """Encrypted as the settings say; a password never leaves this machine in the clear."""
        chosen = self._settings
        is_implicit = chosen.smtp_security == "tls" or (
            chosen.smtp_security == "auto" and chosen.smtp_port == IMPLICIT_TLS
        )
        return aiosmtplib.SMTP(
            hostname=chosen.smtp_host,
            port=chosen.smtp_port,
            use_tls=is_implicit,
            start_tls=False if is_implicit else _start_tls(chosen),
            tls_context=self._tls,
            username=chosen.smtp_user,
            password=chosen.smtp_password.value if chosen.smtp_user and chosen.smtp_password else None,
            local_hostname=sender_domain(),
            timeout=min(PATIENCE[Stage.CONNECT], chosen.smtp_patience),
        )


def _can_be_read(descriptor: int) -> bool:
    """Whether the server said something or hung up. Between our words it has nothing to say."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _is_about_sender(code: int, stage: Stage) -> bool:
    """Refused for good before a receiver or a text was named: the house is meant, not the message."""
    return stage is Stage.MAIL and 500 <= code < 600 and code not in WANTS_A_LOGIN


def _meaning(code: int, stage: Stage) -> Outcome:
    """Of an answer that is not yes. One that means nothing to the final dot leaves open whether it was taken."""
    if 500 <= code < 600:
        return Outcome.FAILED
    is_senseless = not 400 <= code < 500
    return Outcome.UNKNOWN if is_senseless and stage is Stage.DOT else Outcome.RETRY


def _start_tls(chosen: Settings) -> bool | None:
    """True: required; None: where it is offered."""
    if chosen.smtp_security == "none":
        return False
    must_encrypt = chosen.smtp_user is not None and chosen.smtp_host not in LOOPBACK
    return True if must_encrypt or chosen.smtp_security == "starttls" else None
