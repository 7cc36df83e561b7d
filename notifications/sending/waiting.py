"""Parcels that wait for a connection, domain by domain in turn, so that a slow domain holds up no other."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from notifications.sending.carrier import Parcel

Room = Callable[[str], int]
"""How many messages a domain may be sent at the same time; 0 while it is left in peace."""


class Waiting:
    """What waits and what is under way, by receiving domain."""

    def __init__(self, room: Room) -> None:
        """`room` is asked at every turn: what a domain may have changes while we send."""
        self._room = room
        self._queues: dict[str, deque[Parcel]] = {}  # whose turn it is stands first
        self._under_way: Counter[str] = Counter()
        self._in_peace: list[Parcel] = []
        self._spare = 0  # so many may be taken before it is worth counting again

    def __len__(self) -> int:
        """How many may be taken up yet."""
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[Parcel]:
        """All that were not taken up, those of domains left in peace included."""
        for queue in self._queues.values():
            yield from queue
        yield from self._in_peace

    @property
    def ready(self) -> int:
        """How many could leave now, were there connections for all of them."""
        return sum(
            min(len(queue), max(0, self._room(domain) - self._under_way[domain]))
            for domain, queue in self._queues.items()
        )

    def is_low(self, least: int) -> bool:
        """Whether fewer than that could leave now."""
        if self._spare <= 0:
            self._spare = self.ready - least
        return self._spare < 0

    def add(self, parcels: Iterable[Parcel]) -> None:
        """Behind what waits for the same domain."""
        for parcel in parcels:
            self._queues.setdefault(parcel.domain, deque()).append(parcel)

    def put_back(self, parcel: Parcel) -> None:
        """It was not tried after all."""
        self._queues.setdefault(parcel.domain, deque()).appendleft(parcel)

    def take(self) -> Parcel | None:
        """The next of the first domain that has room, which is last in turn then. None: no domain has room."""
        for domain in tuple(self._queues):
            room = self._room(domain)
            if not room:
                self._in_peace += self._queues.pop(domain)
            elif self._under_way[domain] < room:
                queue = self._queues.pop(domain)
                self._under_way[domain] += 1
                self._spare -= 1
                parcel = queue.popleft()
                if queue:
                    self._queues[domain] = queue
                return parcel
        self._spare = 0
        return None

    def done(self, parcel: Parcel) -> None:
        """One that was taken is not under way any more."""
        self._under_way[parcel.domain] -= 1
