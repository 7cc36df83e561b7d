"""Durations and anchored moments are read as written, and refused in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.working_time.duration import (
    AnchoredMoment,
    AnchorNotUnderstood,
    Direction,
    Duration,
    DurationNotUnderstood,
    Unit,
    parse_anchored,
    parse_duration,
)

LAW = settings(deadline=None, max_examples=60)

THE_UNITS = "The units are minutes, hours, days, weeks, months, years, working minutes, working hours, working days."
DURATIONS = st.builds(Duration, value=st.integers(0, 5000), unit=st.sampled_from(Unit))
KEPT = st.builds(
    Duration,
    value=st.integers(0, 5000),
    unit=st.sampled_from([unit for unit in Unit if unit.is_plain_date]),
    keep=st.just(True),
)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("4 working hours", 4, Unit.WORKING_HOUR),
        ("1 working hour", 1, Unit.WORKING_HOUR),
        ("45 working minutes", 45, Unit.WORKING_MINUTE),
        ("2 working days", 2, Unit.WORKING_DAY),
        ("1 working day", 1, Unit.WORKING_DAY),
        ("10 days", 10, Unit.DAY),
        ("2 weeks", 2, Unit.WEEK),
        ("1 month", 1, Unit.MONTH),
        ("1 year", 1, Unit.YEAR),
        ("30 minutes", 30, Unit.MINUTE),
        ("36 hours", 36, Unit.HOUR),
        ("0 days", 0, Unit.DAY),
        ("  3   Working  Days ", 3, Unit.WORKING_DAY),
        ("10days", 10, Unit.DAY),
    ],
)
def test_a_duration_carries_its_number_and_its_unit(text: str, value: int, unit: Unit) -> None:
    """No unit is converted into another: 36 hours stay 36 hours."""
    assert parse_duration(text) == Duration(value=value, unit=unit)


def test_keep_is_asked_for_after_a_comma() -> None:
    """A kept duration stays on a closed day."""
    assert parse_duration("10 days, keep") == Duration(value=10, unit=Unit.DAY, keep=True)


@LAW
@given(st.one_of(DURATIONS, KEPT))
def test_a_duration_reads_back_as_it_was_written(duration: Duration) -> None:
    """`str` and `parse_duration` are inverse."""
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", "'3' has no unit. Write 3 days or 3 working days, for example."),
        ("soon", "'soon' is not a duration. Write a number and a unit, such as 2 working days."),
        ("", "'' is not a duration. Write a number and a unit, such as 2 working days."),
        ("1.5 hours", "'1.5 hours' is not a whole number of its unit. Write 90 minutes instead of 1.5 hours."),
        ("-2 days", "'-2 days' is negative. Write it without the sign and say before or after."),
        (
            "2 wroking days",
            f"There is no unit 'wroking days' in '2 wroking days'; did you mean working days? {THE_UNITS}",
        ),
        (
            "2 business days",
            f"There is no unit 'business days' in '2 business days'; did you mean working days? {THE_UNITS}",
        ),
        (
            "2 fortnights",
            f"There is no unit 'fortnights' in '2 fortnights'. {THE_UNITS}",
        ),
        ("9999999 days", "9999999 days is longer than any calendar. Use at most 1000000."),
        (
            "2 working days, keep",
            (
                "2 working days, keep cannot be kept: only days, weeks, months and years are ever moved "
                "off a closed day. Drop keep."
            ),
        ),
    ],
)
def test_what_is_no_duration_is_refused_in_plain_words(text: str, message: str) -> None:
    """Each refusal says what was asked and what to write instead."""
    with pytest.raises(DurationNotUnderstood) as refused:
        parse_duration(text)

    assert str(refused.value) == message


def test_a_negative_duration_cannot_be_built() -> None:
    """Direction is said by before and after, never by a sign."""
    with pytest.raises(DurationNotUnderstood) as refused:
        Duration(value=-2, unit=Unit.DAY)

    assert str(refused.value) == "-2 days is negative. Write 2 and say before or after."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "3 working days before term.expires_on",
            AnchoredMoment(
                duration=Duration(value=3, unit=Unit.WORKING_DAY),
                direction=Direction.BEFORE,
                anchor="term.expires_on",
            ),
        ),
        ("term.expires_on", AnchoredMoment(duration=None, direction=Direction.AT, anchor="term.expires_on")),
        (
            "2 days after step call completed",
            AnchoredMoment(
                duration=Duration(value=2, unit=Unit.DAY), direction=Direction.AFTER, anchor="step call completed"
            ),
        ),
        (
            "10 days before term.expires_on, keep",
            AnchoredMoment(
                duration=Duration(value=10, unit=Unit.DAY, keep=True),
                direction=Direction.BEFORE,
                anchor="term.expires_on",
            ),
        ),
    ],
)
def test_a_moment_is_counted_from_an_anchor(text: str, expected: AnchoredMoment) -> None:
    """Before, after or at a named fact; and it reads back as it was written."""
    moment = parse_anchored(text)

    assert moment == expected
    assert str(moment) == text


@LAW
@given(st.one_of(DURATIONS, KEPT), st.sampled_from([Direction.BEFORE, Direction.AFTER]))
def test_an_anchored_moment_reads_back_as_it_was_written(duration: Duration, direction: Direction) -> None:
    """`str` and `parse_anchored` are inverse."""
    moment = AnchoredMoment(duration=duration, direction=direction, anchor="receivable.due_on")

    assert parse_anchored(str(moment)) == moment


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "3 working days",
            "'3 working days' counts from nothing. Write it as 3 working days before term.expires_on.",
        ),
        (
            "3 days before the end!",
            (
                "'3 days before the end!' has no anchor taktas can read. "
                "Write a field such as term.expires_on, or a step such as step call completed."
            ),
        ),
        (
            "3 days befor term.expires_on",
            "'3 days befor term.expires_on' counts from nothing. Write it as 3 working days before term.expires_on.",
        ),
        (
            "before term.expires_on",
            "'before term.expires_on' does not say how long. Write it as 3 working days before term.expires_on.",
        ),
    ],
)
def test_a_moment_without_an_anchor_is_refused(text: str, message: str) -> None:
    """The sentence shows where an anchor would stand."""
    with pytest.raises(AnchorNotUnderstood) as refused:
        parse_anchored(text)

    assert str(refused.value) == message


def test_a_duration_needs_a_side_and_a_side_a_duration() -> None:
    """An anchored moment that contradicts itself cannot be built."""
    with pytest.raises(AnchorNotUnderstood) as refused:
        AnchoredMoment(duration=None, direction=Direction.BEFORE, anchor="term.expires_on")

    assert str(refused.value) == (
        "before term.expires_on does not fit a duration of None. Give both a duration and before or after, or neither."
    )
