"""A folder of definitions is read whole and checked together: everything that is wrong is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from standards.definition_folder import DefinitionFolderNotFound, library_folder, read_definitions
from standards.known_house import KnownHouse
from standards.problem import DefinitionsNotValid
from standards.reading import read_yaml
from standards.working_time.calendar_reading import read_calendar

CALL = """\
process: greeting
title: Greeting
subject: client
start: {by hand: true}
steps:
  call:
    action: call
    assign: {team: sales, by: turn}
    outcomes:
      done: {next: write}
  write:
    send: hello
    end: won
ends:
  won: {success: true}
"""
STANDARD = "standards:\n  calls:\n    for: {action: call}\n    due: 2 working days\n"
CALENDAR = "calendar: house\nzone: Europe/Vilnius\nhours:\n  monday to friday: 09:00-17:00\n"
LISTS = "actions:\n  call: {en: Call, lt: Skambutis, es: Llamada}\n"
LETTER = {"letter.yaml": "class: service\n", "en/subject.txt": "Hello", "en/body.txt": "Dear {{ client.name }}\n"}


def write_folder(folder: Path, **files: str) -> Path:
    """A small folder of definitions without a fault, with the given files instead of its own."""
    ours = {
        "processes/greeting.yaml": CALL,
        "standards/all.yaml": STANDARD,
        "calendars/house.yaml": CALENDAR,
        "lists.yaml": LISTS,
        **{f"letters/hello/{name}": text for name, text in LETTER.items()},
        **files,
    }
    for name, text in ours.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def problems_in(folder: Path) -> list[str]:
    """What is wrong in a folder."""
    return [str(problem) for problem in read_definitions(folder).problems]


def test_a_faultless_folder_is_read_whole(tmp_path: Path) -> None:
    """Processes, standards, calendars, letters, lists, and the text of every file."""
    definitions = read_definitions(write_folder(tmp_path)).checked()

    assert list(definitions.processes) == ["greeting"]
    assert [standard.name for standard in definitions.book.standards] == ["calls"]
    assert list(definitions.calendars) == ["house"]
    assert [letter.name for letter in definitions.letters] == ["hello"]
    assert definitions.lists.codes("actions") == ("call",)
    assert definitions.sources["processes/greeting.yaml"] == CALL
    assert "letters/hello/en/body.txt" in definitions.sources


def test_without_a_folder_the_library_is_read() -> None:
    """The definitions that come with taktas."""
    assert read_definitions().folder == library_folder()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """With what it should hold."""
    with pytest.raises(DefinitionFolderNotFound) as refused:
        read_definitions(tmp_path / "nowhere")

    assert str(refused.value) == (
        f"There is no folder {tmp_path / 'nowhere'}. "
        "Name the folder that holds processes, standards, calendars, letters."
    )


def test_everything_wrong_in_any_file_is_told_at_once(tmp_path: Path) -> None:
    """A misspelt action, an unknown letter, a standard without a unit, a calendar above which there is nothing."""
    folder = write_folder(
        tmp_path,
        **{
            "processes/greeting.yaml": CALL.replace("action: call", "action: cal").replace("send: hello", "send: helo"),
            "standards/all.yaml": STANDARD.replace("2 working days", "2"),
            "calendars/house.yaml": CALENDAR + "above: hous\n",
        },
    )

    with pytest.raises(DefinitionsNotValid) as refused:
        read_definitions(folder).checked()

    told = [str(problem) for problem in refused.value.problems]
    assert (
        "calendars/house.yaml: the calendar lies over 'hous', which there is not; did you mean house? Name another."
        in (told)
    )
    assert "processes/greeting.yaml:7: unknown action 'cal'; did you mean call? Known: call." in told
    assert "processes/greeting.yaml:12: unknown letter 'helo'; did you mean hello? Known: hello." in told
    assert "standards/all.yaml:4: due: '2' has no unit. Write 2 days or 2 working days, for example." in told


def test_teams_are_checked_when_the_house_is_known(tmp_path: Path) -> None:
    """A folder alone does not know who works here."""
    folder = write_folder(tmp_path)

    house = KnownHouse(teams=frozenset({"sale"}))
    assert read_definitions(folder).problems == ()
    assert [str(problem) for problem in read_definitions(folder, house=house).problems] == [
        "processes/greeting.yaml:8: unknown team 'sales'; did you mean sale? Known: sale."
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "proceses/extra.yaml",
            CALL,
            (
                "proceses: a folder of definitions has no such part; did you mean processes? "
                "It has processes, standards, calendars, letters, lists.yaml."
            ),
        ),
        (
            "processes/extra.yml",
            CALL,
            "processes/extra.yml: processes holds files named like extra.yaml, and nothing below them.",
        ),
        (
            "processes/old/extra.yaml",
            CALL,
            "processes/old/extra.yaml: processes holds files named like extra.yaml, and nothing below them.",
        ),
        (
            "processes/hello.yaml",
            CALL,
            (
                "processes/hello.yaml: the file holds the process 'greeting'. "
                "Call it greeting.yaml, so that it can be found."
            ),
        ),
        (
            "calendars/team.yaml",
            CALENDAR,
            "calendars/team.yaml: the file holds the calendar 'house'. Call it house.yaml, so that it can be found.",
        ),
    ],
)
def test_what_does_not_belong_there_is_told(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    """A file that is passed over would be a rule that is not followed."""
    assert problems_in(write_folder(tmp_path, **{name: text})) == [sentence]


def test_notes_and_editors_leftovers_are_passed_over(tmp_path: Path) -> None:
    """Nobody means them as definitions."""
    folder = write_folder(
        tmp_path,
        **{"README.md": "Ours.", ".draft": "x", "processes/.greeting.yaml.swp": "x", "standards/readme.txt": "x"},
    )

    assert problems_in(folder) == []


def test_a_file_that_is_not_text_is_told_with_its_line(tmp_path: Path) -> None:
    """The rest is checked all the same."""
    folder = write_folder(tmp_path)
    (folder / "processes" / "other.yaml").write_bytes(b"process: x\ntitle: \xff\n")

    assert problems_in(folder) == ["processes/other.yaml:2: this line is not UTF-8 text. Save the file as UTF-8."]


def test_a_file_that_is_too_large_is_told(tmp_path: Path) -> None:
    """And not read to its end."""
    folder = write_folder(tmp_path, **{"letters/hello/lt/subject.txt": "x", "letters/hello/lt/body.txt": "x" * 300_000})

    assert (
        "letters/hello/lt/body.txt: the file has more than 262,144 bytes, the most a definition may have. Split it."
    ) in problems_in(folder)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A link that leads nowhere."""
    folder = write_folder(tmp_path)
    (folder / "processes" / "lost.yaml").symlink_to(tmp_path / "nowhere")

    assert problems_in(folder) == [
        (
            "processes/lost.yaml: the file cannot be read: No such file or directory. "
            "Check that it is there and may be read."
        )
    ]


