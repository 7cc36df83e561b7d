"""The house's own schedules: declared in one place, changed by the house, and told to people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from core.settings import settings
from models.timetable import CatchUp, schedules
from standards.working_time.schedule import parse_schedule
from tasks.timetable import changing
from tasks.timetable.claiming import claim, claim_now, codes_due, fail, finish
from tasks.timetable.holder import own_holder
from tasks.timetable.house_schedules import HOUSE_SCHEDULES, Duty, HouseSchedule, declare_house_schedules
from tasks.timetable.overview import list_ringings, list_schedules

MONDAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def declared(db: Connection) -> Connection:
    """A house with its own schedules and that of one process."""
    declare_house_schedules(db, MONDAY)
    facts: dict[str, Any] = {"phrase": "every monday at 06:00", "does": "run", "arguments": {"process": "renewal"}}
    db.execute(insert(schedules).values(code="run:renewal:1", starts_at=MONDAY - DAY, **facts))
    return db


def row(db: Connection, code: str) -> Any:
    """One schedule."""
    return db.execute(select(schedules).where(schedules.c.code == code)).one()


@pytest.mark.parametrize("schedule", HOUSE_SCHEDULES, ids=lambda schedule: schedule.duty.value)
def test_what_is_declared_can_be_followed(schedule: HouseSchedule) -> None:
    """Each phrase reads back as it is written, and each says what it is for."""
    assert str(parse_schedule(schedule.phrase)) == schedule.phrase
    assert schedule.why


def test_declaring_again_changes_nothing(declared: Connection) -> None:
    """Neither what they say nor since when they count."""
    before = declared.execute(select(schedules).order_by(schedules.c.id)).all()

    declare_house_schedules(declared, MONDAY + DAY)

    assert declared.execute(select(schedules).order_by(schedules.c.id)).all() == before


def test_what_the_house_has_changed_stays_changed(declared: Connection) -> None:
    """A new version of the product does not take it back."""
    changing.change(declared, "reconcile", MONDAY, phrase="every  Friday at 18:00", catches_up=CatchUp.SKIP)

    declare_house_schedules(declared, MONDAY + DAY)

    told = row(declared, "reconcile")
    assert (told.phrase, told.catches_up, told.starts_at) == ("every friday at 18:00", "skip", MONDAY)


def test_a_new_default_reaches_a_house_that_changed_nothing(
    declared: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is declared no more is retired; processes are left alone."""
    other = HouseSchedule(duty=Duty.TICK, phrase="every 5 minutes", why="less often")
    monkeypatch.setattr("tasks.timetable.house_schedules.HOUSE_SCHEDULES", (other,))

    declare_house_schedules(declared, MONDAY + DAY)

    assert row(declared, "tick").phrase == "every 5 minutes"
    assert row(declared, "send").retired_at == MONDAY + DAY
    assert row(declared, "run:renewal:1").retired_at is None


def test_what_was_missed_while_paused_is_not_caught_up(declared: Connection) -> None:
    """Resuming begins anew; pausing twice and resuming twice say that nothing was changed."""
    paused = [changing.pause(declared, "reconcile"), changing.pause(declared, "reconcile")]
    resumed = [changing.resume(declared, "reconcile", MONDAY + 30 * DAY) for _ in range(2)]

    rung = claim(declared, "reconcile", MONDAY + 30 * DAY, own_holder())

    assert (paused, resumed) == ([True, False], [True, False])
    assert rung is None


def test_the_phrase_of_a_process_stands_in_its_definition(declared: Connection) -> None:
    """How it catches up and how many share its run can be set here."""
    with pytest.raises(changing.ScheduleDeclaredElsewhere) as refusal:
        changing.change(declared, "run:renewal:1", MONDAY, phrase="every day at 06:00")
    changing.change(declared, "run:renewal:1", MONDAY, catches_up=CatchUp.EACH, shared_by=3)

    told = row(declared, "run:renewal:1")
    assert str(refusal.value) == (
        "run:renewal:1 rings as the process renewal says. Change `schedule:` in its definition and publish it with "
        "`taktas standards publish`."
    )
    assert (told.catches_up, told.arguments) == ("each", {"process": "renewal", "shared_by": 3})
    assert told.starts_at == MONDAY - DAY


def test_only_a_run_can_be_shared(declared: Connection) -> None:
    """The beat is one."""
    with pytest.raises(changing.ScheduleDeclaredElsewhere) as refusal:
        changing.change(declared, "tick", MONDAY, shared_by=3)

    assert str(refusal.value) == "tick starts no run, so there is nothing for several workers to share."


def test_an_unknown_code_is_answered_with_the_nearest(declared: Connection) -> None:
    """And with where all of them stand."""
    with pytest.raises(changing.NoSuchSchedule) as refusal:
        changing.pause(declared, "tock")

    assert str(refusal.value) == (
        "There is no schedule 'tock'; did you mean tick? `taktas schedules list` shows all of them."
    )


