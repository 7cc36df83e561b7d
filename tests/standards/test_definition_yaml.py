"""YAML is read into nodes that know their line; whatever could surprise is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from standards.problem import DefinitionsNotValid, Problem, in_order
from standards.reading import DEEPEST, LARGEST_FILE, Listing, Mapping, Scalar, head_comment, read_yaml

REFUSED = [
    pytest.param("", "f.yaml: the file is empty. Write a definition, or remove the file.", id="empty"),
    pytest.param(
        "# only a comment\n", "f.yaml: the file is empty. Write a definition, or remove the file.", id="comment"
    ),
    pytest.param(
        b"a: 1\nb: \xff\n", "f.yaml:2: this line is not UTF-8 text. Save the file as UTF-8.", id="another encoding"
    ),
    pytest.param(
        "a: 1\nb: \x00\n", "f.yaml:2: the character U+0000 cannot stand in a definition. Remove it.", id="NUL"
    ),
    pytest.param("a: \x07\n", "f.yaml:1: the character U+0007 cannot stand in a definition. Remove it.", id="bell"),
    pytest.param("a:\n\tb: 1\n", "f.yaml:2: a tab stands where the line is indented. Indent with spaces.", id="tab"),
    pytest.param("a: &x 1\n", "f.yaml:1: '&x' names this place for use elsewhere. Write it out instead.", id="anchor"),
    pytest.param(
        "a: 1\nb: *x\n", "f.yaml:2: '*x' refers to another place of the file. Write it out instead.", id="alias"
    ),
    pytest.param(
        "a: !!python/object:os.system ls\n",
        "f.yaml:1: 'tag:yaml.org,2002:python/object:os.system' is a tag; definitions are plain values. Remove it.",
        id="tag",
    ),
    pytest.param(
        "? [a, b]\n: 1\n",
        "f.yaml:1: a key must be a word, not a list or a mapping. Check the brackets and question marks.",
        id="key that is a list",
    ),
    pytest.param(
        "a: 1\n---\nb: 1\n",
        "f.yaml:2: a second document starts here. Keep one definition in a file.",
        id="two documents",
    ),
    pytest.param(
        "[" * 50_000,
        "f.yaml:1: the file is nested more than 24 levels deep. Write it flatter.",
        id="fifty thousand brackets",
    ),
    pytest.param(
        "a: b: c\n",
        "f.yaml:1: this cannot be read as YAML: mapping values are not allowed here. "
        "Check indentation, colons, quotes and brackets.",
        id="two colons",
    ),
    pytest.param(
        "a: " + "x" * LARGEST_FILE,
        "f.yaml: the file has 262,147 bytes; a definition may have 262,144. Split it.",
        id="too large",
    ),
    pytest.param(
        'a: "\\U99999999"\n',
        "f.yaml: the file cannot be read as YAML. Check its quotes and escapes.",
        id="no character",
    ),
    pytest.param(
        'a: 1\nb: "\\0"\n', "f.yaml:2: the character U+0000 cannot stand in a definition. Remove it.", id="escaped NUL"
    ),
    pytest.param(
        '"\\ud800": 1\n', "f.yaml:1: the character U+D800 cannot stand in a definition. Remove it.", id="escaped half"
    ),
    pytest.param("\ud800", "f.yaml:1: this line is not UTF-8 text. Save the file as UTF-8.", id="half a character"),
]


@pytest.mark.parametrize(("source", "sentence"), REFUSED)
def test_what_could_surprise_is_refused_with_a_sentence(source: str | bytes, sentence: str) -> None:
    """Nothing of such a file is used."""
    node, problems = read_yaml(source, "f.yaml")

    assert node is None
    assert [str(problem) for problem in problems] == [sentence]


def test_every_node_knows_its_line() -> None:
    """Messages point at the line where the mistake was made."""
    node, problems = read_yaml("a: 1\nb:\n  - x\n  - c: 2\nd:\n", "f.yaml")

    assert problems == []
    assert isinstance(node, Mapping)
    assert node.lines == {"a": 1, "b": 2, "d": 5}
    assert node.entries["d"] == Scalar(text="", is_quoted=False, line=5)
    listing = node.entries["b"]
    assert isinstance(listing, Listing)
    assert [item.line for item in listing.items] == [3, 4]


def test_a_key_written_twice_is_told_and_the_first_is_kept() -> None:
    """The second one would silently win elsewhere."""
    node, problems = read_yaml("a: 1\nb: 2\na: 3\n", "f.yaml")

    assert [str(problem) for problem in problems] == [
        "f.yaml:3: 'a' is written twice here, first on line 1. Keep one of them."
    ]
    assert isinstance(node, Mapping)
    assert node.entries["a"] == Scalar(text="1", is_quoted=False, line=1)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0.50", Decimal("0.50")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("yes", "yes"),
        ("on", "on"),
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-02-31", "2026-02-31"),
        ("2026-03-31T08:00:00Z", datetime(2026, 3, 31, 8, tzinfo=UTC)),
        ("1e5", "1e5"),
        ("007", 7),
        ("'5'", "5"),
        ('"true"', "true"),
        ("9" * 400, "9" * 400),
    ],
)
def test_a_scalar_means_what_a_person_would_think(written: str, value: object) -> None:
    """Words stay words, quoted or not; numbers, dates and truths are what they look like."""
    node, _ = read_yaml(f"a: {written}\n", "f.yaml")

    assert isinstance(node, Mapping)
    scalar = node.entries["a"]
    assert isinstance(scalar, Scalar)
    assert scalar.value == value
    assert type(scalar.value) is type(value)


def test_quotes_can_be_passed_over() -> None:
    """A quoted date is still a date where only a date makes sense."""
    assert Scalar(text="2026-03-31", is_quoted=True, line=1).meant == date(2026, 3, 31)


def test_as_deep_as_allowed_is_allowed() -> None:
    """The cap is on the level after the last."""
    node, problems = read_yaml("[" * DEEPEST + "]" * DEEPEST, "f.yaml")

    assert node is not None
    assert problems == []


def test_the_comment_at_the_head_says_what_a_file_is_about() -> None:
    """Comments further down belong to their lines."""
    source = "\ufeff# Renewing in time.\n#\n# So that nobody is uninsured.\nprocess: renewal  # here\n# not this\n"

    assert head_comment(source) == "Renewing in time.\n\nSo that nobody is uninsured."


def test_problems_are_told_all_at_once_in_the_order_of_the_files() -> None:
    """The error names each problem once, on a line of its own."""
    problems = [
        Problem(file="b.yaml", line=2, message="two."),
        Problem(file="a.yaml", line=9, message="nine."),
        Problem(file="b.yaml", line=2, message="two."),
    ]

    assert str(DefinitionsNotValid(problems)) == (
        "There are 2 problems in the definitions. Mend what is listed and check again.\na.yaml:9: nine.\nb.yaml:2: two."
    )
    assert in_order(problems) == (problems[1], problems[0])


def test_a_single_problem_is_told_as_one() -> None:
    """Grammar matters to a reader."""
    error = DefinitionsNotValid([Problem(file="a.yaml", line=0, message="gone.")])

    assert str(error) == "There is 1 problem in the definitions. Mend what is listed and check again.\na.yaml: gone."
