"""The table of moves, the picture of it, and the sentences that refuse a move."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.work import LIVE, TaskStatus
from tasks.lifecycle import FINISHED, MOVES, Move, MoveNotAllowed, decide, moves_from

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"


def _name() -> str:
    return "task 7 'Send offer'"


def test_the_picture_in_the_docs_shows_exactly_the_table_of_moves() -> None:
    """Every arrow is a move and every move an arrow."""
    arrows = re.findall(r"^    (\w+) --> (\w+): (\w+)$", PICTURE.read_text("utf-8"), re.MULTILINE)

    drawn = {(TaskStatus(before), Move(move)): TaskStatus(after) for before, after, move in arrows}

    assert drawn == dict(MOVES)
    assert len(arrows) == len(MOVES)


def test_every_status_is_either_live_or_finished_and_none_leaves_the_end() -> None:
    """The two groups cover all statuses; a finished task has no move."""
    starts = {status for status, _ in MOVES}

    assert set(LIVE) | FINISHED == set(TaskStatus)
    assert not starts & FINISHED


def test_a_task_walks_from_planned_to_done_as_the_story_goes() -> None:
    """Planned for Thursday, opened, begun, left waiting for the client, taken up again, done."""
    story = (
        (Move.OPEN, "open"),
        (Move.START, "active"),
        (Move.WAIT, "waiting"),
        (Move.RESUME, "active"),
        (Move.REASSIGN, "open"),
        (Move.COMPLETE, "done"),
    )
    status = TaskStatus.PLANNED

    for move, expected in story:
        status = decide(move, status, _name)
        assert status == expected


def test_completing_a_waiting_task_is_refused_with_the_way_forward() -> None:
    """The sentence says what was asked, why not and what can be done."""
    with pytest.raises(MoveNotAllowed) as refused:
        decide(Move.COMPLETE, TaskStatus.WAITING, _name)

    assert str(refused.value) == (
        "Cannot complete task 7 'Send offer' while it is waiting. You can resume, reassign or cancel it."
    )


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (TaskStatus.DONE, "because it is done. If its outcome is wrong, you can correct it."),
        (TaskStatus.CANCELLED, "because it is cancelled. If the work is still wanted, add a new task."),
        (TaskStatus.EXPIRED, "because it is expired. If the work is still wanted, add a new task."),
    ],
)
def test_a_finished_task_is_not_started_again(status: TaskStatus, sentence: str) -> None:
    """Each end has its own way forward."""
    with pytest.raises(MoveNotAllowed) as refused:
        decide(Move.START, status, _name)

    assert str(refused.value) == f"Cannot start task 7 'Send offer' {sentence}"


def test_what_a_person_may_do_never_lists_the_moves_of_the_beat() -> None:
    """Opening and expiring happen by themselves."""
    offered = {move for status in TaskStatus for move in moves_from(status)}

    assert offered == set(Move) - {Move.OPEN, Move.EXPIRE}
