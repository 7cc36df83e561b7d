"""Reminders gathered by slot, escalations that find somebody, and digests that exist once however beats come."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import outbox, people, work
from standards.working_time.calendar import CalendarDefinition
from tasks.handbooks.calendar_versions import store_version, stored_layers

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


def with_escalation(*levels: str) -> str:
    """Due after four hours, no reminders, these levels."""
    return (
        f"standards: {{any: {{for: all work, due: 4 working hours, remind: never, escalate: [{', '.join(levels)}]}}}}"
    )


def queued(house: House, *templates: str) -> list[tuple[str, str, str]]:
    """Receiver, template and moment (on the clock of Vilnius) of the messages of these templates."""
    logins = {row["id"]: row["login"] for row in house.rows(people.employees)}
    zone = house.now.tzinfo
    return sorted(
        (logins[row["employee_id"]], row["template"], f"{row['not_before'].astimezone(zone):%Y-%m-%d %H:%M}")
        for row in house.rows(outbox.messages)
        if row["template"] in templates
    )


def escalated(house: House) -> list[list[Any]]:
    """Level, receivers by login, and who was passed by and why, of each escalation in the ledger."""
    logins = {row["id"]: row["login"] for row in house.rows(people.employees)}
    return [
        [
            row["data"]["level"],
            [logins[number] for number in row["data"]["to"]],
            [(logins.get(it["employee_id"]), it["why"]) for it in row["data"].get("passed_by", [])],
        ]
        for row in house.rows(work.events)
        if row["kind"] == "task.escalated"
    ]


def test_a_reminder_joins_the_slot_that_comes_next(small_house: House) -> None:
    """Reminded at eleven, told after lunch; reminded at three, told at the next opening."""
    house = small_house
    rule = "standards: {{any: {{for: all work, due: 3 working days, remind: {} working hours before due}}}}"
    house.standards(rule.format(14))
    house.start()
    house.standards(rule.format(10))
    house.term("P-2")
    house.start(subject="term P-2")

    house.tick("2026-03-04 11:00")
    house.tick("2026-03-04 15:00")

    assert queued(house, "work_digest") == [
        ("jonas", "work_digest", "2026-03-04 13:00"),
        ("jonas", "work_digest", "2026-03-05 09:00"),
    ]


def test_a_reminder_of_the_opening_leaves_with_the_opening(small_house: House) -> None:
    """The beat of nine o'clock makes the digest of nine o'clock."""
    house = small_house
    house.standards(SLOW)
    house.start()

    house.tick("2026-03-04 09:00")

    assert queued(house, "work_digest") == [("jonas", "work_digest", "2026-03-04 09:00")]


def test_a_reminder_that_would_leave_when_it_is_too_late_goes_by_itself(small_house: House) -> None:
    """Two hours before due at five in the afternoon: tomorrow's opening would not remind of anything."""
    house = small_house
    house.start()

    house.tick("2026-03-02 15:00")

    assert queued(house, "task_reminder", "work_digest") == [("jonas", "task_reminder", "2026-03-02 15:00")]


