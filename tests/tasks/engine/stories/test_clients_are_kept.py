"""Renewal and retention as they ship, over simulated weeks: the way they should go, and ones they may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models import contracts, work
from tasks.advancing.requirements import RequirementMissing

House = Any
Story = Any
Tell = Callable[[House, int], Story]


# Renewal


def renewal(house: House, tell: Tell) -> Story:
    """The Monday run finds the one policy that runs out within 45 days."""
    return tell(house, 0).begins("renewal")


def test_a_policy_is_renewed(brokerage: House, tell: Tell) -> None:
    """Called, offered, confirmed by the insurer; the next term is on the policy."""
    story = renewal(brokerage, tell).does("call", "interested", by="jonas").goes_by(days=2)
    story.does("offer", "accepted", premium="132.50")
    with pytest.raises(RequirementMissing, match="without the mandate"):
        story.does("bind", "bound", policy_number="P-1")
    story.hands_in("mandate")

    story.does("bind", "bound", policy_number="P-1")

    old, new = brokerage.rows(contracts.terms)
    assert story.told == ["call: interested", "offer: accepted", "bind: bound", "renewal ends won"]
    assert (new["renewed_term_id"], new["premium_gross"]) == (old["id"], Decimal("132.50"))
    assert (new["starts_on"], new["expires_on"]) == (date(2026, 3, 31), date(2027, 3, 31))
    assert story.end == "won"


def test_a_client_who_never_answers_is_lost_and_taken_up_a_year_later(brokerage: House, tell: Tell) -> None:
    """Three more calls, a letter, one more call; then a reactivation sleeps until the cover elsewhere runs out."""
    story = renewal(brokerage, tell)
    for _ in range(4):
        story.does("call", "no_answer").goes_by(days=3)
    between = story.waits
    story.goes_by(days=4)

    story.does("call", "no_answer")

    assert between == ["time_to_answer"]
    assert story.told == [
        *["call: no_answer"] * 4,
        "letter renewal_reminder",
        "call: no_answer",
        "renewal ends lost",
    ]
    assert (story.end, brokerage.case(story.case_id)["reason"]) == ("lost", "no_answer")
    assert story.waits == ["a_year_later"]

    story.until("2027-03-01 09:00")

    assert story.live == []
    assert story.told[-1] == "reactivation ends dropped"  # no consent to be called


def test_accepted_but_not_bound_when_the_cover_runs_out(brokerage: House, tell: Tell) -> None:
    """The case does not lapse: somebody must act that day, the client is warned, and the insurer's word still wins."""
    story = (
        renewal(brokerage, tell).hands_in("mandate").does("call", "interested").does("offer", "accepted", premium="120")
    )

    story.until("2026-04-01 09:00")
    uninsured = story.live
    story.goes_by(days=2)
    story.does("bind", "bound", policy_number="P-1")

    assert uninsured == ["bind", "uninsured"]
    assert story.told == [
        "call: interested",
        "offer: accepted",
        "letter cover_missing",
        "bind: bound",
        "uninsured cancelled",
        "renewal ends won",
    ]
    assert story.end == "won"


def test_a_renewal_nobody_decided_lapses_when_the_cover_runs_out(brokerage: House, tell: Tell) -> None:
    """The last day is still the client's; the day after, the case counts as lapsed."""
    story = renewal(brokerage, tell).does("call", "interested").until("2026-03-31 22:00")
    on_the_last_day = (story.end, story.live)

    story.until("2026-04-01 06:00")

    assert on_the_last_day == (None, ["offer"])
    assert story.told == ["call: interested", "offer cancelled", "renewal ends lapsed"]
    assert story.end == "lapsed"


def test_a_client_blacklisted_on_the_way_is_a_managers_decision(brokerage: House, tell: Tell) -> None:
    """The call is not made; whoever decides may have it made all the same."""
    story = renewal(brokerage, tell).hears("client.blacklisted")
    before = story.live

    story.does("decide", "let_go")

    assert before == ["decide"]
    assert story.told == ["call cancelled", "decide: let_go", "renewal ends lost"]
    assert story.end == "lost"


# Retention


def leaving(house: House, tell: Tell) -> Story:
    """The client gives notice."""
    story = tell(house, 0).hears("term.notice_received", "term P-1", "term")
    story.case_id = max(row["id"] for row in house.rows(work.cases))
    return story


def test_a_client_who_gave_notice_is_kept(brokerage: House, tell: Tell) -> None:
    """Reached by telephone first; the insurer matches the price, so the market is not searched any further."""
    story = leaving(brokerage, tell)
    begun = (story.live, story.waits)

    story.does("phone", "reached").does("talk", "better_offer", price_elsewhere="80")
    parallel = story.live
    story.does("insurer", "matched", new_price="79").does("proposal", "thinking").goes_by(days=3)
    story.does("proposal", "stays")

    assert begun == (["phone"], ["reply"])
    assert parallel == ["insurer", "market"]
    assert story.told == [
        "letter please_stay",
        "phone: reached",
        "talk: better_offer",
        "insurer: matched",
        "market cancelled",
        "proposal: thinking",
        "proposal: stays",
        "retention ends kept",
    ]
    assert story.end == "kept"


def test_an_unhappy_client_gets_an_apology_beside_the_proposal(brokerage: House, tell: Tell) -> None:
    """The market has three working days; then the proposal waits only for what is still being done."""
    story = leaving(brokerage, tell).hears("client.answered").does("talk", "unhappy", complaint="Nobody called back.")

    story.does("insurer", "not_matched").goes_by(days=4)
    before = story.live
    story.does("apology", "written").does("proposal", "leaves", reason="service")

    assert before == ["apology"]
    assert story.told == [
        "letter please_stay",
        "phone cancelled",
        "talk: unhappy",
        "insurer: not_matched",
        "market cancelled",
        "apology: written",
        "proposal: leaves",
        "retention ends lost",
    ]
    assert (story.end, story.waits) == ("lost", ["a_year_later"])


def test_a_client_who_cannot_be_found_is_lost(brokerage: House, tell: Tell) -> None:
    """Five calls, a visit, nobody there."""
    story = leaving(brokerage, tell)
    for _ in range(5):
        story.does("phone", "no_answer").goes_by(hours=20)

    story.does("visit", "not_there")

    assert story.told == [
        "letter please_stay",
        *["phone: no_answer"] * 5,
        "visit: not_there",
        "retention ends lost",
    ]
    assert (story.end, brokerage.case(story.case_id)["reason"]) == ("lost", "no_answer")
