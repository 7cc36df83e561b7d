"""The working day at the command line: what a salesperson types and reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cli.app import run
from core.settings import settings
from models import database, work

Told = Callable[..., str]


@pytest.fixture
def office(house: Any, furnished: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A house of its own, furnished, with one renewal begun; Jonas is at the keyboard."""
    monkeypatch.setenv("TAKTAS_USER", "jonas")
    settings.cache_clear()
    with database.begin() as db:
        ours = furnished(db)
        ours.start()
    return ours


@pytest.fixture
def told(office: Any, capsys: pytest.CaptureFixture[str]) -> Told:
    """Run a command of that Monday at 10:00; what it printed, after checking how it ended."""

    def command(*words: str, code: int = 0, when: str = "2026-03-02T10:00") -> str:
        done = run([*words, "--as-of", when] if when else list(words))
        said = capsys.readouterr()
        assert done == code, said.err
        return said.out if code == 0 else said.err

    return command


def test_the_list_shows_the_most_urgent_first_with_titles_and_due_times(told: Told) -> None:
    """One call, due at five."""
    said = told("tasks", "list")

    assert "Call Aistė Žukauskienė about P-1" in said
    assert "Mon 2026-03-02 17:00" in said
    assert "Jonas" in said


def test_the_list_for_machines_has_everything(told: Told) -> None:
    """As JSON."""
    (row,) = json.loads(told("tasks", "list", "--json", "--today"))

    assert (row["title"], row["status"], row["is_overdue"]) == ("Call Aistė Žukauskienė about P-1", "open", False)


def test_a_day_of_work_start_wait_resume_complete(told: Told, office: Any) -> None:
    """Each step says what it did and what comes next."""
    begun = told("tasks", "start", "1")
    waiting = told("tasks", "wait", "1", "--for", "client", when="2026-03-02T11:00")
    resumed = told("tasks", "resume", "1", when="2026-03-02T12:00")
    done = told("tasks", "complete", "1", "--outcome", "interested", "--spent", "12", when="2026-03-02T12:30")

    assert begun == ("You have begun task 1 'Call Aistė Žukauskienė about P-1'. It is due Mon 2026-03-02 17:00.\n")
    assert waiting == (
        "Task 1 'Call Aistė Žukauskienė about P-1' waits for the client. Your clock stands still; "
        "take it up with `taktas tasks resume 1`.\n"
    )
    assert "It is due Tue 2026-03-03 10:00." in resumed
    assert done == (
        "Done: task 1 'Call Aistė Žukauskienė about P-1'.\n"
        "Next: task 2, Send Aistė Žukauskienė an offer, due Tue 2026-03-03 12:30.\n"
    )


def test_a_refusal_is_a_sentence_and_exit_code_one(told: Told) -> None:
    """With the way forward."""
    said = told("tasks", "complete", "1", "--outcome", "declined", code=1)

    assert "Missing: reason (one of price, competitor, other). Add --answer reason=…." in said


def test_an_answer_without_a_value_is_wrong_usage(told: Told) -> None:
    """Exit code two."""
    said = told("tasks", "complete", "1", "--outcome", "declined", "--answer", "reason", code=2)

    assert "'reason' is no answer. Write its name, an equals sign and the value: premium=120.50." in said


def test_show_explains_why_it_is_due_and_what_it_asks(told: Told) -> None:
    """The standard, the calendar, the outcomes with their questions."""
    said = told("tasks", "show", "1")

    assert "Task 1: Call Aistė Žukauskienė about P-1" in said
    assert "due: 8 working hours, by any work" in said
    assert "counted on the calendar house@1 (Europe/Vilnius)" in said
    assert "declined: declined; asks reason (price | competitor | other)" in said


def test_show_as_json_is_whole(told: Told) -> None:
    """History, reasons, outcomes."""
    data = json.loads(told("tasks", "show", "1", "--json"))

    assert [outcome["code"] for outcome in data["outcomes"]] == ["interested", "thinking", "declined"]
    assert data["why"]["standards"]["due"]["winner"]["name"] == "any work"
    assert data["history"][0]["what"] == "case started"


def test_a_wrong_outcome_is_corrected_and_what_was_withdrawn_is_told(told: Told) -> None:
    """The offer goes, the next call is planned."""
    told("tasks", "complete", "1", "--outcome", "interested")

    said = told("tasks", "correct", "1", "--outcome", "thinking", "--reason", "wrong line")

    assert "Corrected: task 1 'Call Aistė Žukauskienė about P-1'." in said
    assert "Next: task 3, Call Aistė Žukauskienė about P-1, opens Thu 2026-03-05 17:00." in said
    assert "Withdrawn: task 2 (offer)." in said


def test_cancelling_the_only_task_says_that_nothing_is_left(told: Told) -> None:
    """And what can be done about it."""
    said = told("tasks", "cancel", "1", "--reason", "mistake")

    assert "Nothing is left to do in case 1, and it has not ended." in said