def test_a_reminder_at_once_goes_alone_in_working_hours(small_house: House) -> None:
    """Overdue at eleven, told at eleven; no digest says it a second time."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 2 hours, remind: {when: when overdue, at once: true}}}")
    house.add_task("Sort the post")

    house.tick("2026-03-02 11:00")
    house.tick("2026-03-02 13:00")

    assert queued(house, "task_reminder", "work_digest") == [("jonas", "task_reminder", "2026-03-02 11:00")]


def test_a_reminder_at_once_that_has_to_wait_for_the_morning_is_in_the_digest_of_that_morning(
    small_house: House,
) -> None:
    """At night: one waits and is told once, not twice in one minute; the other may disturb and does not wait."""
    house = small_house
    rule = "standards: {{any: {{for: all work, due: 2 hours, remind: {{when: when overdue, at once: true{more}}}}}}}"
    house.now = house.at("2026-03-02 19:00")
    house.standards(rule.format(more=""))
    house.add_task("Sort the post")
    house.tick("2026-03-03 09:00")
    house.standards(rule.format(more=", any hour: true"))
    house.now = house.at("2026-03-03 19:00")
    house.add_task("Answer the telephone")

    house.tick("2026-03-03 22:00")
    house.tick("2026-03-04 09:00")

    assert queued(house, "task_reminder", "work_digest") == [
        ("jonas", "task_reminder", "2026-03-03 22:00"),
        ("jonas", "work_digest", "2026-03-03 09:00"),
        ("jonas", "work_digest", "2026-03-04 09:00"),
    ]


def test_a_digest_exists_once_however_often_it_is_made(small_house: House) -> None:
    """Three reminders and five beats: one row, with a key of employee, digest and slot."""
    house = small_house
    house.standards(SLOW)
    for number in ("P-2", "P-3"):
        house.term(number)
        house.start(subject=f"term {number}")
    house.start()

    for moment in ("09:00", "09:01", "09:30", "11:00", "12:59"):
        house.tick(f"2026-03-04 {moment}")

    keys = [row["key"] for row in house.rows(outbox.messages) if row["template"] == "work_digest"]
    assert keys == [f"digest:{house.ids['jonas']}:work:2026-03-04T07:00:00+00:00"]


def test_whoever_has_something_overdue_hears_of_it_every_morning(small_house: House) -> None:
    """It never leaves the digest until it is done; without it there is none."""
    house = small_house
    house.standards(SLOW)
    task = house.task(house.start())

    for day in range(3, 13):
        for hour in (9, 13, 16):
            house.tick(f"2026-03-{day:02} {hour:02}:00")
    told = [moment for login, _, moment in queued(house, "work_digest") if login == "jonas"]
    house.complete(task, "declined", reason="price")
    house.tick("2026-03-13 09:00")

    assert told == [f"2026-03-{day:02} 09:00" for day in (4, 6, 9, 10, 11, 12)]
    assert len(queued(house, "work_digest")) == len(told)


def test_what_becomes_overdue_in_the_day_makes_no_late_digest_of_the_morning(small_house: House) -> None:
    """Nothing was overdue at nine; what is since eleven is told with the next slot, and every morning from then on."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 2 working hours, remind: never}}")
    house.add_task("Sort the post")

    for moment in ("2026-03-02 09:00", "2026-03-02 11:01", "2026-03-02 13:00", "2026-03-03 09:00"):
        house.tick(moment)

    assert queued(house, "work_digest") == [("jonas", "work_digest", "2026-03-03 09:00")]


def test_three_missed_days_make_one_digest(small_house: House) -> None:
    """Nobody beat from Wednesday to Monday: the digest of this morning tells everything."""
    house = small_house
    house.standards(SLOW)
    house.start()

    house.tick("2026-03-09 10:15")

    assert queued(house, "work_digest") == [("jonas", "work_digest", "2026-03-09 10:15")]
    assert [row["kind"] for row in house.events(house.case_id())] == ["case.started", "task.reminded", "task.escalated"]


def test_a_late_beat_at_night_waits_for_the_morning(small_house: House) -> None:
    """Nothing reaches anybody outside their hours."""
    house = small_house
    house.standards(SLOW)
    house.start()

    house.tick("2026-03-09 22:00")
    house.tick("2026-03-10 09:00")

    assert queued(house, "work_digest") == [("jonas", "work_digest", "2026-03-10 09:00")]


def test_a_reminder_that_comes_after_its_digest_has_left_joins_the_next(small_house: House) -> None:
    """The row of nine o'clock is gone; half past nine's beat finds what was due at nine only now."""
    house = small_house
    house.standards(SLOW)
    house.start()
    house.tick("2026-03-04 09:00")
    house.db.execute(outbox.messages.update().values(state="sent"))
    house.term("P-2")
    house.now = house.at("2026-03-02 09:00")
    house.start(subject="term P-2")

    house.tick("2026-03-04 09:30")

    assert [moment for *_, moment in queued(house, "work_digest")] == ["2026-03-04 09:00", "2026-03-04 13:00"]


@pytest.mark.parametrize(
    ("night", "morning"), [("2026-03-28 23:00", "2026-03-30 09:00"), ("2026-10-24 23:00", "2026-10-26 09:00")]
)
def test_slots_follow_the_wall_over_the_nights_on_which_clocks_change(
    small_house: House, night: str, morning: str
) -> None:
    """Nine is nine before and after."""
    house = small_house
    house.standards("standards: {any: {for: all work, due: 10 working days, remind: 1 hour after opened}}")
    house.now = house.at(night)
    house.add_task("Sort the post")

    house.tick(morning)

    assert queued(house, "work_digest") == [("jonas", "work_digest", morning)]