def test_a_folder_where_a_file_belongs_is_told(tmp_path: Path) -> None:
    """And the other way round."""
    folder = write_folder(tmp_path)
    (folder / "lists.yaml").unlink()
    (folder / "lists.yaml").mkdir()
    (folder / "calendars" / "house.yaml").unlink()
    (folder / "calendars").rmdir()
    (folder / "calendars").write_text("x", encoding="utf-8")

    assert problems_in(folder) == [
        "calendars: calendars must be a folder. Rename this.",
        "lists.yaml: lists.yaml must be a file. Rename this.",
    ]


def test_processes_that_start_one_another_for_ever_are_told(tmp_path: Path) -> None:
    """Each start is a case of its own, so nothing would stop them."""
    ping = CALL.replace("greeting", "ping").replace("end: won\n", "start: {process: pong, for: client}\n    end: won\n")
    ping = ping.replace("    send: hello\n", "")
    pong = ping.replace("pong", "PING").replace("ping", "pong").replace("PING", "ping")

    told = problems_in(write_folder(tmp_path, **{"processes/ping.yaml": ping, "processes/pong.yaml": pong}))

    assert told == [
        (
            "processes/ping.yaml:1: the processes ping → pong → ping start one another for ever, because each start "
            "is a new cycle. Give one of them a cycle, or let one stop."
        )
    ]


@pytest.mark.parametrize(
    ("source", "sentences"),
    [
        ("- a\n", ["c.yaml:1: this is not a calendar. Write calendar: and its name, then its hours."]),
        (
            "zone: Europe/Vilnius\nhors:\n  monday: 09:00-17:00\n",
            [
                (
                    "c.yaml:2: a calendar has no key 'hors'; did you mean hours? Known: calendar, title, above, zone, "
                    "hours, holidays, closed days, shortened days, open days, breaks."
                ),
                "c.yaml:1: the calendar has no name. Write calendar: and its name.",
            ],
        ),
        (
            "calendar: house\nhours:\n  monday: late\n",
            ["c.yaml:3: 'late' are not opening hours. Write them as 09:00-17:00."],
        ),
        (
            "calendar: house\ntitle: [a]\n",
            ["c.yaml:2: title: input should be a valid string. Mend it as docs/calendars.md shows."],
        ),
    ],
)
def test_a_calendar_is_read_with_the_line_of_every_mistake(source: str, sentences: list[str]) -> None:
    """Its own words where it has them."""
    root, _ = read_yaml(source, "c.yaml")

    calendar, problems = read_calendar(root, "c.yaml")

    assert calendar is None
    assert [str(problem) for problem in problems] == sentences
