"""What digests and single messages say when they are read: the state at sending, in the reader's language and zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import contracts, outbox, people, work
from models.deliveries import bounces
from notifications.outbox.states import Queued
from notifications.wording.gathering import gathered
from notifications.wording.receivers import NotWanted, Receiver
from notifications.wording.staff import staff_content
from notifications.wording.task_words import stretch_text
from notifications.wording.templating import TEMPLATES, fill
from notifications.wording.writing import Content

House = Any

SLOW = """
standards:
  any work:
    for: all work
    due: 3 working days
    effort: 30 minutes
    remind: [1 working day before due]
    escalate: [{after: 1 working day, to: manager}]
"""


def queued(house: House, *templates: str, to: str = "") -> list[Queued]:
    """Messages of these templates as a sender claims them."""
    rows = [row for row in house.rows(outbox.messages) if row["template"] in templates]
    names = [name for name in Queued.__slots__ if name in outbox.messages.c]
    extra: dict[str, Any] = {name: 1 for name in Queued.__slots__ if name not in outbox.messages.c}
    mine = [row for row in rows if not to or row["employee_id"] == house.ids[to]]
    return [Queued(**{name: row[name] for name in names}, **extra) for row in mine]


def read(house: House, messages: Iterable[Queued], language: str = "en", zone: str | None = None) -> Content:
    """What one person reads of these messages, which leave together."""
    group = list(messages)
    row = house.db.execute(select(people.employees).where(people.employees.c.id == group[0].employee_id)).one()
    receiver = Receiver(name=row.name, address=row.email, language=language, zone=zone)
    return staff_content(house.db, group, receiver, at=house.now)


def busy(house: House) -> None:
    """Three calls of Jonas's: from Monday, Tuesday and Wednesday, each due three working days later."""
    house.standards(SLOW)
    for day, number in ((2, "P-1"), (3, "P-2"), (4, "P-3")):
        house.now = house.at(f"2026-03-0{day} 09:00")
        if number != "P-1":
            house.term(number)
        house.start(subject=f"term {number}")


def test_a_digest_lists_what_is_overdue_first_then_today_then_what_comes(small_house: House) -> None:
    """As things stand when it leaves, each with its due time and number."""
    house = small_house
    busy(house)

    house.tick("2026-03-06 09:00")

    content = read(house, queued(house, "work_digest")[-1:])
    assert content.subject == "Your work: 1 overdue, 1 due today, 1 coming"
    lines = [line for line in content.text.splitlines() if line and not line.startswith("  ")]
    assert lines == [
        "Good day, Jonas,",
        "Overdue:",
        "- Call Aistė Žukauskienė about P-1",
        "Due today:",
        "- Call Aistė Žukauskienė about P-2",
        "Coming:",
        "- Call Aistė Žukauskienė about P-3",
        "To open one: taktas tasks show NUMBER",
        "All your work: taktas tasks list",
        "taktas wrote this message. It stops when the work is done.",
    ]
    assert f"  due Thursday, 5 March 2026, 17:00, task {house.tasks()[0]['id']}" in content.text


def test_what_is_done_meanwhile_drops_out_and_an_empty_digest_is_not_sent(small_house: House) -> None:
    """The reason is kept with the message."""
    house = small_house
    busy(house)
    house.tick("2026-03-06 09:00")
    first, *others = house.tasks()

    house.complete(first, "declined", reason="price")
    fewer = read(house, queued(house, "work_digest")[-1:])
    for task in others:
        house.complete(task, "declined", reason="price")
    with pytest.raises(NotWanted) as refused:
        read(house, queued(house, "work_digest")[-1:])

    assert "P-1" not in fewer.text
    assert str(refused.value) == (
        "Nothing was left of what this digest would have told: the work was done or handed on."
    )


def test_somebody_who_fell_ill_since_is_not_written_to(small_house: House) -> None:
    """They hear of everything when they are back."""
    house = small_house
    busy(house)
    house.tick("2026-03-06 09:00")
    house.absence("jonas", "2026-03-06 08:00", "2026-03-10 00:00")

    with pytest.raises(NotWanted) as refused:
        read(house, queued(house, "work_digest")[-1:])

    assert str(refused.value) == "Jonas is away; the digest on their return tells everything."


