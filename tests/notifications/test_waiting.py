"""Messages that wait for a connection: domains take turns, and a slow one holds up no other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.deliveries import domain_brakes
from notifications.sending import keeping, preparing
from notifications.sending.brakes import Brake, Brakes
from notifications.sending.carrier import Parcel
from notifications.sending.draining import drain
from notifications.sending.preparing import CROWD, Taking
from notifications.sending.waiting import Waiting

Served = Callable[..., AbstractContextManager[Any]]


def parcel(number: int, domain: str, at: datetime) -> Parcel:
    """One for that domain."""
    address = f"c{number}@{domain}"
    return Parcel(number=number, content=b"", sender="h@h.lt", address=address, message_id="<m>", written_at=at)


def test_domains_take_turns(noon: datetime) -> None:
    """Within a domain the order is kept."""
    waiting = Waiting(lambda _domain: 64)
    waiting.add([parcel(1, "a.lt", noon), parcel(2, "a.lt", noon), parcel(3, "b.lt", noon)])

    taken = [waiting.take() for _ in range(4)]

    assert [it.number if it else None for it in taken] == [1, 3, 2, None]
    assert len(waiting) == 0


def test_a_domain_without_room_is_passed_by(noon: datetime) -> None:
    """One under way is all it gets; when that has left the next one may."""
    waiting = Waiting(lambda domain: 1 if domain == "slow.lt" else 64)
    waiting.add([parcel(number, "slow.lt", noon) for number in range(60)] + [parcel(90, "quick.lt", noon)])

    first, second, third = waiting.take(), waiting.take(), waiting.take()
    ready_meanwhile = waiting.ready
    assert first is not None
    waiting.done(first)

    assert (first.number, second and second.number, third, ready_meanwhile) == (0, 90, None, 0)
    assert waiting.ready == 1
    assert [it.number for it in waiting] == list(range(1, 60))


def test_a_domain_left_in_peace_is_told_apart_and_kept(noon: datetime) -> None:
    """Nothing of it is taken, nothing is forgotten."""
    waiting = Waiting(lambda _domain: 0)
    waiting.add([parcel(1, "slow.lt", noon), parcel(2, "slow.lt", noon)])

    assert waiting.take() is None
    assert len(waiting) == 0
    assert [it.number for it in waiting] == [1, 2]


def test_a_crowd_for_a_slow_domain_waits_a_minute(noon: datetime) -> None:
    """So that what is in hand never is of one slow domain only; a pause that was asked for comes first."""
    known = {"slow.lt": Brake(at_once=1, paused_until=None)}
    in_hand = {"slow.lt": CROWD, "quick.lt": CROWD, "new.lt": 0}
    brakes = Brakes(known=known)
    taking = Taking(sender="s", at=noon, lease=timedelta(minutes=2), brakes=brakes, in_hand=in_hand)

    waits = [taking.wait_until(domain) for domain in ("slow.lt", "quick.lt", "new.lt")]
    known["slow.lt"] = Brake(at_once=1, paused_until=noon + timedelta(hours=1))

    assert waits == [noon + timedelta(minutes=1), None, None]
    assert taking.wait_until("slow.lt") == noon + timedelta(hours=1)


def test_one_domain_for_everybody_is_taken_in_hand_bit_by_bit(
    post: Any, served: Served, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all letters go to one large provider, a sender claims no more of them than where they go to many."""
    text = post.letter("Renewal", "Good day.\n")
    letter = {"message_class": "service", "template": "renewal_reminder", "letter_version_id": text}
    for number in range(60):
        post.queue(party_id=post.client(email=f"c{number}@large.example"), **letter)
    monkeypatch.setattr("notifications.sending.keeping.BATCH", 10)
    monkeypatch.setattr("notifications.sending.smtp.LOW", 5)
    monkeypatch.setattr("notifications.sending.brakes.FREE", 3)  # fewer than LOW, as in the real settings
    in_hand: list[int] = []
    taking_up = keeping.take_up

    def noted(db: Any, taking: Taking, **asked: Any) -> Any:
        in_hand.append(sum(taking.in_hand.values()))
        return taking_up(db, taking, **asked)

    monkeypatch.setattr(keeping, "take_up", noted)

    with served(slowness=0.01) as sink:
        drain(noon)

    assert len(sink.taken) == 60
    assert max(in_hand) <= 25


@pytest.mark.parametrize("batch", [200, 30])
def test_many_messages_of_a_slow_domain_do_not_hold_up_those_behind_them(
    post: Any, served: Served, noon: datetime, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Eighty that came first go one at a time; the letter behind them is among the first to leave."""
    monkeypatch.setattr("notifications.sending.keeping.BATCH", batch)
    monkeypatch.setattr("notifications.sending.smtp.LOW", 10)
    monkeypatch.setattr(preparing, "CROWD", 40)
    text = post.letter("Renewal", "Good day.\n")
    letter = {"message_class": "service", "template": "renewal_reminder", "letter_version_id": text}
    for number in range(80):
        post.queue(party_id=post.client(email=f"c{number}@slow.example"), **letter)
    other = post.queue(party_id=post.client(email="c@quick.example"), **letter)
    facts = {"strikes": 1, "at_once": 1, "pause_seconds": 60.0, "last_answer": "451 4.7.1 slow"}
    with post.engine.begin() as db:
        db.execute(domain_brakes.insert().values(domain="slow.example", **facts))
    monkeypatch.setattr(Brakes, "_ease", lambda *_: None)

    with served(slowness=0.005) as sink:
        drain(noon)

    place = next(place for place, content in enumerate(sink.taken) if b"c@quick.example" in content)
    assert post.row(other).state == "sent"
    assert place < 20
