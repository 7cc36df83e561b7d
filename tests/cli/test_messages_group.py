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
from models.deliveries import message_attempts
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


def test_each_attempt_says_where_it_went(unknown: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The address was mended after the first try; in a dispute that one counts too."""
    tried = {"message_id": unknown, "began_at": now(), "ended_at": now(), "stage": "dot", "outcome": "unknown"}
    with begin() as db:
        db.execute(messages.update().values(address="new@house.example"))
        for attempt, address in enumerate(("old@house.example", "new@house.example"), start=1):
            went = {"attempt": attempt, "answer": "line broke", "address": address}
            db.execute(insert(message_attempts).values(tried | went))

    assert run(["messages", "show", str(unknown)]) == 0

    told = capsys.readouterr().out
    assert "Went to" in told
    assert "old@house.example" in told


def test_several_messages_are_decided_each_by_itself(unknown: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What is refused keeps no other back, and is said; the exit code tells that not all went."""
    asked = ["messages", "release", str(unknown), str(unknown), "77", "--again", "--reason", "not in the log"]

    assert run([*asked, "--as", "rasa"]) == 1

    said = capsys.readouterr()
    assert said.out == f"Message {unknown} will be sent again by the next `taktas send`.\n"
    assert said.err == "There is no message 77 for you. `taktas messages list` shows those there are.\n"

    assert run([*asked, "--as", "rasa", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.usefixtures("unknown")
def test_a_kind_of_message_is_asked_for_as_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """With spaces too; one that has never been written is a slip of the finger."""
    assert run(["messages", "list", "--template", "task reminder"]) == 0
    assert "Rasa" in capsys.readouterr().out
    assert run(["messages", "list", "--json"]) == 0
    assert [(one["template"], one["state"]) for one in json.loads(capsys.readouterr().out)] == [
        ("task_reminder", "unknown")
    ]
    assert run(["messages", "list", "--template", "task remindr"]) == 2
    assert capsys.readouterr().err.startswith(
        "No message has ever been written from 'task_remindr'; did you mean task_reminder? There are: task_reminder."
    )


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


@pytest.mark.parametrize(
    ("answer", "told"),
    [("written to /a/very/long/way/outbox/house/2026-03-02/0780abb.eml", "written to a file"), ("250 Ok", "250 Ok")],
)
def test_the_list_leaves_the_long_names_of_files_to_the_message_itself(
    answer: str, told: str, unknown: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Machines get the whole name."""
    with begin() as db:
        db.execute(messages.update().values(last_answer=answer))

    run(["messages", "list"])
    shown = capsys.readouterr().out
    run(["messages", "list", "--json"])
    listed = capsys.readouterr().out

    assert told in shown
    assert "0780abb" not in shown
    assert answer in listed
