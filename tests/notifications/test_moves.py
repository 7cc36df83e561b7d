"""The states of a message: the picture, the table and the one function that decides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.outbox import MessageState
from notifications.outbox.moves import MOVES, Move, MoveNotAllowed, decide, sources, target

PAGE = Path(__file__).resolve().parents[2] / "docs" / "messages.md"
ARROW = re.compile(r"^ +(\w+) --> (\w+): (.+)$", re.MULTILINE)


def test_the_picture_shows_every_move_and_no_other() -> None:
    """docs/messages.md draws what the table allows."""
    drawn = {
        (MessageState(before), Move(move.strip())): MessageState(after)
        for before, after, moves in ARROW.findall(PAGE.read_text(encoding="utf-8"))
        for move in moves.split(",")
    }

    assert drawn == dict(MOVES)


def test_the_way_of_a_letter_that_is_not_answered() -> None:
    """Claimed, marked, lost; a person sends it again, and it arrives."""
    state = MessageState.PENDING
    walked = []
    for move in (Move.CLAIM, Move.MARK, Move.LOSE, Move.SEND_AGAIN, Move.CLAIM, Move.MARK, Move.ACCEPT):
        state = decide(move, state, 7)
        walked.append(state.value)

    assert walked == ["claimed", "at_data", "unknown", "retry", "claimed", "at_data", "sent"]


def test_nothing_is_taken_by_the_receiver_before_its_mark() -> None:
    """A message that is only claimed cannot become sent or unknown."""
    for move in (Move.ACCEPT, Move.LOSE):
        assert MessageState.CLAIMED not in sources(move)


def test_what_is_sent_stays_sent() -> None:
    """No move begins there, nor where a message was dropped."""
    assert {state for state, _ in MOVES}.isdisjoint({MessageState.SENT, MessageState.DROPPED})


@pytest.mark.parametrize("move", list(Move))
def test_a_move_leads_to_one_state(move: Move) -> None:
    """Wherever it begins: the statements that write many rows rely on it."""
    assert target(move) in set(MessageState)


def test_a_move_that_is_not_allowed_says_where_the_message_stands() -> None:
    """And what can be done instead."""
    with pytest.raises(MoveNotAllowed) as refused:
        decide(Move.SEND_AGAIN, MessageState.SENT, 7)

    assert str(refused.value) == (
        "Cannot send again message 7: it was sent. Start what caused it again if another one is wanted."
    )
