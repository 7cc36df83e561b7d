"""The five reference models of business process modelling, walked to every end they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import contacts, parties, people, work

House = Any
Story = Any
Tell = Callable[[House, int], Story]

REFERENCE = Path(__file__).parents[3] / "standards" / "reference"
TEAMS = ("operations", "risk", "clerks", "team_leaders", "assistants", "accountants", "approvers", "emergency")
LETTERS = (
    "application_accepted",
    "application_rejected",
    "application_withdrawn",
    "decision_delayed",
    "document_request",
    "document_reminder",
)


@pytest.fixture
def office(small_house: House) -> House:
    """The small house with the reference processes published, their letters, teams and an assistant and accountant."""
    house = small_house
    for team in TEAMS:
        house.ids[team] = house.add(people.teams, organisation_id=house.ids["house"], code=team, name=team.title())
    house.employee("asta", team_id=house.ids["assistants"])
    house.employee("algis", team_id=house.ids["accountants"])
    for letter in LETTERS:
        house.letter(letter)
    for file in sorted(REFERENCE.glob("*.yaml")):
        house.publish(file.read_text(encoding="utf-8"))
    return house


def apply(house: House, tell: Tell) -> Story:
    """A new lead applies, and onboarding begins by itself."""
    house.client("C-2", "Ignas Naujokas", standing="new")
    story = tell(house, 0).hears("lead.created", "C-2")
    (case,) = [row for row in house.rows(work.cases) if row["process_id"] == house.ids["process customer_onboarding"]]
    story.case_id = case["id"]
    return story


def contact(house: House, kind: str) -> int:
    """A contact of the client comes in."""
    number: int = house.add(
        contacts.interactions,
        number="I-1",
        party_id=house.ids["C-1"],
        kind=kind,
        direction="in",
        channel="email",
        at=house.now,
        employee_id=house.ids["jonas"],
    )
    house.ids["I-1"] = number
    return number


def standing(house: House) -> str:
    """How the applicant stands to the house."""
    return str(next(row for row in house.rows(parties.parties) if row["number"] == "C-2")["standing"])


# Customer onboarding


@pytest.mark.parametrize("risks", [["green"], ["green", "yellow"]])
def test_a_clear_application_is_accepted_by_rule(office: House, tell: Tell, risks: list[str]) -> None:
    """No person decides, and the customer hears of it."""
    story = apply(office, tell).does("credit_score", "known", risks=risks)

    assert story.told == ["credit_score: known", "letter application_accepted", "customer_onboarding ends issued"]
    assert (story.end, standing(office)) == ("issued", "existing")


@pytest.mark.parametrize("risks", [["red"], ["green", "red"], ["yellow", "red"]])
def test_a_red_application_is_rejected_by_rule(office: House, tell: Tell, risks: list[str]) -> None:
    """One red mark is enough, whatever the others say."""
    story = apply(office, tell).does("credit_score", "known", risks=risks)

    assert story.told == ["credit_score: known", "letter application_rejected", "customer_onboarding ends rejected"]
    assert (story.end, standing(office)) == ("rejected", "former")


@pytest.mark.parametrize(
    ("decision", "letter", "end"),
    [("accepted", "application_accepted", "issued"), ("declined", "application_rejected", "rejected")],
)
def test_a_doubtful_application_is_decided_by_a_person(
    office: House, tell: Tell, decision: str, letter: str, end: str
) -> None:
    """The manual check is a case of its own; how it ends decides how the application ends."""
    story = apply(office, tell).does("credit_score", "known", risks=["yellow"]).does("decide", decision)

    assert story.told == [
        "credit_score: known",
        f"decide: {decision}",
        f"manual_check ends {decision}",
        f"letter {letter}",
        f"customer_onboarding ends {end}",
    ]
    assert story.end == end


def test_a_fraud_found_in_the_manual_check_ends_the_application(office: House, tell: Tell) -> None:
    """Whoever was still to decide need not any more; the fraud is reported before the case ends."""
    story = apply(office, tell).does("credit_score", "known", risks=["yellow"])

    story.hears("custom.fraud_suspected", "C-2").does("fraud", "fraud").does("report_fraud", "reported")

    assert story.told == [
        "credit_score: known",
        "fraud: fraud",
        "decide cancelled",
        "manual_check ends fraud",
        "report_fraud: reported",
        "customer_onboarding ends cancelled_for_fraud",
    ]
    assert story.end == "cancelled_for_fraud"


def test_a_decision_that_takes_too_long_is_taken_up_by_a_person(office: House, tell: Tell) -> None:
    """After five days the customer hears of the delay; after seven the check is over."""
    story = apply(office, tell).does("credit_score", "known", risks=["yellow"])

    story.goes_by(days=7).does("handle_timeout", "handled")

    assert story.told == [
        "credit_score: known",
        "letter decision_delayed",
        "decide cancelled",
        "hurry cancelled",
        "manual_check ends timeout",
        "handle_timeout: handled",
        "customer_onboarding ends timed_out",
    ]
    assert story.end == "timed_out"


def test_the_customer_takes_the_application_back_at_once(office: House, tell: Tell) -> None:
    """The rating is not wanted any more; customer and operations are both told before the case closes."""
    story = apply(office, tell).hears("custom.cancellation_requested", "C-2")
    before = (story.end, story.live)

    story.does("tell_operations", "seen")

    assert before == (None, ["tell_operations"])
    assert story.told == [
        "credit_score cancelled",
        "letter application_withdrawn",
        "tell_operations: seen",
        "customer_onboarding ends withdrawn",
    ]
    assert story.end == "withdrawn"


def test_the_customer_takes_the_application_back_during_the_manual_check(office: House, tell: Tell) -> None:
    """The check and the documents asked for within it are closed with it."""
    story = apply(office, tell).does("credit_score", "known", risks=["yellow"])
    story.hears("custom.document_requested", "C-2")

    story.hears("custom.cancellation_requested", "C-2").does("tell_operations", "seen")

    assert story.told == [
        "credit_score: known",
        "letter document_request",
        "letter application_withdrawn",
        "decide cancelled",
        "manual_check ends cancelled",
        "document_request ends cancelled",
        "tell_operations: seen",
        "customer_onboarding ends withdrawn",
    ]
    assert story.end == "withdrawn"


# Manual check


def check(house: House, tell: Tell) -> Story:
    """A manual check about the client of the house."""
    return tell(house, house.start("manual_check", "C-1", "client"))


def test_a_delayed_decision_is_hurried_along_and_still_counts(office: House, tell: Tell) -> None:
    """The letter about the delay goes once; the decision of the sixth day ends the check."""
    story = check(office, tell).goes_by(days=6).does("hurry", "hurried").does("decide", "accepted")

    assert story.told == [
        "letter decision_delayed",
        "hurry: hurried",
        "decide: accepted",
        "manual_check ends accepted",
    ]
    assert story.end == "accepted"


def test_a_suspicion_that_comes_to_nothing_leaves_the_decision_open(office: House, tell: Tell) -> None:
    """Looking into it goes on beside the decision."""
    story = check(office, tell).hears("custom.fraud_suspected").does("fraud", "no_fraud")
    between = (story.end, story.live)

    story.does("decide", "declined")

    assert between == (None, ["decide"])
    assert story.told == ["fraud: no_fraud", "decide: declined", "manual_check ends declined"]
    assert story.end == "declined"


def test_every_document_asked_for_gets_a_request_of_its_own(office: House, tell: Tell) -> None:
    """Two requests run beside the decision; a document that arrives ends what waits for it."""
    story = check(office, tell).hears("custom.document_requested").goes_by(hours=1).hears("custom.document_requested")
    asked = (story.live, story.waits)

    story.goes_by(days=2).hears("document.received").does("decide", "accepted")

    assert asked == (["decide"], ["answer", "answer", "documents", "documents"])
    assert story.told == [
        "letter document_request",
        "letter document_request",
        "letter document_reminder",
        "letter document_reminder",
        "letter document_reminder",
        "letter document_reminder",
        "document_request ends received",
        "document_request ends received",
        "decide: accepted",
        "manual_check ends accepted",
    ]
    assert story.end == "accepted"


def test_a_decision_closes_the_document_requests_beside_it(office: House, tell: Tell) -> None:
    """Nobody is reminded of a document that is not needed any more."""
    story = check(office, tell).hears("custom.document_requested").does("decide", "accepted").goes_by(days=10)

    assert story.told == [
        "letter document_request",
        "decide: accepted",
        "manual_check ends accepted",
        "document_request ends cancelled",
    ]
    assert story.end == "accepted"


# Document request


def request(house: House, tell: Tell) -> Story:
    """A document is asked for."""
    return tell(house, house.start("document_request", "C-1", "client"))


@pytest.mark.parametrize(("days", "reminders"), [(0, 0), (1, 1), (3, 3), (6, 6)])
def test_a_document_that_arrives_ends_the_reminders(office: House, tell: Tell, days: int, reminders: int) -> None:
    """One reminder a day until it comes."""
    story = request(office, tell).goes_by(days=days).hears("document.received").goes_by(days=10)

    assert story.told == [
        "letter document_request",
        *["letter document_reminder"] * reminders,
        "document_request ends received",
    ]
    assert story.end == "received"


def test_after_six_reminders_and_a_week_somebody_calls(office: House, tell: Tell) -> None:
    """There is no seventh reminder; the call is the account manager's."""
    story = request(office, tell).goes_by(days=7)
    caller = office.task(story.case_id)["assignee_id"]

    story.goes_by(days=3).does("call", "talked")

    assert caller == office.ids["jonas"]
    assert story.told == [
        "letter document_request",
        *["letter document_reminder"] * 6,
        "call: talked",
        "document_request ends answered",
    ]
    assert story.end == "answered"


