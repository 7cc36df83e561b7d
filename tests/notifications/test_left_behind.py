"""What senders leave behind that die, fall silent or lose their line: each try is told, and each message ends."""

from __future__ import annotations

import asyncio
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.settings import settings
from models.database import begin
from models.deliveries import Stage, message_attempts
from models.embedded.account import EmbeddedServerError
from notifications.outbox.states import PAUSES, Outcome
from notifications.sending import keeping
from notifications.sending.carrier import Answer
from notifications.sending.draining import drain
from notifications.sending.gate import Gate
from notifications.sending.keeping import Desk
from notifications.sending.tidying import NEVER_ANSWERED, tidy

LONG_AGO = timedelta(days=900)
Served = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def letter(post: Any) -> int:
    """A letter that is held when nobody knows whether it arrived."""
    text = post.letter("Renewal", "Good day.\n")
    return int(
        post.queue(message_class="service", template="renewal_reminder", party_id=post.client(), letter_version_id=text)
    )


def attempts_of(post: Any, number: int) -> list[tuple[Any, ...]]:
    """Attempt, how far it came, what came of it, and what was said."""
    row = message_attempts.c
    found = select(row.attempt, row.stage, row.outcome, row.answer).where(row.message_id == number)
    with post.engine.begin() as db:
        return [tuple(row) for row in db.execute(found.order_by(row.attempt))]


def test_the_try_of_a_sender_that_died_early_is_told(post: Any, noon: datetime) -> None:
    """Nothing had left; the next try stands behind it."""
    number = post.remind(post.employee())
    post.change(number, state="claimed", attempts=1, lease_until=noon - LONG_AGO)

    drain(noon)

    first, second = attempts_of(post, number)
    assert first == (1, "writing", "retry", "its sender ended before the message had left")
    assert second[:3] == (2, "dot", "sent")


def test_the_try_of_a_sender_that_died_at_data_is_told(post: Any, letter: int, noon: datetime) -> None:
    """It may have left: the sending that finds it says so, once."""
    post.change(letter, state="at_data", attempts=3, lease_until=noon - LONG_AGO)

    report, after = drain(noon), drain(noon)

    assert report.refusals == [(letter, "its sender ended before the answer came")]
    assert (report.counts[Outcome.UNKNOWN], after.tried) == (1, 0)
    assert post.row(letter).state == "unknown"
    assert attempts_of(post, letter) == [(3, "data", "unknown", "its sender ended before the answer came")]


def test_the_answer_of_a_sender_taken_for_dead_counts(post: Any, letter: int, noon: datetime) -> None:
    """It was only slow: what the server said replaces what was believed."""
    answer = Answer(outcome=Outcome.SENT, words="250 taken", code=250)
    with Desk(noon, lambda _: None) as desk:
        (parcel,) = desk.supply()
        desk.keep([parcel], [])
        post.change(letter, lease_until=noon - LONG_AGO)
        with begin() as db:
            tidy(db, at=noon)
        believed = attempts_of(post, letter)

        desk.keep([], [(parcel, answer)])

    assert [row[2] for row in believed] == ["unknown"]
    assert attempts_of(post, letter) == [(1, "dot", "sent", "250 taken")]
    assert post.row(letter).state == "sent"


def test_a_reminder_whose_tries_are_used_up_unknown_comes_to_an_end(post: Any, noon: datetime) -> None:
    """Eight tries and no answer: it has failed, the report says so once, and a person may send it again."""
    number = post.remind(post.employee())
    post.try_before(number, ["data"] * (len(PAUSES) + 1), state="unknown")

    report, after = drain(noon), drain(noon)

    words = (
        "given up after 8 attempts, none of which was answered: it may have arrived. Ask the receiver; "
        "`taktas messages retry` sends it once more"
    )
    assert NEVER_ANSWERED.format(attempts=8) == words
    assert report.refusals == [(number, words)]
    assert (post.row(number).state, post.row(number).last_answer) == ("failed", words)
    assert after.tried == 0


def test_a_reminder_nobody_answers_for_goes_out_after_longer_and_longer_waits(
    post: Any, served: Served, noon: datetime
) -> None:
    """A server that takes everything and never says so fills no mailbox with copies."""
    number = post.remind(post.employee())

    with served(dot="drop") as sink:
        for minutes in (0, 0, 0, 0.9, 1, 1, 5.9, 6, 6, 20.9, 21):
            drain(noon + timedelta(minutes=minutes))

    assert (post.row(number).state, post.row(number).attempts) == ("unknown", 5)
    assert set(sink.counts.values()) == {5}  # at 0, 0, 1, 6 and 21 minutes


def test_a_letter_held_for_a_person_is_not_given_up(post: Any, letter: int, noon: datetime) -> None:
    """It waits for a decision, however often it was tried."""
    post.try_before(letter, ["data"] * (len(PAUSES) + 1), state="unknown")

    drain(noon)

    assert post.row(letter).state == "unknown"