def test_the_list_says_when_it_rings_and_what_it_did(declared: Connection) -> None:
    """Processes first; next and last ringing, the state and the words of the last."""
    done = claim(declared, "tick", MONDAY, own_holder())
    failed = claim(declared, "send", MONDAY, own_holder())
    at_work = claim(declared, "run:renewal:1", MONDAY, own_holder())
    assert done is not None
    assert failed is not None
    assert at_work is not None
    finish(declared, done, "3 opened")
    fail(declared, failed, "no mail server")
    changing.pause(declared, "reconcile")

    told = {row["code"]: row for row in list_schedules(declared, MONDAY)}

    assert list(told) == ["run:renewal:1", *sorted(it.duty.value for it in HOUSE_SCHEDULES)]
    assert {code: it["state"] for code, it in told.items() if code in {"tick", "send", "reconcile"}} == {
        "tick": "done",
        "send": "to be tried again",
        "reconcile": "paused",
    }
    assert told["run:renewal:1"]["state"] == "at work"
    assert (told["tick"]["last_at"], told["tick"]["result"]) == (MONDAY, "3 opened")
    assert told["tick"]["next_at"] == MONDAY + timedelta(minutes=1)
    assert told["reconcile"]["next_at"] is None
    assert told["run:renewal:1"]["next_at"] == MONDAY + 7 * DAY


def test_what_a_dead_process_was_at_is_not_called_at_work(declared: Connection) -> None:
    """Nobody is; the next beat rings it again."""
    host = own_holder().rsplit("/", 2)[0]
    claim(declared, "tick", MONDAY, f"{host}/1/1")

    told = {row["code"]: row["state"] for row in list_schedules(declared, MONDAY)}

    assert told["tick"] == "to be tried again"


def test_a_schedule_that_skips_what_it_missed_says_that_it_did_not_ring(declared: Connection) -> None:
    """Its last ringing was done, but a month ago."""
    claimed = claim(declared, "reconcile", MONDAY + timedelta(days=6, hours=14, minutes=1), own_holder())
    assert claimed is not None
    finish(declared, claimed, "nothing is missing")
    changing.change(declared, "reconcile", MONDAY, catches_up=CatchUp.SKIP)

    def state(after: timedelta) -> str:
        told = list_schedules(declared, MONDAY + after)
        return next(str(it["state"]) for it in told if it["code"] == "reconcile")

    assert state(7 * DAY) == "done"
    assert state(30 * DAY) == "passed over"


def test_what_a_schedule_did_is_told_newest_first_and_what_came_to_the_same_in_one_line(declared: Connection) -> None:
    """A quiet night is one line, and does not push out of sight what came before it."""
    for minute in range(6):
        claimed = claim(declared, "tick", MONDAY + timedelta(minutes=minute), own_holder())
        assert claimed is not None
        finish(declared, claimed, "3 reminders" if minute == 1 else "nothing was due")
    number = row(declared, "tick").id

    told = list_ringings(declared, number, 20)
    shortened = list_ringings(declared, number, 1)

    assert [(it["times"], it["result"]) for it in told] == [
        (4, "nothing was due"),
        (1, "3 reminders"),
        (1, "nothing was due"),
    ]
    assert (told[0]["due_at"], told[0]["first_at"]) == (MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=2))
    assert told[1]["first_at"] is None
    assert shortened == told[:1]


def of_bounces(db: Connection) -> dict[str, Any]:
    """That schedule in the list of Monday."""
    return next(row for row in list_schedules(db, MONDAY) if row["code"] == "bounces")


def test_what_has_nothing_to_do_on_this_machine_rings_only_by_hand_and_the_list_says_why(
    declared: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No mailbox is named here: the ringing is left to a machine that has one."""
    without, due_without = of_bounces(declared), codes_due(declared, MONDAY)[0]
    unclaimed = claim(declared, "bounces", MONDAY, own_holder())
    monkeypatch.setenv("TAKTAS_BOUNCE_MAILBOX", str(tmp_path))
    settings.cache_clear()
    named, due_named = of_bounces(declared), codes_due(declared, MONDAY)[0]
    monkeypatch.undo()
    settings.cache_clear()
    by_hand = claim_now(declared, "bounces", MONDAY, own_holder())

    assert (without["state"], without["next_at"]) == ("not here", None)
    assert without["not_here"] == "no mailbox is named (TAKTAS_BOUNCE_MAILBOX)"
    assert (named["state"], named["next_at"], named["not_here"]) == ("missed", MONDAY, None)
    assert ("bounces" in due_without, "bounces" in due_named) == (False, True)
    assert unclaimed is None
    assert by_hand is not None
