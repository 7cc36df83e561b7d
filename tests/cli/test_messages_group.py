"""`taktas messages` from the keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from cli.app import run
from core.clock import now
from models import people
from models.database import begin
from models.outbox import Message, MessageClass, messages, queue

pytestmark = pytest.mark.database


@pytest.fixture
def unknown(house: Any) -> int:
    """A message to Rasa, who sees it, that nobody knows the fate of."""
    with begin() as db:
        place = {"code": "house", "name": "House", "kind": "house"}
        organisation = db.execute(insert(people.organisations).values(place).returning(people.organisations.c.id))
        person = {"organisation_id": organisation.scalar_one(), "login": "rasa", "name": "Rasa", "sort_key": "rasa"}
        rasa = db.execute(insert(people.employees).values(person).returning(people.employees.c.id)).scalar_one()
        number = queue(
            db,
            Message(
                key="k",
                message_class=MessageClass.STAFF,
                template="task_reminder",
                language="en",
                created_at=now(),
                not_before=now(),
                employee_id=rasa,
            ),
        )
        assert number is not None
        stored = b"Subject: Call Ona\r\n\r\nToday\x1b[31m.\r\n"
        db.execute(messages.update().values(state="unknown", rendered=stored, attempts=1, last_answer="line broke"))
    return number


def test_a_message_is_found_read_and_released(unknown: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Control characters are shown, not obeyed; the file holds the bytes as they were stored."""
    assert run(["messages", "list", "--state", "unknown", "--to", "ras"]) == 0
    assert "task reminder" in capsys.readouterr().out

    assert run(["messages", "show", str(unknown)]) == 0
    told = capsys.readouterr().out
    assert f"Message {unknown} to Rasa: task reminder, unknown." in told
    assert "Today\\x1b[31m." in told

    assert run(["messages", "show", str(unknown), "--raw", str(tmp_path / "it.eml")]) == 0
    assert (tmp_path / "it.eml").read_bytes() == b"Subject: Call Ona\r\n\r\nToday\x1b[31m.\r\n"
    capsys.readouterr()

    asked = ["messages", "release", str(unknown), "--delivered", "--reason", "she said so", "--as", "rasa", "--json"]
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out) == {"messages": [unknown], "before": "unknown", "after": "sent"}


@pytest.mark.parametrize(
    ("asked", "code", "sentence"),
    [
        (["list", "--state", "faild"], 2, "There is no state 'faild'; did you mean failed?"),
        (["show", "99999999"], 1, "There is no message 99999999 for you."),
        (["release", "1", "--reason", "x"], 2, "Say one of --again, --delivered or --drop."),
        (["retry", "1", "--reason", "x"], 2, "Who are you? Say it with --as LOGIN"),
    ],
)
@pytest.mark.usefixtures("unknown")
def test_what_cannot_be_done_is_said(
    asked: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with the right exit code."""
    assert run(["messages", *asked]) == code
    assert sentence in capsys.readouterr().err