# Invoice desk and invoice approval


def invoice(house: House, tell: Tell) -> tuple[Story, Story]:
    """An invoice comes in by post and is scanned: the desk's story and the approval's."""
    contact(house, "letter")
    desk = tell(house, 0).hears("interaction.received", "I-1", "interaction")
    desk.case_id = next(row["id"] for row in house.rows(work.cases))
    desk.does("scan", "scanned")
    return desk, tell(house, desk.family()[-1])


def assignees(house: House, case_id: int) -> dict[str, int | None]:
    """Who got the tasks of a case, by step."""
    return {task["step"]: task["assignee_id"] for task in house.tasks(case_id, live=False)}


def test_an_invoice_is_approved_paid_and_archived(office: House, tell: Tell) -> None:
    """The approval goes its own way beside the desk; whoever prepared the transfer archives it."""
    desk, approval = invoice(office, tell)

    approval.does("assign_approver", "assigned").does("approve", "approved")
    approval.does("prepare_transfer", "prepared", by="algis").does("archive", "archived")

    assert approval.told == [
        "assign_approver: assigned",
        "approve: approved",
        "prepare_transfer: prepared",
        "archive: archived",
        "invoice_approval ends processed",
    ]
    assert (approval.end, desk.end) == ("processed", None)
    assert assignees(office, approval.case_id) == {
        "assign_approver": office.ids["asta"],
        "approve": office.ids["ona"],
        "prepare_transfer": office.ids["algis"],
        "archive": office.ids["algis"],
    }


