"""`taktas standards`: what managers define, checked, planned, published, shown and explained from the shell."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import Connection, Engine, func, insert, select

from cli.app import run
from models import contracts, parties
from models.definitions import process_versions
from standards.definition_folder import library_folder
from standards.service.digests import Digests, parse_digests

AS_OF = ["--as-of", "2026-03-02T08:00"]

Ask = Callable[..., str]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command that must end with the given code; what it printed."""

    def asked(*words: str, code: int = 0) -> str:
        found = run(["standards", *words])
        told = capsys.readouterr()
        assert found == code, told.err
        return told.out if code == 0 else told.err + told.out

    return asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the definitions that come with taktas, to be changed."""
    copied = tmp_path / "definitions"
    shutil.copytree(library_folder(), copied)
    return copied


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_the_definitions_that_come_with_taktas_are_right(ask: Ask) -> None:
    """`check` without a folder means them."""
    assert ask("check").endswith("lists: nothing is wrong.\n")


def test_every_problem_is_told_at_once(ask: Ask, folder: Path) -> None:
    """With its file and line, and exit code 1."""
    change(folder / "standards" / "money.yaml", "due: 1 working day", "due: 1")
    change(folder / "standards" / "renewals.yaml", "action: call}", "action: cal}")
    change(folder / "processes" / "renewal.yaml", "next: offer", "next: ofer")

    told = ask("check", str(folder), code=1)

    assert "standards/money.yaml:5: due: '1' has no unit. Write 1 days or 1 working days, for example." in told
    assert "unknown action 'cal'; did you mean call?" in told
    assert "unknown step 'ofer'; did you mean offer?" in told
    assert "Traceback" not in told


@pytest.mark.usefixtures("house")
def test_problems_can_be_read_by_machines(ask: Ask, folder: Path) -> None:
    """A list of file, line and message."""
    change(folder / "standards" / "money.yaml", "on time: 99 %", "on time: 99")

    told = json.loads(ask("check", str(folder), "--json", code=1))

    assert told[0]["file"] == "standards/money.yaml"
    assert "'99' has no unit. Write it as 99 %." in told[0]["message"]


def test_standards_that_leave_a_task_undecided_are_refused(ask: Ask, folder: Path) -> None:
    """The whole folder is read all the same, and the pair is named with an example."""
    calls = "standards:\n  other calls:\n    for: {action: call}\n    due: 1 working day\n"
    (folder / "standards" / "more.yaml").write_text(calls, encoding="utf-8")

    told = ask("check", str(folder), code=1)

    assert "'other calls' and 'calls' (standards/conversations.yaml:3) are equally specific and both set due" in told


def test_a_folder_that_does_not_exist_is_refused(ask: Ask, tmp_path: Path) -> None:
    """In a sentence."""
    assert "There is no folder" in ask("check", str(tmp_path / "nowhere"), code=1)


@pytest.mark.usefixtures("house")
def test_a_plan_changes_nothing(ask: Ask, fresh_engine: Engine) -> None:
    """It tells what a first publishing would do."""
    told = ask("plan", *AS_OF)

    with fresh_engine.connect() as db:
        assert count(db, process_versions) == 0
    assert "process renewal: first version" in told
    assert "Cases that would start" in told
    assert "Week 4" in told


def count(db: Connection, table: Any) -> int:
    return int(db.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.usefixtures("house")
def test_publishing_says_what_it_did(ask: Ask, folder: Path) -> None:
    """Once everything, then nothing, then only what changed."""
    first = ask("publish", str(folder), "--yes", *AS_OF)
    again = ask("publish", str(folder), "--yes", *AS_OF)
    change(folder / "standards" / "money.yaml", "due: 3 working days", "due: 4 working days")
    plan = ask("plan", str(folder), *AS_OF)
    changed = json.loads(ask("publish", str(folder), "--yes", "--json", *AS_OF))

    assert "process renewal, version 1" in first
    assert again == "Nothing has changed, so nothing was published.\n"
    assert "~ standard payment plans: due: 3 working days → 4 working days" in plan
    assert changed == [{"kind": "standards", "name": "standards", "version": 2}]


@pytest.mark.usefixtures("house")
def test_publishing_waits_for_a_yes(ask: Ask, monkeypatch: pytest.MonkeyPatch, fresh_engine: Engine) -> None:
    """Where nobody can answer it says how to go on, and publishes nothing."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    told = ask("publish", *AS_OF, code=2)

    assert "Look with `taktas standards plan`, then publish with --yes." in told
    with fresh_engine.connect() as db:
        assert count(db, process_versions) == 0


