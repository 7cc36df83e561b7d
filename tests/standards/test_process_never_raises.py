"""Whatever somebody saves as a definition, checking it answers with sentences and never with an error."""

from __future__ import annotations

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from standards.catalogue import FIELDS, HAPPENINGS
from standards.checking import Surroundings, check_process, check_processes
from standards.definition_folder import library_folder
from standards.parsing import parse_process
from standards.parsing.keys import every_key

LAW = settings(deadline=None, max_examples=100)
WORDS = st.sampled_from(
    [
        *every_key(),
        *(
            "call",
            "offer",
            "won",
            "lost",
            "today",
            "now",
            "queue",
            "everything",
            "3 working days",
            "2 of",
            "member.name",
        ),
        *("30 days before term.expires_on", "every monday at 06:00", "term", "client", "true", "client.contacts"),
        *("within", "at least", "is empty", "contains", "money", "text, optional", "{policyholder.name}", "{", ""),
        *sorted(FIELDS)[::9],
        *sorted(HAPPENINGS)[::3],
    ]
)
SCALARS = st.one_of(WORDS, st.integers(-2, 3), st.booleans(), st.none(), st.text(max_size=5))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=25,
)
STEPS = st.dictionaries(st.sampled_from(["call", "offer", "write", "pause"]), st.dictionaries(WORDS, TREES, max_size=5))
LIBRARY = [path.read_text(encoding="utf-8") for path in sorted((library_folder() / "processes").glob("*.yaml"))]


def _checked(source: str | bytes) -> None:
    process, problems = parse_process(source, "p.yaml")
    if process is not None:
        around = Surroundings(processes={process.name: process}, letters={}, lists={"actions": ("call",)}, teams=())
        problems = [*check_process(process, around, problems), *check_processes([process])]
    assert all(problem.message.endswith((".", "?")) for problem in problems), problems


@given(TREES)
@LAW
def test_any_tree_is_answered_with_sentences(tree: object) -> None:
    """Keys and values of the language in places where they make no sense."""
    _checked(json.dumps(tree))


@given(st.dictionaries(st.sampled_from(["start", "on", "ends", "begin", "assign", "cycle", "title"]), TREES), STEPS)
@LAW
def test_any_steps_are_answered_with_sentences(around: dict[str, object], steps: dict[str, object]) -> None:
    """A believable frame with anything inside."""
    _checked(json.dumps({"process": "p", "title": "P", "subject": "term", **around, "steps": steps}))


@given(st.binary(max_size=200))
@LAW
def test_any_bytes_are_answered_with_sentences(source: bytes) -> None:
    """A picture saved under the wrong name."""
    _checked(source)


@given(st.text(max_size=120))
@LAW
def test_any_text_is_answered_with_sentences(source: str) -> None:
    """A letter to grandmother."""
    _checked(source)


@given(st.sampled_from(LIBRARY), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_a_damaged_process_is_answered_with_sentences(source: str, random: Random) -> None:
    """Lines lost, doubled or moved by an editor."""
    lines = source.splitlines()
    for _ in range(3):
        place = random.randrange(len(lines))
        change = random.choice(["drop", "double", "indent", "swap"])
        lines[place : place + 1] = {
            "drop": [],
            "double": [lines[place]] * 2,
            "indent": ["  " + lines[place]],
            "swap": [lines[place - 1]],
        }[change]

    _checked("\n".join(lines))
