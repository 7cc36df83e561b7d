"""A folder with a part of the definitions: it is checked over what is in force, and leaves the rest as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.actor import Actor, Door
from standards.definition_folder import Definitions, read_definitions
from tasks.handbooks import handbook
from tasks.handbooks.house_names import known_house
from tasks.handbooks.planning import plan
from tasks.handbooks.publishing import publish

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
SOMEBODY = Actor(door=Door.COMMAND_LINE)
WHOLE = {
    "lists.yaml": "actions:\n  call: Call\n  thank: Thank\n",
    "standards/all.yaml": "standards:\n  all of it:\n    for: all work\n    due: 2 working days\n",
    "standards/calls.yaml": "standards:\n  calls:\n    for: {action: call}\n    due: 4 working hours\n",
    "calendars/house.yaml": "calendar: house\nzone: Europe/Vilnius\nhours: {monday to friday: '08:00-17:00'}\n",
    "letters/thanks/letter.yaml": "class: service\n",
    "letters/thanks/en/subject.txt": "Thank you\n",
    "letters/thanks/en/body.txt": "Dear client,\n",
}
VISIT = """\
process: visit
title: Visiting
subject: policy
start: {by hand: true}
steps:
  thanks:
    send: LETTER
    next: call
  call:
    action: ACTION
    outcomes:
      done: {end: won}
ends:
  won: {success: true}
"""
RIGHT = VISIT.replace("ACTION", "call").replace("LETTER", "thanks")


def folder_of(place: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return place


def read_over(db: Connection, place: Path, files: dict[str, str]) -> Definitions:
    """The definitions of such a folder, checked over what the house has in force."""
    return read_definitions(folder_of(place / "definitions", files), house=known_house(db, date(2026, 3, 2)))


@pytest.fixture
def in_force(db: Connection, tmp_path: Path) -> Connection:
    """A house that has published the whole."""
    publish(db, SOMEBODY, read_over(db, tmp_path / "before", WHOLE), MONDAY)
    return db


def test_a_process_by_itself_may_use_what_is_in_force(in_force: Connection, tmp_path: Path) -> None:
    """Its action is in the list, its letter is written, its work is timed."""
    made = publish(in_force, SOMEBODY, read_over(in_force, tmp_path, {"processes/visit.yaml": RIGHT}), MONDAY)

    assert [(it.kind, it.name) for it in made] == [("process", "visit")]


def test_a_process_by_itself_may_not_name_what_nobody_has(in_force: Connection, tmp_path: Path) -> None:
    """An action the published list lacks, a letter nobody wrote: refused as in a whole folder."""
    wrong = VISIT.replace("ACTION", "cal").replace("LETTER", "thank")

    found = read_over(in_force, tmp_path, {"processes/visit.yaml": wrong})

    assert [str(problem) for problem in found.problems] == [
        "processes/visit.yaml:7: unknown letter 'thank'; did you mean thanks? Known: thanks.",
        "processes/visit.yaml:10: unknown action 'cal'; did you mean call? Known: call, thank.",
    ]


@pytest.mark.parametrize("part", ["lists.yaml", "standards/all.yaml", "letters/thanks/letter.yaml"])
def test_publishing_a_part_of_the_book_keeps_the_rest(in_force: Connection, tmp_path: Path, part: str) -> None:
    """Standards are one whole, lists another; what is not mentioned stays in force."""
    changed = {
        "lists.yaml": "actions:\n  call: Phone\n  thank: Thank\n",
        "standards/all.yaml": "standards:\n  all of it:\n    for: all work\n    due: 1 working day\n",
        "letters/thanks/letter.yaml": "class: marketing\n",
    }
    files = {name: text for name, text in WHOLE.items() if name.startswith("letters/") and part.startswith("letters/")}
    before = dict(handbook.book(in_force).sources)

    publish(in_force, SOMEBODY, read_over(in_force, tmp_path, files | {part: changed[part]}), MONDAY)

    after = handbook.book(in_force)
    gone = {"standards/calls.yaml"} if part.startswith("standards/") else set()
    assert after.version == 2
    assert after.sources == {name: text for name, text in before.items() if name not in gone} | {part: changed[part]}


def test_the_plan_of_a_part_takes_nothing_away(in_force: Connection, tmp_path: Path) -> None:
    """Only the label that changed is told, not that every standard was removed."""
    part = read_over(in_force, tmp_path, {"lists.yaml": WHOLE["lists.yaml"].replace("Call", "Phone")})

    (planned,) = plan(in_force, part, MONDAY).planned

    assert planned.kind == "standards"
    assert not [change for change in planned.changes if "standard" in str(change)]


def test_the_same_part_again_publishes_nothing(in_force: Connection, tmp_path: Path) -> None:
    """What is in force already gets no new version."""
    part = read_over(in_force, tmp_path, {"lists.yaml": WHOLE["lists.yaml"]})

    assert publish(in_force, SOMEBODY, part, MONDAY) == ()


def test_a_list_by_itself_may_not_take_away_what_standards_name(in_force: Connection, tmp_path: Path) -> None:
    """The standard in force would hold for an action that is no more."""
    found = read_over(in_force, tmp_path, {"lists.yaml": "actions:\n  thank: Thank\n"})

    assert len(found.problems) == 1
    assert str(found.problems[0]).startswith("standards/calls.yaml (published):3: ")


def test_a_calendar_by_itself_may_lie_over_one_in_force(in_force: Connection, tmp_path: Path) -> None:
    """The house's own was published before."""
    late = "calendar: late\nabove: house\nhours: {monday: '12:00-20:00'}\n"

    found = read_over(in_force, tmp_path, {"calendars/late.yaml": late})

    assert [str(it) for it in found.problems] == []


