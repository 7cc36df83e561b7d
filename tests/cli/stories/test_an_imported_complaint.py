"""A complaint comes in with a file of contacts; the beat makes its first tasks; the list tells what came of it."""

from __future__ import annotations

from typing import Any

Office = Any

CONTACTS = (
    "interaction.number,client.number,interaction.kind,direction,interaction.channel,topic,at,policy.number,answer_by\n"
    "I-1,K1,complaint,in,email,service,2026-03-02T09:30,P-1,2026-04-01\n"
    "I-2,K1,call,in,phone,price,2026-03-02T09:40,P-1,\n"
)
NOON, LATER = ["--as-of", "2026-03-02T12:00"], ["--as-of", "2026-03-02T12:05"]


def _furnish(office: Office) -> None:
    office.publish(as_of="2026-02-01")
    office.policies("P-1,1,2025-06-01,2026-06-01", as_of="2026-03-01")


def test_an_imported_complaint_begins_its_case_and_tasks(office: Office) -> None:
    """Only the complaint; the call beside it is heard by nobody."""
    _furnish(office)
    office.bring("interactions", CONTACTS, *NOON)
    waiting = office.cli("happenings", "list", "--kind", "complaint.received", "--waiting").out

    office.cli("tick", *LATER)

    assert "waits for the next tick" in waiting
    (case,) = office.ask("cases", "list")
    tasks = office.ask("tasks", "list", "--as", "ona", *LATER)
    assert (case["process"], case["about"]) == ("complaint@1", "complaint I-1, 2026-03-02, policy P-1")
    assert sorted(task["title"] for task in tasks) == [
        "Hear the colleague Aistė Žukė complains about",
        "Hear what Aistė Žukė complains about",
        "Read what Aistė Žukė and we wrote and said",
    ]
    (told,) = office.ask("happenings", "list", "--kind", "complaint.received")
    assert (told["started_cases"], told["heard_by_cases"], told["client"]) == ([case["id"]], [], "Aistė Žukė")
    listed = office.cli("happenings", "list").out
    assert f"case {case['id']} began" in " ".join(listed.split())
    assert max(map(len, listed.splitlines())) <= 120


def test_the_same_file_again_begins_nothing(office: Office) -> None:
    """A contact is news once, and a complaint has one case."""
    _furnish(office)

    for _ in range(2):
        office.bring("interactions", CONTACTS, *NOON)
        office.cli("tick", *LATER)

    assert len(office.ask("cases", "list")) == 1
    assert len(office.ask("happenings", "list")) == 5


def test_a_happening_is_reported_by_hand_once(office: Office) -> None:
    """By whoever is at the keyboard; again is said and does nothing; nonsense is refused with the nearest."""
    _furnish(office)
    words = ["happenings", "report", "client.answered", "--about", "client:K1", "--key", "call 7", *NOON]

    first = office.cli(*words, "--as", "rasa").out
    again = office.cli(*words, "--as", "rasa").out
    nobody = office.cli(*words, fails=True)
    wrong = office.cli("happenings", "report", "client.answerd", "--about", "client:K1", "--as", "rasa", fails=True)

    (told,) = office.ask("happenings", "list", "--about", "client:K1")
    assert first == f"Happening {told['id']} is reported. The next tick lets everybody hear it.\n"
    assert again == f"That was reported already, as happening {told['id']}. Nothing was changed.\n"
    assert told["reported_by"] == "Rasa"
    assert nobody.code == 2
    assert "There is no happening 'client.answerd'; did you mean client.answered?" in wrong.err