def test_somebody_who_has_left_is_not_written_to(small_house: House) -> None:
    """Their work is among the exceptions."""
    house = small_house
    busy(house)
    house.tick("2026-03-06 09:00")
    house.change(people.employees, house.ids["jonas"], left_on=date(2026, 3, 6))

    with pytest.raises(NotWanted) as refused:
        read(house, queued(house, "work_digest")[-1:])

    assert str(refused.value) == "Jonas does not work here any more; what is left undone is among the exceptions."


def away_and_back(house: House) -> None:
    """Jonas was away a week; Rūta stood in, finished one call, has begun another, has not touched a third."""
    house.standards(SLOW)
    house.term("P-0")
    house.now = house.at("2026-03-05 09:00")
    house.start(subject="term P-0")  # his own from before
    house.absence("jonas", "2026-03-06 00:00", "2026-03-16 00:00", "ruta")
    house.now = house.at("2026-03-06 09:00")
    for number in ("P-1", "P-2", "P-3"):
        if number != "P-1":
            house.term(number)
        house.start(subject=f"term {number}")
    done, begun, _ = house.tasks(assignee_id=house.ids["ruta"])
    house.now = house.at("2026-03-09 10:00")
    house.complete(done, "declined", by="ruta", reason="price")
    house.begin(begun, by="ruta")


