"""Commands that are told to stop, by Ctrl-C or SIGTERM, and end in good order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_when_told() -> Iterator[threading.Event]:
    """An event the first signal sets while the block lasts; a second one ends the command at once."""
    stop = threading.Event()
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}

    def told(sign: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(sign, before[signal.Signals(sign)])

    for sign in before:
        signal.signal(sign, told)
    try:
        yield stop
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