def test_an_invoice_that_cannot_be_cleared_up_is_not_processed(office: House, tell: Tell) -> None:
    """The assistant who named the approver clears up, and says so when there is no way."""
    _, approval = invoice(office, tell)

    approval.does("assign_approver", "assigned", by="asta").does("approve", "not_approved")
    clearer = office.task(approval.case_id)["assignee_id"]
    approval.does("clear_up", "not_cleared_up")

    assert clearer == office.ids["asta"]
    assert approval.told[-2:] == ["clear_up: not_cleared_up", "invoice_approval ends not_processed"]
    assert approval.end == "not_processed"


def test_an_invoice_goes_round_three_times_and_no_more(office: House, tell: Tell) -> None:
    """The fourth time it was cleared up is one too many."""
    _, approval = invoice(office, tell)
    approval.does("assign_approver", "assigned")

    for _ in range(4):
        approval.does("approve", "not_approved").does("clear_up", "cleared_up")

    assert approval.told == [
        "assign_approver: assigned",
        *["approve: not_approved", "clear_up: cleared_up"] * 4,
        "invoice_approval ends not_processed",
    ]
    assert approval.end == "not_processed"


def test_an_invoice_cleared_up_once_is_approved_the_second_time(office: House, tell: Tell) -> None:
    """The approval has a second round, and then goes on."""
    _, approval = invoice(office, tell)

    approval.does("assign_approver", "assigned").does("approve", "not_approved").does("clear_up", "cleared_up")
    round_ = office.task(approval.case_id)["round"]
    approval.does("approve", "approved").does("prepare_transfer", "prepared").does("archive", "archived")

    assert round_ == 2
    assert approval.end == "processed"


