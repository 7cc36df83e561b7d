"""Publishing: only what changed gets a version, nothing published ever changes, nothing of the past starts unasked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from textwrap import dedent
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, insert, select

from core.actor import Actor, Door
from models import contracts, parties, receivables, timetable, work
from models.definitions import calendar_versions, calendars, letter_versions, process_versions, standard_books
from standards.letters.letter import Letter, LetterClass, LetterSettings
from standards.parsing import parse_process
from standards.service.standard import Dimensions
from standards.working_time.calendar import CalendarDefinition
from standards.working_time.duration import Duration, Unit
from tasks.handbooks import handbook, resolving
from tasks.handbooks.book_sources import read_sources
from tasks.handbooks.calendar_publishing import CalendarWithoutGround
from tasks.handbooks.calendars import calendar_of
from tasks.handbooks.edition import Edition, WrittenProcess
from tasks.handbooks.publishing import Change, SubjectChanged, publish
from tasks.handbooks.starting import StartNotSaid

ANYBODY = Actor(door=Door.COMMAND_LINE)
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)

RENEWAL = """\
# Renewing a policy before it lapses.
process: renewal
title: Policy renewal
subject: term
start:
  schedule: every monday at 06:00
  when: 45 days before term.expires_on
  where: {term.placed: by us}
steps:
  call:
    action: call
    title: Call {policyholder.name}
    outcomes:
      renewed: {end: won}
      declined: {end: lost}
ends:
  won: {success: true}
  lost: {success: false}
"""
DUNNING = """\
process: dunning
title: Dunning
subject: receivable
start:
  schedule: every working day at 07:00
  when: 10 days after receivable.due_on
steps:
  call:
    action: collect
    outcomes:
      paid: {end: paid}
ends:
  paid: {success: true}
"""
CALLS = "standards:\n  calls:\n    for: {action: call}\n    due: 2 working days\n"
HOUSE = {"calendar": "house", "zone": "Europe/Vilnius", "hours": {"monday to friday": "08:00-17:00"}}
LETTER = Letter(name="reminder", language="en", subject="Your policy", body_text="Dear client,")


def edition(
    *processes: str,
    standards: str = CALLS,
    calendars: tuple[Mapping[str, Any], ...] = (HOUSE,),
    letters: tuple[Letter, ...] = (LETTER,),
) -> Edition:
    """An edition of a few definitions."""
    sources = {"standards/calls.yaml": standards}
    return Edition(
        processes=tuple(written(source) for source in processes),
        content=read_sources(sources),
        sources=sources,
        calendars=tuple(CalendarDefinition.model_validate(one) for one in calendars),
        letters=letters,
    )


def written(source: str) -> WrittenProcess:
    process, problems = parse_process(dedent(source), "process.yaml")
    assert process is not None
    assert problems == []
    return WrittenProcess(process=process, source=source)


def said(changes: tuple[Change, ...]) -> list[str]:
    return [f"{change.kind} {change.name}@{change.version}" for change in changes]


def count(db: Connection, table: Any) -> int:
    return int(db.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def terms(db: Connection) -> list[date]:
    """Terms of one client: two inside the window of renewal as of Monday, three expired, one far ahead."""
    expiries = [date(2026, 3, 10), date(2026, 4, 1), date(2006, 4, 1), date(2025, 4, 1), date(2026, 3, 1)]
    expiries.append(date(2026, 12, 31))
    line = _id(db, contracts.product_lines, code="motor", labels={})
    insurer = _id(db, contracts.insurers, code="I", name="Insurer")
    client = _id(db, parties.parties, number="1", kind="person", name="Ona", sort_key="ona")
    policy = _id(db, contracts.policies, client_id=client, insurer_id=insurer, product_line_id=line, number="P")
    for number, expiry in enumerate(expiries, start=1):
        _id(db, contracts.terms, policy_id=policy, sequence=number, expires_on=expiry)
    return expiries


def _id(db: Connection, table: Any, **values: Any) -> int:
    return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def test_a_first_edition_publishes_everything(db: Connection) -> None:
    """Calendar, standards, letters and processes each get their first version."""
    changes = publish(db, ANYBODY, edition(RENEWAL, DUNNING), MONDAY)

    assert said(changes) == [
        "calendar house@1",
        "standards standards@1",
        "letter reminder/en@1",
        "process renewal@1",
        "process dunning@1",
    ]
    renewal = handbook.current(db, "renewal")
    assert renewal.label == "renewal@1"
    assert renewal.process.steps["call"].action == "call"
    assert handbook.book(db).book.standards[0].name == "calls"
    assert handbook.letter(db, "reminder", "lt").letter.body_text == "Dear client,"


def test_the_same_edition_again_changes_nothing(db: Connection) -> None:
    """Comments and the order of keys are no change."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    relaid = (
        RENEWAL.replace("# Renewing", "# Always renewing")
        .replace("subject: term\n", "", 1)
        .replace("title: Policy renewal\n", "subject: term\ntitle: Policy renewal\n")
    )

    changes = publish(db, ANYBODY, edition(relaid, standards=f"# calls\n{CALLS}"), MONDAY + timedelta(days=1))

    assert changes == ()
    assert [count(db, table) for table in (process_versions, standard_books, letter_versions)] == [1, 1, 1]


