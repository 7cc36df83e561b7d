"""Answers of every kind: what is understood, what is refused, and that what is stored is read back the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.process import AnswerType, Question
from tasks.desk.answering import AnswerNotUnderstood, AnswersRefused, check_answers, fact_of, stored

CODES = ("price", "competitor")


def question(kind: AnswerType, *, optional: bool = False) -> Question:
    """A question called it."""
    choices = CODES if kind in {AnswerType.CODE, AnswerType.CODES} else ()
    return Question(name="it", type=kind, choices=choices, optional=optional)


@pytest.mark.parametrize(
    ("kind", "given_value", "kept"),
    [
        (AnswerType.TEXT, " P-7 ", "P-7"),
        (AnswerType.NUMBER, "12", 12),
        (AnswerType.NUMBER, "12.50", "12.50"),
        (AnswerType.MONEY, "120.5", {"amount": "120.50", "currency": "EUR"}),
        (AnswerType.MONEY, "99 usd", {"amount": "99.00", "currency": "USD"}),
        (AnswerType.MONEY, Decimal(3), {"amount": "3.00", "currency": "EUR"}),
        (AnswerType.DATE, "2026-03-02", "2026-03-02"),
        (AnswerType.DATE, date(2026, 3, 2), "2026-03-02"),
        (AnswerType.YES_NO, "Taip", True),
        (AnswerType.YES_NO, "no", False),
        (AnswerType.CODE, "Price", "price"),
        (AnswerType.CODES, "price, competitor,price", ["price", "competitor"]),
    ],
)
def test_an_answer_is_kept_in_one_form(kind: AnswerType, given_value: object, kept: object) -> None:
    """However it was typed."""
    assert stored(question(kind), given_value) == kept


@pytest.mark.parametrize(
    ("kind", "given_value", "sentence"),
    [
        (AnswerType.TEXT, "  ", "'  ' is no answer to 'it': give some words."),
        (AnswerType.NUMBER, "twelve", "'twelve' is no answer to 'it': give a number such as 12."),
        (AnswerType.NUMBER, 1.5, "1.5 is no answer to 'it': give a number such as 12."),
        (AnswerType.NUMBER, "nan", "'nan' is no answer to 'it': give a number such as 12."),
        (AnswerType.MONEY, "1.234", "'1.234' is no answer to 'it': give an amount such as 120.50 or 120.50 EUR."),
        (AnswerType.MONEY, 0.1, "0.1 is no answer to 'it': give an amount such as 120.50 or 120.50 EUR."),
        (AnswerType.DATE, "1/2/2011", "'1/2/2011' is no answer to 'it': give a date such as 2026-03-02."),
        (AnswerType.YES_NO, "maybe", "'maybe' is no answer to 'it': give yes or no."),
        (AnswerType.CODE, "prize", "'prize' is no answer to 'it': give one of price, competitor."),
        (AnswerType.CODES, "", "'' is no answer to 'it': give several of price, competitor."),
        (AnswerType.CODES, 7, "7 is no answer to 'it': give several of price, competitor."),
    ],
)
def test_what_is_not_of_its_kind_is_refused_with_what_is(kind: AnswerType, given_value: object, sentence: str) -> None:
    """Nothing is guessed, no float is money."""
    with pytest.raises(AnswerNotUnderstood) as refused:
        stored(question(kind), given_value)

    assert str(refused.value) == sentence


@given(amount=st.decimals(-(10**9), 10**9, places=2))
def test_an_amount_is_read_back_to_the_cent(amount: Decimal) -> None:
    """Whatever its size."""
    kept: Any = stored(question(AnswerType.MONEY), amount)

    assert fact_of(kept, AnswerType.MONEY) == amount


@given(number=st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_number_is_read_back_exactly(number: int | Decimal) -> None:
    """Whole or not."""
    assert fact_of(stored(question(AnswerType.NUMBER), number), AnswerType.NUMBER) == number


def test_optional_and_known_answers_are_not_missing() -> None:
    """What is known may be given again."""
    optional = question(AnswerType.TEXT, optional=True)

    assert check_answers([optional], {}, (), asker="It") == ()
    assert check_answers([question(AnswerType.TEXT)], {}, ["it"], asker="It") == ()
    with pytest.raises(
        AnswersRefused, match=r"^It was not accepted\. Missing: it \(some words\)\. Add --answer it=…\.$"
    ):
        check_answers([question(AnswerType.TEXT)], {}, (), asker="It")
