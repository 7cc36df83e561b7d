"""The first walk."""

from __future__ import annotations

from typing import Any


def test_a_renewal_walks_from_the_call_to_the_win(small_house: Any) -> None:
    """Started by hand, called, offered, won."""
    house = small_house
    case_id = house.start()
    call = house.task(case_id)
    assert call["step"] == "call"
    print(dict(call))
    done = house.complete(call, "interested")
    offer = house.task(case_id)
    assert done.task_ids == (offer["id"],)
    done = house.complete(offer, "accepted", premium="120.50", policy_number="X")
    assert done.ended == ((case_id, "won"),)
    print(house.kinds(case_id), [dict(e) for e in house.events(case_id)])
    house.tick("2026-03-03 09:00")