RUNNING = {
    "processes/visit.yaml": RIGHT.replace("action: call", "action: visit"),
    "lists.yaml": WHOLE["lists.yaml"] + "  visit: Visit\n",
}
WAITING = """\
process: fair
title: The fair
subject: policy
start: {by hand: true}
steps:
  visit:
    start: {process: visit, for: policy, wait: true}
    outcomes:
      won: {end: met}
ends:
  met: {success: true}
"""


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (
            {"lists.yaml": WHOLE["lists.yaml"]},
            "processes/visit.yaml (published):10: unknown action 'visit'. Known: call, thank.",
        ),
        (
            {"letters/thanks/letter.yaml": "class: service\n", "letters/thanks/en/body.txt": "{{ claim.number }}\n"}
            | {"letters/thanks/en/subject.txt": "Thank you\n"},
            (
                "processes/visit.yaml (published):7: the letter thanks uses claim.number, "
                "but a policy does not have it; did you mean client.number? Leave it out."
            ),
        ),
        (
            {"processes/visit.yaml": RIGHT.replace("won", "done")},
            "processes/fair.yaml (published):",
        ),
    ],
    ids=["an action", "a letter", "an end"],
)
def test_a_part_may_not_break_a_process_it_leaves_as_it_is(
    in_force: Connection, tmp_path: Path, part: dict[str, str], problem: str
) -> None:
    """What a published process leans on is not taken from under it; the file is told with where it stands."""
    publish(in_force, SOMEBODY, read_over(in_force, tmp_path / "running", RUNNING), MONDAY)
    publish(in_force, SOMEBODY, read_over(in_force, tmp_path / "waiting", {"processes/fair.yaml": WAITING}), MONDAY)

    found = read_over(in_force, tmp_path, part)

    assert [str(it) for it in found.problems if not str(it).startswith(problem)] == []
    assert found.problems


def test_what_was_wrong_before_refuses_no_other_part(in_force: Connection, tmp_path: Path) -> None:
    """An old process that today's checks would refuse is told to whoever changes it, not to everybody else."""
    wrong = known_house(in_force, date(2026, 3, 2))
    old = read_definitions(folder_of(tmp_path / "old", {"processes/visit.yaml": RIGHT.replace("thanks", "thank")}))
    house = replace(wrong, in_force=replace(wrong.in_force, processes=old.processes))
    place = folder_of(tmp_path / "part", {"lists.yaml": WHOLE["lists.yaml"]})

    assert read_definitions(place, house=house).problems == ()
