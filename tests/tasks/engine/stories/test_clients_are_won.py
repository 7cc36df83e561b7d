"""New sale, cross-sale, campaign and reactivation as they ship, over simulated weeks, well and badly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from models import campaigns, contracts, parties, work

House = Any
Story = Any
Tell = Callable[[House, int], Story]


def agree(house: House, client: str = "C-1") -> None:
    """The client agrees to hear from us."""
    house.add(parties.consents, party_id=house.ids[client], purpose="marketing", given_at=house.now, source="form")


def sell(story: Story, *, premium: str = "240") -> Story:
    """A sale that goes well, from the first call to the policy handed over."""
    story.does("call", "interested").does("need", "clear", lines=["motor"], insurers=["lumen"])
    story.does("ask_insurer", "quoted").does("compare", "compared").does("papers", "complete")
    story.hands_in("mandate", "know_your_client")
    story.does("offer", "accepted", premium=premium, insurer="lumen", instalments=1)
    return story.does("bind", "bound", policy_number="P-9").does("issue", "right").does("deliver", "delivered")


SOLD = [
    "need: clear",
    "ask_insurer: quoted",
    "compare: compared",
    "papers: complete",
    "offer: accepted",
    "bind: bound",
    "issue: right",
    "deliver: delivered",
    "new_sale ends won",
]


# New sale


def lead(house: House, tell: Tell) -> Story:
    """Somebody new is interested, and the sale begins by itself."""
    house.client("C-2", "Ignas Naujokas", standing="new", manager=None)
    story = tell(house, 0).hears("lead.created", "C-2")
    story.case_id = max(row["id"] for row in house.rows(work.cases))
    return story


def test_a_lead_becomes_a_client(brokerage: House, tell: Tell) -> None:
    """Two insurers are asked while the papers are gathered; a wrong policy comes back once."""
    house = brokerage
    house.add(contracts.insurers, code="ergo", name="Ergo")
    story = lead(house, tell).does("call", "no_answer").goes_by(days=1).does("call", "interested")

    story.does("need", "clear", lines=["motor"], insurers=["lumen", "ergo"])
    asked = story.live
    story.does("ask_insurer", "quoted").goes_by(days=6).does("ask_insurer", "refused").does("compare", "compared")
    before_the_papers = story.live
    story.does("papers", "complete").does("offer", "thinking").goes_by(days=6)
    story.does("offer", "accepted", premium="300", insurer="lumen", instalments=4)
    story.hands_in("mandate", "know_your_client", client="C-2")
    story.does("bind", "bound", policy_number="P-2").does("issue", "wrong").goes_by(days=7)
    story.does("issue", "right").does("deliver", "delivered")

    assert asked == ["ask_insurer", "ask_insurer", "papers"]
    assert before_the_papers == ["papers"]
    assert story.told == [
        "call: no_answer",
        "call: interested",
        "need: clear",
        "ask_insurer: quoted",
        "letter documents_wanted",
        "ask_insurer: refused",
        "compare: compared",
        "papers: complete",
        "offer: thinking",
        "offer: accepted",
        "bind: bound",
        "issue: wrong",
        "issue: right",
        "deliver: delivered",
        "new_sale ends won",
    ]
    assert story.end == "won"
    assert next(row for row in house.rows(parties.parties) if row["number"] == "C-2")["standing"] == "existing"


def test_insurers_who_do_not_answer_hold_nothing_up(brokerage: House, tell: Tell) -> None:
    """After five working days the quotes that came are compared; nobody insures, so the sale is lost."""
    brokerage.add(contracts.insurers, code="ergo", name="Ergo")
    story = lead(brokerage, tell).does("call", "interested")
    story.does("need", "clear", lines=["motor"], insurers=["lumen", "ergo"]).does("ask_insurer", "quoted")

    story.goes_by(days=9)
    after = story.live
    story.does("compare", "nobody_insures")

    assert after == ["compare", "papers"]
    assert story.told == [
        "call: interested",
        "need: clear",
        "ask_insurer: quoted",
        "letter documents_wanted",
        "ask_insurer cancelled",
        "letter documents_wanted",
        "compare: nobody_insures",
        "papers cancelled",
        "new_sale ends lost",
    ]
    assert story.end == "lost"


def test_a_lead_that_cannot_be_reached_is_given_up_after_five_calls(brokerage: House, tell: Tell) -> None:
    """Every four working hours, so within three days."""
    story = lead(brokerage, tell)

    for _ in range(5):
        story.does("call", "no_answer").goes_by(hours=20)

    assert story.told == [*["call: no_answer"] * 5, "new_sale ends lost"]
    assert (story.end, brokerage.case(story.case_id)["reason"]) == ("lost", "no_answer")


# Cross-sale


def cross_sale(house: House, tell: Tell) -> Story:
    """A client with motor cover and no home cover, who agreed to hear from us."""
    house.change(parties.parties, house.ids["C-1"], birth_date=date(1985, 5, 5), kind="person")
    agree(house)
    return tell(house, 0).begins("cross_sale")


def test_a_content_client_buys_the_cover_they_lack(brokerage: House, tell: Tell) -> None:
    """The sale is a case of its own; how it ends is how the cross-sale ends."""
    story = cross_sale(brokerage, tell).does("call", "later").goes_by(days=95).does("call", "interested")

    sell(story.goes_by(days=1))

    assert story.told == ["call: later", "call: interested", "call: interested", *SOLD, "cross_sale ends sold"]
    assert story.end == "sold"


def test_a_sale_that_drags_on_for_three_months_is_no_cross_sale(brokerage: House, tell: Tell) -> None:
    """The cross-sale ends as not sold, and with it the sale it waited for."""
    story = cross_sale(brokerage, tell).does("call", "interested").until("2026-06-03 10:00")

    assert story.told == ["call: interested", "cross_sale ends not_sold", "call cancelled", "new_sale ends cancelled"]
    assert story.end == "not_sold"


def test_who_never_wants_to_be_asked_again_is_not(brokerage: House, tell: Tell) -> None:
    """Somebody takes the consent back, and next month's run leaves the client alone."""
    story = cross_sale(brokerage, tell).does("call", "never_again")
    for row in brokerage.rows(parties.consents):
        brokerage.change(parties.consents, row["id"], withdrawn_at=brokerage.now)

    story.does("note_the_wish", "noted")
    brokerage.now = brokerage.at("2027-03-01 06:00")

    assert story.told == ["call: never_again", "note_the_wish: noted", "cross_sale ends not_interested"]
    assert story.end == "not_interested"
    assert story.generated("cross_sale") == []