def test_a_reminder_whose_senders_died_before_it_left_is_not_given_up(post: Any, noon: datetime) -> None:
    """Nobody was asked to take it in eight attempts, once nobody knows: it goes out again, as after one try."""
    number = post.remind(post.employee())
    post.try_before(number, [*["writing"] * (len(PAUSES) + 1), "data"], state="unknown")

    report = drain(noon)

    assert report.refusals == []
    assert (post.row(number).state, post.row(number).attempts) == ("sent", len(PAUSES) + 3)


def test_a_letter_refused_for_now_after_many_dead_senders_has_all_its_tries(
    post: Any, letter: int, served: Served, noon: datetime
) -> None:
    """The first answer anybody gave is the first of eight."""
    post.try_before(letter, ["writing"] * (len(PAUSES) + 2))

    with served(RCPT="451 later"):
        drain(noon)

    assert (post.row(letter).state, post.row(letter).not_before.replace(microsecond=0)) == ("retry", noon + PAUSES[0])


def test_a_letter_we_broke_off_ourselves_is_no_try(post: Any, letter: int, noon: datetime) -> None:
    """Asked seven times, broken off once more before the server was asked: its last try is still to come."""
    post.try_before(letter, ["rcpt"] * len(PAUSES), state="retry")
    broken_off = Answer(outcome=Outcome.RETRY, words="sending was interrupted", stage=Stage.WRITING)

    with Desk(noon, lambda _: None) as desk:
        (parcel,) = desk.supply()
        desk.keep([], [(parcel, broken_off)])

    assert (post.row(letter).state, post.row(letter).not_before.replace(microsecond=0)) == ("retry", noon + PAUSES[-1])


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The embedded server cannot be started for the next so many transactions."""
    left = [0]

    @contextmanager
    def away() -> Iterator[Any]:
        if left[0] > 0:
            left[0] -= 1
            raise EmbeddedServerError("The embedded PostgreSQL did not start.")
        with begin() as db:
            yield db

    monkeypatch.setattr(keeping, "begin", away)
    return lambda count: left.__setitem__(0, count)


def test_an_embedded_server_that_cannot_be_started_at_once_is_waited_for(
    post: Any, letter: int, noon: datetime, failing: Callable[[int], None]
) -> None:
    """Somebody stopped it in the middle; the next try finds it again."""
    with Desk(noon, lambda _: None) as desk:
        failing(1)
        (parcel,) = desk.supply()
        failing(1)
        kept = desk.keep([parcel], [])

    assert kept == {letter}
    assert post.row(letter).state == "at_data"


def test_leases_are_renewed_when_the_embedded_server_is_back(
    post: Any, letter: int, noon: datetime, failing: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that renews them outlives the failure."""
    monkeypatch.setenv("TAKTAS_SEND_LEASE", "1")
    settings.cache_clear()

    with Desk(noon, lambda _: None) as desk:
        desk.supply()
        before = post.row(letter).lease_until
        failing(1)
        deadline = time.monotonic() + 10
        while post.row(letter).lease_until == before and time.monotonic() < deadline:
            time.sleep(0.05)

    assert post.row(letter).lease_until > before


class HangsUp(socketserver.StreamRequestHandler):
    """Takes the text, and goes away while the sender writes its mark down."""

    def handle(self) -> None:
        """Answer until DATA."""
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            is_data = line.upper().startswith(b"DATA")
            self.wfile.write(b"354 go on\r\n" if is_data else b"250 ok\r\n")
            if is_data:
                time.sleep(0.2)
                self.connection.recv(100_000)
                return


def test_a_server_that_hangs_up_before_the_final_dot_has_nothing(
    post: Any, letter: int, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the mark was being written down: a retry, never unknown."""
    keep = Desk.keep

    def slowly(self: Desk, marks: Any, settled: Any) -> frozenset[int]:
        time.sleep(0.6)
        return keep(self, marks, settled)

    monkeypatch.setattr(Desk, "keep", slowly)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangsUp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("TAKTAS_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TAKTAS_SMTP_PORT", str(server.server_address[1]))
        settings.cache_clear()
        report = drain(noon)
        server.shutdown()

    assert report.counts[Outcome.RETRY] == 1
    assert post.row(letter).state == "retry"
    ((attempt, stage, outcome, words),) = attempts_of(post, letter)
    assert (attempt, stage, outcome) == (1, "data", "retry")
    assert words.endswith("broke before the message had left: it hung up")


def test_a_gate_whose_keeper_failed_lets_nobody_wait_for_ever(post: Any, letter: int, noon: datetime) -> None:
    """Whoever comes after the failure is not let through, and hears it at once."""

    class Fails(Desk):
        def keep(self, marks: Any, settled: Any) -> frozenset[int]:
            raise EmbeddedServerError("The embedded PostgreSQL did not start.")

    async def come_twice(desk: Desk) -> tuple[Any, bool]:
        gate = Gate(desk)
        (parcel,) = desk.supply()
        first = await asyncio.gather(gate.run(), gate.may_leave(parcel), return_exceptions=True)
        return first, await asyncio.wait_for(gate.may_leave(parcel), 5)

    with Fails(noon, lambda _: None) as desk:
        first, second = asyncio.run(come_twice(desk))

    assert [type(it) for it in first] == [EmbeddedServerError] * 2
    assert second is False
    assert post.row(letter).state == "claimed"