def test_an_employee_in_another_zone_is_written_to_on_their_own_clock(small_house: House) -> None:
    """Opening at nine in Madrid is ten in Vilnius; on Epiphany nobody works there."""
    house = small_house
    madrid = CalendarDefinition.model_validate(
        {
            "calendar": "employee:ruta",
            "title": "Madrid",
            "zone": "Europe/Madrid",
            "hours": {"monday to friday": "09:00-17:00"},
            "holidays": "ES",
        }
    )
    days = (house.at("2024-01-01 00:00").date(), house.at("2029-12-31 00:00").date())
    store_version(house.db, stored_layers((madrid,), *days), parent_id=None, at=house.now, published_by=None)
    house.standards("standards: {any: {for: all work, due: 10 working days, remind: 1 hour after opened}}")
    house.now = house.at("2026-01-05 17:00")
    house.add_task("Sort the post", by="ruta")

    house.tick("2026-01-05 21:00")
    house.tick("2026-01-06 11:00")
    house.tick("2026-01-07 10:00")

    assert queued(house, "work_digest") == [("ruta", "work_digest", "2026-01-07 10:00")]


def test_a_house_without_slots_reminds_one_by_one(small_house: House) -> None:
    """`daily: never`: nothing is gathered, nothing is lost."""
    house = small_house
    house.standards(f"{SLOW}\ndigests: {{daily: never, weekly: never}}")
    house.start()

    house.tick("2026-03-04 09:00")
    house.tick("2026-03-09 09:00")

    assert queued(house, "work_digest", "manager_digest", "task_reminder") == [
        ("jonas", "task_reminder", "2026-03-04 09:00")
    ]


def test_each_level_tells_its_own_receiver(small_house: House) -> None:
    """The substitute, then the one who leads the team, a role on the client, somebody by name; each at its time."""
    house = small_house
    house.employee("lead", is_manager=True)
    house.employee("petras")
    house.employee("vita")
    house.change(people.employees, house.ids["jonas"], substitute_id=house.ids["ruta"])
    house.responsible(house.ids["C-1"], "petras", "handler")
    house.standards(
        with_escalation(
            "{after: 1 working hour, to: substitute}",
            "{after: 2 working hours, to: team lead}",
            "{after: 3 working hours, to: handler}",
            "{after: 4 working hours, to: employee vita}",
        )
    )
    task = house.task(house.start())

    for hour in (14, 15, 16):
        house.tick(f"2026-03-02 {hour}:00")
    house.complete(task, "declined", reason="price")
    house.tick("2026-03-04 17:00")

    assert escalated(house) == [[1, ["ruta"], []], [2, ["lead"], []], [3, ["petras"], []]]


def test_whoever_is_away_is_passed_by_for_the_next_one_up(small_house: House) -> None:
    """And the ledger says so; a receiver who is back on the same day is not away."""
    house = small_house
    house.employee("boss", is_manager=True, team_id=None)
    house.change(people.employees, house.ids["ona"], manager_id=house.ids["boss"])
    house.absence("ona", "2026-03-02 00:00", "2026-03-06 00:00")
    house.standards(with_escalation("{after: 1 working hour, to: manager}"))
    house.start(assignee_id=house.ids["jonas"])

    house.tick("2026-03-02 14:00")

    assert escalated(house) == [[1, ["boss"], [("ona", "away")]]]


def test_nobody_is_asked_to_look_after_themselves(small_house: House) -> None:
    """The handler has the task: it goes to whom they answer to. Who has left or is missing is passed by, too."""
    house = small_house
    house.employee("petras", manager_id=house.ids["ona"], left_on=house.at("2026-02-01 00:00").date())
    house.responsible(house.ids["C-1"], "jonas", "handler")
    house.responsible(house.ids["C-1"], "petras", "producer")
    house.standards(
        with_escalation(
            "{after: 1 working hour, to: handler}",
            "{after: 2 working hours, to: producer}",
            "{after: 3 working hours, to: collector}",
        )
    )
    house.start()

    for hour in (14, 15, 16):
        house.tick(f"2026-03-02 {hour}:00")

    assert escalated(house) == [
        [1, ["ona"], [("jonas", "assignee")]],
        [2, ["ona"], [("petras", "gone")]],
        [3, ["ona"], [(None, "missing")]],
    ]


def test_a_late_beat_tells_every_level_once(small_house: House) -> None:
    """Two levels have passed: two events, two messages, and nothing the next time."""
    house = small_house
    house.employee("lead", is_manager=True)
    house.standards(with_escalation("{after: 1 working hour, to: manager}", "{after: 2 working hours, to: team lead}"))
    house.start()

    first = house.tick("2026-03-05 10:00")
    second = house.tick("2026-03-05 10:01")

    assert (first.counts["escalations"], second.total) == (2, 0)
    assert [level for level, *_ in escalated(house)] == [1, 2]
    assert len(queued(house, "task_escalated")) == 2


