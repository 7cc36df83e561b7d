"""Letters filled with facts: in the client's language, never with a blank, always within limits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.letters.letter import Letter
from standards.letters.rendering import LONGEST, LetterNotRendered, render_letter
from standards.lists import CodedList, Lists

RECEIVABLES = [
    {"number": "S-1", "open_amount": Decimal("1234.50"), "currency": "EUR"},
    {"number": "S-2", "open_amount": Decimal(7), "currency": "EUR"},
]


def letter(body: str, language: str = "en", subject: str = "Your policy", html: str | None = None) -> Letter:
    return Letter(name="reminder", language=language, subject=subject, body_text=body, body_html=html)


def text_of(body: str, facts: dict[str, object], language: str = "en") -> str:
    return render_letter(letter(body, language), facts).text


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "2 March 2026, 1,234.5, €1,234.50"),
        ("lt", "2026 m. kovo 2 d., 1\xa0234,5, 1\xa0234,50\xa0€"),
        ("es", "2 de marzo de 2026, 1.234,5, 1.234,50\xa0€"),
    ],
)
def test_dates_and_amounts_are_written_as_the_language_has_them(language: str, shown: str) -> None:
    """A Lithuanian reads a Lithuanian date."""
    body = "{{ term.expires_on | date }}, {{ term.premium_gross | number }}, {{ term.premium_gross | money('EUR') }}"
    facts: dict[str, object] = {"term.expires_on": date(2026, 3, 2), "term.premium_gross": Decimal("1234.50")}

    assert text_of(body, facts, language) == shown


def test_values_need_no_filter_to_be_readable() -> None:
    """A date, a number or a name can be printed as it is."""
    facts: dict[str, object] = {"a.day": date(2026, 3, 2), "a.moment": datetime(2026, 3, 2, 9), "a.count": 1200}  # noqa: DTZ001  # a moment on the reader's wall

    assert (
        text_of("{{ a.day }}; {{ a.moment | date('short') }}; {{ a.count }}", facts)
        == "2 March 2026; 02/03/2026; 1,200"
    )


def test_an_answer_of_several_codes_is_written_one_after_the_other() -> None:
    """It stands in the way of no letter of its case, and can be printed as it is or with its labels."""
    lines = CodedList(name="lines", labels={"motor": {"en": "Motor"}, "travel": {"en": "Journeys"}})
    asked = letter("{{ case.lines }}: {{ case.lines | label('lines') }} ({{ case.lines | length }})")
    facts: dict[str, object] = {"case.lines": ["motor", "travel"], "case.others": []}

    rendered = render_letter(asked, facts, Lists(lists={"lines": lines}))

    assert rendered.text == "motor, travel: Motor, Journeys (2)"


def test_a_list_is_written_line_by_line() -> None:
    """One letter lists each receivable."""
    body = "{% for it in client.receivables %}\n{{ loop.index }}. {{ it.number }}\n{% else %}\nnothing\n{% endfor %}\n"

    assert text_of(body, {"client.receivables": RECEIVABLES}) == "1. S-1\n2. S-2\n"
    assert text_of(body, {"client.receivables": []}) == "nothing\n"


def test_codes_are_shown_by_their_labels() -> None:
    """No letter says price_too_high."""
    lists = Lists(lists={"lines": CodedList(name="lines", labels={"motor": {"lt": "transporto priemonės"}})})
    facts = {"policy.product_line": "motor"}

    shown = render_letter(letter("{{ policy.product_line | label('lines') }}", "lt"), facts, lists)

    assert shown.text == "transporto priemonės"


def test_a_missing_field_is_refused_not_left_blank() -> None:
    """The refusal names the letter, the part and the field."""
    with pytest.raises(LetterNotRendered) as refusal:
        text_of("Dear {{ policyholder.name }}", {})

    assert str(refusal.value) == (
        "The letter reminder (en, body.txt) needs policyholder.name, which is not known here. "
        "Fill it in, or drop this receiver."
    )


@pytest.mark.parametrize(
    "source", ["{{ a.b | date }}", "{{ a.b | money('EUR') }}", "{{ a.b | upper }}", "{{ a.b | length }}"]
)
def test_a_filter_does_not_hide_a_missing_field(source: str) -> None:
    """Only `default` stands in for what is missing."""
    with pytest.raises(LetterNotRendered, match=r"needs a\.b, which"):
        text_of(source, {"a.c": 1})


def test_a_missing_field_may_be_asked_for() -> None:
    """A condition may look, and a default may stand in."""
    body = "{% if a.b %}yes{% else %}no{% endif %} {{ a.b | default('none') }} {{ a.c is defined }}"

    assert text_of(body.replace("{{ a.c is defined }}", ""), {"a.c": "x"}) == "no none "


def test_a_missing_list_is_refused() -> None:
    """An empty list is a fact; no list at all is a mistake."""
    with pytest.raises(LetterNotRendered, match=r"needs client\.receivables, which"):
        text_of("{% for it in client.receivables %}{{ it.number }}{% endfor %}", {})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ a.text | date }}", "'x' is not a date"),
        ("{{ a.text | number }}", "'x' is not a number"),
        ("{{ a.text | money('EUR') }}", "'x' is not an amount"),
        ("{{ a.day | date('medium') }}", "'medium' is not a way to write a date; write long or short"),
        ("{{ a.flag }}", "yes or no cannot be printed; ask for it with if"),
        ("{{ a.text | pow }}", "line 1: there is no filter 'pow'. Known: "),
    ],
)
def test_a_fact_that_does_not_fit_is_refused(source: str, reason: str) -> None:
    """Nothing is printed that nobody would understand."""
    facts: dict[str, object] = {"a.text": "x", "a.day": date(2026, 3, 2), "a.flag": True}

    with pytest.raises(LetterNotRendered) as refusal:
        text_of(source, facts)

    assert str(refusal.value).startswith(f"The letter reminder (en, body.txt) does not fit the facts: {reason}")
    assert str(refusal.value).endswith("Mend the letter or the fact.")


def test_html_is_escaped_and_text_is_not() -> None:
    """A client called <b> breaks no page."""
    shown = render_letter(letter("{{ client.name }}", html="<p>{{ client.name }}</p>"), {"client.name": "<b>&"})

    assert (shown.text, shown.html) == ("<b>&", "<p>&lt;b&gt;&amp;</p>")


def test_a_subject_is_one_line_whatever_it_holds() -> None:
    """No name can add a header to a message."""
    shown = render_letter(letter("x", subject=" {{ client.name }}\n"), {"client.name": "A\r\nBcc: all@example.org"})

    assert shown.subject == "A Bcc: all@example.org"


def test_a_letter_that_grows_too_long_is_stopped() -> None:
    """A rendered letter has a limit, whatever its list holds."""
    facts: dict[str, object] = {"a.list": [{"text": "x" * 1000}] * 300}

    with pytest.raises(LetterNotRendered) as refusal:
        text_of("{% for it in a.list %}{{ it.text }}{% endfor %}", facts)

    assert str(refusal.value) == (
        f"The letter reminder (en, body.txt) comes out longer than {LONGEST} characters. Shorten it, or list less."
    )


def test_a_list_that_is_too_long_is_refused() -> None:
    """A thousand lines are a file, not a letter."""
    with pytest.raises(LetterNotRendered) as refusal:
        text_of("x", {"a.list": [{}] * 1001})

    assert str(refusal.value) == (
        "The letter reminder (en) lists 1001 of a.list; 1000 fit in one. Send several letters, or a file."
    )


@settings(deadline=None)
@given(st.text())
def test_a_name_is_never_read_as_a_template(name: str) -> None:
    """What a client calls themselves is text."""
    shown = text_of("{{ client.name | default('-') }}", {"client.name": name})

    assert len(shown) >= 1
    assert "\x1b" not in shown
    assert text_of("{{ client.name }}", {"client.name": "{{ 1 }}{% if %}"}) == "{{ 1 }}{% if %}"
