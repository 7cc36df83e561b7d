"""Lists of work: what one sees, in which order, under which titles, and how little has to be loaded for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from core.actor import Actor, Door
from models import definitions, people, work
from tasks.desk import worklists
from tasks.desk.access import visible
from tasks.desk.views import views
from tasks.desk.worklists import Filter, worklist
from tasks.facts.fields import facts
from tasks.facts.step_titles import reading_of
from tasks.handbooks.short_forms import renew_short_forms

House = Any
NOBODY = Actor(door=Door.COMMAND_LINE)


def listed(house: House, by: str | None = None, language: str = "en", **wanted: Any) -> list[Any]:
    """Somebody's list, or everything."""
    actor = house.actor(by) if by else NOBODY
    return worklist(house.db, actor, at=house.now, language=language, wanted=Filter(**wanted))


def three_renewals(house: House) -> None:
    """Calls for P-1, P-2 and P-3, begun an hour apart; one with Rūta, one in the queue."""
    for number, hour in (("P-1", 9), ("P-2", 10), ("P-3", 11)):
        house.now = house.at(f"2026-03-02 {hour:02}:00")
        if number != "P-1":
            house.term(number)
        house.start(subject=f"term {number}")
    _, second, third = house.tasks()
    house.change(work.tasks, second["id"], assignee_id=house.ids["ruta"])
    house.change(work.tasks, third["id"], assignee_id=None)


def test_everybody_sees_their_own_work_and_their_teams_queue(small_house: House) -> None:
    """Managers see the house."""
    house = small_house
    three_renewals(house)

    assert [row.title[-3:] for row in listed(house, "jonas")] == ["P-1", "P-3"]
    assert [row.title[-3:] for row in listed(house, "ruta")] == ["P-2", "P-3"]
    assert [row.title[-3:] for row in listed(house, "ona")] == ["P-1", "P-2", "P-3"]
    assert len(listed(house)) == 3


def test_the_queue_of_another_team_is_not_seen(small_house: House) -> None:
    """That of the house is."""
    house = small_house
    house.ids["claims"] = house.add(people.teams, organisation_id=house.ids["house"], code="claims", name="Claims")
    house.employee("petras", team_id=house.ids["claims"])
    house.add_task("For sales", to_team_id=house.ids["sales"])
    task_id = house.add_task("For anybody", to_team_id=house.ids["sales"])
    house.change(work.tasks, task_id, team_id=None)

    assert [row.title for row in listed(house, "petras")] == ["For anybody"]


def test_overdue_comes_first_and_waiting_last(small_house: House) -> None:
    """By due time; what waits for the client has none."""
    house = small_house
    three_renewals(house)
    house.now = house.at("2026-03-03 10:30")
    first, _, _ = house.tasks()
    house.wait(first)

    rows = listed(house)

    assert [row.title[-3:] for row in rows] == ["P-2", "P-3", "P-1"]
    assert [row.is_overdue for row in rows] == [True, False, False]
    assert rows[-1].waiting_for == "client"


def test_what_waits_beyond_its_hard_limit_is_overdue(small_house: House) -> None:
    """No pause moves the last moment: before it the task only waits."""
    house = small_house
    house.start()
    house.wait(house.task())

    house.now = house.at("2026-03-24 09:00")
    (before,) = listed(house)
    house.now = house.at("2026-03-30 09:00")
    (after,) = listed(house)

    assert (before.due_at, before.is_overdue, after.is_overdue) == (None, False, True)


def test_titles_are_in_the_readers_language(small_house: House) -> None:
    """English where there is none."""
    house = small_house
    case_id = house.start()
    house.complete(house.task(case_id), "interested")

    assert [row.title for row in listed(house, language="lt")] == ["Pateikti Aistė Žukauskienė pasiūlymą"]
    assert [row.title for row in listed(house, language="es")] == ["Send Aistė Žukauskienė an offer"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"assignee": "jonas"}, ["P-1"]),
        ({"team_id": "sales"}, ["P-1", "P-2", "P-3"]),
        ({"only_queue": True}, ["P-3"]),
        ({"client_id": "C-1"}, ["P-1", "P-2", "P-3"]),
        ({"due_before": "2026-03-03 10:00"}, ["P-1"]),
    ],
)
def test_a_list_can_be_narrowed(small_house: House, wanted: dict[str, Any], found: list[str]) -> None:
    """By person, team, queue, client, day."""
    house = small_house
    three_renewals(house)
    known = {name: house.ids.get(value, value) for name, value in wanted.items()}
    if "assignee" in known:
        known["assignee_id"] = known.pop("assignee")
    if "due_before" in known:
        known["due_before"] = house.at(known["due_before"])

    assert [row.title[-3:] for row in listed(house, **known)] == found


