"""Messages to a mail server, step by step, so that it is always known how far one came."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Self

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

from core.settings import Settings, settings
from notifications.carrier import Answer, CarrierDown, Parcel
from notifications.message_id import sender_domain
from notifications.states import Outcome
from standards.merge import neutral

PATIENCE = 60.0  # seconds for each step but the last
PATIENCE_FOR_DOT = 600.0  # seconds; RFC 5321, 4.5.3.2.6
START_INPUT, COMPLETED = 354, 250
IMPLICIT_TLS = 465
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpCarrier:
    """One connection, kept for many messages; one receiver a message."""

    def __init__(self, chosen: Settings | None = None, *, patience_for_dot: float = PATIENCE_FOR_DOT) -> None:
        """The server of the settings."""
        self._settings = chosen or settings()
        self._patience_for_dot = patience_for_dot
        self._client: aiosmtplib.SMTP | None = None
        self._runner = asyncio.Runner()
        self.name = f"{self._settings.smtp_host}:{self._settings.smtp_port}"

    def __enter__(self) -> Self:
        self._runner.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._leave())
        self._runner.close()

    def carry(self, parcel: Parcel, mark: Callable[[], bool]) -> Answer:
        """Hand the message to the server. Raises: CarrierDown when it cannot be reached or refuses our login."""
        return self._runner.run(self._carry(parcel, mark))

    async def _carry(self, parcel: Parcel, mark: Callable[[], bool]) -> Answer:
        client = await self._connected()
        is_marked = False
        try:
            await client.mail(parcel.sender, encoding="ascii")
            await client.rcpt(parcel.address, encoding="ascii")
            await self._write(parcel.content)
            is_marked = mark()
            if not is_marked:
                self._drop()
                return Answer(outcome=None)
            said = await self._protocol().execute_command(b".", timeout=self._patience_for_dot)
            return await self._answered(said.code, said.message)
        except SMTPResponseException as error:
            return await self._answered(error.code, error.message)
        except (SMTPException, OSError) as error:
            self._drop()
            outcome = Outcome.UNKNOWN if is_marked else Outcome.RETRY
            return Answer(outcome=outcome, words=f"the connection to {self.name} broke: {_on_one_line(str(error))}")

    async def _write(self, content: bytes) -> None:
        """Everything but the final dot."""
        start = await self._protocol().execute_command(b"DATA", timeout=PATIENCE)
        if start.code != START_INPUT:
            raise SMTPResponseException(start.code, start.message)
        self._protocol().write(_LEADING_DOT.sub(b"..", content))
        await asyncio.sleep(0)  # a connection that is gone by now says so before the mark is made
        if not self._protocol().is_connected:
            raise SMTPServerDisconnected("it closed while the message was written")

    async def _answered(self, code: int, words: str) -> Answer:
        """250 is taken; 4xx may be tried again; 5xx is refused for good."""
        told = f"{self.name} said: {code} {_on_one_line(words)}"
        if code == COMPLETED:
            return Answer(outcome=Outcome.SENT, words=told)
        await self._begin_anew()
        return Answer(outcome=Outcome.RETRY if 400 <= code < 500 else Outcome.FAILED, words=told)

    async def _begin_anew(self) -> None:
        """After a refusal the server forgets sender and receiver, or the connection is given up."""
        try:
            if self._client is not None:
                await self._client.rset(timeout=PATIENCE)
        except (SMTPException, OSError):
            self._drop()

    def _protocol(self) -> SMTPProtocol:
        if self._client is None or self._client.protocol is None:
            raise SMTPServerDisconnected("it is closed")
        return self._client.protocol

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        self._client = _client_of(self._settings)
        try:
            await self._client.connect()
        except (SMTPException, OSError) as error:
            self._drop()
            raise CarrierDown(
                f"The mail server {self.name} cannot be used: {_on_one_line(str(error))}. "
                "Look at TAKTAS_SMTP_HOST, TAKTAS_SMTP_PORT, TAKTAS_SMTP_USER and TAKTAS_SMTP_PASSWORD; what was not "
                "sent waits."
            ) from error
        return self._client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _leave(self) -> None:
        """Say goodbye where somebody still listens."""
        try:
            if self._client is not None and self._client.is_connected:
                await self._client.quit(timeout=5)
        except (SMTPException, OSError):
            pass
        self._drop()


def _client_of(chosen: Settings) -> aiosmtplib.SMTP:
    """Encrypted wherever the server can; a password never leaves this machine in the clear."""
    is_implicit = chosen.smtp_port == IMPLICIT_TLS
    must_encrypt = chosen.smtp_user is not None and chosen.smtp_host not in LOOPBACK
    return aiosmtplib.SMTP(
        hostname=chosen.smtp_host,
        port=chosen.smtp_port,
        use_tls=is_implicit,
        start_tls=False if is_implicit else (True if must_encrypt else None),
        username=chosen.smtp_user,
        password=chosen.smtp_password.value if chosen.smtp_user and chosen.smtp_password else None,
        local_hostname=sender_domain(),
        timeout=PATIENCE,
    )


def _on_one_line(words: str) -> str:
    return neutral(words)[:300]
