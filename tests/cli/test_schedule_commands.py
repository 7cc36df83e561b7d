"""`taktas schedules`: what rings, what it did, and what the house changes about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from cli.app import run
from models.database import begin
from models.timetable import ringings, schedules
from tasks.timetable.claiming import claim_now

HOUR = timedelta(hours=1)


@pytest.fixture
def bell(house: Any) -> None:
    """A schedule that rings once a day, at midnight."""
    facts = {
        "phrase": "every day at 00:00",
        "does": "tick",
        "arguments": {},
        "starts_at": datetime.now(UTC) - 48 * HOUR,
    }
    with begin() as db:
        db.execute(insert(schedules).values(code="nightly", **facts))


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    """The list, as machines get it."""
    capsys.readouterr()
    assert run(["schedules", "list", "--json"]) == 0
    return {row["code"]: row for row in json.loads(capsys.readouterr().out)}


@pytest.mark.usefixtures("bell")
def test_ringing_by_hand_does_what_is_due_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    """What was missed first; then, also when it is paused, for this very moment."""
    before = listed(capsys)["nightly"]["state"]
    first = run(["schedules", "ring", "nightly"]), capsys.readouterr().out
    run(["schedules", "pause", "nightly"])
    second = run(["schedules", "ring", "nightly"])
    after = listed(capsys)["nightly"]

    assert before == "missed"
    assert first[0] == second == 0
    assert "00:00: nothing was due; serves for all that was missed since " in first[1]
    assert (after["state"], after["result"], after["next_at"]) == ("paused", "nothing was due", None)


@pytest.mark.usefixtures("bell")
def test_what_somebody_is_at_is_not_rung_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    """It would be done twice."""
    with begin() as db:
        claim_now(db, "nightly", datetime.now(UTC), "another-machine/1/1")

    code = run(["schedules", "ring", "nightly"])

    assert code == 1
    assert capsys.readouterr().err == (
        "Somebody is at nightly already. `taktas schedules list` shows what comes of it.\n"
    )


@pytest.mark.usefixtures("bell")
def test_what_fails_is_said_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason, and that it will be tried again."""
    facts: dict[str, Any] = {"phrase": "every day at 00:00", "does": "sing", "arguments": {}}
    with begin() as db:
        db.execute(insert(schedules).values(code="choir", starts_at=datetime.now(UTC), **facts))

    code = run(["schedules", "ring", "choir"])
    told = capsys.readouterr().err

    assert code == 1
    assert told.startswith("choir failed and will be tried again: choir is to 'sing', which this version")
    assert listed(capsys)["choir"]["state"] == "to be tried again"


@pytest.mark.usefixtures("bell")
def test_the_house_changes_when_it_rings(capsys: pytest.CaptureFixture[str]) -> None:
    """Pausing and resuming say whether anything changed."""
    codes = [
        run(["schedules", "set", "reconcile", "--rings", "every friday at 18:00", "--missed", "skip"]),
        run(["schedules", "pause", "reconcile"]),
        run(["schedules", "resume", "reconcile"]),
        run(["schedules", "resume", "reconcile"]),
    ]
    first, *told = capsys.readouterr().out.splitlines()
    row = listed(capsys)["reconcile"]

    assert codes == [0, 0, 0, 0]
    assert first.startswith("reconcile rings every friday at 18:00 (next Fri 2")
    assert first.endswith(" 18:00). What it missed is not caught up.")
    assert told == [
        "reconcile rings no more until `taktas schedules resume reconcile`.",
        "reconcile rings again.",
        "reconcile was not paused.",
    ]
    assert (row["phrase"], row["catches_up"], row["state"]) == ("every friday at 18:00", "skip", "has not rung")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "Say what to change: --rings, --missed or --shared-by."),
        (["--missed", "never"], "--missed takes once, each or skip, not 'never'."),
    ],
)
@pytest.mark.usefixtures("house")
def test_a_change_of_nothing_or_to_nonsense_is_wrong_usage(
    more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    code = run(["schedules", "set", "tick", *more])

    assert code == 2
    assert capsys.readouterr().err.strip() == said


@pytest.mark.usefixtures("house")
def test_only_a_flow_that_starts_cases_is_shared(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to share in a look ahead."""
    code = run(["run", "renewal", "--shared-by", "3", "--dry-run"])

    assert code == 2
    assert capsys.readouterr().err.strip() == (
        "--shared-by is for a run that starts cases as a Prefect flow. Use it with --prefect alone."
    )


@pytest.mark.usefixtures("bell")
def test_the_list_is_a_table_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each schedule, in the house's zone."""
    with begin() as db:
        db.execute(insert(ringings).values(_done()))

    run(["schedules", "list"])

    told = capsys.readouterr().out
    assert "Schedule" in told
    assert "every sunday at 20:00" in told
    assert "3 reminders" in told


@pytest.mark.usefixtures("bell")
def test_what_a_schedule_did_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Also that it has not rung; one that does not exist is refused."""
    run(["schedules", "show", "nightly"])
    before = capsys.readouterr().out
    run(["schedules", "ring", "nightly"])
    capsys.readouterr()
    run(["schedules", "show", "nightly", "--json"])
    [after] = json.loads(capsys.readouterr().out)

    assert before == "nightly has not rung yet.\n"
    assert (after["times"], after["state"], after["tries"]) == (1, "done", 1)
    assert after["result"].startswith("nothing was due; serves for all that was missed since ")
    assert run(["schedules", "show", "choir"]) == 1


@pytest.mark.usefixtures("house")
def test_what_is_typed_again_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """The code of a schedule stands on one line, whatever else has to be wrapped."""
    code = "run:a_process_with_a_long_name:1"
    told = " ".join(["many words"] * 30)
    facts: dict[str, Any] = {"phrase": "every working day at 07:00", "does": "run", "arguments": {"process": "x"}}
    with begin() as db:
        known = db.execute(insert(schedules).values(code=code, starts_at=datetime.now(UTC), **facts))
        assert known.inserted_primary_key is not None
        db.execute(insert(ringings).values(_done() | {"schedule_id": known.inserted_primary_key[0], "result": told}))

    run(["schedules", "list"])

    assert code in capsys.readouterr().out


def _done() -> dict[str, Any]:
    at = datetime.now(UTC)
    facts = {"due_at": at, "claimed_at": at, "finished_at": at, "result": "3 reminders"}
    return facts | {"schedule_id": 1, "claimed_by": "another-machine/1/1"}
