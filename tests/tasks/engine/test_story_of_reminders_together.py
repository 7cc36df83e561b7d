"""Reminders with others at work: beats at once, senders that take a digest meanwhile, and the list at the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from cli.app import run
from core.settings import settings
from models import contracts, database, outbox, people, work
from tasks.beat import ticking
from tasks.beat.expiring import report_ended_terms

SLOW = "standards: {any: {for: all work, due: 3 working days, remind: 1 working day before due}}"
ROWS = 12


@pytest.fixture
def office(house: Any, furnished: Callable[[Any], Any]) -> Any:
    """A furnished house of its own, with a dozen calls that are reminded of on Wednesday at nine."""
    with database.begin() as db:
        ours = furnished(db)
        ours.standards(SLOW)
        for number in range(ROWS):
            ours.term(f"T-{number}", expires="2026-06-30")
            ours.start(subject=f"term T-{number}")
    return ours


def digests() -> list[Any]:
    """The digests of work in the outbox."""
    with database.read() as db:
        rows = select(outbox.messages).where(outbox.messages.c.template == "work_digest").order_by(outbox.messages.c.id)
        return list(db.execute(rows))


def reminded() -> list[int]:
    """How often each task was reminded of, as the ledger has it."""
    with database.read() as db:
        counted = select(func.count()).where(work.events.c.kind == "task.reminded").group_by(work.events.c.task_id)
        return list(db.execute(counted).scalars())


def test_four_beats_at_once_make_one_digest(office: Any) -> None:
    """Every task is reminded of once, and each number in a ledger is given once."""
    moment = office.at("2026-03-04 09:00")

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: ticking.tick(at=moment), range(4)))

    assert [problem for report in reports for problem in report.problems] == []
    assert sum(report.counts["reminders"] for report in reports) == ROWS
    assert reminded() == [1] * ROWS
    assert [row.key for row in digests()] == [f"digest:{office.ids['jonas']}:work:2026-03-04T07:00:00+00:00"]


def test_a_digest_a_sender_has_in_hand_is_not_joined(office: Any, fresh_engine: Engine) -> None:
    """Nine o'clock's digest is about to leave when half past nine's beat comes: its reminders join one o'clock's."""
    with database.begin() as db:
        late = update(work.tasks).where(work.tasks.c.id > ROWS // 2).values(next_at=office.at("2026-03-04 11:00"))
        db.execute(late)
    ticking.tick(at=office.at("2026-03-04 09:00"))
    with database.begin() as db:
        db.execute(update(work.tasks).where(work.tasks.c.id > ROWS // 2).values(next_at=office.at("2026-03-04 09:00")))

    claim = select(outbox.messages.c.id).where(outbox.messages.c.template == "work_digest").with_for_update()
    with fresh_engine.connect() as sender, sender.begin():
        sender.execute(claim)
        ticking.tick(at=office.at("2026-03-04 09:30"))

    assert [row.facts["slot"] for row in digests()] == ["2026-03-04T07:00:00+00:00", "2026-03-04T11:00:00+00:00"]
    assert reminded() == [1] * ROWS


def test_a_limit_on_the_beat_holds_for_nudges_too(office: Any) -> None:
    """At most so many; the rest is dealt with by the next."""
    moment = office.at("2026-03-04 09:00")

    first = ticking.tick(at=moment, limit=5)
    second = ticking.tick(at=moment)

    assert (first.total, second.total) == (5, ROWS - 5)


def test_a_term_that_ran_out_is_looked_at_once_for_each_expiry(office: Any) -> None:
    """Nobody works on it: it stays silent, and the next beat does not see it; a corrected date brings it back."""
    moment = office.at("2026-04-02 09:00")
    told = select(contracts.terms.c.end_told_for).where(contracts.terms.c.id == office.ids["term P-1"])

    with database.begin() as db:
        report_ended_terms(db, moment)
        first = db.execute(told).scalar_one()
        moved = update(contracts.terms).where(contracts.terms.c.id == office.ids["term P-1"])
        db.execute(moved.values(expires_on=date(2026, 4, 1)))
        report_ended_terms(db, moment)
        second = db.execute(told).scalar_one()
        happened = db.execute(select(func.count()).select_from(work.happenings)).scalar_one()

    assert (first, second, happened) == (date(2026, 3, 31), date(2026, 4, 1), 0)


def test_a_term_somebody_works_on_is_told_to_have_ended(office: Any) -> None:
    """Once, however often it is looked for."""
    moment = office.at("2026-07-02 09:00")
    with database.begin() as db:
        for _ in range(3):
            report_ended_terms(db, moment)
        kinds = list(db.execute(select(work.happenings.c.kind, work.happenings.c.subject_id)))

    assert len(kinds) == len(set(kinds)) == ROWS


def exceptions(*words: str, who: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command as somebody, on Monday the ninth at noon."""
    monkeypatch.setenv("TAKTAS_USER", who)
    settings.cache_clear()
    return run(["tasks", "exceptions", *words, "--as-of", "2026-03-09T12:00"])


def test_the_list_of_exceptions_names_each_with_the_command_that_shows_it(
    office: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dozen calls are overdue; the first few are listed, and how many more there are."""
    code = exceptions("--limit", "2", who="ona", monkeypatch=monkeypatch)

    said = capsys.readouterr().out
    assert code == 0
    assert said.startswith(f"Overdue, not escalated ({ROWS})\n")
    assert "taktas tasks show 1" in said
    assert f"… and {ROWS - 2} more; --limit shows them." in said
    assert f"opened 0, done 0, of these late 0; open now {ROWS}, of these overdue {ROWS}." in said


def test_the_list_of_exceptions_for_machines_has_every_part(
    office: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the empty ones."""
    exceptions("--json", "--ahead", "30 days", who="ona", monkeypatch=monkeypatch)

    found = json.loads(capsys.readouterr().out)
    assert {name: part["total"] for name, part in found["exceptions"].items()} == {
        "lapsed": 0,
        "unowned": 0,
        "stranded": 0,
        "not_bound": 0,
        "uncovered": 1,
        "breached": ROWS,
        "escalated": 0,
        "messages": 0,
    }
    assert found["ahead"] == "2026-04-08"


def test_whoever_is_no_manager_sees_what_their_team_is_behind_with(
    office: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rūta is in sales; somebody of another team sees none of it."""
    with database.begin() as db:
        office.db = db
        office.add(people.teams, organisation_id=office.ids["house"], code="claims", name="Claims")
        claims = db.execute(select(people.teams.c.id).where(people.teams.c.code == "claims")).scalar_one()
        office.employee("vita", team_id=claims)

    exceptions(who="ruta", monkeypatch=monkeypatch)
    of_sales = capsys.readouterr().out
    exceptions("--team", "sales", who="vita", monkeypatch=monkeypatch)
    of_claims = capsys.readouterr().out

    assert f"Overdue, not escalated ({ROWS})" in of_sales
    assert of_claims.startswith("No exceptions: nothing lapsed, unowned, stranded, unbound,")
