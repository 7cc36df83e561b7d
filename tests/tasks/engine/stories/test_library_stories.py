"""The eight processes that ship with taktas, each told over simulated weeks: the way it should go, and one it may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import campaigns, contacts, contracts, parties, receivables, work
from tasks.advancing.requirements import RequirementMissing
from tasks.generation.running import generate_here

House = Any
Story = Any
Tell = Callable[[House, int], Story]


def generate(house: House, process: str) -> list[int]:
    """Start whatever is due of a process; the numbers of the new cases."""
    before = set(house.db.execute(select(work.cases.c.id)).scalars())
    generate_here(house.db, house.actor("ona"), process, house.now)
    return sorted(set(house.db.execute(select(work.cases.c.id)).scalars()) - before)


def papers(house: House, *types: str, client: str = "C-1") -> None:
    """The client hands in papers."""
    for kind in types:
        house.add(
            parties.requirements,
            party_id=house.ids[client],
            type=kind,
            on_type="party",
            on_id=house.ids[client],
            received_at=house.now,
            state="received",
        )


def agree(house: House, client: str = "C-1") -> None:
    """The client agrees to hear from us."""
    house.add(parties.consents, party_id=house.ids[client], purpose="marketing", given_at=house.now, source="form")


def sell(house: House, story: Story, *, premium: str = "240") -> Story:
    """A sale that goes well, from the first call to the policy handed over."""
    story.does("call", "interested").does("need", "clear", lines=["motor"], insurers=["lumen"])
    story.does("ask_insurer", "quoted").does("compare", "compared").does("papers", "complete")
    papers(house, "mandate", "know_your_client")
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


# Renewal


def renewal(house: House, tell: Tell) -> Story:
    """The Monday run finds the one policy that runs out within 45 days."""
    (case_id,) = generate(house, "renewal")
    return tell(house, case_id)


def test_a_policy_is_renewed(brokerage: House, tell: Tell) -> None:
    """Called, offered, confirmed by the insurer; the next term is on the policy."""
    story = renewal(brokerage, tell).does("call", "interested", by="jonas").goes_by(days=2)
    story.does("offer", "accepted", premium="132.50")
    with pytest.raises(RequirementMissing, match="without the mandate"):
        story.does("bind", "bound", policy_number="P-1")
    papers(brokerage, "mandate")

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
    papers(brokerage, "mandate")
    story = renewal(brokerage, tell).does("call", "interested").does("offer", "accepted", premium="120")

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
    papers(house, "mandate", "know_your_client", client="C-2")
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
    (case_id,) = generate(house, "cross_sale")
    return tell(house, case_id)


def test_a_content_client_buys_the_cover_they_lack(brokerage: House, tell: Tell) -> None:
    """The sale is a case of its own; how it ends is how the cross-sale ends."""
    story = cross_sale(brokerage, tell).does("call", "later").goes_by(days=95).does("call", "interested")

    sell(brokerage, story.goes_by(days=1))

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
    assert generate(brokerage, "cross_sale") == []


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
    (case_id,) = generate(house, "campaign")
    return tell(house, case_id)


def test_a_campaign_sells_to_whoever_on_its_list_may_be_asked(brokerage: House, tell: Tell) -> None:
    """A letter, a week, a call, a sale; the other one on the list never agreed to hear from us."""
    story = campaign(brokerage, tell).goes_by(days=9).does("call", "interested")

    sell(brokerage, story)

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


# Invoice to debtor


def invoice(house: House, tell: Tell) -> Story:
    """A premium of 100 EUR falls due on Friday; the run of Monday begins its case."""
    house.ids["R-1"] = house.add(
        receivables.receivables,
        issuer="lumen",
        number="R-1",
        kind="premium",
        creditor="insurer",
        insurer_id=house.ids["lumen"],
        collector="house",
        payer_id=house.ids["C-1"],
        term_id=house.ids["term P-1"],
        issued_on=date(2026, 2, 20),
        due_on=date(2026, 3, 6),
        amount=100,
        open_amount=100,
        currency="EUR",
        state="issued",
    )
    (case_id,) = generate(house, "invoice_to_debtor")
    return tell(house, case_id)


def pay(house: House, story: Story, amount: int) -> None:
    """Money comes in and is matched."""
    row = next(row for row in house.rows(receivables.receivables) if row["id"] == house.ids["R-1"])
    left = row["open_amount"] - amount
    house.change(receivables.receivables, row["id"], open_amount=left, state="paid" if left <= 0 else "part_paid")
    story.hears("payment.matched", "R-1", "receivable")
    if left <= 0:
        story.hears("receivable.settled", "R-1", "receivable")


def level(house: House) -> int:
    """The dunning level reached."""
    return int(house.rows(receivables.receivables)[0]["dunning_level"])


def dunned(house: House, story: Story) -> Story:
    """Reminded, written to twice, until somebody has to call."""
    story.until("2026-03-13 09:00").hears("letter.sent", "R-1", "receivable")
    return story.until("2026-04-03 09:00")


def test_an_invoice_paid_after_the_first_reminder_is_settled(brokerage: House, tell: Tell) -> None:
    """No letter of dunning is written, whatever time goes by afterwards."""
    story = invoice(brokerage, tell).goes_by(days=3)

    pay(brokerage, story, 100)
    story.goes_by(days=60)

    assert story.told == ["letter payment_reminder", "invoice_to_debtor ends paid"]
    assert (story.end, level(brokerage)) == ("paid", 0)


def test_a_debtor_who_promises_and_pays_is_not_asked_again(brokerage: House, tell: Tell) -> None:
    """Level by level to the call; half is paid as promised, the rest after one more call."""
    story = invoice(brokerage, tell)
    dunned(brokerage, story)
    levels = level(brokerage)

    story.does("call", "promised", pay_by="2026-04-15", promised_amount="50").goes_by(days=5)
    silent = story.live
    pay(brokerage, story, 50)
    asked_again = story.live
    pay(brokerage, story, 50)

    assert levels == 2
    assert (silent, asked_again) == ([], ["call"])
    assert story.told == [
        "letter payment_reminder",
        "letter dunning_first",
        "letter dunning_second",
        "call: promised",
        "call cancelled",
        "invoice_to_debtor ends paid",
    ]
    assert story.end == "paid"


def test_a_first_letter_that_never_arrived_is_no_level(brokerage: House, tell: Tell) -> None:
    """Somebody mends the address and it is written again; only when it has left does the level count."""
    story = invoice(brokerage, tell).until("2026-03-13 09:00").hears("letter.bounced", "R-1", "receivable")
    before = (story.live, level(brokerage))

    story.does("address", "mended").hears("letter.sent", "R-1", "receivable")

    assert before == (["address"], 0)
    assert story.told == [
        "letter payment_reminder",
        "letter dunning_first",
        "address: mended",
        "letter dunning_first",
    ]
    assert (story.end, level(brokerage)) == (None, 1)


def test_a_debtor_who_breaks_every_promise_is_handed_over(brokerage: House, tell: Tell) -> None:
    """Two promises, then a decision; one more try, and the external collector."""
    story = invoice(brokerage, tell)
    dunned(brokerage, story)

    story.does("call", "promised", pay_by="2026-04-08", promised_amount="100").until("2026-04-13 09:00")
    story.does("call", "promised", pay_by="2026-04-20", promised_amount="100").until("2026-04-24 09:00")
    story.does("call", "promised", pay_by="2026-05-04", promised_amount="100")
    story.does("decide", "try_again").does("call", "will_not_pay").does("decide", "collector")

    assert story.told == [
        "letter payment_reminder",
        "letter dunning_first",
        "letter dunning_second",
        *["call: promised"] * 3,
        "decide: try_again",
        "call: will_not_pay",
        "decide: collector",
        "invoice_to_debtor ends handed_over",
    ]
    assert story.end == "handed_over"


def test_a_dispute_stops_the_letters_until_it_is_settled(brokerage: House, tell: Tell) -> None:
    """The debtor was right: writing off needs a second person's approval."""
    story = invoice(brokerage, tell).goes_by(days=3).hears("receivable.disputed", "R-1", "receivable").goes_by(days=30)

    story.does("dispute", "right").does("write_off", "approved")

    assert story.told == [
        "letter payment_reminder",
        "dispute: right",
        "write_off: approved",
        "invoice_to_debtor ends written_off",
    ]
    assert story.end == "written_off"