@pytest.mark.usefixtures("house")
def test_what_waits_inside_the_window_must_be_decided(ask: Ask, fresh_engine: Engine) -> None:
    """The first version of a process starts nothing unasked; what was decided waits for the next ringing."""
    with fresh_engine.begin() as db:
        policies_expiring(db, [date(2026, 3, 20), date(2026, 3, 30), date(2016, 3, 30)])

    plan = json.loads(ask("plan", "--json", *AS_OF))
    refused = ask("publish", "--yes", *AS_OF, code=1)
    ask("publish", "--yes", "--start-inside", *AS_OF)
    after = json.loads(ask("plan", "--json", *AS_OF))
    table = ask("plan", *AS_OF)

    renewal = next(it for it in plan["starts"] if it["process"] == "renewal")
    assert (renewal["already"], renewal["inside"], renewal["behind"], renewal["gone"]) == (0, 2, 0, 1)
    renewal = next(it for it in after["starts"] if it["process"] == "renewal")
    assert (renewal["already"], renewal["inside"], renewal["behind"], renewal["gone"]) == (2, 0, 0, 0)
    assert "Inside" in table
    assert "Waiting" in table
    assert "2 inside its window, 0 behind it. Say --start-inside or --no-start-inside." in refused


@pytest.mark.usefixtures("house")
def test_the_next_four_weeks_are_counted(ask: Ask, fresh_engine: Engine) -> None:
    """Each term counts in the week in which its forty-five days begin."""
    with fresh_engine.begin() as db:
        policies_expiring(db, [date(2026, 4, 20), date(2026, 4, 21), date(2026, 5, 12), date(2026, 12, 1)])

    plan = json.loads(ask("plan", "--json", *AS_OF))

    renewal = next(it for it in plan["starts"] if it["process"] == "renewal")
    assert (renewal["inside"], renewal["weeks"]) == (0, [2, 0, 0, 1])


def policies_expiring(db: Connection, days: list[date]) -> None:
    line = one(db, contracts.product_lines, code="motor", labels={})
    insurer = one(db, contracts.insurers, code="I", name="Insurer")
    client = one(db, parties.parties, number="1", kind="person", name="Ona", sort_key="ona")
    for number, day in enumerate(days):
        policy = one(
            db,
            contracts.policies,
            client_id=client,
            insurer_id=insurer,
            product_line_id=line,
            number=f"P-{number}",
        )
        one(db, contracts.terms, policy_id=policy, sequence=1, expires_on=day)


