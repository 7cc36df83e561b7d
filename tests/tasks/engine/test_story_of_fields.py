"""Steps that write: a field of the book, and the next term of a policy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models import contracts, parties, work
from tasks.advancing.renewing import TermAlreadyRenewed

House = Any


def test_a_field_is_set_to_a_value_to_today_and_to_an_answer(small_house: House) -> None:
    """The book is changed by the step, and the ledger says which fields."""
    house = small_house
    case_id = house.tell(
        """
steps:
  call: {action: call, outcomes: {done: {next: mark, ask: {until: date}}}}
  mark:
    set: {term.renews: no, term.ended_on: today, client.tier: vip, term.notice_by: {from: case.until}}
    end: good
""",
    )

    house.complete(house.task(case_id), "done", until="2026-04-01")

    (term,) = house.rows(contracts.terms)
    assert (term["renews"], term["ended_on"], term["notice_by"]) == ("no", date(2026, 3, 2), date(2026, 4, 1))
    assert house.rows(parties.parties)[0]["tier"] == "vip"


RECORD = """
steps:
  bind:
    action: bind
    outcomes:
      bound: {next: next term, ask: {premium: money, number: {type: text, optional: true}}}
  next term:
    record: next term
    from: {premium_gross: case.premium, policy_number: case.number}
    end: good
"""


def test_the_next_term_is_recorded_on_the_same_policy(small_house: House) -> None:
    """As long as the one before, beginning where it ended, bound now."""
    house = small_house
    case_id = house.tell(RECORD)

    house.complete(house.task(case_id), "bound", premium="130.40 EUR")

    old, new = house.rows(contracts.terms)
    assert (new["policy_id"], new["sequence"], new["renewed_term_id"]) == (old["policy_id"], 2, old["id"])
    assert (new["starts_on"], new["expires_on"]) == (date(2026, 3, 31), date(2027, 3, 31))
    assert (new["stage"], new["premium_gross"], new["bound_at"]) == ("bound", Decimal("130.40"), house.now)
    assert [row["kind"] for row in house.rows(work.happenings)] == ["term.bound"]


def test_the_next_term_may_be_another_policy(small_house: House) -> None:
    """A new number makes a new policy of the same client."""
    house = small_house
    case_id = house.tell(RECORD)

    house.complete(house.task(case_id), "bound", premium="99", number="P-77")

    old, new = house.rows(contracts.policies)
    assert (new["number"], new["client_id"], new["insurer_id"]) == ("P-77", old["client_id"], old["insurer_id"])
    assert house.rows(contracts.terms)[1]["sequence"] == 1


def test_a_term_is_not_renewed_twice(small_house: House) -> None:
    """The second case is refused, in words."""
    house = small_house
    case_id = house.tell(RECORD)
    house.add(
        contracts.terms,
        policy_id=house.ids["P-1"],
        sequence=2,
        expires_on=date(2027, 3, 31),
        renewed_term_id=house.ids["term P-1"],
    )

    with pytest.raises(TermAlreadyRenewed) as refused:
        house.complete(house.task(case_id), "bound", premium="99")

    assert str(refused.value) == (
        f"Case {case_id} cannot record the next term of policy P-1, because there is one already. "
        "Look at the policy; if this case is the mistake, void it."
    )