def test_whoever_comes_back_reads_what_befell_their_work(small_house: House) -> None:
    """Done for them and how, still with others, back again, overdue meanwhile; and the day's own digest with it."""
    house = small_house
    away_and_back(house)

    house.tick("2026-03-16 09:00")

    groups = gathered(queued(house, "absence_digest", "work_digest", to="jonas"))
    assert len(groups) == 1
    content = read(house, groups[0])
    assert content.subject == ("While you were away: 1 done, 1 still with others, 1 back with you, 1 overdue")
    text = content.text
    assert "You were away from 6 March 2026 to 15 March 2026." in text
    order = ["Done for you meanwhile:", "P-1", "declined, by Ruta, Monday, 9 March 2026, 10:00"]
    order += ["Still with others:", "P-2", "with Ruta", "Came back to you:", "P-3", "Became overdue meanwhile:", "P-0"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert text.count("P-0") == text.count("P-3") == 1


def test_an_absence_of_hours_is_told_by_the_clock(small_house: House) -> None:
    """The reader's own; whole days are told by the first and the last of them."""
    ona = Receiver(name="Ona", address="ona@house.example", language="en")
    noon, night = small_house.at("2026-03-06 12:00"), small_house.at("2026-03-09 00:00")

    assert stretch_text(noon, night, ona) == ("6 March 2026, 12:00", "9 March 2026, 00:00")
    assert stretch_text(night - timedelta(days=1), night, ona) == ("8 March 2026", "8 March 2026")


def test_the_subject_on_return_counts_what_was_overdue_before_too(small_house: House) -> None:
    """Nobody who reads it cares since when."""
    house = small_house
    away_and_back(house)
    [of_before] = house.tasks(assignee_id=house.ids["jonas"])
    house.change(work.tasks, of_before["id"], due_at=house.at("2026-03-05 12:00"))

    house.tick("2026-03-16 09:00")

    content = read(house, gathered(queued(house, "absence_digest", "work_digest", to="jonas"))[0])
    assert content.subject == "While you were away: 1 done, 1 still with others, 1 back with you, 1 overdue"
    assert "Became overdue meanwhile:" not in content.text


def test_an_absence_in_which_nothing_happened_is_not_told(small_house: House) -> None:
    """The reason is kept."""
    house = small_house
    house.absence("ruta", "2026-03-03 00:00", "2026-03-05 00:00")
    house.tick("2026-03-05 09:00")

    with pytest.raises(NotWanted) as refused:
        read(house, queued(house, "absence_digest"))

    assert str(refused.value) == "Nothing happened to their work while they were away."


def test_an_escalation_says_for_whom_it_was_meant(small_house: House) -> None:
    """Ona is away, so the one above her reads it, and why."""
    house = small_house
    house.employee("boss", is_manager=True, team_id=None)
    house.change(people.employees, house.ids["ona"], manager_id=house.ids["boss"])
    house.absence("ona", "2026-03-03 00:00", "2026-03-06 00:00")
    house.start()
    house.tick("2026-03-03 10:00")

    content = read(house, queued(house, "task_escalated"))

    assert content.subject == "Overdue: Call Aistė Žukauskienė about P-1"
    assert "with Jonas" in content.text
    assert "meant for Ona, who is away" in content.text


def test_an_escalation_whose_task_is_done_is_not_sent(small_house: House) -> None:
    """Done between the beat and the sender."""
    house = small_house
    task = house.task(house.start())
    house.tick("2026-03-03 10:00")
    messages = queued(house, "task_escalated")
    house.complete(task, "declined", reason="price")

    with pytest.raises(NotWanted) as refused:
        read(house, messages)

    assert str(refused.value) == "The work was done before this message left."


def test_a_limit_that_passed_has_a_text_of_its_own(small_house: House) -> None:
    """Not a reminder, not an escalation."""
    house = small_house
    house.start()
    house.tick("2026-03-26 09:00")

    content = read(house, queued(house, "task_limit", to="jonas"), "lt")

    assert content.subject == "Praėjo paskutinis terminas: Call Aistė Žukauskienė about P-1"


ASKS = """
process: story
title: A story
subject: term
start: {by hand: true, assign: client.account_manager}
steps:
  call: {action: call, no later than: term.expires_on, when anchor moves: ask, outcomes: {done: {end: good}}}
ends: {good: {success: true}}
"""


def test_a_date_that_was_corrected_is_asked_about_with_the_new_one(small_house: House) -> None:
    """And the command to agree."""
    house = small_house
    house.publish(ASKS)
    house.start("story")
    house.change(contracts.terms, house.ids["term P-1"], expires_on=date(2026, 4, 30))
    house.happens("term.expiry_corrected", "term P-1")
    house.tick()

    content = read(house, queued(house, "task_asks"))

    assert "the new last moment would be Friday, 1 May 2026, 00:00" in content.text
    assert f"To agree: taktas tasks recount {house.task()['id']}." in content.text


def exceptional(house: House) -> None:
    """One exception of each kind, in Jonas's team."""
    house.term("P-LAPSED", expires="2026-03-06")
    house.term("P-SOON", expires="2026-03-20")
    house.term("P-GONE", expires="2026-03-21", notice_received_on=date(2026, 3, 1))
    house.term("P-ELSEWHERE", expires="2026-03-22", placed="elsewhere")
    house.term("P-NEW", expires="2027-03-14", starts_on=date(2026, 3, 15), stage="accepted", accepted_at=house.now)
    house.start()  # becomes overdue and is escalated
    house.publish(ASKS.replace("client.account_manager", "{queue: sales}"))
    house.start("story", subject="term P-GONE")
    house.add(
        outbox.messages,
        key="k",
        message_class="service",
        template="renewal_reminder",
        language="en",
        party_id=house.ids["C-1"],
        facts={},
        state="unknown",
        created_at=house.now,
        not_before=house.now,
    )
    back = house.add(
        outbox.messages,
        key="back",
        message_class="service",
        template="payment_reminder",
        language="en",
        party_id=house.ids["C-1"],
        facts={},
        state="sent",
        created_at=house.now,
        not_before=house.now,
    )
    house.add(bounces, key="b", kind="bounced", message_id=back, words="550 gone", place="1", read_at=house.now)


def test_the_manager_reads_the_exceptions_first_each_with_its_command(small_house: House) -> None:
    """Then the plain counts."""
    house = small_house
    exceptional(house)
    house.tick("2026-03-09 09:00")

    content = read(house, queued(house, "manager_digest"))

    text = content.text
    order = [
        "Ran out undecided: these clients have no cover (1):",
        "P-LAPSED, Aistė Žukauskienė, ran out on 6 March 2026, Jonas",
        "Work nobody has (1):",
        "Accepted but not bound: must be empty, no insurer has confirmed this cover (1):",
        "P-NEW, Aistė Žukauskienė, cover needed from 15 March 2026, Jonas",
        "Run out by 23 March 2026, without a case or a new term (1):",
        "P-SOON, Aistė Žukauskienė, runs out on 20 March 2026, Jonas",
        "Escalated and still open (2):",
        "level 1",
        "Messages that did not arrive, or nobody knows whether they did (2):",
        "payment reminder (came back)",
        "renewal reminder (unknown)",
        "Tasks in numbers: 2 opened, 0 done, 0 of these late; 2 open now, 2 of these overdue.",
        "The whole list: taktas tasks exceptions",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert content.subject == "The week: 8 exceptions"
    assert "Overdue, not escalated" not in text
    assert text.splitlines()[2] == "From 2 March 2026 to 9 March 2026, the whole house."
    assert "taktas tasks list --client C-1" in text
    assert "P-GONE" not in text.partition("Run out by")[2].partition("Escalated")[0]
    assert "P-ELSEWHERE" not in text


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        (
            "es",
            "La semana: 8 excepciones",
            (
                "Del 2 de marzo de 2026 al 9 de marzo de 2026, toda la casa.",
                "Pólizas que vencen hasta el 23 de marzo de 2026, sin expediente ni periodo nuevo (1):",
                "- P-LAPSED, Aistė Žukauskienė, venció el 6 de marzo de 2026, Jonas",
                "- P-NEW, Aistė Žukauskienė, cobertura necesaria desde el 15 de marzo de 2026, Jonas",
                "- Call Aistė Žukauskienė about P-1, venció el lunes, 2 de marzo de 2026, 17:00, Jonas, nivel 1",
                "- payment reminder (devuelto), escrito el 2 de marzo de 2026, 9:00, Aistė Žukauskienė, 550 gone",
                "Tareas en cifras: abiertas en el periodo, 2; hechas, 0, con retraso 0; abiertas ahora, 2, vencidas 2.",
                "Lista completa: taktas tasks exceptions",
            ),
        ),
        (
            "lt",
            "Savaitė: išimčių – 8",
            (
                "Nuo 2026 m. kovo 2 d. iki 2026 m. kovo 9 d., visa įmonė.",
                "Polisai baigsis iki 2026 m. kovo 23 d., o bylos ar naujo laikotarpio nėra (1):",
                "- P-LAPSED, Aistė Žukauskienė, baigėsi 2026 m. kovo 6 d., Jonas",
                "- P-NEW, Aistė Žukauskienė, draudimo reikia nuo 2026 m. kovo 15 d., Jonas",
                "  taktas tasks list --client C-1",
                "- payment reminder (grįžo), parašytas 2026 m. kovo 2 d., 09:00, Aistė Žukauskienė, 550 gone",
                "Visas sąrašas: taktas tasks exceptions",
            ),
        ),
    ],
)
def test_the_managers_week_is_written_in_the_readers_language(
    small_house: House, language: str, subject: str, lines: tuple[str, ...]
) -> None:
    """Each date says what it is; states, levels and stretches of time are no English ones."""
    house = small_house
    exceptional(house)
    house.tick("2026-03-09 09:00")

    content = read(house, queued(house, "manager_digest"), language)

    assert content.subject == subject
    assert [line for line in lines if line not in content.text.splitlines()] == []
    assert content.html is not None
    assert content.html.count("<li>") == content.text.count("\n- ")
    assert {"es": "nivel 1", "lt": "1-oji pakopa"}[language] in content.text