def test_only_what_changed_gets_a_new_version(db: Connection) -> None:
    """One letter is mended: one letter is published."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    mended = Letter(name="reminder", language="en", subject="Your policy", body_text="Good morning,")

    changes = publish(db, ANYBODY, edition(RENEWAL, letters=(mended,)), MONDAY)

    assert said(changes) == ["letter reminder/en@2"]
    assert handbook.letter(db, "reminder", "en").letter.body_text == "Good morning,"


def test_the_house_may_come_back_to_what_it_had(db: Connection) -> None:
    """An older text published again is a new version with the old content."""
    changed = RENEWAL.replace("declined: {end: lost}", "declined: {end: lost}\n      no answer: {end: lost}")
    marketing = LetterSettings(letter_class=LetterClass.MARKETING)
    other = Letter(name="reminder", language="en", subject="s", body_text="b", settings=marketing)
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    publish(db, ANYBODY, edition(changed, standards=CALLS.replace("2", "3"), letters=(other,)), MONDAY)

    changes = publish(db, ANYBODY, edition(RENEWAL), MONDAY)

    assert said(changes) == ["standards standards@3", "letter reminder/en@3", "process renewal@3"]
    assert publish(db, ANYBODY, edition(RENEWAL), MONDAY) == ()
    assert set(handbook.current(db, "renewal").process.steps["call"].outcomes) == {"renewed", "declined"}


def test_an_old_version_stays_as_it_was(db: Connection) -> None:
    """Running cases are on their version for good."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    old = handbook.current(db, "renewal").version_id
    publish(db, ANYBODY, edition(RENEWAL.replace("declined", "refused")), MONDAY)

    assert "declined" in handbook.process_version(db, old).steps["call"].outcomes
    assert "refused" in handbook.current(db, "renewal").process.steps["call"].outcomes


def test_publishing_moves_no_due_time(db: Connection) -> None:
    """An open task keeps its standard, its calendar and its moments, whatever is published."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    resolution, _ = resolving.resolve_task(db, Dimensions(action="call", process="renewal", step="call"))
    due = MONDAY + timedelta(days=2)
    calendar, _ = calendar_of(db)
    facts = {"status": "open", "resolution_id": resolution, "calendar_version_id": calendar, "due_at": due}
    _id(db, work.tasks, **facts, opens_at=MONDAY, opened_at=MONDAY)
    before = db.execute(select(work.tasks)).one()

    closed = {**HOUSE, "closed days": ["2026-03-03", "2026-03-04"]}
    changed = edition(RENEWAL.replace("declined", "refused"), standards=CALLS.replace("2", "9"), calendars=(closed,))
    publish(db, ANYBODY, changed, MONDAY)

    assert db.execute(select(work.tasks)).one() == before
    assert resolving.fields_of(db, resolution).due == Duration(value=2, unit=Unit.WORKING_DAY)


def test_a_process_that_is_not_published_is_refused_with_a_hint(db: Connection) -> None:
    """The refusal names what there is."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)

    with pytest.raises(handbook.NotPublished) as refusal:
        handbook.current(db, "renewals")

    assert str(refusal.value) == "There is no process 'renewals'; did you mean renewal? Published: renewal."


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda db: handbook.current(db, "renewal"),
            "There is no process 'renewal'. Nothing is published; run `taktas standards publish`.",
        ),
        (
            lambda db: handbook.letter(db, "reminder", "en"),
            "There is no letter 'reminder'. Write it under letters/ and publish.",
        ),
        (
            lambda db: handbook.letter_version(db, 0),
            "There is no letter version 0. Look at `taktas standards show`.",
        ),
        (
            lambda db: handbook.process_version(db, 0),
            "There is no process version 0. Look at `taktas standards show`.",
        ),
    ],
)
def test_what_is_not_published_is_refused(db: Connection, ask: Any, message: str) -> None:
    """In an empty house the way forward is to publish."""
    with pytest.raises(handbook.NotPublished) as refusal:
        ask(db)

    assert str(refusal.value) == message


