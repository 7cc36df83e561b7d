"""A run that waits for approval: written down, looked through, checked again row by row when it is approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from core.actor import Actor, Door
from models import runs, work
from models.database import begin, read
from models.runs import RunState
from tasks.generation import proposals, running
from tasks.generation.proposals import ProposalNotOpen, ProposalOutdated
from tasks.generation.records import NoSuchRun, find_run
from tasks.generation.views import list_runs, proposal_rows, show_run

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
Office = Callable[[int], Engine]


@pytest.fixture
def manager(office: Office) -> Actor:
    """Ten terms in the window, and somebody who may approve."""
    office(10)
    with read() as db:
        number = db.execute(text("SELECT min(id) FROM employees")).scalar_one()
    return Actor(door=Door.COMMAND_LINE, employee_id=number)


def propose(manager: Actor) -> int:
    """A proposal as of Monday."""
    report = running.run("renewal", MONDAY, actor=manager, propose=True)
    assert report.run_id is not None
    return report.run_id


def cases() -> int:
    """How many cases there are."""
    with read() as db:
        return int(db.execute(select(func.count()).select_from(work.cases)).scalar_one())


def change(statement: str) -> None:
    """Something happens in the house between proposal and approval."""
    with begin() as db:
        db.execute(text(statement))


def test_a_proposal_starts_nothing_and_says_everything(manager: Actor) -> None:
    """Each subject with its verdict, who would get it and when it would be due, or why it is left out."""
    change("UPDATE terms SET placed = 'elsewhere' WHERE id = (SELECT min(id) FROM terms)")

    number = propose(manager)

    with read() as db:
        facts = show_run(db, number, "en")
        starts, left_out = proposal_rows(db, number), proposal_rows(db, number, left_out=True)
    assert cases() == 0
    assert (facts["state"], facts["cases"], facts["left_out"]) == ("proposed", 9, 1)
    assert facts["reasons"] == (("placed elsewhere", 1),)
    assert facts["by"]["employee"] == (("Jonas", 5), ("Ona", 4)) or facts["by"]["employee"] == (
        ("Ona", 5),
        ("Jonas", 4),
    )
    assert {row["employee"] for row in starts} == {"jonas", "ona"}
    assert [row["reason"] for row in left_out] == ["placed elsewhere"]


def test_an_approved_proposal_starts_what_it_holds(manager: Actor) -> None:
    """Its cases begin when it is approved; each row knows what became of it."""
    number = propose(manager)

    found = proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    with read() as db:
        started = set(db.execute(select(work.cases.c.started_at)).scalars())
        ledger = set(db.execute(select(work.events.c.employee_id)).scalars())
        results = set(db.execute(select(runs.run_rows.c.result)).scalars())
    assert (found.tally.cases, found.changed, found.other_owner, found.newly_due) == (10, {}, 0, 0)
    assert (started, ledger, results) == ({TUESDAY}, {manager.employee_id}, {"created"})


def test_what_changed_since_is_told(manager: Actor) -> None:
    """Blacklisted, moved, expired, handed over, imported in between."""
    number = propose(manager)
    change("UPDATE parties SET blacklisted_at = '2026-03-02 12:00Z' WHERE id = (SELECT max(id) FROM parties)")
    change("UPDATE terms SET renews = 'no' WHERE id = (SELECT min(id) FROM terms)")
    change("UPDATE terms SET expires_on = '2027-01-01' WHERE id = (SELECT min(id) + 1 FROM terms)")
    change("UPDATE employees SET left_on = '2026-03-03' WHERE login = 'ona'")
    change(
        "INSERT INTO terms (policy_id, sequence, expires_on) "
        "SELECT policy_id, 2, '2026-04-02' FROM terms ORDER BY id DESC OFFSET 1 LIMIT 1"
    )

    found = proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert found.changed == {"blacklisted": 1, "outside_selection": 1, "no_longer_in_window": 1, "no_owner": 3}
    assert (found.tally.cases, found.newly_due) == (4, 1)


def test_a_case_started_in_between_is_not_started_again(manager: Actor) -> None:
    """The proposal says that it was there already."""
    number = propose(manager)
    running.run("renewal", MONDAY, actor=manager, workers=1)

    found = proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert (found.tally.cases, found.changed, cases()) == (0, {"already_running": 10}, 10)


def test_work_that_goes_to_somebody_else_is_told(manager: Actor) -> None:
    """The owner went on holiday after the proposal; the substitute gets the calls."""
    number = propose(manager)
    change(
        "INSERT INTO absences (employee_id, starts_at, ends_at, kind, substitute_id) SELECT o.id, "
        "'2026-03-02 00:00Z', '2026-03-20 00:00Z', 'holiday', j.id FROM employees o, employees j "
        "WHERE o.login = 'ona' AND j.login = 'jonas'"
    )

    found = proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert (found.tally.cases, found.other_owner) == (10, 5)


def test_a_refused_proposal_can_no_longer_be_approved(manager: Actor) -> None:
    """Nothing of it is ever started."""
    number = propose(manager)
    with begin() as db:
        proposals.refuse(db, manager, number)

    with pytest.raises(ProposalNotOpen) as again:
        proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert str(again.value) == f"Run {number} is refused and cannot be approved any more. Propose a new one."
    assert cases() == 0


def test_only_proposals_are_approved(manager: Actor) -> None:
    """A run that was done is not."""
    report = running.run("renewal", MONDAY, actor=manager, workers=1)

    with pytest.raises(ProposalNotOpen) as refused:
        proposals.approve(report.run_id or 0, actor=manager, at=TUESDAY, workers=1)
    with pytest.raises(NoSuchRun) as unknown:
        proposals.approve(4711, actor=manager, at=TUESDAY, workers=1)

    assert str(refused.value) == (
        f"Run {report.run_id} is no proposal and cannot be approved. Propose one with --propose."
    )
    assert str(unknown.value) == "There is no run 4711. `taktas runs list` shows those there are."


def test_a_proposal_of_an_older_version_is_refused(manager: Actor) -> None:
    """What was looked through is not what would be started."""
    number = propose(manager)
    change(
        "INSERT INTO process_versions (process_id, version, content_hash, source, published_at) "
        "SELECT process_id, 2, 'another', source, published_at FROM process_versions"
    )

    with pytest.raises(ProposalOutdated) as refused:
        proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert str(refused.value) == (
        f"Run {number} was proposed by renewal@1, and renewal@2 has been published since. Refuse it and propose again."
    )


def test_an_approval_that_was_interrupted_is_taken_up_again(manager: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is running, its shards are free, and approving it once more finishes it."""
    number = propose(manager)
    with monkeypatch.context() as broken:
        broken.setattr(proposals, "work_together", lambda *_: None)
        broken.setattr(proposals, "what_became", lambda *_: None)
        proposals.approve(number, actor=manager, at=TUESDAY, workers=1)
    with read() as db:
        assert find_run(db, number).state is RunState.RUNNING

    found = proposals.approve(number, actor=manager, at=TUESDAY, workers=1)

    assert (found.tally.cases, cases()) == (10, 10)
    with read() as db:
        (listed,) = list_runs(db, process="renewal")
    assert (listed["version"], listed["state"], listed["cases"]) == ("renewal@1", "done", 10)
    assert listed["as_of"].date() == date(2026, 3, 2)


def test_a_proposal_remembers_to_whom_team_work_was_dealt(fresh_engine: Engine, make_book: Any) -> None:
    """What people looked through is what is done."""
    with begin() as db:
        book = make_book(db)
        sales = book.team("sales")
        for login in ("ana", "ben"):
            book.employee(login, team_id=sales)
        book.renewals()
        source = text("UPDATE process_versions SET source = replace(source, 'assign: client.account_manager', :by)")
        db.execute(source, {"by": "assign: {team: sales, by: load}"})
        for _ in range(6):
            book.cover(date(2026, 4, 1))
    actor = Actor(door=Door.COMMAND_LINE)

    report = running.run("renewal", MONDAY, actor=actor, propose=True)
    found = proposals.approve(report.run_id or 0, actor=actor, at=TUESDAY, workers=1)

    assert sorted(report.tally.by["employee"].values()) == [3, 3]
    assert (found.tally.cases, found.other_owner) == (6, 0)
