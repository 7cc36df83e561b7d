"""What scheduled work says of itself: a sentence for the timetable, a page a manager can read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from flows import account
from flows.account import series
from models import people
from models.outbox import Message, MessageClass, queue
from notifications.outbox.states import Outcome
from notifications.sending.draining import DrainReport
from reports.snapshot import SnapshotReport
from tasks.beat.ticking import TickReport
from tasks.generation.reconciliation import Reconciliation
from tasks.generation.running import RunReport
from tasks.generation.tally import Tally

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_a_run_says_what_was_created_left_out_and_who_got_how_much(db: Connection) -> None:
    """Names are not markdown, whatever signs they hold."""
    house = db.execute(
        insert(people.organisations)
        .values(code="house", name="House", kind="house")
        .returning(people.organisations.c.id)
    )
    facts = {"organisation_id": house.scalar_one(), "login": "ona", "name": "Ona | *Onutė* <b>", "sort_key": "ona"}
    ona = db.execute(insert(people.employees).values(facts).returning(people.employees.c.id)).scalar_one()
    tally = Tally(
        cases=12,
        tasks=11,
        met=1,
        known=30,
        left_out={"placed_elsewhere": 4, "no_owner": 5},
        by={"employee": {str(ona): 11}, "week": {"2026-03-02": 11}},
    )

    told = account.of_run(db, RunReport(version="renewal@3", as_of=MONDAY, run_id=7, tally=tally))

    assert told.sentence == "renewal@3: 12 cases started with 11 first tasks, 31 had theirs already, 9 left out"
    assert told.key == "generation-renewal"
    assert told.page.startswith("# renewal@3 as of 2026-03-02 08:00 (Europe/Vilnius)\n")
    assert "| Ona \\| \\*Onutė\\* \\<b\\> | 11 |" in told.page
    assert (
        "## Left out because\n\n| reason | subjects |\n| --- | ---: |\n| no owner | 5 |\n| placed elsewhere | 4 |"
        in told.page
    )


def test_a_run_that_finds_nothing_to_start_says_so(db: Connection) -> None:
    """Without a row of zeros."""
    nothing = account.of_run(db, RunReport(version="renewal@3", as_of=MONDAY, run_id=7, tally=Tally()))
    again = account.of_run(db, RunReport(version="renewal@3", as_of=MONDAY, run_id=8, tally=Tally(known=60000)))
    one = account.of_run(db, RunReport(version="renewal@3", as_of=MONDAY, run_id=9, tally=Tally(cases=1, tasks=1)))

    assert nothing.sentence == "renewal@3: nothing to start"
    assert one.sentence == "renewal@3: 1 case started with 1 first task"
    assert again.sentence == "renewal@3: nothing to start, 60000 had theirs already"


def test_one_is_told_as_one() -> None:
    """Not 1 reminders."""
    told = account.of_tick(TickReport(counts=Counter({"reminders": 1, "tasks opened": 1, "limits met": 2}), digests=1))

    assert told.sentence == "2 limits met, 1 reminder, 1 task opened, 1 digest"


def test_a_beat_without_anything_due_makes_no_page() -> None:
    """One sentence in the timetable is enough."""
    quiet = account.of_tick(TickReport())
    busy = account.of_tick(TickReport(counts=Counter({"reminders": 3}), problems=["task 7: no such step"]))

    assert (quiet.sentence, quiet.key) == ("nothing was due", None)
    assert (busy.sentence, busy.key, busy.has_trouble) == ("3 reminders; 1 put off until tomorrow", "tick", True)
    assert "| reminders | 3 |" in busy.page
    assert "- task 7: no such step" in busy.page


def test_sending_says_what_left_and_what_waits_in_which_state(db: Connection) -> None:
    """And why something did not leave."""
    facts: dict[str, Any] = {"template": "task_reminder", "language": "en", "created_at": MONDAY, "not_before": MONDAY}
    queue(db, Message(key="one", message_class=MessageClass.STAFF, employee_id=1, **facts))
    report = DrainReport(refusals=[(4, "no address")], where="mail.example:25", problem="the line broke")
    report.counts[Outcome.SENT] += 2
    report.counts[Outcome.FAILED] += 1

    told = account.of_send(db, report)

    assert told.sentence == "2 sent, 1 failed; stopped: the line broke"
    assert (told.key, told.has_trouble) == ("send", True)
    assert "| pending | 1 |" in told.page
    assert "- message 4: no address" in told.page
    assert "the line broke" in told.page


def test_a_sending_in_which_nothing_could_leave_does_not_call_that_nothing_due(db: Connection) -> None:
    """What was due waits, and why is said."""
    told = account.of_send(db, DrainReport(problem="the line broke"))

    assert told.sentence == "nothing was sent; stopped: the line broke"


def test_the_statistics_say_which_days_were_counted_anew() -> None:
    """None, one or a stretch of them."""
    days = [date(2026, 3, 1), date(2026, 3, 2)]

    none = account.of_snapshot(SnapshotReport(taken_at=MONDAY, days=0))
    some = account.of_snapshot(SnapshotReport(taken_at=MONDAY, days=2, first_day=days[0], last_day=days[1]))

    assert none.sentence == "0 days counted anew"
    assert some.sentence == "2 days counted anew, from 2026-03-01 to 2026-03-02"
    assert "As of 2026-03-02 08:00 (Europe/Vilnius): 2 days counted anew" in some.page


@pytest.mark.parametrize("missing", [0, 3])
def test_a_reconciliation_names_what_is_missing(missing: int) -> None:
    """Every process with its numbers; what is wrong once more, with the numbers of the subjects."""
    found = Reconciliation(
        version="renewal@3",
        as_of=MONDAY,
        subject="term",
        subjects=10 + missing,
        live=6,
        left_out={"no_owner": 4},
        missing=missing,
        missing_ids=tuple(range(missing)),
    )

    told = account.of_reconciliations([found], {"campaign": "no calendar"} if missing else {})

    assert f"| renewal@3 | {10 + missing} | 6 | 0 | 4 | {missing} |" in told.page
    assert told.has_trouble is bool(missing)
    if missing:
        assert told.sentence == (
            "1 process reconciled: 3 missing, 1 of them not whole; campaign could not be looked at"
        )
        assert "- missing, due without case or reason: 3, such as term 0, 1, 2" in told.page
        assert "- campaign: no calendar" in told.page
    else:
        assert told.sentence == "1 process reconciled: nothing is missing"


@pytest.mark.parametrize(
    ("words", "key"), [(("generation", "cross_sale"), "generation-cross-sale"), (("tick",), "tick")]
)
def test_a_series_of_pages_has_a_name_prefect_takes(words: tuple[str, ...], key: str) -> None:
    """Small letters, digits and dashes."""
    assert series(*words) == key


def test_long_lists_are_cut_and_say_so() -> None:
    """Nobody reads a thousand lines."""
    told = account.of_tick(TickReport(problems=[f"task {number}: gone" for number in range(70)]))

    assert "- … and 20 more" in told.page
