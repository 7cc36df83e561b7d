"""Senders killed with -9 in the middle of their work: nothing is lost, and what must not leave twice does not."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from models import outbox
from models.outbox import Message, MessageClass, messages

# One process loads the product once and forks a sender for each kill: it has no threads and no connection of its own.
NURSERY = """
import os, random, signal, sys, time
from datetime import datetime, timedelta
from sqlalchemy import func, select
from models.database import begin, forget_engine
from models.outbox import messages
from notifications.sending.draining import drain

at, (kills, most, seed) = datetime.fromisoformat(sys.argv[1]), map(int, sys.argv[2:])
chance = random.Random(seed)
not_tried = select(func.count()).where(messages.c.state.in_(("pending", "claimed", "at_data")))
done = 0


def is_over():
    with begin() as db:
        left = db.scalar(not_tried)
    forget_engine()
    return not left


while done < kills:
    told, tell = os.pipe()
    sender = os.fork()
    if not sender:
        try:
            drain(at, step=lambda count: os.write(tell, b"." * count))
        finally:
            os._exit(0)
    os.close(tell)
    wanted = chance.randint(1, most)
    while wanted and (seen := os.read(told, wanted)):
        wanted -= len(seen)
    is_sending = not wanted  # else it has ended: all has left, or what is left is taken by the dead for a moment
    os.close(told)
    time.sleep(chance.uniform(0, 0.02))
    os.kill(sender, signal.SIGKILL)
    os.waitpid(sender, 0)
    if is_sending:
        done += 1
    elif is_over():
        break
    else:
        time.sleep(0.1)
on_their_way = select(func.count()).where(messages.c.state.in_(("pending", "claimed", "at_data", "retry")))
for hour in range(1, 60):
    drain(at + timedelta(hours=hour))
    with begin() as db:
        if not db.scalar(on_their_way):
            break
    time.sleep(0.25)
print(done)
"""
NUMBER = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE)


@dataclass
class Sink:
    """A mail server that takes everything and counts what it was given by Message-ID."""

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the other side leaves or dies."""
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    found = NUMBER.search(content)
                    assert found is not None
                    self.taken[found[1].decode()] += 1
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # its sender was killed
        finally:
            writer.close()


@contextmanager
def counting_sink() -> Iterator[Sink]:
    """The sink on a port of its own, in a thread."""
    sink, ready = Sink(), threading.Event()
    ending: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        over = asyncio.Event()
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        ending.append((asyncio.get_running_loop(), over))
        ready.set()
        async with server:
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield sink
    finally:
        loop, over = ending[0]
        loop.call_soon_threadsafe(over.set)
        thread.join()


def fill_outbox(post: Any, noon: datetime, count: int) -> None:
    """So many messages, every other one a letter that is held when its fate is unknown, else a reminder."""
    letter, client = post.letter("Renewal", "Good day.\n.a dot\n"), post.client()
    jonas = post.employee("Jonas")
    task = post.task("Call Ona", assignee_id=jonas)
    common: dict[str, Any] = {"language": "en", "created_at": noon, "not_before": noon}
    to_client = {"template": "renewal_reminder", "party_id": client, "letter_version_id": letter}
    to_staff = {"template": "task_reminder", "employee_id": jonas, "task_id": task, "facts": {"at_once": True}}
    with post.engine.begin() as db:
        for number in range(count):
            is_letter = number % 2 == 0
            kind, facts = (MessageClass.SERVICE, to_client) if is_letter else (MessageClass.STAFF, to_staff)
            outbox.queue(db, Message(key=f"m{number}", message_class=kind, **common, **facts))


def kill_senders(post: Any, env: dict[str, str], noon: datetime, *, count: int, kills: int) -> tuple[Sink, int]:
    """Send so many messages while senders are killed. Returns the sink and how many kills there were."""
    fill_outbox(post, noon, count)
    with counting_sink() as sink:
        ours = {
            "TAKTAS_SMTP_HOST": "127.0.0.1",
            "TAKTAS_SMTP_PORT": str(sink.port),
            "TAKTAS_SMTP_CONNECTIONS": "4",
            "TAKTAS_SEND_LEASE": "1",
        }
        words = [sys.executable, "-c", NURSERY, noon.isoformat(), str(kills), str(count // kills // 2), "7"]
        ended = subprocess.run(words, env=env | ours, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return sink, int(ended.stdout)


def assert_kept(post: Any, sink: Sink, kills: int, count: int) -> Counter[str]:
    """None lost; held ones never twice; others at most once more for each kill. Returns messages by state."""
    with post.engine.begin() as db:
        rows = db.execute(select(messages)).all()
    assert len(rows) == count
    for row in rows:
        arrived, is_held = sink.taken[row.message_id], row.party_id is not None
        is_for_a_person = row.state == "unknown" and is_held
        assert (row.state == "sent" and arrived >= 1) or is_for_a_person, row
        assert arrived <= (1 if is_held else 1 + kills), row
    return Counter(row.state for row in rows)


def test_nothing_is_lost_when_senders_are_killed(post: Any, house: Any, noon: datetime) -> None:
    """Five kills over three hundred messages; every message is accounted for."""
    sink, kills = kill_senders(post, house.env, noon, count=300, kills=5)

    states = assert_kept(post, sink, kills, 300)

    assert kills >= 1
    assert states["sent"] > 200


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("TAKTAS_LONG_TESTS"), reason="minutes long; set TAKTAS_LONG_TESTS=1")
def test_nothing_is_lost_in_two_hundred_kills(post: Any, house: Any, noon: datetime) -> None:
    """Ten thousand messages and two hundred kills, or what TAKTAS_TEST_KILLS and TAKTAS_TEST_MESSAGES say."""
    count = int(os.environ.get("TAKTAS_TEST_MESSAGES", "10000"))
    asked = int(os.environ.get("TAKTAS_TEST_KILLS", "200"))
    sink, kills = kill_senders(post, house.env, noon, count=count, kills=asked)

    assert kills == asked
    states = assert_kept(post, sink, kills, count)

    twice = sum(1 for taken in sink.taken.values() if taken > 1)
    sys.stderr.write(f"{kills} kills, {count} messages: {dict(states)}, {twice} reminders more than once, 0 lost\n")
