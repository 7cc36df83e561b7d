"""docs/processes.md shows every key of the language, and every example on it is faultless."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from standards.catalogue import SUBJECTS
from standards.checking import check_process
from standards.condition import Operator
from standards.parsing import parse_process
from standards.parsing.keys import every_key

PAGE = Path(__file__).resolve().parents[2] / "docs" / "processes.md"
EVERY_END = """\
process: p
title: A process
subject: term
start: {{by hand: true}}
steps:
  call:
    action: call
    outcomes:
      won: {{end: won}}
      lost: {{end: lost}}
      moved: {{end: moved}}
ends:
  {ends}
"""
EXAMPLES = re.findall(r"```yaml (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("key", every_key())
def test_every_key_is_shown(key: str) -> None:
    """In a table, or as it is written in an example."""
    is_in_an_example = any(re.search(rf"(?m)(^|[\s{{(-]){re.escape(key)}:", text) for _, text in EXAMPLES)

    assert is_in_an_example or f"`{key}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*Operator, *SUBJECTS])
def test_every_operator_and_subject_is_named(word: str) -> None:
    """Nobody has to guess."""
    assert f"`{word}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("place", "text"), EXAMPLES)
def test_every_example_is_faultless(place: str, text: str, written: Callable[[str, str], str]) -> None:
    """What people copy must work."""
    source = {"whole": text, "ends": EVERY_END.format(ends=text.replace("\n", "\n  "))}.get(place) or written(
        place, text
    )

    process, problems = parse_process(source, "p.yaml")

    assert process is not None
    assert [str(problem) for problem in check_process(process, read=problems)] == []


def test_the_page_has_examples_of_every_place() -> None:
    """A page without examples would pass every other test."""
    assert len(EXAMPLES) >= 18
