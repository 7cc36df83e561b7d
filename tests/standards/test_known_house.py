"""Definitions compared with the book of a house: what they name must be there."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest

from standards.definition_folder import read_definitions
from standards.known_house import KnownHouse

CALL = """\
process: greeting
title: Greeting
subject: policy
start: {by hand: true, where: {policy.product_line: LINE, policy.insurer: INSURER}}
steps:
  call:
    action: call
    assign: {team: TEAM, by: turn}
    outcomes:
      done: {end: won}
ends:
  won: {success: true}
"""
STANDARD = """\
standards:
  calls:
    for: {action: call}
    due: 2 working days
    escalate:
      - {after: 1 working hour, to: manager}
      - {after: 4 working hours, to: employee LOGIN}
  dear ones:
    for:
      product line: LINE
      insurer: INSURER
      campaign: CAMPAIGN
    due: 1 working day
"""
LISTS = """\
actions:
  call: {en: Call, lt: Skambutis, es: Llamada}
product_lines:
  motor: {en: Motor, lt: Transportas, es: Autos}
"""
HOUSE = KnownHouse(
    teams=frozenset({"sales"}),
    logins=frozenset({"rasa"}),
    product_lines=frozenset({"boats"}),
    insurers=frozenset({"lumen"}),
    campaigns=frozenset({"spring"}),
)
RIGHT = {"TEAM": "sales", "LOGIN": "Rasa", "LINE": "motor", "INSURER": "lumen", "CAMPAIGN": "spring"}


def _problems(folder: Path, house: KnownHouse = HOUSE, **changed: str) -> list[str]:
    files = {"processes/greeting.yaml": CALL, "standards/all.yaml": STANDARD, "lists.yaml": LISTS}
    for name, text in files.items():
        named = RIGHT | changed
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(reduce(lambda told, word: told.replace(word, named[word]), named, text), encoding="utf-8")
    return [str(problem) for problem in read_definitions(folder, house=house).problems]


def test_what_the_house_has_may_be_named(tmp_path: Path) -> None:
    """Product lines of the lists and of the book; logins in any case."""
    assert _problems(tmp_path) == []
    assert _problems(tmp_path, LINE="boats") == []


@pytest.mark.parametrize(
    ("word", "named", "problems"),
    [
        ("TEAM", "sale", ["processes/greeting.yaml:8: unknown team 'sale'; did you mean sales? Known: sales."]),
        (
            "LOGIN",
            "rsa",
            [
                (
                    "standards/all.yaml:7: nobody who works here has the login 'rsa'; did you mean rasa? "
                    "`taktas employees list` shows everybody."
                )
            ],
        ),
        (
            "LINE",
            "moto",
            [
                (
                    "processes/greeting.yaml:4: the list product_lines has no code 'moto'; did you mean motor? "
                    "Known: motor, boats."
                ),
                "standards/all.yaml:10: unknown product line 'moto'; did you mean motor? Known: boats, motor.",
            ],
        ),
        (
            "INSURER",
            "lumem",
            [
                "processes/greeting.yaml:4: the list insurers has no code 'lumem'; did you mean lumen? Known: lumen.",
                "standards/all.yaml:11: unknown insurer 'lumem'; did you mean lumen? Known: lumen.",
            ],
        ),
        (
            "CAMPAIGN",
            "sping",
            ["standards/all.yaml:12: unknown campaign 'sping'; did you mean spring? Known: spring."],
        ),
    ],
)
def test_what_the_house_does_not_have_is_refused(tmp_path: Path, word: str, named: str, problems: list[str]) -> None:
    """Each at its line, with the nearest."""
    assert _problems(tmp_path, HOUSE, **{word: named}) == problems


def test_what_the_house_has_none_of_is_not_checked(tmp_path: Path) -> None:
    """A folder is written before everything is imported; the lists of the folder itself always count."""
    found = _problems(tmp_path, KnownHouse(), TEAM="x", LOGIN="x", INSURER="x", CAMPAIGN="x", LINE="boats")

    assert [problem.partition(": ")[2] for problem in found] == [
        "the list product_lines has no code 'boats'. Known: motor.",
        "unknown product line 'boats'. Known: motor.",
    ]


def test_a_team_the_house_does_not_have_is_passed_over_where_the_route_goes_on(tmp_path: Path) -> None:
    """The definitions that come with taktas name teams a small house has not; a name nearly right is a mistake."""
    folder = tmp_path / "processes"
    folder.mkdir()
    (folder / "complaint.yaml").write_text(
        """
process: greeting
title: Greeting
subject: client
start: {by hand: true}
steps:
  call:
    action: call
    assign: [{queue: complaints}, queue]
    outcomes: {done: {end: done}}
ends:
  done: {success: true}
""",
        encoding="utf-8",
    )

    passed_over = read_definitions(tmp_path, house=KnownHouse(teams=frozenset({"companies"})))
    mistaken = read_definitions(tmp_path, house=KnownHouse(teams=frozenset({"complaint"})))

    assert [str(it) for it in passed_over.problems if "team" in it.message] == []
    told = "the house has no team 'complaints': what is meant for it goes the next way of its route."
    assert [str(it) for it in passed_over.remarks] == [f"processes/complaint.yaml:9: {told}"]
    assert any("did you mean complaint?" in it.message for it in mistaken.problems)
