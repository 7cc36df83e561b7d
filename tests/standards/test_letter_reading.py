"""The folder of letters: settings and texts, everything wrong in them told at once."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from standards.letters.letter import Letter, LetterClass, UsedFields, WhenUnknown
from standards.letters.reading import letter_files, read_letters, used_fields

WHOLE = {
    "reminder/letter.yaml": "title: {en: Reminder, lt: Priminimas}\nclass: marketing\nwhen unknown: send again\n",
    "reminder/en/subject.txt": "Your policy {{ policy.number }}\n",
    "reminder/en/body.txt": "Dear {{ policyholder.name }},\n",
    "reminder/en/body.html": "<p>{{ term.expires_on }}</p>\n",
    "reminder/lt/subject.txt": "Polisas {{ policy.number }}\n",
    "reminder/lt/body.txt": "Laba diena,\n",
}


def problems_of(files: dict[str, str | None]) -> list[str]:
    """The problems of the whole letter with some files changed; None removes one."""
    changed = {path: text for path, text in {**WHOLE, **files}.items() if text is not None}
    return [str(problem) for problem in read_letters(changed)[1]]


def test_a_folder_of_letters_is_read_by_language() -> None:
    """One letter per language, with the settings of the whole."""
    letters, problems = read_letters(WHOLE)

    assert problems == []
    assert [(it.name, it.language, it.folder) for it in letters] == [
        ("reminder", "en", "letters/reminder/en"),
        ("reminder", "lt", "letters/reminder/lt"),
    ]
    english, lithuanian = letters
    assert english.settings.letter_class is LetterClass.MARKETING
    assert english.settings.when_unknown is WhenUnknown.SEND_AGAIN
    assert english.settings.titles == {"en": "Reminder", "lt": "Priminimas"}
    assert (english.subject, lithuanian.body_html) == ("Your policy {{ policy.number }}", None)


def test_the_fields_of_all_parts_are_known() -> None:
    """Who sends a letter knows what to gather for it."""
    english: Letter = read_letters(WHOLE)[0][0]

    assert used_fields(english) == UsedFields(
        fields=frozenset({"policy.number", "policyholder.name", "term.expires_on"})
    )


def test_a_letter_that_says_nothing_about_it_is_held_when_unknown() -> None:
    """The careful choice is the default."""
    letters, problems = read_letters({**WHOLE, "reminder/letter.yaml": "class: service\ntitle: Reminder\n"})

    assert problems == []
    assert letters[0].settings.when_unknown is WhenUnknown.HOLD
    assert letters[0].settings.titles == {"en": "Reminder", "lt": "Reminder", "es": "Reminder"}


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"reminder/letter.yaml": None},
            "letters/reminder/letter.yaml: this file is missing. It says class: service or class: marketing.",
        ),
        (
            {"reminder/letter.yaml": "- a"},
            "letters/reminder/letter.yaml:1: this file says nothing. Write class: service or class: marketing.",
        ),
        (
            {"reminder/letter.yaml": "class: servise"},
            (
                "letters/reminder/letter.yaml:1: the class of a letter is 'servise'; did you mean service? "
                "Write service or marketing."
            ),
        ),
        (
            {"reminder/letter.yaml": "class: service\nclas: service"},
            (
                "letters/reminder/letter.yaml:2: a letter has no 'clas'; did you mean class? "
                "It has class, when unknown, title."
            ),
        ),
        (
            {"reminder/letter.yaml": "class: service\nwhen unknown: guess"},
            "letters/reminder/letter.yaml:2: when unknown is 'guess'. Write hold for a person, or send again.",
        ),
        (
            {"reminder/letter.yaml": "class: service\ntitle: []"},
            "letters/reminder/letter.yaml:2: a title is a text, or a text for each language.",
        ),
        (
            {"reminder/lt/body.txt": None},
            "letters/reminder/lt/body.txt: this part of the letter is missing or empty. Write it.",
        ),
        (
            {"reminder/lt/subject.txt": " \n"},
            "letters/reminder/lt/subject.txt: this part of the letter is missing or empty. Write it.",
        ),
        (
            {"reminder/lt/subject.txt": "one\ntwo\n"},
            "letters/reminder/lt/subject.txt:2: a subject is one line. Move the rest into the body.",
        ),
        (
            {"reminder/de/body.txt": "Guten Tag"},
            "letters/reminder/de/body.txt: 'de' is no language of taktas. Use en, lt, es.",
        ),
        (
            {"reminder/en/bodi.txt": "Dear"},
            (
                "letters/reminder/en/bodi.txt: a letter has no such file; did you mean body.txt? It has letter.yaml, "
                "and for each language subject.txt, body.txt, body.html."
            ),
        ),
        (
            {"reminder/en/body.txt": "Dear\n{{ policyholder }}\n"},
            (
                "letters/reminder/en/body.txt:2: policyholder alone is not a field. Write its path from the catalogue, "
                "such as policy.number."
            ),
        ),
        (
            {"Reminder 2/letter.yaml": "class: service"},
            (
                "letters/Reminder 2: 'Reminder 2' cannot be the name of a letter. "
                "Use small letters, digits and underscores."
            ),
        ),
        (
            {"empty/letter.yaml": "class: service"},
            "letters/empty: the letter 'empty' has no text. Write en/subject.txt and en/body.txt.",
        ),
    ],
)
def test_what_is_wrong_in_a_letter_is_told_with_its_place(files: dict[str, str | None], problem: str) -> None:
    """Each problem says what to write instead."""
    assert problem in problems_of(files)


def test_files_of_editors_are_no_letters() -> None:
    """What hides is left alone."""
    paths = [PurePosixPath(it) for it in (".DS_Store", "a/.body.txt.swp", "__pycache__/x", "a/en/body.txt")]

    assert letter_files(paths) == ("a/en/body.txt",)
