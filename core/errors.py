"""The one base of every error a user can cause."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TaktasError(Exception):
    """Something was refused: the message says what was asked, why not, and what to do next."""


class UsageError(TaktasError):
    """The words of the command itself are wrong (exit code 2)."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean call?` when a known word is close to `word`, else an empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