def test_a_case_finds_its_own_tasks_and_those_it_shares(small_house: House) -> None:
    """Also planned ones, when asked."""
    house = small_house
    case_id = house.start()
    house.complete(house.task(case_id), "thinking")

    assert listed(house, case_id=case_id) == []
    assert [row.status for row in listed(house, case_id=case_id, with_planned=True)] == ["planned"]


def test_a_title_is_the_same_whether_its_short_form_was_kept_or_not(small_house: House) -> None:
    """A version published without one, or for other tables, is read from its source."""
    house = small_house
    house.start()
    kept = [row.title for row in listed(house)]

    house.db.execute(definitions.process_versions.update().values(titles=None))
    without = [row.title for row in listed(house)]
    house.db.execute(definitions.process_versions.update().values(titles={"revision": "an older one"}))
    outdated = [row.title for row in listed(house)]

    assert kept == without == outdated == ["Call Aistė Žukauskienė about P-1"]


def test_what_a_short_form_reads_is_what_the_catalogue_reads(small_house: House) -> None:
    """The statement kept with a version gives the same facts, those of the day included."""
    house = small_house
    paths = ["client.age", "client.name", "client.account_manager", "policy.number", "term.expires_on"]
    how = reading_of("term", paths)
    known = {"moment": house.now, "day": house.now.date()}
    parameters = {name: known.get(kind, value) for name, kind, value in how["parameters"]}

    row = house.db.exec_driver_sql(how["sql"], parameters | {"ids": [house.ids["term P-1"]]}).one()

    assert dict(zip(paths, row[1:], strict=True)) == facts(house.db, "term", house.ids["term P-1"], paths, house.now)


def test_the_list_knows_the_same_statuses_as_the_tables() -> None:
    """Words written twice must stay the same."""
    assert tuple(work.LIVE) == worklists.LIVE
    assert tuple(work.ON_DESK) == worklists.ON_DESK


def test_short_forms_made_for_other_tables_are_made_anew_by_the_beat(small_house: House) -> None:
    """After an upgrade lists would have to read whole definitions until then."""
    house = small_house
    house.start()
    kept = house.db.execute(select(definitions.process_versions.c.titles)).scalars().all()
    house.db.execute(definitions.process_versions.update().values(titles={"revision": "an older one"}))

    renewed = renew_short_forms(house.db)

    assert renewed == len(kept) > 0
    assert house.db.execute(select(definitions.process_versions.c.titles)).scalars().all() == kept
    assert renew_short_forms(house.db) == 0


def test_the_condition_for_reports_shows_the_same_as_the_list(small_house: House) -> None:
    """One rule, two faces."""
    house = small_house
    three_renewals(house)

    for login in ("jonas", "ruta", "ona"):
        seen = house.db.execute(select(work.tasks.c.id).where(visible(house.db, house.actor(login)))).scalars()
        assert sorted(seen) == sorted(row.id for row in listed(house, login))


def test_a_list_loads_neither_prefect_nor_pandas_nor_anything_else_that_takes_time() -> None:
    """Reading YAML, arrays and letters stay out of it too."""
    script = (
        "import sys, tasks.desk.worklists, cli.task_commands; "
        "print([name for name in ('prefect', 'pandas', 'sqlalchemy', 'numpy', 'ruamel', 'jinja2', 'holidays') "
        "if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(("login", "index"), [("jonas", "ix_tasks_list"), ("ona", "ix_tasks_due")])
def test_the_first_page_of_very_many_is_read_from_an_index(small_house: House, login: str, index: str) -> None:
    """With twenty thousand open tasks, neither one's own list nor the whole house's reads the table through."""
    house = small_house
    house.start()
    _copy(house, 20_000)
    house.db.execute(text("ANALYZE tasks"))
    sql, parameters = worklists.statement(views(house.db, house.actor(login)), Filter(), 30)

    plan = "\n".join(house.db.exec_driver_sql(f"EXPLAIN {sql}", parameters).scalars())

    assert f"using {index}" in plan
    assert "Seq Scan on tasks" not in plan


def _copy(house: House, times: int) -> None:
    """The one task so many times, with due times a minute apart."""
    table = work.tasks
    kept = [column for column in table.c if column.name not in {"id", "case_id", "step", "due_at", "limit_at"}]
    series = func.generate_series(1, times).table_valued("number").render_derived()
    due_at = (table.c.due_at + func.make_interval(0, 0, 0, 0, 0, series.c.number)).label("due_at")
    rows = select(*kept, due_at).select_from(table.join(series, text("true")))
    house.db.execute(insert(table).from_select([*(column.name for column in kept), "due_at"], rows))
