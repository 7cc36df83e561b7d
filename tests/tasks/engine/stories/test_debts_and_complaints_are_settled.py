"""The debtor process and the complaint as they ship, over simulated weeks: level by level, in time and too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from models import contacts, receivables, work

House = Any
Story = Any
Tell = Callable[[House, int], Story]


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
    return tell(house, 0).begins("invoice_to_debtor")


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