@pytest.mark.parametrize("language", ["en", "lt", "es"])
@pytest.mark.parametrize("name", ["work digest", "manager digest", "task reminder", "task escalated", "task asks"])
@pytest.mark.parametrize("state", ["failed", "unknown", "came_back"])
def test_what_became_of_a_message_has_words_in_every_language(language: str, name: str, state: str) -> None:
    """No code reaches a reader, whichever message did not arrive."""
    line = {"what": name, "state": state, "client": "", "who": "", "when": "", "note": "", "level": 0, "command": "x"}
    part = {"kind": "messages", "total": 1, "more": 0, "lines": [line | {"is_past_limit": False, "is_late": True}]}
    counts = dict.fromkeys(("opened", "done", "done_late", "open", "overdue"), 1)
    facts = {"name": "Ona", "team": "", "since": "1", "until": "2", "ahead": "3", "command": "x", "counts": counts}

    content = fill("manager_digest", language, facts | {"parts": [part]})

    assert "came_back" not in content.text
    assert (name in content.text) == (language == "en")


@pytest.mark.parametrize(
    ("count", "subject"),
    [(1, "Durante su ausencia: 1 devuelta, 1 vencida"), (2, "Durante su ausencia: 2 devueltas, 2 vencidas")],
)
def test_one_and_many_are_told_apart_in_spanish(count: int, subject: str) -> None:
    """In the subject, and where one task is meant."""
    task = {"number": 7, "title": "Llamar", "due": "", "is_late": True, "holder": "", "passed_by": [], "wish": ""}
    some = {"tasks": [task] * count, "count": count, "more": 0}
    none = {"tasks": [], "count": 0, "more": 0}
    parts = {"overdue": some, "today": none, "coming": none, "with_others": none, "came_back": some}
    facts = {"name": "Inés", "since": "1", "until": "2", "done": [], "became_overdue": none}

    back = fill("absence_digest", "es", facts | parts)
    told = fill("task_escalated", "es", {"name": "Inés", "tasks": [task] * count})

    assert back.subject == subject
    assert ("Esta tarea está vencida" in told.text) == (count == 1)
    assert ("Para abrirla: taktas tasks show 7" in told.text) == (count == 1)


