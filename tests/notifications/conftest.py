"""A house that writes: people, a client, tasks and rows in the outbox."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from core.settings import settings
from models import definitions, outbox, parties, people, work
from models.deliveries import message_attempts
from models.outbox import Message, MessageClass, messages
from notifications.outbox.message_id import message_id, secret_of_house

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday, noon in Vilnius

PROCESS = """\
process: reminding
title: Reminding
subject: term
start:
  by hand: true
steps:
  call:
    action: call
    title: Call {policyholder.name}
    outcomes:
      done: {end: done}
ends:
  done: {success: true}
"""


@dataclass(slots=True, kw_only=True)
class Post:
    """Writes rows in transactions of their own; each method returns the new number."""

    engine: Engine
    data_dir: Path
    count: int = 0

    def put(self, table: Any, **values: Any) -> int:
        """One row of any table."""
        with self.engine.begin() as db:
            return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

    def number(self) -> int:
        """A number not used before."""
        self.count += 1
        return self.count

    def employee(self, name: str = "Jonas", **values: Any) -> int:
        """Somebody who works here and has an address."""
        house = self.put(people.organisations, code=f"o{self.number()}", name="House", kind="house")
        login = f"e{self.number()}"
        facts = {"login": login, "name": name, "sort_key": name, "email": f"{login}@house.example"} | values
        return self.put(people.employees, organisation_id=house, **facts)

    def client(self, name: str = "Ona", email: str | None = "ona@example.lt", **values: Any) -> int:
        """A client, with an address unless told otherwise."""
        party = self.put(
            parties.parties, number=f"C{self.number()}", kind="person", name=name, sort_key=name[:50], **values
        )
        if email is not None:
            self.put(parties.contact_points, party_id=party, channel="email", value=email)
        return party

    def task(self, title: str = "Call Ona", **values: Any) -> int:
        """An ad hoc task, overdue unless told otherwise."""
        resolution = self.put(
            work.resolutions, content_hash=f"h{self.number()}", action="call", fields={}, explanation={}
        )
        facts = {"status": "open", "title": title, "due_at": NOON - timedelta(hours=2), "opened_at": NOON} | values
        return self.put(work.tasks, resolution_id=resolution, **facts)

    def put_case(self, term: int, client: int, *, source: str = PROCESS) -> int:
        """A running case about a term, of a process with that source."""
        process = self.put(definitions.processes, name=f"p{self.number()}", subject="term")
        version = self.put(
            definitions.process_versions,
            process_id=process,
            version=1,
            content_hash=f"h{self.number()}",
            source=source,
            published_at=NOON,
        )
        return self.put(
            work.cases,
            process_id=process,
            version_id=version,
            subject_type="term",
            subject_id=term,
            cycle_id=term,
            client_id=client,
            started_at=NOON,
        )

    def letter(self, subject: str, body: str, html: str | None = None, **values: Any) -> int:
        """A published letter in one language."""
        facts = {"name": "renewal_reminder", "language": "en", "version": 1, "letter_class": "service"} | values
        return self.put(
            definitions.letter_versions,
            content_hash=f"h{self.number()}",
            subject=subject,
            body_text=body,
            body_html=html,
            published_at=NOON,
            **facts,
        )

    def queue(self, **values: Any) -> int:
        """A message in the outbox, due at noon."""
        facts: dict[str, Any] = {
            "key": f"k{self.number()}",
            "message_class": MessageClass.STAFF,
            "template": "task_reminder",
            "language": "en",
            "created_at": NOON,
            "not_before": NOON,
        } | values
        with self.engine.begin() as db:
            number = outbox.queue(db, Message(**facts))
        assert number is not None
        return number

    def remind(self, employee: int, title: str = "Call Ona", **values: Any) -> int:
        """A reminder of a new task."""
        return self.queue(employee_id=employee, task_id=self.task(title, assignee_id=employee), **values)

    def row(self, number: int) -> Any:
        """The message as it stands."""
        with self.engine.begin() as db:
            return db.execute(select(messages).where(messages.c.id == number)).one()

    def message_id(self, number: int) -> str:
        """The Message-ID it leaves under."""
        with self.engine.begin() as db:
            return message_id(self.row(number).key, secret_of_house(db))

    def change(self, number: int, **values: Any) -> None:
        """Set columns of a message by hand."""
        with self.engine.begin() as db:
            db.execute(messages.update().where(messages.c.id == number).values(**values))

    def try_before(self, number: int, stages: Sequence[str], **values: Any) -> None:
        """Give a message earlier attempts, none of which was answered, that ended at these stages."""
        ended = {"began_at": NOON, "ended_at": NOON, "outcome": "retry", "answer": "no answer"}
        tries = [ended | {"message_id": number, "attempt": at, "stage": stage} for at, stage in enumerate(stages, 1)]
        with self.engine.begin() as db:
            db.execute(insert(message_attempts), tries)
        self.change(number, attempts=len(tries), **values)

    def files(self) -> list[Path]:
        """What was written instead of sent."""
        return sorted((self.data_dir / "outbox").rglob("*.eml"))

    def mails(self) -> list[EmailMessage]:
        """The same, read by a mail program."""
        return [read_mail(file.read_bytes()) for file in self.files()]


def read_mail(content: bytes) -> EmailMessage:
    """A message as its receiver's program reads it."""
    return message_from_bytes(content, policy=policy.default)


