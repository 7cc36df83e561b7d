"""Senders told to stop: what is under way may end, what had not left waits, and nobody keeps anything in hand."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models.database import DatabaseUnreachable
from notifications.outbox.states import Outcome
from notifications.sending import keeping, smtp
from notifications.sending.draining import TOLD_TO_STOP, DrainReport, drain
from notifications.sending.gate import Gate
from notifications.sending.keeping import Desk
from notifications.sending.smtp_line import Line

TAKTAS = Path(sys.executable).with_name("taktas")
Served = Callable[..., AbstractContextManager[Any]]


def stop_when(is_so: Callable[[], bool], at: datetime) -> tuple[DrainReport, float]:
    """Send, and say stop from outside then. Returns the report, and how many seconds it took to end."""
    stop, told_at = threading.Event(), []

    def say() -> None:
        while not is_so():
            time.sleep(0.01)
        told_at.append(time.monotonic())
        stop.set()

    telling = threading.Thread(target=say)
    telling.start()
    report = drain(at, stop=stop)
    telling.join()
    return report, time.monotonic() - told_at[0]


def stalled_command(sink: Any, env: dict[str, str], at: datetime) -> subprocess.Popen[str]:
    """`taktas send`, at the moment in which it waits for the server's word on a receiver."""
    ours = env | {"TAKTAS_SMTP_HOST": "127.0.0.1", "TAKTAS_SMTP_PORT": str(sink.port)}
    command = [str(TAKTAS), "send", "--as-of", at.isoformat()]
    sending = subprocess.Popen(command, env=ours, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not any(line.startswith("RCPT") for line in sink.heard):
        assert sending.poll() is None
        time.sleep(0.05)
    return sending


def test_what_is_under_way_ends_and_the_rest_waits(
    post: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """The server is slow: the messages it has already are heard out, the others are as if never touched."""
    with served(slowness=0.4) as sink:
        report, _ = stop_when(lambda: len(sink.taken) >= 1, noon)

    sent = report.counts[Outcome.SENT]
    assert report.problem == TOLD_TO_STOP
    assert report.problem == "Sending was told to stop: what had not left waits for the next time."
    assert 1 <= sent < len(letters)
    assert Counter(post.row(number).state for number in letters) == {"sent": sent, "pending": len(letters) - sent}
    assert sum(post.row(number).attempts for number in letters) == sent


def test_what_stalls_is_broken_off(
    post: Any, served: Served, letters: list[int], noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says nothing before the final dot holds up no stop, and has nothing."""
    monkeypatch.setattr(smtp, "GRACE", 0.2)

    with served(RCPT="stall") as sink:
        report, seconds = stop_when(lambda: any(line.startswith("RCPT") for line in sink.heard), noon)

    assert report.problem == TOLD_TO_STOP
    assert seconds < 5
    assert {(post.row(number).state, post.row(number).attempts) for number in letters} == {("pending", 0)}


def test_what_was_marked_but_not_ended_is_not_unknown(
    post: Any, served: Served, letters: list[int], noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off between the mark and the final dot: the server has nothing, and the letter is not held."""
    reached = threading.Event()

    async def stall(_line: Line) -> None:
        reached.set()
        await asyncio.sleep(30)

    monkeypatch.setattr(smtp, "GRACE", 0.2)
    monkeypatch.setattr(Line, "_be_there_still", stall)

    with served() as sink:
        stop_when(reached.is_set, noon)

    assert sink.taken == []
    assert {post.row(number).state for number in letters} == {"pending", "retry"}


def test_what_is_broken_off_as_it_is_let_through_is_not_left_behind(
    post: Any, letters: list[int], noon: datetime
) -> None:
    """The mark is durable, and the stop comes before the message hears of it: nobody would settle it else."""

    async def break_off(desk: Desk) -> None:
        gate = Gate(desk)
        parcel, *others = desk.supply()
        passing = gate.may_leave(parcel)
        allowed = passing.send(None)
        running = asyncio.create_task(gate.run())
        await asyncio.wait({allowed})
        with pytest.raises(asyncio.CancelledError):
            passing.throw(asyncio.CancelledError())
        gate.close()
        await running
        desk.give_back(others)

    with Desk(noon, lambda _one: None) as desk:
        asyncio.run(break_off(desk))

    assert [post.row(number).state for number in letters] == ["retry", *["pending"] * (len(letters) - 1)]
    assert post.row(letters[0]).last_answer == "sending was interrupted before the message left"


def test_a_stop_before_the_start_takes_up_nothing(post: Any, letters: list[int], noon: datetime) -> None:
    """As files too."""
    stop = threading.Event()
    stop.set()

    report = drain(noon, stop=stop)

    assert (report.tried, post.files()) == (0, [])
    assert {post.row(number).attempts for number in letters} == {0}


def test_a_stop_does_not_wait_for_a_database_that_is_away(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be waited for half a minute."""
    stop = threading.Event()
    desk = Desk(noon, lambda _one: None, stop=stop)

    def away() -> AbstractContextManager[Any]:
        stop.set()
        raise DatabaseUnreachable("gone")

    monkeypatch.setattr(keeping, "begin", away)
    begun = time.monotonic()
    with pytest.raises(DatabaseUnreachable):
        desk.supply()

    assert time.monotonic() < begun + keeping.PATIENCE / 2


def test_the_command_ends_in_good_order_on_sigterm(
    post: Any, house: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """Exit code 1 and one sentence; the messages are nobody's."""
    with served(RCPT="stall") as sink:
        sending = stalled_command(sink, house.env, noon)
        sending.terminate()
        said, complained = sending.communicate(timeout=30)

    assert (sending.returncode, said) == (1, "")
    assert TOLD_TO_STOP in complained
    assert {(post.row(number).state, post.row(number).attempts) for number in letters} == {("pending", 0)}


def test_a_second_ctrl_c_says_what_becomes_of_what_was_in_hand(
    post: Any, house: Any, served: Served, letters: list[int], noon: datetime
) -> None:
    """It ends at once; the messages are still claimed, and the next sending after the lease looks at them."""
    with served(RCPT="stall") as sink:
        sending = stalled_command(sink, house.env, noon)
        sending.send_signal(signal.SIGINT)
        time.sleep(0.3)
        sending.send_signal(signal.SIGINT)
        _, complained = sending.communicate(timeout=30)

    assert sending.returncode == 130
    assert complained == (
        "Stopped at once. Nothing is lost: what was in hand is looked at again when its lease of 120 seconds is over.\n"
    )
    assert {post.row(number).state for number in letters} <= {"claimed", "pending"}
