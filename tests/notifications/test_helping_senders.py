"""Two sending processes: each message leaves once, a helper that dies loses nothing, and none outlives its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest

from core.settings import settings
from notifications.outbox.states import Outcome
from notifications.sending import draining
from notifications.sending.draining import drain
from notifications.sending.ended import Ended
from notifications.sending.helper import DIED, Helper, Share

Served = Callable[..., AbstractContextManager[Any]]
STARTER = """
import sys
from datetime import datetime
from notifications.sending.helper import Helper, Share
with Helper(Share(at=datetime.fromisoformat(sys.argv[1]), connections=2, limit=None), print):
    pass
"""


def states_of(post: Any, numbers: list[int]) -> Counter[str]:
    """How many stand where."""
    return Counter(post.row(number).state for number in numbers)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, half a minute at most."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def interrupt_when(is_so: Callable[[], bool], at: datetime) -> None:
    """Start a helper over one connection, and press Ctrl-C then. Raises: KeyboardInterrupt."""
    with Helper(Share(at=at, connections=1, limit=None), print):
        until(is_so)
        raise KeyboardInterrupt


def test_a_helper_sends_letters_and_leaves_digests_alone(
    post: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """What goes to staff may be part of a digest, which two senders would tear."""
    reminder = post.remind(post.employee())
    told: list[Ended] = []

    with served() as sink, Helper(Share(at=noon, connections=2, limit=None), told.extend) as helper:
        pass

    assert helper.problem is None
    assert sorted(one.number for one in told) == letters
    assert {one.outcome for one in told} == {Outcome.SENT}
    assert list(sink.counts.values()) == [1] * 12
    assert post.row(reminder).state == "pending"


def test_two_processes_share_what_is_due(
    post: Any, served: Served, letters: list[int], noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report adds up both, and the limit holds for both together."""
    monkeypatch.setattr(draining, "MANY", 5)

    with served(slowness=0.05) as sink:
        first = drain(noon, limit=9)
        second = drain(noon)

    assert (first.counts[Outcome.SENT], second.counts[Outcome.SENT]) == (9, 3)
    assert (first.problem, second.problem) == (None, None)
    assert list(sink.counts.values()) == [1] * 12
    assert states_of(post, letters) == {"sent": 12}


def test_a_helper_that_is_killed_loses_nothing(
    post: Any, served: Served, letters: list[int], noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence says so; whoever started it goes on, and its letters are looked at when the lease is over."""
    monkeypatch.setenv("TAKTAS_SEND_LEASE", "1")
    settings.cache_clear()

    with served(RCPT="stall") as sink, Helper(Share(at=noon, connections=2, limit=None), print) as helper:
        until(lambda: any(line.startswith("RCPT") for line in sink.heard))
        os.kill(helper.number, signal.SIGKILL)
    time.sleep(1.2)
    with served():
        report = drain(noon)

    assert helper.problem == DIED.format(seconds=1)
    assert helper.problem == (
        "A second sending process was ended from outside. Nothing is lost: what it had in hand is looked at again when "
        "its lease of 1 seconds is over; send again then."
    )
    assert report.counts[Outcome.SENT] == 12
    assert states_of(post, letters) == {"sent": 12}


def test_a_stop_ends_the_helper_and_what_had_not_left_waits(
    post: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """Ctrl-C: what is under way is broken off and written down, everything else is given back."""
    with served(dot="stall") as sink, pytest.raises(KeyboardInterrupt):
        interrupt_when(lambda: "." in sink.heard or states_of(post, letters)["at_data"] == 1, noon)

    assert states_of(post, letters) == {"unknown": 1, "pending": 11}


def test_a_helper_does_not_outlive_its_starter(
    post: Any, house: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """Killed with -9 the starter can tell nobody; the helper notices and gives back what it has."""
    with served(RCPT="stall") as sink:
        env = house.env | {"TAKTAS_SMTP_HOST": "127.0.0.1", "TAKTAS_SMTP_PORT": str(sink.port)}
        starter = subprocess.Popen([sys.executable, "-c", STARTER, noon.isoformat()], env=env)
        until(lambda: any(line.startswith("RCPT") for line in sink.heard))
        starter.kill()
        starter.wait()
        until(lambda: states_of(post, letters)["claimed"] <= 2)

    until(lambda: "claimed" not in states_of(post, letters))


def test_a_helper_that_cannot_reach_the_server_says_so(served: Served, letters: list[int], noon: datetime) -> None:
    """Its sentence is the same as that of a sender alone."""
    with served(connect="554 no") as sink, Helper(Share(at=noon, connections=1, limit=None), print) as helper:
        pass

    assert len(letters) == 12
    assert helper.problem is not None
    assert helper.problem.startswith(f"The mail server 127.0.0.1:{sink.port} cannot be used: ")
