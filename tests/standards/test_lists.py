"""Coded lists: codes are stored, labels are shown."""

from __future__ import annotations

import pytest

from standards.lists import CodedList, CodeNotKnown, Lists, code_of, is_code

TIERS = CodedList(name="tiers", labels={"vip": {"en": "VIP"}, "standard": {"en": "Standard", "lt": "Įprastas"}})
LISTS = Lists(lists={"tiers": TIERS})


def test_a_list_keeps_its_order() -> None:
    """Codes are offered as the house wrote them down."""
    assert LISTS.codes("tiers") == ("vip", "standard")


@pytest.mark.parametrize(
    ("code", "language", "label"),
    [("standard", "lt", "Įprastas"), ("vip", "lt", "VIP"), ("price_too_high", "es", "price too high")],
)
def test_a_label_falls_back_to_english_and_then_to_the_code(code: str, language: str, label: str) -> None:
    """There is always something to show."""
    assert LISTS.label("tiers", code, language) == label


def test_a_list_the_house_does_not_keep_is_empty() -> None:
    """Asking for it is no error: the house may not need it."""
    assert LISTS.codes("moods") == ()
    assert LISTS.label("moods", "very_good", "en") == "very good"


@pytest.mark.parametrize("written", ["vip", "VIP", " Vip "])
def test_a_code_is_recognised_however_it_is_written(written: str) -> None:
    """People write codes as words."""
    assert LISTS.checked("tiers", written) == "vip"


def test_a_code_that_is_not_listed_is_refused() -> None:
    """The refusal says what is known and how to add to it."""
    with pytest.raises(CodeNotKnown) as refusal:
        LISTS.checked("tiers", "standart")

    assert str(refusal.value) == (
        "'standart' is not in the list of tiers; did you mean standard? Known: vip, standard. "
        "Add it to lists.yaml and publish, or use a known one."
    )


def test_words_become_codes() -> None:
    """Spaces and hyphens are underscores in a code."""
    assert code_of("Price too-high") == "price_too_high"
    assert is_code("price_too_high")
    assert not is_code("Price")
    assert not is_code("1st")