def test_a_quiet_week_says_so(small_house: House) -> None:
    """In Spanish, on Monday."""
    house = small_house
    house.change(contracts.terms, house.ids["term P-1"], expires_on=date(2026, 12, 31))
    house.tick("2026-03-02 09:00")

    content = read(house, queued(house, "manager_digest"), "es")

    assert content.subject == "La semana: sin excepciones"
    assert "Nada destaca: sin excepciones." in content.text


def test_a_reader_in_another_zone_reads_their_own_clock(small_house: House) -> None:
    """Five in the afternoon in Vilnius is four in Madrid."""
    house = small_house
    busy(house)
    house.tick("2026-03-06 09:00")

    content = read(house, queued(house, "work_digest")[-1:], "es", "Europe/Madrid")

    assert "venció el jueves, 5 de marzo de 2026, 16:00" in content.text


def test_a_hostile_title_is_escaped_in_every_digest(small_house: House) -> None:
    """Nothing anybody is called becomes markup."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 4 working hours}}")
    house.add_task("<script>alert(1)</script> {{ 7 * 7 }}")
    house.tick("2026-03-03 09:00")

    content = read(house, queued(house, "work_digest"))

    assert content.html is not None
    assert "<script>" not in content.html
    assert "&lt;script&gt;" in content.html
    assert "{{ 7 * 7 }}" in content.text


SINGLE = {"task_reminder", "task_escalated", "task_limit", "task_asks"}


@pytest.mark.parametrize("language", ["en", "lt", "es"])
@pytest.mark.parametrize("template", sorted(SINGLE))
def test_every_single_text_has_every_language(template: str, language: str) -> None:
    """Subject, text and HTML, none of them the English one."""
    task = {"number": 7, "title": "Call", "due": "", "is_late": True, "holder": "", "passed_by": [], "wish": ""}

    content = fill(template, language, {"name": "Jonas", "tasks": [task]})

    assert (TEMPLATES / template / language).is_dir()
    assert content.subject
    assert "7" in content.text
    assert content.html