def test_a_task_that_waits_for_the_client_reminds_nobody_but_meets_its_limit(small_house: House) -> None:
    """The owner's clock stands still; the hard limit does not."""
    house = small_house
    task = house.task(house.start())
    house.begin(task, by="jonas")
    house.wait(task, by="jonas")

    house.tick("2026-03-05 10:00")
    quiet = queued(house, "task_reminder", "task_escalated", "work_digest")
    house.tick("2026-03-26 09:00")

    assert quiet == []
    assert [login for login, *_ in queued(house, "task_limit")] == ["jonas", "ona"]


def test_what_waits_beyond_its_limit_is_in_every_morning_from_then_on(small_house: House) -> None:
    """It has no due time while the client is waited for, and still is overdue."""
    house = small_house
    task = house.task(house.start())
    house.begin(task, by="jonas")
    house.wait(task, by="jonas")

    house.tick("2026-03-05 10:00")
    for day in (26, 27, 30):
        house.tick(f"2026-03-{day} 09:00")

    told = [moment for login, _, moment in queued(house, "work_digest") if login == "jonas"]
    assert told == ["2026-03-26 09:00", "2026-03-27 09:00", "2026-03-30 09:00"]


def test_the_week_of_the_manager_is_told_once_and_on_the_first_day_they_work(small_house: House) -> None:
    """Monday is a day off: Tuesday, once, also when the beat comes late."""
    house = small_house
    house.absence("ona", "2026-03-09 00:00", "2026-03-10 00:00")
    for moment in ("2026-03-02 09:00", "2026-03-03 09:00", "2026-03-09 10:00", "2026-03-10 08:00", "2026-03-10 11:00"):
        house.tick(moment)
    house.tick("2026-03-12 16:00")

    assert queued(house, "manager_digest") == [
        ("ona", "manager_digest", "2026-03-02 09:00"),
        ("ona", "manager_digest", "2026-03-10 11:00"),
    ]


def test_who_leads_a_team_hears_of_the_team_and_who_sees_the_house_of_the_house(small_house: House) -> None:
    """One digest each, by its scope."""
    house = small_house
    house.employee("lead", is_manager=True)

    house.tick("2026-03-02 09:00")

    told = select(outbox.messages.c.key).where(outbox.messages.c.template == "manager_digest")
    assert sorted(house.db.execute(told).scalars()) == [
        f"digest:{house.ids['ona']}:manager house:2026-03-02",
        f"digest:{house.ids['lead']}:manager team {house.ids['sales']}:2026-03-02",
    ]


def test_an_absence_is_told_of_once_on_the_first_day_back(small_house: House) -> None:
    """Two absences with nothing but a weekend between them are one."""
    house = small_house
    house.absence("jonas", "2026-03-03 00:00", "2026-03-07 00:00", "ruta")
    house.absence("jonas", "2026-03-09 00:00", "2026-03-11 00:00", "ruta")

    for moment in ("2026-03-06 12:00", "2026-03-09 12:00", "2026-03-11 08:00", "2026-03-11 09:00", "2026-03-11 15:00"):
        house.tick(moment)

    assert queued(house, "absence_digest") == [("jonas", "absence_digest", "2026-03-11 09:00")]


def test_an_absence_without_working_time_is_none(small_house: House) -> None:
    """A weekend away changes nothing."""
    house = small_house
    house.absence("jonas", "2026-03-07 00:00", "2026-03-09 00:00")

    house.tick("2026-03-09 09:00")

    assert queued(house, "absence_digest") == []


def test_one_row_that_cannot_be_nudged_stops_no_other(small_house: House) -> None:
    """The batch is undone and done again one by one; the one that troubles is put off, and named."""
    house = small_house
    house.term("P-2", expires="2029-12-31")
    troubled = house.task(house.start(subject="term P-2"))
    house.start()
    beyond = house.at("2029-12-31 23:00")
    house.change(work.tasks, troubled["id"], due_at=beyond, limit_at=beyond)

    report = house.tick("2026-03-02 15:00")

    assert report.counts["reminders"] == 1
    (problem,) = report.problems
    assert problem.startswith(f"task {troubled['id']}: The calendar")
    assert "task.troubled" in house.kinds(troubled["case_id"])


def test_a_late_beat_says_only_the_last_of_several_reminders_of_one_task(small_house: House) -> None:
    """Both stand in the ledger; Jonas reads one message."""
    house = small_house
    rule = "remind: [2 working hours before due, {when: when overdue, at once: true}]"
    house.standards(f"standards: {{any: {{for: all work, due: 8 working hours, {rule}}}}}")
    case_id = house.start()

    report = house.tick("2026-03-03 10:00")

    assert report.counts["reminders"] == 2
    assert house.kinds(case_id) == ["case.started", "task.reminded", "task.reminded"]
    assert queued(house, "task_reminder", "work_digest") == [("jonas", "work_digest", "2026-03-03 10:00")]