def test_the_desk_waits_seven_days_for_questions_and_then_closes(office: House, tell: Tell) -> None:
    """An approver was asked for, a review was not."""
    desk, approval = invoice(office, tell)
    office.cancel(office.task(approval.case_id))

    desk.does("put_away", "put_away").hears("custom.approver_wanted", "I-1", "interaction").does(
        "name_approver", "named"
    )
    office.void(approval.case_id)
    desk.goes_by(days=6)
    waiting = (desk.end, desk.waits)
    desk.goes_by(days=1)

    assert waiting == (None, ["review_wanted"])
    assert [line for line in desk.told if "cancelled" not in line] == [
        "scan: scanned",
        "put_away: put_away",
        "name_approver: named",
        "invoice_desk ends no_review",
    ]
    assert desk.end == "no_review"


def test_the_desk_reviews_an_invoice_when_asked_in_time(office: House, tell: Tell) -> None:
    """The same assistant does all of it; the timer of the seventh day comes to nothing."""
    desk, approval = invoice(office, tell)
    office.void(approval.case_id)

    desk.does("put_away", "put_away").hears("custom.approver_wanted", "I-1", "interaction")
    desk.does("name_approver", "named").goes_by(days=6).hears("custom.review_wanted", "I-1", "interaction")
    desk.goes_by(days=3).does("review", "documented")

    assert desk.told[-1] == "invoice_desk ends reviewed"
    assert set(assignees(office, desk.case_id).values()) == {office.ids["asta"]}
    assert desk.end == "reviewed"


def test_a_call_is_no_invoice(office: House, tell: Tell) -> None:
    """Only what comes as a letter begins a case of the desk."""
    contact(office, "call")
    tell(office, 0).hears("interaction.received", "I-1", "interaction")

    assert office.rows(work.cases) == []


# Repair


def repair(house: House, tell: Tell) -> Story:
    """A customer asks for a repair."""
    contact(house, "service_request")
    story = tell(house, 0).hears("interaction.received", "I-1", "interaction")
    story.case_id = next(row["id"] for row in house.rows(work.cases))
    return story


def test_what_is_under_warranty_is_replaced(office: House, tell: Tell) -> None:
    """Nobody mends anything; whoever took the call analyses."""
    story = repair(office, tell)
    caller = office.task(story.case_id)["assignee_id"]

    story.does("analyse", "warranty").does("replace", "replaced")

    assert caller == office.ids["jonas"]
    assert story.told == ["analyse: warranty", "replace: replaced", "repair ends replaced"]
    assert story.end == "replaced"


@pytest.mark.parametrize("level", ["standard", "premium"])
def test_a_regular_repair_is_done_at_the_level_bought(office: House, tell: Tell, level: str) -> None:
    """The service level of the answer decides which repair it is."""
    story = repair(office, tell).does("analyse", "regular", service_level=level).does(f"{level}_repair", "mended")

    assert story.told == ["analyse: regular", f"{level}_repair: mended", "repair ends repaired"]
    assert story.end == "repaired"


def test_a_standard_repair_becomes_premium_when_the_customer_buys_it(office: House, tell: Tell) -> None:
    """The standard repair is left where it was."""
    story = repair(office, tell).does("analyse", "regular", service_level="standard")

    story.hears("custom.premium_bought", "I-1", "interaction").does("premium_repair", "mended")

    assert story.told == [
        "analyse: regular",
        "standard_repair cancelled",
        "premium_repair: mended",
        "repair ends repaired",
    ]
    assert story.end == "repaired"


def test_a_premium_repair_becomes_an_emergency_after_two_hours(office: House, tell: Tell) -> None:
    """Not before, and the emergency service mends it."""
    story = repair(office, tell).does("analyse", "regular", service_level="premium").goes_by(hours=1)
    after_one_hour = story.live

    story.goes_by(hours=1).does("mend", "mended")

    assert after_one_hour == ["premium_repair"]
    assert story.told == [
        "analyse: regular",
        "premium_repair cancelled",
        "mend: mended",
        "emergency_repair ends mended",
        "repair ends emergency_repaired",
    ]
    assert story.end == "emergency_repaired"


@pytest.mark.parametrize(
    ("outcome", "rest", "end"),
    [
        ("mended", ["emergency_repair ends mended"], "emergency_repaired"),
        ("not_mended", ["emergency_repair ends not_mended", "replace: replaced"], "replaced"),
    ],
)
def test_an_emergency_is_mended_or_replaced(office: House, tell: Tell, outcome: str, rest: list[str], end: str) -> None:
    """The end of the emergency service decides."""
    story = repair(office, tell).does("analyse", "emergency").does("mend", outcome)

    if outcome == "not_mended":
        story.does("replace", "replaced")

    assert story.told == ["analyse: emergency", f"mend: {outcome}", *rest, f"repair ends {end}"]
    assert story.end == end