# Campaign


def campaign(house: House, tell: Tell, ends_on: str = "2026-05-31") -> Story:
    """A list of two, of whom one agreed to hear from us."""
    house.ids["spring"] = house.add(
        campaigns.campaigns,
        code="spring",
        name="Spring",
        owner_id=house.ids["ona"],
        starts_on=date(2026, 3, 1),
        ends_on=date.fromisoformat(ends_on),
    )
    house.client("C-2", "Beatos Namai")
    agree(house)
    for client in ("C-1", "C-2"):
        house.add(
            campaigns.campaign_members, campaign_id=house.ids["spring"], party_id=house.ids[client], listed_at=house.now
        )
    return tell(house, 0).begins("campaign")


def test_a_campaign_sells_to_whoever_on_its_list_may_be_asked(brokerage: House, tell: Tell) -> None:
    """A letter, a week, a call, a sale; the other one on the list never agreed to hear from us."""
    story = campaign(brokerage, tell).goes_by(days=9).does("call", "interested")

    sell(story)

    assert story.told == ["letter campaign_letter", "call: interested", "call: interested", *SOLD, "campaign ends sold"]
    assert story.end == "sold"


def test_whoever_asks_to_be_taken_off_the_list_is(brokerage: House, tell: Tell) -> None:
    """The list says so too, with the reason."""
    story = campaign(brokerage, tell).hears("client.answered").does("call", "take_off_the_list")

    member = brokerage.rows(campaigns.campaign_members)[0]
    assert story.told == ["letter campaign_letter", "call: take_off_the_list", "campaign ends removed"]
    assert (member["removed_at"] is not None, member["remove_reason"]) == (True, "asked")
    assert story.end == "removed"


def test_a_campaign_that_is_over_calls_nobody_any_more(brokerage: House, tell: Tell) -> None:
    """The call that nobody made is closed the day after the campaign ends."""
    story = campaign(brokerage, tell, ends_on="2026-03-20").goes_by(days=9)
    before = story.live

    story.until("2026-03-24 09:00")

    assert before == ["call"]
    assert story.told == ["letter campaign_letter", "call cancelled", "campaign ends not_reached"]
    assert story.end == "not_reached"


# Reactivation


def elsewhere(house: House, tell: Tell) -> Story:
    """The cover is placed elsewhere and runs out at the end of March; the client agreed to hear from us."""
    house.change(contracts.terms, house.ids["term P-1"], placed="elsewhere")
    agree(house)
    return tell(house, 0).begins("reactivation")


def test_cover_placed_elsewhere_is_won_back(brokerage: House, tell: Tell) -> None:
    """The seller is asked after a month; the sale ends well all the same."""
    story = elsewhere(brokerage, tell).does("call", "interested").goes_by(days=31)
    asked = story.live
    story.does("ask_seller", "known")

    sell(story)

    assert asked == ["ask_seller", "call"]
    assert story.told == [
        "call: interested",
        "ask_seller: known",
        "call: interested",
        *SOLD,
        "reactivation ends won_back",
    ]
    assert story.end == "won_back"


def test_a_client_who_withdraws_consent_is_left_alone(brokerage: House, tell: Tell) -> None:
    """Whatever was planned for next year is off."""
    story = elsewhere(brokerage, tell).does("call", "next_year").goes_by(days=20)
    planned = story.live

    story.hears("client.consent_withdrawn")

    assert planned == ["call"]
    assert story.told == ["call: next_year", "call cancelled", "reactivation ends dropped"]
    assert story.end == "dropped"