# Complaint


def complaint(house: House, tell: Tell) -> Story:
    """The client complains about the handling of the policy; the law gives two weeks to answer."""
    house.ids["I-1"] = house.add(
        contacts.interactions,
        number="I-1",
        party_id=house.ids["C-1"],
        term_id=house.ids["term P-1"],
        kind="complaint",
        direction="in",
        channel="email",
        at=house.now,
    )
    house.db.execute(
        contacts.complaints.insert().values(
            interaction_id=house.ids["I-1"], received_at=house.now, answer_by=date(2026, 3, 27)
        )
    )
    story = tell(house, 0).hears("complaint.received", "I-1", "interaction")
    story.case_id = max(row["id"] for row in house.rows(work.cases))
    return story


def test_a_complaint_that_was_right_is_answered_and_mended(brokerage: House, tell: Tell) -> None:
    """Two of three sources are enough; the case closes when the answer is given and what was wrong is put right."""
    story = complaint(brokerage, tell)
    begun = story.live
    story.does("hear_client", "heard").does("read_file", "read")

    story.does("finding", "confirmed", cause="mistake")
    both = story.live
    story.does("answer", "content").goes_by(days=5).does("repair", "done", what_changed="We check twice.")

    file = brokerage.db.execute(select(contacts.complaints)).mappings().one()
    assert (begun, both) == (["hear_client", "hear_colleague", "read_file"], ["answer", "repair"])
    assert story.told == [
        "letter complaint_received",
        "hear_client: heard",
        "read_file: read",
        "hear_colleague cancelled",
        "finding: confirmed",
        "answer: content",
        "repair: done",
        "letter complaint_closed",
        "complaint ends settled",
    ]
    assert (file["finding"], file["cause"]) == ("confirmed", "mistake")
    assert None not in (file["answered_at"], file["closed_at"])
    assert story.end == "settled"


