"""Errors help: they name what was probably meant."""

from __future__ import annotations

from core.errors import did_you_mean


def test_a_close_word_is_suggested() -> None:
    """A typing error finds its word."""
    assert did_you_mean("renewl", ["renewal", "complaint"]) == "; did you mean renewal?"


def test_nothing_is_suggested_when_nothing_is_close() -> None:
    """A wild guess would mislead."""
    assert did_you_mean("xyz", ["renewal", "complaint"]) == ""
