"""The file of coded lists: labels in every language, everything wrong in it told at once."""

from __future__ import annotations

from textwrap import dedent

import pytest

from standards.list_reading import read_lists
from standards.lists import Lists
from standards.reading import read_yaml


def read(source: str) -> tuple[Lists, list[str]]:
    lists, problems = read_lists(read_yaml(dedent(source), "lists.yaml")[0], "lists.yaml")
    return lists, [str(problem) for problem in problems]


def test_lists_are_read_with_their_labels() -> None:
    """A code has a label in each language, or one for all."""
    lists, problems = read(
        """\
        tiers:
          vip: VIP
          standard: {en: Standard, lt: Įprastas, es: Estándar}
        """
    )

    assert problems == []
    assert lists.codes("tiers") == ("vip", "standard")
    assert lists.label("tiers", "vip", "lt") == "VIP"
    assert lists.label("tiers", "standard", "es") == "Estándar"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            "- a",
            (
                "lists.yaml:1: this is not a file of lists. Write the name of a list, and below it its codes "
                "with their labels."
            ),
        ),
        (
            "tiers:",
            "lists.yaml:1: the list 'tiers' has no codes. Write each code with its labels: {en: …, lt: …, es: …}.",
        ),
        (
            "Client tiers: {vip: VIP}",
            (
                "lists.yaml:1: 'Client tiers' cannot be the name of a list. Use small letters, digits and underscores, "
                "a letter first."
            ),
        ),
        (
            "tiers: {V.I.P.: VIP}",
            "lists.yaml:1: 'V.I.P.' cannot be the code. Use small letters, digits and underscores, a letter first.",
        ),
        ("tiers:\n  vip:", "lists.yaml:2: 'vip' has no label. Write {en: …, lt: …, es: …}."),
        ("tiers:\n  vip: {en: a, es: b}", "lists.yaml:2: 'vip' has no label in 'lt'. Add one."),
        (
            "tiers:\n  vip: {en: a, lt: b, es: ''}",
            "lists.yaml:2: the label of 'vip' in 'es' is empty. Write a word.",
        ),
        (
            "tiers:\n  vip: {en: a, lt: b, es: c, de: d}",
            "lists.yaml:2: 'de' is no language of taktas. Use en, lt, es.",
        ),
    ],
)
def test_what_is_wrong_in_a_list_is_told_with_its_line(source: str, problem: str) -> None:
    """Each problem says what to write instead."""
    assert read(source)[1] == [problem]
