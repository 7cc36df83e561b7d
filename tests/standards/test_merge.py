"""Titles with {fields}: parsed, listed, filled; whatever the values hold stays harmless."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.merge import DASH, MergeText, TitleNotUnderstood, neutral, parse_merge, plain

TITLE = "Call {policyholder.name} about renewing {policy.number} of {policyholder.name}"


def test_a_title_lists_its_fields_once_in_order() -> None:
    """What a title needs is known without rendering it."""
    assert parse_merge(TITLE).fields == ("policyholder.name", "policy.number")


def test_a_title_is_filled_with_facts() -> None:
    """Every place takes its value."""
    facts = {"policyholder.name": "Jonas Žąsis", "policy.number": "A-1"}

    assert parse_merge(TITLE).render(facts) == "Call Jonas Žąsis about renewing A-1 of Jonas Žąsis"


@pytest.mark.parametrize("facts", [{}, {"policy.number": None}, {"policy.number": ""}])
def test_a_missing_value_is_a_visible_dash(facts: dict[str, object]) -> None:
    """A title never fails and never hides that something is missing."""
    assert parse_merge("Renew {policy.number}").render(facts) == f"Renew {DASH}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 14, 5, tzinfo=UTC), "2026-03-02 14:05"),
        (Decimal("1E+3"), "1000"),
        (True, "yes"),
        (False, "no"),
        (12, "12"),
    ],
)
def test_plain_values_are_shown_plainly(value: object, shown: str) -> None:
    """Dates, amounts and numbers look the same everywhere."""
    assert plain(value) == shown


def test_braces_are_written_twice() -> None:
    """A title may hold the braces themselves."""
    assert parse_merge("{{urgent}} {policy.number}").render({"policy.number": "1"}) == "{urgent} 1"


@pytest.mark.parametrize("written", ["Call {policyholder.name", "Call policyholder.name}", "{", "a } b"])
def test_a_lonely_brace_is_refused(written: str) -> None:
    """Half a place is no place."""
    with pytest.raises(TitleNotUnderstood) as refusal:
        parse_merge(written)

    assert str(refusal.value) == (
        f"{written!r} has a brace without its other half. Write a field as {{policyholder.name}}, "
        "or {{ and }} for the braces themselves."
    )


@pytest.mark.parametrize(
    "place", ["{}", "{0}", "{name}", "{a.b!r}", "{a.b:>99}", "{a.__class__}", "{a[b]}", "{A.b}", "{a.b()}"]
)
def test_what_is_not_a_path_is_refused(place: str) -> None:
    """No format strings, attributes, indexes or calls."""
    with pytest.raises(TitleNotUnderstood) as refusal:
        parse_merge(f"Call {place}")

    assert str(refusal.value) == (
        f"{place!r} in {'Call ' + place!r} is not a field. "
        "Write its path in the catalogue, such as {policyholder.name}."
    )


def test_too_long_a_title_is_refused() -> None:
    """A title is a line, not a page."""
    with pytest.raises(TitleNotUnderstood) as refusal:
        parse_merge("x" * 501)

    assert str(refusal.value) == "The text has 501 characters; a title may have 500. Shorten it."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\nlines", "two lines"),
        ("tab\tbed", "tab bed"),
        ("bell\x07", "bell\u2407"),
        ("\x1b[31mred", "\u241b[31mred"),
        ("del\x7f", "del\u2421"),
        ("c1\x9b", "c1\ufffd"),
        ("turned\u202earound", "turned\ufffdaround"),
        ("para\u2029graph", "para graph"),
        ("عربي 👩‍👩‍👧 ū́", "عربي 👩‍👩‍👧 ū́"),
    ],
)
def test_what_steers_a_screen_becomes_a_visible_sign(text: str, shown: str) -> None:
    """Letters of every script stay; control characters are seen instead of obeyed."""
    assert neutral(text) == shown


@given(st.text())
def test_nothing_that_steers_a_screen_is_left(text: str) -> None:
    """Whatever the text: controls, line ends and turns of direction are gone, every other letter stays as it is."""
    turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    steering = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029", *turns}

    found = neutral(text)

    assert not steering.intersection(found)
    assert steering.intersection(text) or found == text


@settings(deadline=None)
@given(st.text())
def test_a_rendered_title_is_one_line_whatever_the_name(name: str) -> None:
    """No name breaks the line or reaches the terminal as a command."""
    rendered = parse_merge("Call {client.name} now").render({"client.name": name})

    assert len(rendered.splitlines()) == 1
    assert not any(ord(sign) < 0x20 or 0x7F <= ord(sign) <= 0x9F for sign in rendered)


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="{}", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"])))
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    """Nothing is trimmed, folded or escaped."""
    assert parse_merge("{client.name}").render({"client.name": name}) == (name or DASH)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused(written: str) -> None:
    """The parser has no third way."""
    try:
        assert isinstance(parse_merge(written), MergeText)
    except TitleNotUnderstood as refusal:
        assert str(refusal)  # noqa: PT017  # either way is fine: the point is that nothing else is raised


def test_naughty_strings_stay_themselves_but_for_control_characters(real_data: Callable[[str], Path]) -> None:
    """A client with any of the known troublesome names can be called."""
    folder = real_data("naughty_strings")
    title = parse_merge("Call {client.name}")

    for file in folder.glob("*.txt"):
        for name in file.read_text(encoding="utf-8").splitlines():
            rendered = title.render({"client.name": name})
            assert rendered == f"Call {neutral(name) or DASH}"
            assert len(rendered.splitlines()) == 1


def test_names_with_csv_nasties_need_no_quoting_here() -> None:
    """Quotes, commas and formula signs are letters like any other in a title."""
    name = '=HYPERLINK("http://x";"y"), "Jonas"'

    rendered = parse_merge("Call {client.name}").render({"client.name": name})

    assert rendered == f"Call {name}"