def test_a_process_keeps_its_subject(db: Connection) -> None:
    """Another subject is another process."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    another = DUNNING.replace("process: dunning", "process: renewal")

    with pytest.raises(SubjectChanged) as refusal:
        publish(db, ANYBODY, edition(another), MONDAY)

    assert str(refusal.value) == (
        "Cannot publish renewal about a receivable: until now it was about a term. Give the new process another name."
    )


@pytest.mark.usefixtures("terms")
def test_nothing_is_started_or_left_out_unasked(db: Connection) -> None:
    """Two renewals are due already, and publishing asks about them."""
    with pytest.raises(StartNotSaid) as refusal:
        publish(db, ANYBODY, edition(RENEWAL), MONDAY)

    assert str(refusal.value) == (
        "Cannot publish renewal without a word about what waits for it: 2 inside its window, 0 behind it. "
        "Say --start-inside or --no-start-inside."
    )


@pytest.mark.usefixtures("terms")
@pytest.mark.parametrize(("inside", "bound"), [(True, None), (False, MONDAY)])
def test_the_answer_is_kept_with_the_version(db: Connection, *, inside: bool, bound: datetime | None) -> None:
    """Either the next run starts them, or nothing that should have started before."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY, start_inside=inside)

    assert handbook.current(db, "renewal").starts_from == bound


def test_late_imports_are_caught_up(db: Connection) -> None:
    """Where nothing waits, nothing has to be said, and a policy imported tomorrow is inside the window."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)

    assert handbook.current(db, "renewal").starts_from is None


def test_debts_of_long_ago_lie_behind(db: Connection) -> None:
    """A process that counts forward from its anchor would start everything that ever was."""
    house = _id(db, parties.parties, number="1", kind="person", name="Ona", sort_key="ona")
    for number in range(3):
        _receivable(db, house, f"S-{number}", date(2010 + number, 1, 1))

    with pytest.raises(StartNotSaid) as refusal:
        publish(db, ANYBODY, edition(DUNNING), MONDAY)
    publish(db, ANYBODY, edition(DUNNING), MONDAY, start_behind=False)

    assert "0 inside its window, 3 behind it. Say --start-behind or --no-start-behind." in str(refusal.value)
    assert handbook.current(db, "dunning").starts_from == MONDAY


def test_debts_of_long_ago_can_be_asked_for(db: Connection) -> None:
    """`--start-behind` takes them all."""
    house = _id(db, parties.parties, number="1", kind="person", name="Ona", sort_key="ona")
    _receivable(db, house, "S-1", date(2010, 1, 1))

    publish(db, ANYBODY, edition(DUNNING), MONDAY, start_behind=True)

    assert handbook.current(db, "dunning").starts_from is None


def _receivable(db: Connection, payer: int, number: str, due_on: date) -> None:
    facts = {"kind": "fee", "creditor": "house", "collector": "house", "issuer": "house", "state": "issued"}
    money = {"amount": 10, "open_amount": 10, "currency": "EUR"}
    days = {"issued_on": due_on, "due_on": due_on}
    _id(db, receivables.receivables, number=number, payer_id=payer, **facts, **money, **days)


@pytest.mark.usefixtures("terms")
def test_a_new_version_with_the_same_starts_asks_nothing(db: Connection) -> None:
    """The answer of the first version holds on."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY, start_inside=False)

    publish(db, ANYBODY, edition(RENEWAL.replace("declined", "refused")), MONDAY + timedelta(days=7))

    assert handbook.current(db, "renewal").starts_from == MONDAY