def test_a_manager_is_warned_before_the_time_for_answering_runs_out(brokerage: House, tell: Tell) -> None:
    """The finding drags on; it still decides, and the client leaves all the same: retention takes over."""
    story = complaint(brokerage, tell).does("hear_client", "heard").does("hear_colleague", "heard")
    story.until("2026-03-20 09:00")
    warned = story.live

    story.does("warn_manager", "seen_to").does("finding", "not_confirmed", cause="price")
    story.does("answer", "wants_to_leave")

    assert warned == ["finding", "warn_manager"]
    assert story.told[-4:] == [
        "answer: wants_to_leave",
        "letter complaint_closed",
        "complaint ends settled",
        "letter please_stay",
    ]
    assert story.live == ["phone"]
    assert story.end == "settled"


def test_a_complaint_taken_back_is_over(brokerage: House, tell: Tell) -> None:
    """Nobody else is heard, and it does not count."""
    story = complaint(brokerage, tell).does("hear_client", "taken_back")

    assert story.told == [
        "letter complaint_received",
        "hear_client: taken_back",
        "hear_colleague cancelled",
        "read_file cancelled",
        "complaint ends withdrawn",
    ]
    assert story.end == "withdrawn"


def test_with_too_few_sources_somebody_decides_on_what_is_known(brokerage: House, tell: Tell) -> None:
    """Two of three can no longer be heard."""
    story = complaint(brokerage, tell)
    brokerage.cancel(next(task for task in brokerage.tasks(story.case_id) if task["step"] == "hear_colleague"))

    brokerage.cancel(next(task for task in brokerage.tasks(story.case_id) if task["step"] == "read_file"))
    decided = story.live
    story.does("hear_client", "heard")

    assert decided == ["decide_without", "hear_client"]
    assert story.live == ["decide_without"]


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


# Reactivation


def elsewhere(house: House, tell: Tell) -> Story:
    """The cover is placed elsewhere and runs out at the end of March; the client agreed to hear from us."""
    house.change(contracts.terms, house.ids["term P-1"], placed="elsewhere")
    agree(house)
    (case_id,) = generate(house, "reactivation")
    return tell(house, case_id)


def test_cover_placed_elsewhere_is_won_back(brokerage: House, tell: Tell) -> None:
    """The seller is asked after a month; the sale ends well all the same."""
    story = elsewhere(brokerage, tell).does("call", "interested").goes_by(days=31)
    asked = story.live
    story.does("ask_seller", "known")

    sell(brokerage, story)

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
