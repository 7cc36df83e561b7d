"""What the tests of definitions share: small processes made of the lines a test is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from standards.checking import LetterFacts, Surroundings, check_process
from standards.letters.letter import UsedFields
from standards.parsing import parse_process, process_of

HEAD = "process: p\ntitle: A process\nsubject: term\n"
BY_HAND = "start: {by hand: true}\n"
SCHEDULED = "start:\n  schedule: every monday at 06:00\n  when: 45 days before term.expires_on\n"
CALL = "steps:\n  call:\n    action: call\n    outcomes:\n      done: {end: won}\n"
OTHER = "steps:\n  call:\n    action: call\n    outcomes:\n      done: {next: other}\n  other:\n"
ENDS = "ends:\n  won: {success: true}\n"

PLACES: dict[str, Callable[[str], str]] = {
    "file": lambda text: text,
    "head": lambda text: f"{text}\n{BY_HAND}{CALL}{ENDS}",
    "more": lambda text: f"{HEAD}{text}\n{BY_HAND}{CALL}{ENDS}",
    "start": lambda text: f"{HEAD}start:\n{_indented(text, 2)}{CALL}{ENDS}",
    "selection": lambda text: f"{HEAD}{SCHEDULED}{_indented(text, 2)}{CALL}{ENDS}",
    "where": lambda text: f"{HEAD}{SCHEDULED}  where:\n{_indented(text, 4)}{CALL}{ENDS}",
    "task": lambda text: f"{HEAD}{BY_HAND}{CALL.replace('    outcomes', _indented(text, 4) + '    outcomes')}{ENDS}",
    "outcome": lambda text: f"{HEAD}{BY_HAND}{CALL}      other: {text}\n{ENDS}",
    "step": lambda text: f"{HEAD}{BY_HAND}{OTHER}{_indented(text, 4)}{ENDS}",
    "steps": lambda text: f"{HEAD}{BY_HAND}steps:\n{_indented(text, 2)}{ENDS}",
    "ends": lambda text: f"{HEAD}{BY_HAND}{CALL}ends:\n{_indented(text, 2)}",
}
"""Where in an otherwise faultless process the lines of a test stand."""

RENEWAL = """
process: renewal
title: Renewal
subject: term
start: {by hand: true}
steps:
  call:
    action: call
    outcomes:
      won: {end: won}
      lost: {end: lost}
ends:
  won: {success: true}
  lost: {success: false}
"""


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


@pytest.fixture(scope="session")
def written() -> Callable[[str, str], str]:
    """A whole process file with the given lines at the given place."""
    return lambda place, text: PLACES[place](text)


@pytest.fixture(scope="session")
def around() -> Surroundings:
    """A small house: two processes, two letters, a few lists and teams, and one action with a standard."""
    dunning = UsedFields(
        fields=frozenset({"receivable.amount"}),
        lists={"client.receivables": frozenset({"amuont"}), "payer.receivables": frozenset({"amount"})},
    )
    itself = process_of(PLACES["more"](""))
    return Surroundings(
        processes={"renewal": process_of(RENEWAL), "p": itself},
        letters={"hello": LetterFacts(), "dunning": LetterFacts(uses=dunning)},
        lists={
            "actions": ("call", "visit"),
            "end_reasons": ("price", "other"),
            "leave_out_reasons": ("blacklisted", "no_owner"),
            "requirement_types": ("mandate",),
            "tiers": ("vip", "standard"),
        },
        teams=("sales", "service"),
        is_timed=lambda process, step, action: action == "call",
    )


@pytest.fixture(scope="session")
def told(written: Callable[[str, str], str], around: Surroundings) -> Callable[[str, str], list[str]]:
    """Everything that is wrong with a process of the given lines, as `line: message`."""

    def problems(place: str, text: str) -> list[str]:
        process, read = parse_process(written(place, text), "p.yaml")
        found = check_process(process, around, read) if process is not None else read
        return [str(problem).removeprefix("p.yaml:") for problem in found]

    return problems
