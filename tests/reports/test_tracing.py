"""From a number to the tasks behind it, narrowed in words, and who may see whom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from core.actor import Actor, Door
from models import contracts, definitions, people
from models.upgrading import known_versions
from reports.assignment import Question
from reports.dimension import By
from reports.efficiency import efficiency
from reports.narrowing import NotNarrowed, UnknownName, parse_only
from reports.period import Period
from reports.sight import seen_by
from reports.task_list import Figure, UnknownFigure, figure_of, tasks_behind, told_count

MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31), zone="Europe/Vilnius")


def at(day: int) -> datetime:
    """A morning of March 2026."""
    return datetime(2026, 3, day, 8, tzinfo=UTC)


def question(*by: By, **asked: Any) -> Question:
    """March as of the 20th."""
    return Question(period=MARCH, by=by, as_of=at(20), **asked)


HOW = some.sampled_from(["open", "done", "cancelled", "expired", "reassigned"])
ONE = some.tuples(HOW, some.one_of(some.none(), some.integers(3, 28)), some.integers(3, 19))


@hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(ONE, min_size=1, max_size=8))
def test_behind_every_number_stand_so_many_tasks(desk: Any, deeds: list[tuple[str, int | None, int]]) -> None:
    """Whatever became of them, split by people or not."""
    with desk.db.begin_nested() as inner:
        asta = desk.employee("Asta")
        for how, due, end in deeds:
            limit = None if due is None else at(due)
            if how == "open":
                desk.task(assignee_id=asta, due_at=limit, title="Call")
            elif how == "reassigned":
                task = desk.task(assignee_id=asta, due_at=limit, held_since=at(end), title="Call")
                desk.hold(task, by=asta, ended_at=at(end), ended_by=how)
            else:
                desk.done(by=asta, at=at(end), due_at=limit, status=how, title="Call")
        for by in (By.EMPLOYEE, By.ACTION):
            counted = efficiency(desk.db, question(by)).total.iloc[0]
            for figure in Figure:
                assert len(tasks_behind(desk.db, question(by), figure).rows) == counted[figure.value]
        inner.rollback()
        desk.resolutions.clear()


def published(desk: Any) -> int:
    """A version of a process with one step."""
    process = desk.put(definitions.processes, name="renewal", subject="term")
    version: int = desk.put(
        definitions.process_versions,
        process_id=process,
        version=1,
        content_hash="h",
        source="",
        titles={"revision": known_versions()[0], "steps": {"x": {"title": {"en": "Call the family"}}}},
        published_at=at(1),
    )
    return version


def test_behind_success_stand_the_cases_it_counts(desk: Any) -> None:
    """Each case once in the number, with its tasks in the list; of a shared task only the cases that are meant."""
    asta = desk.employee("Asta")
    facts = {"version_id": published(desk)}
    won, also_won = (desk.case(end_code="won", is_success=True, **facts) for _ in range(2))
    lost, runs = desk.case(end_code="lost", is_success=False, **facts), desk.case(**facts)
    void = desk.case(end_code="void", **facts)
    for number, case in enumerate((won, won, lost, runs, void)):
        desk.task(assignee_id=asta, case_id=case, round=number + 1, step=None, title="Call")
    shared = desk.task(assignee_id=asta, title="Call the family")
    for case in (also_won, lost):
        desk.put_item(shared, case)

    def behind(by: By, figure: Figure) -> tuple[str, list[str]]:
        sheet = tasks_behind(desk.db, question(by), figure)
        return told_count(sheet, figure), [row["cases"] for row in sheet.rows]

    for by in (By.EMPLOYEE, By.ACTION):
        counted = efficiency(desk.db, question(by)).total.iloc[0]
        assert [counted[name] for name in ("cases", "succeeded", "undecided")] == [4, 2, 1]
        assert behind(by, Figure.SUCCEEDED) == (
            "2 counted as succeeded, with 3 of the tasks assigned:",
            [f"{won}", f"{won}", f"{also_won}"],
        )
        assert behind(by, Figure.UNDECIDED)[1] == [f"{runs}"]
        assert behind(by, Figure.CASES)[0] == "4 counted as cases, with 5 of the tasks assigned:"


def test_a_task_tells_what_became_of_it(desk: Any) -> None:
    """Its title, its moments, why it was late, its hours and cases."""
    version = published(desk)
    asta, won, lost = desk.employee("Asta"), desk.case(version_id=version), desk.case(version_id=version)
    task = desk.done(by=asta, at=at(5), due_at=at(4), step=None, late_reason="client_away", working=5400)
    for case in (won, lost):
        desk.put_item(task, case)

    (row,) = tasks_behind(desk.db, question(By.EMPLOYEE), Figure.LATE).rows

    assert (row["task_id"], row["title"], row["employee_name"]) == (task, "Call the family (+1)", "Asta")
    assert (row["counted_as"], row["reason"], row["worked"]) == ("late", "client_away", 1.5)
    assert (row["began_at"], row["deadline"], row["ended_at"]) == (at(2), at(4), at(5))
    assert row["cases"] == f"{won}, {lost}"


def test_a_long_list_says_that_it_was_cut(desk: Any) -> None:
    """And how to ask for less."""
    for _ in range(3):
        desk.task(title="Call")

    told = tasks_behind(desk.db, question(By.ACTION), limit=2)

    assert (len(told.rows), told.notes) == (2, ("These are the first 2; there are more. Narrow the question.",))


def test_a_report_is_narrowed_in_words(desk: Any) -> None:
    """By login or name, by code, and to what nobody has taken."""
    asta = desk.employee("Asta Ąžuolė", login="asta")
    desk.task(assignee_id=asta)
    desk.task(action="offer", assignee_id=asta)
    desk.task(dimensions={"client_tier": "gold", "product_line": "motor"})
    desk.put(contracts.product_lines, code="motor", labels={"en": "Cars and vans"})

    def assigned(words: str, by: By = By.EMPLOYEE) -> int:
        only = parse_only(desk.db, words)
        return int(efficiency(desk.db, question(by, only=only)).total["assigned"].sum())

    assert [assigned(words) for words in ("", "employee=asta", "employee=asta ąžuolė")] == [3, 2, 2]
    assert [assigned(words) for words in ("employee=asta,action=offer", "employee=nobody", "tier=GOLD")] == [1, 1, 1]
    assert [assigned(words) for words in ("product=cars and vans", "product=", "channel=")] == [1, 2, 3]
    assert assigned("employee=asta", By.ACTION) == 2


def test_a_label_that_two_codes_bear_is_asked_back(desk: Any) -> None:
    """Neither is taken for the other; each is reached by its code."""
    for code in ("motor", "motor_old"):
        desk.put(contracts.product_lines, code=code, labels={"en": "Cars"})

    with pytest.raises(UnknownName) as refusal:
        parse_only(desk.db, "product=cars")

    assert str(refusal.value) == "Several are called 'cars': motor, motor_old. Name the one you mean by its code."
    for code in ("MOTOR", "motor"):
        assert parse_only(desk.db, f"product={code}") == ((By.PRODUCT, "motor"),)


def test_a_report_is_narrowed_to_stretches_of_days(desk: Any) -> None:
    """By the name the report gives them, or by any day in them."""
    words = "day=2026-03-04,week=2026-03-04,month=2026-03,month=2026-03-04,quarter=2026 Q3,quarter=2026q3,year=2026"

    assert [value for _, value in parse_only(desk.db, words)] == [
        *("2026-03-04", "2026-03-02", "2026-03-01", "2026-03-01", "2026-07-01", "2026-07-01", "2026-01-01"),
    ]


def test_words_that_narrow_nothing_are_refused(desk: Any) -> None:
    """Each with what to write instead."""
    desk.employee("Jonas", login="jonas1")
    desk.employee("Jonas", login="jonas2")
    said = []
    desk.task(action="offer")
    refused = ("asta", "employee=jonas1x", "employee=Jonas", "team=sale", "step=call", "action=ofer", "month=2026-13")
    for words in refused:
        with pytest.raises((NotNarrowed, UnknownName)) as refusal:
            parse_only(desk.db, words)
        said.append(str(refusal.value))

    assert said == [
        "'asta' names no value. Write it as --only employee=asta,action=call.",
        "Nobody here has the login or name 'jonas1x'; did you mean jonas1?",
        "2 people here are called 'Jonas'. Say which by login: taktas employees list.",
        "There is no team 'sale'. The teams are none.",
        "No step is called 'call'.",
        "No action is called 'ofer'; did you mean offer?",
        "'2026-13' is no month. Write it as --only month=2026-10.",
    ]


def test_an_unknown_figure_is_refused() -> None:
    """With the nearest, or all there are."""
    assert figure_of("On time") is Figure.ON_TIME
    with pytest.raises(UnknownFigure) as near:
        figure_of("lat")
    with pytest.raises(UnknownFigure) as far:
        figure_of("xyz")

    assert str(near.value) == "There are no tasks behind a figure 'lat'; did you mean late?"
    assert str(far.value).startswith("There are no tasks behind a figure 'xyz'. Use one of: assigned, done, on_time, ")


def test_who_leads_people_sees_them_and_those_they_lead(desk: Any) -> None:
    """Not their own leader, nor anybody beside."""
    boss = desk.employee("Boss")
    lead = desk.employee("Lead", manager_id=boss)
    asta = desk.employee("Asta", manager_id=lead)
    desk.employee("Other", manager_id=boss)

    def seen(who: int) -> tuple[int, ...] | None:
        return seen_by(desk.db, Actor(door=Door.COMMAND_LINE, employee_id=who))

    assert seen(asta) == (asta,)
    assert seen(lead) == (lead, asta)
    assert len(seen(boss) or ()) == 4


def test_people_who_lead_each_other_end_the_search(desk: Any) -> None:
    """A circle of managers is a mistake, not a trap."""
    first = desk.employee("First")
    second = desk.employee("Second", manager_id=first)
    desk.db.execute(people.employees.update().where(people.employees.c.id == first).values(manager_id=second))

    assert seen_by(desk.db, Actor(door=Door.COMMAND_LINE, employee_id=first)) == (first, second)
