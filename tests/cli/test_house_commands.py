"""Looking after the house: settings, the database, the doctor, sending and the report, as a person types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from cli.app import run
from core.settings import described, settings
from models import people, work
from models.database import begin
from models.outbox import Message, MessageClass, queue

MARCH = ["--from", "2026-03-01", "--to", "2026-03-31"]
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def employee(house: Any) -> int:
    """Asta, who has one task done in time and one that is late."""
    with begin() as db:
        organisation = db.execute(
            insert(people.organisations)
            .values(code="h", name="House", kind="house")
            .returning(people.organisations.c.id)
        ).scalar_one()
        asta = db.execute(
            insert(people.employees)
            .values(
                organisation_id=organisation, login="asta", name="Asta", sort_key="asta", email="asta@house.example"
            )
            .returning(people.employees.c.id)
        ).scalar_one()
        resolution = db.execute(
            insert(work.resolutions)
            .values(content_hash="h", action="call", fields={}, explanation={})
            .returning(work.resolutions.c.id)
        ).scalar_one()
        task = {"resolution_id": resolution, "assignee_id": asta, "opened_at": NOON, "title": "Call Ona"}
        done = NOON.replace(hour=12)
        number = db.execute(
            insert(work.tasks).values(**task, status="done", due_at=done, finished_at=done).returning(work.tasks.c.id)
        ).scalar_one()
        db.execute(
            insert(work.holds).values(
                task_id=number,
                employee_id=asta,
                began_at=NOON,
                ended_at=done,
                working_seconds=7200,
                waiting_seconds=0,
                ended_by="done",
            )
        )
        late = db.execute(
            insert(work.tasks).values(**task, status="open", due_at=done, held_since=NOON).returning(work.tasks.c.id)
        ).scalar_one()
        queue(
            db,
            Message(
                key="k",
                message_class=MessageClass.STAFF,
                template="task_reminder",
                language="en",
                created_at=NOON,
                not_before=NOON,
                employee_id=asta,
                task_id=late,
            ),
        )
    return int(asta)


def test_every_setting_is_listed_with_its_source(
    house: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what it is; secrets and passwords stay hidden."""
    monkeypatch.setenv("TAKTAS_SMTP_PASSWORD", "geheim")
    monkeypatch.setenv("TAKTAS_DATABASE_URL", "postgresql://me:geheim@db/x?password=geheim")
    settings.cache_clear()

    code = run(["config", "--json", "--language", "lt"])

    out = capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert list(rows) == [f"TAKTAS_{name.upper()}" for name in described()]
    assert all(row["what"] for row in rows.values())
    assert "geheim" not in out
    assert rows["TAKTAS_LANGUAGE"]["source"] == "this command"
    assert rows["TAKTAS_SMTP_PASSWORD"]["source"] == "environment"
    assert rows["TAKTAS_ZONE"]["source"] == "default"