@pytest.mark.usefixtures("terms")
def test_a_wider_window_asks_again(db: Connection) -> None:
    """What a change of the starts would bring in is asked about like the first time."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY, start_inside=False)
    wider = RENEWAL.replace("45 days", "330 days")

    with pytest.raises(StartNotSaid):
        publish(db, ANYBODY, edition(wider), MONDAY)


def test_schedules_stand_in_the_one_table(db: Connection) -> None:
    """A new phrase replaces the old one; a process that no longer has a schedule has it retired."""
    publish(db, ANYBODY, edition(RENEWAL), MONDAY)
    publish(db, ANYBODY, edition(RENEWAL.replace("monday", "tuesday")), MONDAY + timedelta(days=1))
    later = db.execute(select(timetable.schedules)).one()
    by_hand = RENEWAL.replace(
        "schedule: every monday at 06:00\n  when: 45 days before term.expires_on\n  where: {term.placed: by us}",
        "by hand: true",
    )
    publish(db, ANYBODY, edition(by_hand), MONDAY + timedelta(days=2))

    assert (later.code, later.phrase, later.does, later.arguments, later.is_paused) == (
        "run:renewal:1",
        "every tuesday at 06:00",
        "run",
        {"process": "renewal"},
        False,
    )
    assert later.starts_at == MONDAY + timedelta(days=1)
    assert db.execute(select(timetable.schedules.c.retired_at)).scalars().all() == [MONDAY + timedelta(days=2)]


def test_a_calendar_is_worked_out_under_those_above_it(db: Connection) -> None:
    """A change of the house's hours makes new versions of all that lie over it."""
    late = {"calendar": "late", "above": "house", "hours": {"friday": "closed"}}
    publish(db, ANYBODY, edition(calendars=(late, HOUSE)), MONDAY)

    changes = publish(db, ANYBODY, edition(calendars=({**HOUSE, "closed days": ["2026-03-04"]},)), MONDAY)

    assert said(changes) == ["calendar house@2", "calendar late@2"]
    parent = calendars.alias()
    above = select(calendars.c.code, parent.c.code).outerjoin_from(
        calendars, parent, calendars.c.parent_id == parent.c.id
    )
    assert {tuple(row) for row in db.execute(above)} == {("house", None), ("late", "house")}


def test_a_house_without_a_calendar_gets_the_usual_week(db: Connection) -> None:
    """Publishing always leaves a calendar to count on."""
    changes = publish(db, ANYBODY, edition(calendars=()), MONDAY)

    assert "calendar house@1" in said(changes)
    assert count(db, calendar_versions) == 1


@pytest.mark.parametrize(
    ("above", "message"),
    [
        (
            "hause",
            "The calendar 'late' lies over 'hause', which does not exist; did you mean house? Name one that does.",
        ),
        ("late", "The calendar 'late' lies over itself. Take one of its above: lines away."),
    ],
)
def test_a_calendar_without_ground_is_refused(db: Connection, above: str, message: str) -> None:
    """A layer needs something to lie over."""
    late = {"calendar": "late", "above": above, "hours": {"friday": "closed"}}

    with pytest.raises(CalendarWithoutGround) as refusal:
        publish(db, ANYBODY, edition(calendars=(HOUSE, late)), MONDAY)

    assert str(refusal.value) == message


def test_two_who_publish_at_once_publish_once(fresh_engine: Engine) -> None:
    """Whoever comes second finds that nothing has changed."""
    found: list[int] = []

    def publish_all() -> None:
        with fresh_engine.begin() as db:
            found.append(len(publish(db, ANYBODY, edition(RENEWAL), MONDAY)))

    threads = [Thread(target=publish_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [0, 0, 4]
