"""Whoever takes a finished message out of the house, and what may come of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from core.errors import TaktasError
from notifications.states import Outcome


class CarrierDown(TaktasError):
    """Nothing can leave now; everything waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A finished message; `written_at` is when it was queued, the same at every attempt."""

    content: bytes
    sender: str
    address: str
    message_id: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of handing a parcel over; None where another sender has taken it from us."""

    outcome: Outcome | None
    words: str = ""


class Carrier(Protocol):
    """One way out of the house."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def carry(self, parcel: Parcel, mark: Callable[[], bool]) -> Answer:
        """Hand the parcel over. `mark` is called once, just before the receiver may have it; False means: stop.

        Raises: CarrierDown.
        """
        ...
