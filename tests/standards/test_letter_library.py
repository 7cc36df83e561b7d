"""The letters that come with taktas: whole in every language, and readable with and without what may be missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import standards
from standards.catalogue import FIELDS, LANGUAGES, FieldType
from standards.letters.letter import Letter, LetterClass, WhenUnknown
from standards.letters.reading import read_letters, used_fields
from standards.letters.rendering import render_letter
from standards.list_reading import read_lists
from standards.lists import Lists
from standards.reading import read_yaml

LIBRARY = Path(standards.__file__).parent / "library"
FILES = {
    file.relative_to(LIBRARY / "letters").as_posix(): file.read_text(encoding="utf-8")
    for file in sorted((LIBRARY / "letters").rglob("*"))
    if file.is_file()
}
LETTERS, PROBLEMS = read_letters(FILES)
NAMES = sorted({letter.name for letter in LETTERS})
MAY_BE_MISSING = {
    "interaction.number",
    "complaint.answer_by",
    "complaint.finding",
    "receivable.cover_suspended_from",
    "receivable.cover_terminated_on",
    "campaign.ends_on",
    "client.account_manager",
}
SAMPLES: dict[FieldType, object] = {
    FieldType.DATE: date(2026, 3, 2),
    FieldType.MOMENT: date(2026, 3, 2),
    FieldType.MONEY: Decimal("120.50"),
}
CODES = {"receivable.currency": "EUR", "policy.product_line": "motor", "complaint.finding": "confirmed"}


def lists() -> Lists:
    return read_lists(read_yaml((LIBRARY / "lists.yaml").read_text(encoding="utf-8"), "lists.yaml")[0], "lists.yaml")[0]


def facts(letter: Letter, *, whole: bool) -> dict[str, object]:
    """A value for every field the letter reads; with `whole` also for those that may be missing."""
    paths = (path for path in used_fields(letter).fields if whole or path not in MAY_BE_MISSING)
    return {path: CODES.get(path) or SAMPLES.get(FIELDS[path].type) or "Žuvėdra & Co" for path in paths}


def test_the_letters_have_no_problems() -> None:
    """Every letter is whole."""
    assert PROBLEMS == []
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_written_in_every_language(name: str) -> None:
    """With a page for those who read HTML, and a title for those who look for it."""
    versions = [letter for letter in LETTERS if letter.name == name]

    assert {letter.language for letter in versions} == set(LANGUAGES)
    assert all(letter.body_html for letter in versions)
    assert all(set(letter.settings.titles) == set(LANGUAGES) for letter in versions)


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_say_the_same(name: str) -> None:
    """A fact told in one language is told in all."""
    told = {letter.language: used_fields(letter) for letter in LETTERS if letter.name == name}

    assert told["lt"] == told["en"] == told["es"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: f"{letter.name}-{letter.language}")
def test_every_letter_can_be_written(letter: Letter, *, whole: bool) -> None:
    """Nothing that may be missing keeps a letter back, and no gap is left behind."""
    shown = render_letter(letter, facts(letter, whole=whole), lists())

    assert shown.subject
    assert "\n\n\n" not in shown.text
    assert ".." not in shown.text
    assert shown.text.strip().splitlines()[0].endswith((",", ":"))
    assert "{" not in shown.text
    assert shown.html is not None
    assert f'<html lang="{letter.language}">' in shown.html
    assert "Žuvėdra & Co" not in shown.html


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: f"{letter.name}-{letter.language}")
def test_text_and_page_say_the_same(letter: Letter) -> None:
    """Whoever reads only the text misses nothing."""
    page = Letter(
        name=letter.name,
        language=letter.language,
        subject=letter.subject,
        body_text=letter.body_html or "",
        settings=letter.settings,
    )

    assert used_fields(page) == used_fields(
        Letter(
            name=letter.name,
            language=letter.language,
            subject=letter.subject,
            body_text=letter.body_text,
            settings=letter.settings,
        )
    )


def test_only_the_campaign_is_marketing_and_demands_wait_for_a_person() -> None:
    """What the law treats differently is told apart."""
    settings = {letter.name: letter.settings for letter in LETTERS}

    assert [name for name in NAMES if settings[name].letter_class is LetterClass.MARKETING] == ["campaign_letter"]
    assert {name for name in NAMES if settings[name].when_unknown is WhenUnknown.HOLD} == {
        "campaign_letter",
        "cover_missing",
        "dunning_first",
        "dunning_second",
    }
