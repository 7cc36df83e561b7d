"""The life of a task: one table of moves, and the one function that decides which move is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from core.errors import TaktasError
from models.work import TaskStatus


class Move(StrEnum):
    """What can be done to a task; opening and expiring are done by the beat, the rest by people."""

    OPEN = "open"
    START = "start"
    WAIT = "wait"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"
    REASSIGN = "reassign"
    EXPIRE = "expire"


MOVES: Mapping[tuple[TaskStatus, Move], TaskStatus] = {
    (TaskStatus.PLANNED, Move.OPEN): TaskStatus.OPEN,
    (TaskStatus.PLANNED, Move.START): TaskStatus.ACTIVE,
    (TaskStatus.PLANNED, Move.REASSIGN): TaskStatus.PLANNED,
    (TaskStatus.PLANNED, Move.CANCEL): TaskStatus.CANCELLED,
    (TaskStatus.OPEN, Move.START): TaskStatus.ACTIVE,
    (TaskStatus.OPEN, Move.WAIT): TaskStatus.WAITING,
    (TaskStatus.OPEN, Move.COMPLETE): TaskStatus.DONE,
    (TaskStatus.OPEN, Move.REASSIGN): TaskStatus.OPEN,
    (TaskStatus.OPEN, Move.CANCEL): TaskStatus.CANCELLED,
    (TaskStatus.OPEN, Move.EXPIRE): TaskStatus.EXPIRED,
    (TaskStatus.ACTIVE, Move.WAIT): TaskStatus.WAITING,
    (TaskStatus.ACTIVE, Move.COMPLETE): TaskStatus.DONE,
    (TaskStatus.ACTIVE, Move.REASSIGN): TaskStatus.OPEN,
    (TaskStatus.ACTIVE, Move.CANCEL): TaskStatus.CANCELLED,
    (TaskStatus.ACTIVE, Move.EXPIRE): TaskStatus.EXPIRED,
    (TaskStatus.WAITING, Move.RESUME): TaskStatus.ACTIVE,
    (TaskStatus.WAITING, Move.REASSIGN): TaskStatus.WAITING,
    (TaskStatus.WAITING, Move.CANCEL): TaskStatus.CANCELLED,
    (TaskStatus.WAITING, Move.EXPIRE): TaskStatus.EXPIRED,
}

FINISHED = frozenset({TaskStatus.DONE, TaskStatus.CANCELLED, TaskStatus.EXPIRED})
BY_PEOPLE = (Move.START, Move.WAIT, Move.RESUME, Move.COMPLETE, Move.REASSIGN, Move.CANCEL)
_AFTER_THE_END = {
    TaskStatus.DONE: "If its outcome is wrong, you can correct it.",
    TaskStatus.CANCELLED: "If the work is still wanted, add a new task.",
    TaskStatus.EXPIRED: "If the work is still wanted, add a new task.",
}


class MoveNotAllowed(TaktasError):
    """A task cannot do that where it stands."""

    def __init__(self, move: Move, status: TaskStatus, name: str) -> None:
        super().__init__(f"Cannot {move.value} {name} {_standing(status)}. {_way_forward(status)}")
        self.move = move
        self.status = status


def decide(move: Move, status: TaskStatus, name: Callable[[], str]) -> TaskStatus:
    """The status after the move. `name` says which task it is and is only asked when the move is refused.

    Raises: MoveNotAllowed.
    """
    after = MOVES.get((status, move))
    if after is None:
        raise MoveNotAllowed(move, status, name())
    return after


def moves_from(status: TaskStatus) -> tuple[Move, ...]:
    """What a person may do to a task in that status."""
    return tuple(move for move in BY_PEOPLE if (status, move) in MOVES)


def _standing(status: TaskStatus) -> str:
    return f"because it is {status.value}" if status in FINISHED else f"while it is {status.value}"


def _way_forward(status: TaskStatus) -> str:
    if status in FINISHED:
        return _AFTER_THE_END[status]
    *most, last = (move.value for move in moves_from(status))
    return f"You can {', '.join(most)} or {last} it."
