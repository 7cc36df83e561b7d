"""`taktas demo`: one Monday in a sample brokerage, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from cli.app import run
from cli.demo_telling import Story
from core.settings import settings
from models.database import begin, read
from models.parties import parties
from models.runs import runs
from models.work import holds
from tasks.record.rebuild import rebuild_holds

WEDNESDAY = "2026-11-18"


@pytest.mark.slow
def test_the_demo_tells_one_monday(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The house is built, the Monday worked, the figures differ, and what it says to try next works."""
    began = time.monotonic()
    code = run(["demo", "--as-of", WEDNESDAY])

    told = capsys.readouterr().out
    assert code == 0
    for sentence in (
        "12 people, 2,000 clients, 6,000 policies, 5 insurers, 7 product lines",
        "A dry run first, which writes nothing: ",
        "Run 1 of renewal@1: ",
        "Mindaugas Šatas (away)",
        "Work assigned from 2026-05-18 to 2026-11-16",
    ):
        assert sentence in told
    shares = [int(share) for share in re.findall(r"\d+/\d+ (\d+) % \(\d+-\d+\)\s+\d+/\d+", told)]
    assert len(shares) == 12
    assert max(shares) - min(shares) > 20
    assert list((house.data_dir / "outbox").rglob("*.eml"))
    assert (house.data_dir / "demo" / "policies.csv").is_file()
    assert time.monotonic() - began < 300

    commands = [shlex.split(line)[1:] for line in told.splitlines() if re.match(r"  \S*taktas --house demo", line)]
    assert len(commands) == 3
    for command in commands:
        assert run(command) == 0
        assert len(capsys.readouterr().out.splitlines()) > 3
    _rebuild_changes_nothing(house)


def _rebuild_changes_nothing(house: Any) -> None:
    columns = [column for column in holds.c if column.name != "id"]
    with house.engine.begin() as db:
        before = set(db.execute(select(*columns)).all())
        rebuild_holds(db)
        assert set(db.execute(select(*columns)).all()) == before
        assert db.scalars(select(runs.c.state)).all() == ["done"]


@pytest.mark.usefixtures("house")
def test_a_database_with_clients_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """The demo builds in an empty house only."""
    with begin() as db:
        db.execute(insert(parties).values(number="K1", kind="person", name="Ona", sort_key="ona"))

    code = run(["demo"])

    assert code == 1
    assert capsys.readouterr().err == (
        "The database of TAKTAS_DATABASE_URL has 1 clients already, and the demo needs an empty one. "
        "Leave TAKTAS_DATABASE_URL away, then the demo makes a house of its own.\n"
    )
    with read() as db:
        assert db.scalars(select(parties.c.number)).all() == ["K1"]


def test_a_house_in_which_somebody_works_is_never_emptied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused before any server is asked."""
    monkeypatch.delenv("TAKTAS_DATABASE_URL", raising=False)
    settings.cache_clear()

    code = run(["--house", "office", "demo"])

    assert code == 1
    assert capsys.readouterr().err == (
        "The demo empties its house before it builds it, so it will not touch 'office'. "
        "Leave --house and TAKTAS_HOUSE away, or use a house called demo or demo_something.\n"
    )


def test_a_date_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With the way to write one."""
    code = run(["demo", "--as-of", "monday"])

    assert code == 2
    assert capsys.readouterr().err == "'monday' is not a date. Write it as 2026-03-02.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_machine_reads_the_story_as_one_object() -> None:
    """The facts of each stage; tried without the work."""
    story = Story(monday=date(2026, 11, 16))
    with story.stage("counted", "Counting") as facts:
        facts["cases"] = 3

    assert json.loads(json.dumps(story.facts)) == {"counted": {"cases": 3, "seconds": 0.0}}