def test_the_database_tells_its_state(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Where it is, that it runs, and that its tables are current."""
    assert run(["db", "status", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["running"] is True
    assert told["is_current"] is True
    assert told["embedded"] is False


def test_tables_that_are_current_are_left_alone(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Upgrading twice changes nothing."""
    assert run(["db", "upgrade"]) == 0
    assert capsys.readouterr().out == "The tables are already the newest.\n"


def test_a_backup_can_be_restored(
    house: Any, employee: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into the same database only when asked, whole."""
    file = tmp_path / "a.backup"

    assert run(["db", "backup", str(file)]) == 0
    assert run(["db", "backup", str(file)]) == 1
    assert run(["db", "restore", str(file)]) == 1
    assert run(["db", "restore", str(file), "--overwrite"]) == 0

    told = capsys.readouterr()
    assert f"{file} is already there." in told.err
    assert "is not empty" in told.err
    assert f"The database was filled from {file}." in told.out


def test_holds_are_written_anew(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """From a ledger without events there are none."""
    assert run(["db", "rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"holds": 0}


def test_the_doctor_ends_with_one_when_something_needs_somebody(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty house has nothing published."""
    assert run(["doctor"]) == 1

    out = capsys.readouterr().out
    assert "no process is published" in out
    assert "taktas standards publish" in out


def test_a_message_is_sent_into_a_file(house: Any, employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """And said so, once."""
    assert run(["send", "--as-of", "2026-03-02T12:00"]) == 0
    assert run(["send", "--as-of", "2026-03-02T12:00"]) == 0

    first, second = capsys.readouterr().out.splitlines()
    folder = house.data_dir / "outbox" / "house"
    assert first == f"Messages: 1 sent to {folder}."
    assert second == "Nothing is due to be sent."
    assert len(list(folder.rglob("*.eml"))) == 1


def test_a_message_that_fails_says_why(house: Any, employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with its number."""
    with begin() as db:
        db.execute(people.employees.update().values(email=None))

    assert run(["send", "--as-of", "2026-03-02T12:00"]) == 0

    told = capsys.readouterr()
    assert told.out == "Messages: 1 failed.\n"
    assert told.err == "Message 1: Asta has no e-mail address. Add it, then send again.\n"


def test_sending_that_must_stop_is_refused(house: Any, employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason, and exit code 1."""
    house.data_dir.mkdir(parents=True)
    (house.data_dir / "outbox").write_text("in the way", encoding="utf-8")

    assert run(["send", "--as-of", "2026-03-02T12:00", "--json"]) == 1

    told = capsys.readouterr()
    assert json.loads(told.out)["sent"] == 0
    assert told.err.startswith(f"Messages cannot be written to {house.data_dir / 'outbox' / 'house'}: ")


def test_the_report_is_a_table(employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each person, and how to read it."""
    assert run(["report", "efficiency", *MARCH, "--as-of", "2026-03-20"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("Work assigned from 2026-03-01 to 2026-03-31, as of Fri 2026-03-20 00:00\n")
    assert "Asta" in out
    assert "1/2 (9-91 %)" in out
    assert "95 % interval" in out


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([], "2026-03-01 to 2026-03-20"),
        (["--from", "2026-02-10"], "2026-02-10 to 2026-03-20"),
        (["--to", "2026-02-28"], "2026-02-01 to 2026-02-28"),
    ],
)
def test_a_report_is_of_this_month_so_far(
    days: list[str], told: str, employee: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless it is told otherwise, by one day or by both."""
    assert run(["report", "efficiency", *days, "--as-of", "2026-03-20"]) == 0
    assert capsys.readouterr().out.startswith(f"Work assigned from {told}, as of Fri 2026-03-20 00:00\n")


def test_the_report_of_nothing_says_so(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Instead of an empty table."""
    assert run(["report", "efficiency", *MARCH]) == 0
    assert "Nothing was assigned in these days." in capsys.readouterr().out


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "table"])
def test_the_report_is_written_to_a_file(
    employee: int, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole or not at all; nothing else lies beside it."""
    file = tmp_path / f"march.{form}"

    assert run(["report", "efficiency", *MARCH, "--format", form, "--out", str(file)]) == 0

    assert file.stat().st_size > 100
    assert list(tmp_path.glob("*march*")) == [file]
    assert capsys.readouterr().out == f"Written to {file}.\n"


def test_the_report_is_json_for_machines(employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as --format json."""
    assert run(["report", "efficiency", *MARCH, "--by", "action", "--json", "--as-of", "2026-03-20"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0]["late_reasons"] == {"still_open": 1}
    assert (told["from"], told["by"]) == ("2026-03-01", ["action"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--from", "2026-03-31", "--to", "2026-03-01"], 2, "The report would run from 2026-03-31 to 2026-03-01"),
        (["--from", "1/2/2026", "--to", "2026-03-01"], 2, "'1/2/2026' is not a date. Write it as 2026-03-02."),
        ([*MARCH, "--by", "colour"], 2, "A report cannot be split by 'colour'"),
        ([*MARCH, "--format", "xlsx"], 2, "An Excel file cannot be shown on the screen."),
        ([*MARCH, "--out", "/no/such/folder/x.csv"], 1, "Cannot use /no/such/folder/x.csv: No such file or directory."),
        ([*MARCH, "--as", "nobody"], 1, "Nobody here has the login or e-mail 'nobody'"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(
    house: Any, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong words are 2, refusals are 1."""
    assert run(["report", "efficiency", *words]) == code
    assert capsys.readouterr().err.startswith(said)


def test_who_is_named_is_found_by_login_or_email(employee: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Without regard to case; a misspelt one is asked after."""
    for name in ("asta", "ASTA@house.example"):
        assert run(["report", "efficiency", *MARCH, "--as", name]) == 0
    assert run(["report", "efficiency", *MARCH, "--as", "astra"]) == 1

    assert "Nobody here has the login or e-mail 'astra'; did you mean asta?" in capsys.readouterr().err
