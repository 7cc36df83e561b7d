"""Every subject in the window has exactly one live case, or a stated reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from core.actor import Actor, Door
from models.database import begin
from tasks.generation import running
from tasks.generation.reconciliation import reconcile

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RUN = Actor(door=Door.COMMAND_LINE)
Office = Callable[[int], Engine]


@pytest.fixture
def change(office: Office) -> Callable[[str], None]:
    """Twelve terms in the window, and a way to change the book."""
    office(12)

    def run(statement: str) -> None:
        with begin() as db:
            db.execute(text(statement))

    return run


def test_before_a_run_everything_is_missing(change: Callable[[str], None]) -> None:
    """Due, without case and without reason: the numbers of some are named."""
    change("UPDATE terms SET placed = 'elsewhere' WHERE id = (SELECT min(id) FROM terms)")

    found = reconcile("renewal", MONDAY)

    assert (found.subjects, found.live, found.missing, found.left_out) == (12, 0, 11, {"placed_elsewhere": 1})
    assert len(found.missing_ids) == 11
    assert not found.is_whole


def test_after_a_run_everything_is_accounted_for(change: Callable[[str], None]) -> None:
    """Live, ended, left out, or outside what the process is about."""
    change("UPDATE terms SET renews = 'no' WHERE id = (SELECT min(id) FROM terms)")
    change("DELETE FROM responsibilities WHERE client_id = (SELECT max(id) FROM parties)")
    running.run("renewal", MONDAY, actor=RUN, workers=1)
    change(
        "UPDATE cases SET status = 'ended', ended_at = started_at, end_code = 'won' "
        "WHERE id = (SELECT min(id) FROM cases)"
    )

    found = reconcile("renewal", MONDAY)

    assert (found.subjects, found.live, found.ended, found.missing) == (12, 9, 1, 0)
    assert found.left_out == {"outside_selection": 1, "no_owner": 1}
    assert found.is_whole


def test_a_case_in_which_nothing_is_left_to_do_is_found(change: Callable[[str], None]) -> None:
    """Its task was removed by somebody who should not have."""
    running.run("renewal", MONDAY, actor=RUN, workers=1)
    change("DELETE FROM tasks WHERE id = (SELECT min(id) FROM tasks)")

    found = reconcile("renewal", MONDAY)

    assert len(found.stuck_case_ids) == 1
    assert not found.is_whole


def test_two_live_cases_in_one_cycle_are_found(change: Callable[[str], None]) -> None:
    """A second attempt while the first still runs."""
    running.run("renewal", MONDAY, actor=RUN, workers=1)
    change(
        "INSERT INTO cases (process_id, version_id, subject_type, subject_id, cycle_id, attempt, started_at) "
        "SELECT process_id, version_id, subject_type, subject_id, cycle_id, 2, started_at FROM cases LIMIT 1"
    )

    found = reconcile("renewal", MONDAY)

    assert len(found.doubled_ids) == 1
    assert not found.is_whole