DROP, STALL, DRIP = "drop", "stall", "drip"
USUAL = {
    "connect": "220 sink ready",
    "EHLO": "250 sink",
    "HELO": "250 sink",
    "STAR": "220 encrypt",
    "AUTH": "235 welcome",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "body": "",
    "dot": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class Sink:
    """What the server says at each step, and what it has taken."""

    answers: dict[str, str]
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0
    slowness: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)


class Talk(socketserver.StreamRequestHandler):
    """One connection to the sink."""

    def handle(self) -> None:
        """Answer until the other side leaves or we are told to drop the line."""
        sink: Sink = self.server.sink  # type: ignore[attr-defined]  # set where the server is made
        sink.connections += 1
        self.recipient = ""
        if not self.answer(sink, "connect"):
            return
        for line in self.rfile:
            verb = line[:4].decode().upper()
            sink.heard.append(line.decode().strip())
            if verb == "RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
            if not self.answer(sink, verb):
                return
            if verb == "DATA" and sink.answers["DATA"].startswith("354") and not self.body(sink):
                return
            if verb == "QUIT":
                return

    def body(self, sink: Sink) -> bool:
        """Read up to the final dot; take the message unless told otherwise."""
        if sink.answers["body"] == DROP:
            return False
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        else:
            return False  # no final dot: the sender is gone, and the message is not ours
        if sink.answers["dot"].startswith("250") or sink.answers["dot"] == DROP:
            sink.taken.append(b"".join(lines))
            sink.counts[read_mail(sink.taken[-1])["Message-ID"]] += 1
        sink.over.wait(sink.slowness)
        return self.answer(sink, "dot")

    def answer(self, sink: Sink, step: str) -> bool:
        """Say what is to be said at this step; False when the line is dropped."""
        said = sink.answers.get(f"{step} {self.recipient}", sink.answers[step])
        if said == STALL:
            sink.over.wait(30)
        if said == DRIP:
            said = self.drip(sink, USUAL[step])
        if said in {DROP, STALL}:
            return False
        self.wfile.write(f"{said}\r\n".encode())
        return True

    def drip(self, sink: Sink, said: str) -> str:
        """The usual answer, a character every third of a second; what is left when the test is over comes at once."""
        for letter in said:
            if sink.over.wait(0.3):
                break
            self.wfile.write(letter.encode())
        return DROP


@contextmanager
def serve(*, slowness: float = 0.0, **changes: str) -> Iterator[Sink]:
    """A mail server on this machine, and settings that name it."""
    sink = Sink(answers=USUAL | changes, slowness=slowness)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server, pytest.MonkeyPatch.context() as patch:
        server.daemon_threads = True
        server.sink = sink  # type: ignore[attr-defined]  # read by Talk
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        patch.setenv("TAKTAS_SMTP_HOST", "127.0.0.1")
        patch.setenv("TAKTAS_SMTP_PORT", str(sink.port))
        settings.cache_clear()
        yield sink
        sink.over.set()
        server.shutdown()
    settings.cache_clear()


@pytest.fixture
def served() -> Callable[..., AbstractContextManager[Sink]]:
    """Starts a mail server that answers each step as told: `served(RCPT="550 no")`."""
    return serve


@pytest.fixture
def post(house: Any) -> Post:
    """The outbox of a house of this test's own."""
    return Post(engine=house.engine, data_dir=house.data_dir)


@pytest.fixture
def letters(post: Post) -> list[int]:
    """Twelve letters to clients."""
    text = post.letter("Renewal", "Good day.\n")
    letter = {"message_class": "service", "template": "renewal_reminder", "letter_version_id": text}
    return [post.queue(party_id=post.client(email=f"c{number}@example.lt"), **letter) for number in range(12)]


@pytest.fixture
def mail_reader() -> Callable[[bytes], EmailMessage]:
    """Reads a message as a mail program does."""
    return read_mail


@pytest.fixture
def noon() -> datetime:
    """The moment everything in these tests is due."""
    return NOON