def test_handing_over_to_a_colleague_and_to_the_team(told: Told) -> None:
    """The new owner's time starts anew."""
    to_ruta = told("tasks", "reassign", "1", "--to", "ruta")
    back = told("tasks", "reassign", "1", "--to-team", "sales", "--as", "ona", when="2026-03-02T11:00")

    assert to_ruta == "Task 1 'Call Aistė Žukauskienė about P-1' is now with Ruta, due Tue 2026-03-03 10:00.\n"
    assert "is now waiting in the queue" in back


def test_a_task_of_ones_own_is_added_about_a_client(told: Told) -> None:
    """Found by the client's number."""
    said = told("tasks", "add", "Ask for the photos", "--about", "client:C-1")
    unknown = told("tasks", "add", "Ask", "--about", "client:C-99", code=1)

    assert said == "Added task 2. It is due Tue 2026-03-03 10:00.\n"
    assert unknown.strip().endswith("There is no client 'C-99'. Check its number.")


def test_cases_are_listed_shown_started_and_voided(told: Told, office: Any) -> None:
    """From the start to the end."""
    listed = told("cases", "list", when="")
    shown = told("cases", "show", "1")
    told("cases", "void", "1", "--reason", "duplicate")
    again = told("cases", "start", "renewal", "term:P-1", "--reason", "void by mistake", "--as", "ona")
    ended = told("cases", "list", "--end", "void", when="")

    assert "renewal@1" in listed
    assert "Case 1: renewal@1, policy P-1 to 2026-03-31, Aistė Žukauskienė, running." in shown
    assert again.startswith("Case 2 has begun.\nTask 2, Call Aistė Žukauskienė about P-1, due ")
    assert "void" in ended
    with database.read() as db:
        assert db.execute(select(work.cases.c.attempt).order_by(work.cases.c.id)).scalars().all() == [1, 2]


def test_a_second_case_in_the_cycle_is_refused(told: Told) -> None:
    """With the number of the first."""
    said = told("cases", "start", "renewal", "term:P-1", code=1)

    assert "Cannot start renewal for term 1 a second time in this cycle: case 1 is running." in said


def test_moving_cases_is_shown_first_and_done_with_commit(told: Told, office: Any) -> None:
    """Case by case."""
    with database.begin() as db:
        office.db = db
        office.publish(office.call.replace("3 working days before", "10 working days before"))

    preview = told("cases", "move", "renewal", "--as", "ona")
    done = told("cases", "move", "renewal", "--commit", "--as", "ona")
    nothing = told("cases", "move", "renewal", "--as", "ona")

    assert "1 case would go on under renewal@2." in preview
    assert "task 1 (call) limit Thu 2026-03-26 09:00 -> Tue 2026-03-17 09:00" in preview
    assert "1 case went on under renewal@2." in done
    assert nothing == "No case is behind renewal@2.\n"


def test_leaving_is_shown_first_and_done_with_commit(told: Told) -> None:
    """Clients, cases, tasks."""
    preview = told("employees", "leave", "jonas", "--to", "ruta", "--as", "ona")
    done = told("employees", "leave", "jonas", "--to", "ruta", "--commit", "--as", "ona")
    staff = told("employees", "list")

    assert preview == (
        "From jonas to ruta would move: clients: 1 as account manager; 1 running cases; 1 open tasks.\n"
        "Nothing was changed. Say --commit to do it.\n"
    )
    assert done.startswith("From jonas to ruta moved")
    assert "Jonas" not in staff


def test_what_waits_beyond_its_last_moment_says_so(told: Told) -> None:
    """In the list, where it stands among what waits."""
    told("tasks", "wait", "1", "--for", "client", when="2026-03-02T11:00")

    before = told("tasks", "list", "--json", when="2026-03-24T09:00")
    after = told("tasks", "list", "--json", when="2026-03-30T09:00")

    states = [json.loads(listed)[0]["state"] for listed in (before, after)]
    assert states == ["waiting for the client", "waiting for the client, past its last moment"]


def test_the_beat_says_what_it_did(told: Told) -> None:
    """And that nothing was due."""
    first = told("tick", when="2026-03-02T15:00")
    second = told("tick", "--json", when="2026-03-02T15:00")

    assert first == "Done: 1 reminder, 1 digest.\n"
    assert json.loads(second) == {"done": {}, "digests": 0, "problems": []}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("tasks", "list", "--of", "jona"), "Nobody here has the login or e-mail 'jona'; did you mean jonas?"),
        (("tasks", "list", "--team", "sale"), "There is no team 'sale'; did you mean sales? Teams: sales."),
        (
            ("cases", "list", "--about", "house:1"),
            (
                "'house:1' names nothing. Write what it is and its number, such as client:C-17 or policy:P-1. "
                "It can be one of: term, policy, client, programme, receivable, claim, interaction, alert, "
                "campaign_member, employee, period, imported_case, case."
            ),
        ),
    ],
)
def test_what_is_not_in_the_book_is_said(told: Told, words: tuple[str, ...], sentence: str) -> None:
    """With a guess, or the list of what there is."""
    when = "" if words[0] == "cases" else "2026-03-02T10:00"

    assert told(*words, code=1, when=when).strip() == sentence
