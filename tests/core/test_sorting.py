"""The order of names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sorting import sort_key


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("lt", ["Adomas", "Azubalis", "Ąžuolas", "Cibulskis", "Čepaitis", "Dagys"]),
        ("lt", ["Ignas", "Ylakis", "Įstras", "Jonas"]),
        ("lt", ["Sakalas", "Szabo", "Šarka", "Tauras", "Zabiela", "Zuokas", "Žaliukas"]),
        ("es", ["Núñez", "Nuñez Peña", "Oñate"]),
        ("es", ["Nadal", "Nzuzi", "Ñíguez", "Olmo"]),
        ("es", ["Xirau", "Yáñez", "Zapata"]),
        ("en", ["ana", "Ana María", "Anabel"]),
        ("en", ["Garcia", "García", "Garza"]),
        ("en", ["O'Brien", "Obrist", "O’Connor"]),
        ("en", ["Łukasz", "Lukasz Nowak", "Luna"]),
        ("lt", ['UAB "Saulė"', "UAB Saulėgrąža"]),
    ],
)
def test_names_stand_where_their_readers_look_for_them(language: str, ordered: list[str]) -> None:
    """Lists as a Lithuanian or Spanish reader expects them."""
    found = sorted(set(ordered), key=lambda name: sort_key(name, language))

    assert found == ordered


def test_an_accent_decides_only_where_the_letters_are_the_same() -> None:
    """García before Garza although á comes far behind z in the code table."""
    assert sort_key("García") < sort_key("Garza")
    assert sort_key("Garcia") < sort_key("García")


def test_the_same_name_written_in_two_ways_has_one_key() -> None:
    """Composed, decomposed, full-width, capital or small."""
    name = "Šarūnas Žemaitis"

    ways = [name, unicodedata.normalize("NFD", name), name.upper(), "Ｓ̌arūnas  Žemaitis"]

    assert len({sort_key(way) for way in ways}) == 1


def test_a_name_of_punctuation_only_still_has_a_key() -> None:
    """Nothing is ordered by an empty key."""
    assert sort_key("!!!").startswith("!!!")


def test_a_key_always_fits_into_an_index() -> None:
    """A name of ten thousand characters gets a key of at most a few hundred bytes."""
    assert len(sort_key("ŽĄ𝕏漢" * 2_500).encode()) < 1_200


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_every_text_has_a_key_that_can_be_stored(name: str) -> None:
    """No text makes the key fail, and none puts a NUL into it."""
    assert "\0" not in sort_key(name)
