"""When digests leave: how a manager writes it, and what is said where it cannot be read."""

from __future__ import annotations

from datetime import time

import pytest

from standards.reading import read_yaml
from standards.service.digests import Digests, DigestsNotUnderstood, Slot, Weekday, parse_digests
from standards.service.reading import read_book
from standards.working_time.duration import Duration, Unit


def test_what_is_not_declared_is_as_usual() -> None:
    """At the opening, once more after lunch when something new came; the manager's on Monday; two weeks."""
    book, problems = read_book([("standards/a.yaml", read_yaml("standards: {a: {due: 1 day}}", "a.yaml")[0])])

    assert problems == []
    assert book.digests == Digests()
    assert book.digests.written() == {
        "daily": ["opening", {"at": "13:00", "if": "something new"}],
        "weekly": "monday",
        "uncovered": "14 days",
    }


def test_a_house_declares_its_own() -> None:
    """Beside its standards, in one of their files."""
    source = "digests:\n  daily: [opening, 15:30]\n  weekly: friday\n  uncovered: 5 working days\n"

    book, problems = read_book([("standards/a.yaml", read_yaml(source, "a.yaml")[0])])

    assert problems == []
    assert book.digests == Digests(
        daily=(Slot(), Slot(at=time(15, 30))),
        weekly=Weekday.FRIDAY,
        uncovered=Duration(value=5, unit=Unit.WORKING_DAY),
    )


def test_a_house_may_want_none() -> None:
    """Nothing is gathered and nobody is told the week's exceptions."""
    found = parse_digests({"daily": "never", "weekly": "never"})

    assert (found.daily, found.weekly) == ((), None)


def test_what_is_written_is_read_back_as_it_was() -> None:
    """The usual, and anything else."""
    other = Digests(daily=(Slot(at=time(8, 5)), Slot(at=time(13), only_news=True)), weekly=None)

    assert parse_digests(Digests().written()) == Digests()
    assert parse_digests(other.written()) == other


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("often", "digests: says when they leave. Write daily, weekly and uncovered below it."),
        ({"dayly": "opening"}, "Digests have no 'dayly'; did you mean daily? They have daily, weekly, uncovered."),
        ({"daily": "25:00"}, "'25:00' is no time of a working day. Write opening, or a time such as 13:00."),
        (
            {"daily": {"at": "opening", "if": "rain"}},
            "A slot cannot hang on 'rain'. Write if: something new, or leave it out.",
        ),
        ({"daily": {"when": "opening"}}, "A slot has at and if, not when. Write at: 13:00."),
        ({"weekly": "mondey"}, "'mondey' is no day of the week; did you mean monday? Write monday, or never."),
        ({"uncovered": "2 hours"}, "'2 hours' is too fine for an expiry, which is a day. Write it in days or weeks."),
    ],
)
def test_what_cannot_be_read_is_refused(written: object, message: str) -> None:
    """Each refusal says what to write."""
    with pytest.raises(DigestsNotUnderstood) as refused:
        parse_digests(written)

    assert str(refused.value) == message


def test_a_mistake_is_told_with_its_line_and_two_declarations_are_refused() -> None:
    """As everything in a file of standards."""
    files = [(f"{n}.yaml", read_yaml("digests: {daily: noon}", f"{n}.yaml")[0]) for n in (1, 2)]

    _, problems = read_book(files)

    assert [str(problem) for problem in problems] == [
        "1.yaml:1: digests: 'noon' is no time of a working day. Write opening, or a time such as 13:00.",
        "2.yaml:1: the digests are declared already, in another file. Keep one.",
    ]
