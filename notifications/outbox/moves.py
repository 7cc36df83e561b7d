"""The way of a message through its states: one table of moves, and the one function that decides."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.errors import TaktasError
from models.outbox import MessageState


class Move(StrEnum):
    """What can happen to a message; confirming is done by people, everything else by a sender too."""

    CLAIM = "claim"  # a sender takes it, under a lease
    GIVE_BACK = "give back"  # untried, or its sender died before the final dot
    MARK = "mark"  # the last word before the final dot
    ACCEPT = "accept"  # the receiver has taken it
    DEFER = "defer"  # refused for now
    REFUSE = "refuse"  # refused for good
    LOSE = "lose"  # nobody knows whether the receiver has it
    DROP = "drop"  # not wanted any more
    SEND_AGAIN = "send again"  # one that stood still, with the same Message-ID
    CONFIRM = "confirm"  # a person knows that it arrived


_State = MessageState
MOVES: Mapping[tuple[MessageState, Move], MessageState] = {
    (_State.PENDING, Move.CLAIM): _State.CLAIMED,
    (_State.PENDING, Move.DROP): _State.DROPPED,
    (_State.RETRY, Move.CLAIM): _State.CLAIMED,
    (_State.RETRY, Move.DROP): _State.DROPPED,
    (_State.CLAIMED, Move.GIVE_BACK): _State.PENDING,
    (_State.CLAIMED, Move.MARK): _State.AT_DATA,
    (_State.CLAIMED, Move.DEFER): _State.RETRY,
    (_State.CLAIMED, Move.REFUSE): _State.FAILED,
    (_State.CLAIMED, Move.DROP): _State.DROPPED,
    (_State.AT_DATA, Move.ACCEPT): _State.SENT,
    (_State.AT_DATA, Move.DEFER): _State.RETRY,
    (_State.AT_DATA, Move.REFUSE): _State.FAILED,
    (_State.AT_DATA, Move.LOSE): _State.UNKNOWN,
    (_State.AT_DATA, Move.DROP): _State.DROPPED,
    (_State.UNKNOWN, Move.ACCEPT): _State.SENT,  # the answer of a sender that had been silent too long
    (_State.UNKNOWN, Move.DEFER): _State.RETRY,
    (_State.UNKNOWN, Move.REFUSE): _State.FAILED,
    (_State.UNKNOWN, Move.SEND_AGAIN): _State.RETRY,
    (_State.UNKNOWN, Move.CONFIRM): _State.SENT,
    (_State.UNKNOWN, Move.DROP): _State.DROPPED,
    (_State.FAILED, Move.SEND_AGAIN): _State.RETRY,
}

WORDS: Mapping[MessageState, str] = {
    _State.PENDING: "it waits for its moment. `taktas send` takes it when that has come",
    _State.CLAIMED: "a sender has it. Look again in a few minutes",
    _State.AT_DATA: "a sender is handing it over. Look again in a few minutes",
    _State.SENT: "it was sent. Start what caused it again if another one is wanted",
    _State.RETRY: "it is to be tried again. `taktas send` takes it when its pause is over",
    _State.FAILED: "it failed. You can send it again with `taktas messages retry`",
    _State.UNKNOWN: "nobody knows whether it arrived. You can decide with `taktas messages release`",
    _State.DROPPED: "it was dropped. Start what caused it again if it is wanted after all",
}


class MoveNotAllowed(TaktasError):
    """A message cannot do that where it stands."""


def decide(move: Move, state: MessageState, number: int) -> MessageState:
    """The state after the move. Raises: MoveNotAllowed."""
    after = MOVES.get((state, move))
    if after is None:
        raise MoveNotAllowed(f"Cannot {move.value} message {number}: {WORDS[state]}.")
    return after


def sources(move: Move) -> tuple[MessageState, ...]:
    """The states a move begins in."""
    return tuple(state for state, known in MOVES if known is move)


def target(move: Move) -> MessageState:
    """The state a move leads to, the same from wherever it begins."""
    (after,) = {after for (_, known), after in MOVES.items() if known is move}
    return after
