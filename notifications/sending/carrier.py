"""Whoever takes finished messages out of the house, and what may come of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from core.errors import TaktasError
from models.deliveries import Stage
from notifications.outbox.states import Outcome
from notifications.wording.headers import usable_address


class CarrierDown(TaktasError):
    """Nothing can leave now; everything waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A finished message; `number` is its first row, `written_at` when it was queued, the same at every attempt.

    `address` stands as it does in the book, so that it is found there when it turns out not to work.
    """

    number: int
    content: bytes
    sender: str
    address: str
    message_id: str
    written_at: datetime

    @property
    def recipient(self) -> str:
        """The address as the mail server is told it. Raises: AddressNotUsable."""
        return usable_address(self.address)

    @property
    def domain(self) -> str:
        """The receiving domain."""
        return domain_of(self.address)


def domain_of(address: str) -> str:
    """The part after the at sign."""
    return address.rpartition("@")[2].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of handing a parcel over: how far it came, what was said, and how many seconds it took."""

    outcome: Outcome
    words: str
    stage: Stage = Stage.DOT
    code: int | None = None
    host: str | None = None
    took: float = 0.0


Settled = tuple[Parcel, Answer]
Supply = Callable[[], Sequence[Parcel]]
"""The next parcels, each claimed for us; none when there are no more."""


class Keeper(Protocol):
    """Remembers what a carrier does, so that it is known after a crash. It may be called from any thread."""

    def keep(self, marks: Sequence[Parcel], settled: Sequence[Settled]) -> frozenset[int]:
        """Write down, in one transaction, what came of parcels and that others are about to be handed over.

        Returns the numbers of those that may be: their mark is durable and their claim still ours. Raises: TaktasError.
        """
        ...

    def give_back(self, parcels: Sequence[Parcel]) -> None:
        """Parcels that were not tried wait again, as if they had never been claimed."""
        ...

    def at_once(self, domain: str) -> int:
        """How many messages that domain may be sent at the same time; 0 while it is left in peace."""
        ...

    def is_told_to_stop(self) -> bool:
        """Whether nothing more is to be begun; the supply has ended then."""
        ...


class Carrier(Protocol):
    """One way out of the house."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def carry(self, supply: Supply, keeper: Keeper) -> None:
        """Hand over what `supply` brings until it brings nothing more; no message leaves before its mark is kept.

        Raises: CarrierDown, and whatever the keeper raises; what was not tried is given back.
        """
        ...
