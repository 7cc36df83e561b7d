"""Values of standards: read as people write them, stored and read back the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.service.standard import Base, Dimension, Dimensions, Field, Fields, Level, Offset, Receiver, Reminder
from standards.service.values import StandardNotUnderstood, parse_field, parse_stored
from standards.working_time.duration import Direction, Duration, DurationNotUnderstood, Unit

HOURS = Duration(value=4, unit=Unit.WORKING_HOUR)
DAY = Duration(value=1, unit=Unit.WORKING_DAY)


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        (Field.DUE, "1 working day", DAY),
        (Field.START_WITHIN, "4 working hours", HOURS),
        (Field.EFFORT, "20 minutes", Duration(value=20, unit=Unit.MINUTE)),
        (Field.ON_TIME, "95 %", Decimal(95)),
        (Field.SUCCESS, "97.5%", Decimal("97.5")),
        (Field.REMIND, "at once", (Reminder(when=Offset(base=Base.OPENED), at_once=True),)),
        (Field.REMIND, "never", ()),
        (
            Field.REMIND,
            ["1 working day before due", {"when": "when overdue", "at once": True}],
            (
                Reminder(when=Offset(base=Base.DUE, direction=Direction.BEFORE, span=DAY)),
                Reminder(when=Offset(base=Base.DUE), at_once=True),
            ),
        ),
        (Field.REMIND, "when not started", (Reminder(when=Offset(base=Base.START_BY)),)),
        (
            Field.REMIND,
            "4 working hours after start",
            (Reminder(when=Offset(base=Base.START_BY, direction=Direction.AFTER, span=HOURS)),),
        ),
        (
            Field.ESCALATE,
            [{"after": "4 working hours", "to": "team lead"}, {"after": "1 working day", "to": "employee rasa"}],
            (Level(after=HOURS, to=Receiver.TEAM_LEAD), Level(after=DAY, to=Receiver.EMPLOYEE, login="rasa")),
        ),
        (Field.ESCALATE, {"after": "1 working day", "to": "manager"}, (Level(after=DAY, to=Receiver.MANAGER),)),
        (Field.ESCALATE, "never", ()),
        (Field.EXPIRES, "1 working day", Offset(base=Base.OPENED, direction=Direction.AFTER, span=DAY)),
        (Field.EXPIRES, "1 working day after due", Offset(base=Base.DUE, direction=Direction.AFTER, span=DAY)),
    ],
)
def test_a_value_is_read_as_it_is_written(field: Field, written: object, value: object) -> None:
    """Each field has one way of being said."""
    assert parse_field(field, written) == value


@pytest.mark.parametrize(
    ("field", "written", "message"),
    [
        (Field.ON_TIME, 95, "95 has no unit. Write it as 95 %."),
        (Field.ON_TIME, "101 %", "'101 %' is more than all. Write a share from 0 % to 100 %."),
        (Field.ON_TIME, "most", "'most' is not a share in percent. Write it as 95 %."),
        (Field.ON_TIME, "9 days", "'9 days' is not a share in percent. Write it as 95 %."),
        (Field.EFFORT, "2 working days", "'2 working days' is not time at the desk. Write it in minutes or hours."),
        (
            Field.REMIND,
            "when overdu",
            (
                "'when overdu' is no moment of a task; did you mean when overdue? Write 1 working day before due, "
                "2 hours after start, when opened, when not started or when overdue."
            ),
        ),
        (
            Field.REMIND,
            "1 day before opened",
            "'1 day before opened' lies before the task exists. Count from opened with after.",
        ),
        (
            Field.REMIND,
            {"whn": "at once"},
            "A reminder has no 'whn'; did you mean when? It has any hour, at once, when.",
        ),
        (Field.REMIND, {"at once": True}, "A reminder says no 'when'. Add it."),
        (Field.REMIND, {"when": "when overdue", "at once": "yes"}, "at once is 'yes'. Write true or false."),
        (
            Field.REMIND,
            {"when": "when overdue", "any hour": True},
            "any hour is for what goes out by itself. Write at once: true beside it.",
        ),
        (Field.ESCALATE, "manager", "'manager' is not a level. Write it as {after: 4 working hours, to: manager}."),
        (Field.ESCALATE, {"after": "1 working day"}, "A level of escalation says no 'to'. Add it."),
        (
            Field.ESCALATE,
            {"after": "1 working day", "to": "team leed"},
            (
                "Nobody is called 'team leed'; did you mean team lead? Write substitute, manager, team lead, "
                "account manager, handler, producer, collector, case owner, house, or employee and a login."
            ),
        ),
        (
            Field.ESCALATE,
            {"after": "1 working day", "to": "employee"},
            (
                "Nobody is called 'employee'. Write substitute, manager, team lead, "
                "account manager, handler, producer, collector, case owner, house, or employee and a login."
            ),
        ),
        (
            Field.EXPIRES,
            "1 day before due",
            "'1 day before due' lets work expire before it is due. Write 10 working days after due.",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(field: Field, written: object, message: str) -> None:
    """The refusal says how it is written."""
    with pytest.raises(StandardNotUnderstood) as refusal:
        parse_field(field, written)

    assert str(refusal.value) == message


@pytest.mark.parametrize("field", [Field.DUE, Field.START_WITHIN, Field.EXPIRES])
def test_a_span_without_a_unit_is_refused(field: Field) -> None:
    """Two of what?"""
    with pytest.raises(DurationNotUnderstood, match="has no unit"):
        parse_field(field, 2)


spans = st.builds(Duration, value=st.integers(1, 999), unit=st.sampled_from(Unit))
offsets = st.builds(Offset, base=st.sampled_from(Base)) | st.builds(
    Offset, base=st.sampled_from(Base), direction=st.just(Direction.AFTER), span=spans
)
levels = st.builds(
    Level, after=spans, to=st.sampled_from([it for it in Receiver if it is not Receiver.EMPLOYEE])
) | st.builds(Level, after=spans, to=st.just(Receiver.EMPLOYEE), login=st.just("rasa"))
percents = st.decimals(0, 100, places=2)


@settings(deadline=None)
@given(
    st.builds(
        Fields,
        start_within=st.none() | spans,
        due=st.none() | spans,
        effort=st.none()
        | st.builds(Duration, value=st.integers(1, 99), unit=st.sampled_from([Unit.MINUTE, Unit.HOUR])),
        on_time=st.none() | percents,
        success=st.none() | percents,
        remind=st.none() | st.lists(st.builds(Reminder, when=offsets, at_once=st.booleans())).map(tuple),
        escalate=st.none() | st.lists(levels).map(tuple),
        expires=st.none()
        | st.builds(
            Offset,
            base=st.sampled_from([Base.OPENED, Base.DUE]),
            direction=st.just(Direction.AFTER),
            span=spans,
        ),
    )
)
def test_what_is_stored_reads_back_the_same(fields: Fields) -> None:
    """A resolution written today means the same tomorrow."""
    assert parse_stored(fields.written()) == fields


@pytest.mark.parametrize(
    ("effort", "minutes"),
    [(None, 0), (Duration(value=90, unit=Unit.MINUTE), 90), (Duration(value=2, unit=Unit.WORKING_HOUR), 120)],
)
def test_effort_is_counted_in_minutes(effort: Duration | None, minutes: int) -> None:
    """Load is a sum, so it has one unit."""
    assert Fields(effort=effort).effort_minutes == minutes


def test_a_task_says_its_dimensions_in_words() -> None:
    """Only what is known, as a manager would write it."""
    assert str(Dimensions(action="call", client_tier="vip", product_line="motor")) == (
        "action call, product line motor, client.tier vip"
    )
    assert str(Dimensions()) == "a task of which nothing is known"


def test_every_dimension_is_a_column_of_a_resolution() -> None:
    """Values, columns and names on the page are the same ten."""
    assert Dimensions().as_mapping().keys() == {dimension.value for dimension in Dimension}