def one(db: Connection, table: Any, **values: Any) -> int:
    return int(db.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


@pytest.mark.usefixtures("house")
def test_a_process_is_shown_as_published(ask: Ask) -> None:
    """Step by step, with its label; as a picture; for machines."""
    refused = ask("show", "renewal", code=1)
    ask("publish", "--yes", *AS_OF)

    shown = ask("show", "renewal")
    drawn = ask("show", "renewal", "--diagram")
    read = json.loads(ask("show", "renewal", "--json"))
    picture = json.loads(ask("show", "renewal", "--diagram", "--json"))
    listed = ask("show")

    assert "There is no process 'renewal'. Nothing is published" in refused
    assert shown.startswith("renewal@1: Policy renewal, about a term")
    assert "No later than" in shown
    assert "end lost" in shown
    assert "At any time: policy.cancelled → end lost" in shown
    assert "Ends: won (success), lost (no success)" in shown
    assert drawn.startswith("flowchart TD")
    assert (read["label"], read["subject"]) == ("renewal@1", "term")
    assert picture["diagram"] == drawn
    assert "renewal_reminder/lt" in listed
    assert "late_shift" in listed


def test_a_process_is_shown_as_it_stands_in_a_folder(ask: Ask, folder: Path) -> None:
    """Before it is published, in the reader's language."""
    shown = ask("show", "new sale", "--folder", str(folder), "--language", "lt")
    listed = ask("show", "--folder", str(folder))
    refused = ask("show", "old_sale", "--folder", str(folder), code=1)

    assert "Naujas pardavimas" in shown
    assert "late_shift" in listed
    assert "There is no process 'old_sale'" in refused


def test_when_digests_leave_is_shown_in_the_words_of_the_file(ask: Ask, folder: Path) -> None:
    """What is shown can be written into a file and means the same; the usual where nothing is declared."""
    declared = {"daily": ["opening", {"at": "12:30", "if": "something new"}], "weekly": "never", "uncovered": "3 weeks"}
    usual = json.loads(ask("show", "--folder", str(folder), "--json"))
    file = folder / "standards" / "all_work.yaml"
    words = "digests:\n  daily: [opening, {at: 12:30, if: something new}]\n  weekly: never\n  uncovered: 3 weeks\n"
    file.write_text(file.read_text(encoding="utf-8").partition("digests:")[0] + words, encoding="utf-8")

    shown = json.loads(ask("show", "--folder", str(folder), "--json"))

    assert _digests_among(usual) == Digests()
    assert _digests_among(shown) == parse_digests(declared)


def _digests_among(rows: list[dict[str, str]]) -> Digests:
    said = "\n".join(row["name"] for row in rows if row["kind"] == "digests")
    return parse_digests(YAML(typ="safe", pure=True).load(said))


_BRANCHES = """\
process: branches
subject: client
start: {by hand: true}
steps:
  ask:
    action: qualify
    outcomes:
      clear: {next: [quote, visit], ask: {insurers: {any of: insurers}}}
      again: {next: ask}
    at most: 2
    then: {end: lost}
  quote:
    action: quote
    for each: case.insurers
    proceed when: 2
    outcomes: {quoted: {}}
    next: compare
  compare: {action: compare, outcomes: {done: {}}}
  visit: {action: visit, outcomes: {seen: {}}}
  meet:
    action: offer
    after: {2 of: [compare, visit], otherwise: {end: lost}}
    outcomes: {accepted: {next: choose}}
  choose:
    choose:
      - {when: {client.tier: vip}, end: won}
      - otherwise: {end: lost}
ends: {won: {success: true}, lost: {success: false}}
"""


def test_joins_lists_limits_and_choices_are_shown_with_a_process(ask: Ask, folder: Path) -> None:
    """Nobody has to read the file to know what a step waits for and where it leads in the end."""
    (folder / "processes" / "branches.yaml").write_text(_BRANCHES, encoding="utf-8")

    shown = " ".join(ask("show", "branches", "--folder", str(folder)).split())

    for words in (
        "at most 2 times in all, then end lost",
        "for each of case.insurers",
        "when enough are done → compare",
        "done → stops here",
        "(after 2 of",
        "if so many can no longer arrive → end lost",
        "way 1 → end won; otherwise → end lost",
    ):
        assert words in shown


@pytest.mark.usefixtures("house")
def test_work_of_a_kind_is_explained(ask: Ask) -> None:
    """Winner, losers, calendar and moments, for people and for machines."""
    ask("publish", "--yes", *AS_OF)

    told = ask("explain", "--action", "call", "--client-tier", "vip", *AS_OF)
    read = json.loads(ask("explain", "--action", "call", "--client-tier", "vip", "--json", *AS_OF))

    assert "due: 4 working hours" in told
    assert "from talking to vip clients (standards/clients.yaml:" in told
    assert "not 2 working days from calls (standards/conversations.yaml:3), which does not name client.tier" in told
    assert "Counted on the calendar house@1 (Europe/Vilnius):" in told
    assert "due: Mon 2026-03-02 12:00, 4 working hours after it opens" in told
    assert read["fields"]["due"]["winner"]["value"] == "4 working hours"
    assert read["moments"][-1] == {
        "name": "due",
        "at": "2026-03-02T10:00:00+00:00",
        "how": "4 working hours after it opens",
    }


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("words", [[], ["7", "--action", "call"]])
def test_an_explanation_needs_one_thing_to_explain(ask: Ask, words: list[str]) -> None:
    """A task, or a kind of work."""
    told = ask("explain", *words, code=2)

    assert "Give the number of a task, or say what kind of work, such as --action call." in told


@pytest.mark.usefixtures("house")
def test_a_task_that_does_not_exist_is_refused(ask: Ask) -> None:
    """With the way to those that do."""
    ask("publish", "--yes", *AS_OF)

    told = ask("explain", "7", code=1)

    assert told == "There is no task 7 on your lists. `taktas tasks list` shows those there are.\n"
