"""Templates of letters: what their language allows, and which fields they read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.letters.letter import UsedFields
from standards.letters.template import LARGEST, read_template

LETTER = """Dear {{ policyholder.name }},
{% if term.notice_by %}please tell us by {{ term.notice_by | date }}.{% endif %}
{% for receivable in client.receivables %}
{{ loop.index }}. {{ receivable.number }}: {{ receivable.open_amount | money(receivable.currency) }}
{% else %}Nothing is owed.{% endfor %}
{{ client.account_manager | default("Your broker") }}
"""


def findings(source: str) -> list[str]:
    return [finding.message for finding in read_template(source)[1]]


def test_the_fields_of_a_letter_are_known_before_it_is_sent() -> None:
    """Single fields and the fields of list members are told apart."""
    used, found = read_template(LETTER)

    assert found == ()
    assert used == UsedFields(
        fields=frozenset({"policyholder.name", "term.notice_by", "client.account_manager"}),
        lists={"client.receivables": frozenset({"number", "open_amount", "currency"})},
    )


def test_a_list_may_be_asked_whether_it_is_empty() -> None:
    """A list in a condition is still a list, not a field."""
    source = "{% if term.quotes %}{% for it in term.quotes %}{{ it.insurer }}{% endfor %}{% endif %}"

    used, found = read_template(source)

    assert found == ()
    assert used == UsedFields(lists={"term.quotes": frozenset({"insurer"})})


def test_the_fields_of_several_parts_are_joined() -> None:
    """Subject, text and HTML read one set of facts."""
    first, _ = read_template("{{ policy.number }}{% for it in term.quotes %}{{ it.insurer }}{% endfor %}")
    second, _ = read_template("{{ term.expires_on }}{% for it in term.quotes %}{{ it.premium_gross }}{% endfor %}")

    assert first.joined(second) == UsedFields(
        fields=frozenset({"policy.number", "term.expires_on"}),
        lists={"term.quotes": frozenset({"insurer", "premium_gross"})},
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{% for n in range(9) %}{% endfor %}", "a loop goes over something that is not a list"),
        ("{{ range(9) }}", "a letter cannot use a call such as range(9)"),
        ("{{ client.name.upper() }}", "a letter cannot use a call such as range(9)"),
        ("{{ 9**9 }}", "a letter cannot use arithmetic"),
        ("{{ 'a' * 9 }}", "a letter cannot use arithmetic"),
        ("{{ client.name ~ 'x' }}", "a letter cannot use ~; write both values one after the other"),
        ("{{ client['name'] }}", "a letter cannot use square brackets; write fields as policy.number"),
        ("{% set x = 1 %}", "a letter cannot use set"),
        ("{% include 'x' %}", "a letter cannot use include"),
        ("{% import 'x' as y %}", "a letter cannot use import"),
        ("{% extends 'x' %}", "a letter cannot use extends"),
        ("{% macro x() %}{% endmacro %}", "a letter cannot use macro"),
        ("{% block x %}{% endblock %}", "a letter cannot use block"),
        ("{{ client.name.__class__ }}", "this alone is not a field"),
        ("{{ ''.__class__ }}", "this alone is not a field"),
        ("{{ client }}", "client alone is not a field"),
        ("{{ self._TemplateReference__context }}", "this alone is not a field"),
        ("{{ client.name | center(99) }}", "there is no filter 'center'"),
        ("{{ client.name | uper }}", "there is no filter 'uper'; did you mean upper?"),
        ("{{ term.expires_on | date('a', 'b') }}", "the filter date takes 0 or 1 values"),
        ("{{ term.premium_gross | money }}", "the filter money takes 1 value"),
        ("{{ client.name | upper(1) }}", "the filter upper takes no value"),
        ("{{ client.name | default(default_value='x') }}", "the filter default takes 1 value"),
        ("{% if client.name is escaped %}{% endif %}", "there is no test 'escaped'"),
        ("{% for a in x.y %}{% for b in a.c %}{% endfor %}{% endfor %}", "a loop stands inside a loop"),
        ("{% for a, b in x.y %}{% endfor %}", "a loop gives more than one name to its members"),
        ("{% for a in x.y %}{{ loop.cycle }}{% endfor %}", "a loop has no 'cycle'"),
        ("{% while true %}", "the template cannot be read: Encountered unknown tag 'while'"),
        ("{{ term.premium * 2 }}", "a letter cannot use arithmetic; have the fact brought in as it is"),
        ("{{ client.name", "the template cannot be read: "),
    ],
)
def test_what_a_letter_may_not_use_is_named(source: str, message: str) -> None:
    """Code, tricks and typing errors are found when the letter is saved."""
    assert any(found.startswith(message) for found in findings(source)), findings(source)


def test_a_finding_says_its_line() -> None:
    """A letter of forty lines is mended on one."""
    _, found = read_template("Dear client,\n\n{{ client }}\n")

    assert [finding.line for finding in found] == [3]


def test_too_large_a_template_is_refused() -> None:
    """Nobody writes such a letter."""
    assert findings("x" * (LARGEST + 1)) == [
        "the template has 64001 characters; a letter may have 64000. Shorten it",
    ]


@pytest.mark.parametrize("source", ["{{ " + "(" * 30_000, "{{ " + "not " * 60 + "a.b }}", "{% if a.b %}" * 50])
def test_deep_nesting_is_refused_without_a_crash(source: str) -> None:
    """Brackets within brackets do not bring the reader down."""
    assert findings(source)


@settings(deadline=None)
@given(st.text(alphabet="{}%()[]|.~*+-_ abcnofrif'\"\n", max_size=80))
def test_any_text_is_either_read_or_explained(source: str) -> None:
    """No template makes the reader fail."""
    used, found = read_template(source)

    assert isinstance(used, UsedFields)
    assert all(finding.message for finding in found)
