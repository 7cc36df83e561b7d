"""A second sender in a process of its own, for when so much is due that one process would be the limit."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Self

from core.errors import TaktasError
from core.settings import settings
from notifications.sending.ended import Ended, ended
from notifications.sending.keeping import Desk
from notifications.sending.settling import Settlement
from notifications.sending.smtp import SmtpCarrier

TELL_EVERY = 0.2  # seconds between two words to whoever started the helper
LOOK = 0.1  # seconds between two looks whether it is told to stop
PATIENCE = 5.0  # seconds a helper that is told to end has to write down what it knows
DIED = (
    "A second sending process was ended from outside. Nothing is lost: what it had in hand is looked at again when "
    "its lease of {seconds} seconds is over; send again then."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A helper's part: what is due at that moment, over so many connections, at most so many messages."""

    at: datetime
    connections: int
    limit: int | None


Tell = Callable[[Sequence[Ended]], None]
_Word = list[Ended] | str | None  # what ended; why the helper had to stop; nothing when it did its part


class Helper:
    """The process, from its start to the end of its part; it ends with whoever started it."""

    def __init__(self, share: Share, tell: Tell, stop: threading.Event | None = None) -> None:
        """`tell` hears from a thread of its own what ended. Raises: OSError when no process can be started."""
        self._stop = stop or threading.Event()
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe(duplex=False)
        self._tell = tell
        self._last: _Word = DIED.format(seconds=settings().send_lease)
        self._process = context.Process(target=_work, args=(share, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._ear = threading.Thread(target=self._listen, name="helper", daemon=True)
        self._ear.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _where: TracebackType | None) -> None:
        """Told to end when the block is left by an error, or by a stop before it is done; else it does its part."""
        try:
            while kind is None and self._ear.is_alive() and not self._stop.is_set():
                self._ear.join(LOOK)
        finally:
            self._process.terminate()  # it has ended, or we have to
            self._process.join(PATIENCE)
            self._process.kill()
            self._process.join()
            self._ear.join()

    @property
    def number(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid or 0

    @property
    def problem(self) -> str | None:
        """Why it could not do its part, once it has ended."""
        return self._last if isinstance(self._last, str) else None

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while isinstance(word := self._ours.recv(), list):
                self._tell(word)
            self._last = word
        self._ours.close()


class _Telling:
    """Gathers what ended, and tells it now and then."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._untold: list[Ended] = []
        self._told_at = time.monotonic()

    def __call__(self, one: Settlement) -> None:
        with self._lock:
            self._untold.append(ended(one))
            if time.monotonic() > self._told_at + TELL_EVERY:
                self._say()

    def close(self, problem: str | None) -> None:
        """The rest, and how it ended."""
        with self._lock, suppress(OSError):  # nobody listens any more
            self._say()
            self._pipe.send(problem)

    def _say(self) -> None:
        with suppress(OSError):  # nobody listens any more: we are told to end in a moment
            self._pipe.send(self._untold)
        self._untold, self._told_at = [], time.monotonic()


def _work(share: Share, pipe: Pipe) -> None:
    """The whole life of the helper."""
    stop = threading.Event()
    _end_when_told(stop)
    telling, problem = _Telling(pipe), None
    try:
        chosen = replace(settings(), smtp_connections=share.connections)
        desk = Desk(share.at, telling, limit=share.limit, is_for_letters=True, stop=stop)
        with SmtpCarrier(chosen) as way, desk:
            way.carry(desk.supply, desk)
    except TaktasError as refused:
        problem = str(refused)
    except Exception as mistake:
        problem = f"A second sending process had to stop: {type(mistake).__name__}: {mistake}"
    telling.close(problem)


def _end_when_told(stop: threading.Event) -> None:
    """By a SIGTERM, or by the end of whoever started us, killed or not; Ctrl-C is for them.

    All come to the same: what is under way is written down, the rest is given back.
    """

    def end(*_told: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
        last_word = threading.Timer(PATIENCE, os._exit, (1,))
        last_word.daemon = True
        last_word.start()
        stop.set()

    os.setpgrp()
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_end_when_alone, daemon=True).start()


def _end_when_alone() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
