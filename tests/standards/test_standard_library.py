"""The standards, lists and calendars that come with taktas: whole, believable, and enough for every process."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from standards.catalogue import FIELDS
from standards.definition_folder import read_definitions
from standards.process import StepKind
from standards.service.cascade import resolve as resolve_standards
from standards.service.standard import Dimensions
from standards.working_time.calendar import CalendarDefinition, resolve
from standards.working_time.open_time import OpenTime

LIBRARY = read_definitions()
TASKS = [
    (process.name, step.name, step.action or "")
    for process in LIBRARY.processes.values()
    for step in process.steps.values()
    if step.kind is StepKind.TASK
]
TIERS = ("", *LIBRARY.lists.codes("tiers"))
IN_THE_BOOK = {"insurers", "products", "currencies", "countries", "teams", "processes"}


@pytest.mark.parametrize(("process", "step", "action"), TASKS, ids=[f"{it[0]}-{it[1]}" for it in TASKS])
def test_every_task_has_a_standard_for_every_client(process: str, step: str, action: str) -> None:
    """Due, effort, targets, reminders and escalation, whatever the tier."""
    for tier in TIERS:
        fields = resolve_standards(
            LIBRARY.book, Dimensions(action=action, process=process, step=step, client_tier=tier)
        ).fields

        assert fields.due is not None
        assert 0 < fields.effort_minutes <= 240
        assert fields.on_time is not None
        assert fields.remind is not None
        assert fields.escalate is not None


@pytest.mark.parametrize("action", sorted({action for _, _, action in TASKS}))
def test_vip_clients_never_wait_longer_than_others(action: str) -> None:
    """What was promised to few is no worse than what holds for all."""
    clock = OpenTime.from_resolved(resolve([LIBRARY.calendars["house"]], date(2026, 1, 1), date(2026, 12, 31)))
    monday = datetime(2026, 3, 16, 7, tzinfo=UTC)

    usual = resolve_standards(LIBRARY.book, Dimensions(action=action)).fields.due
    vip = resolve_standards(LIBRARY.book, Dimensions(action=action, client_tier="vip")).fields.due

    assert usual is not None
    assert vip is not None
    assert clock.add_duration(monday, vip) <= clock.add_duration(monday, usual)


def test_every_list_of_the_catalogue_is_kept() -> None:
    """Every code a field may hold has a label in every language."""
    kept = {field.code_list for field in FIELDS.values() if field.code_list} - IN_THE_BOOK

    assert kept <= LIBRARY.lists.lists.keys()


@pytest.mark.parametrize("field", [it for it in FIELDS.values() if it.codes], ids=lambda field: field.path)
def test_every_code_of_the_catalogue_is_listed(field: object) -> None:
    """What taktas itself knows can be shown."""
    codes, name = field.codes, field.code_list  # type: ignore[attr-defined]  # a Field of the catalogue

    assert set(codes) <= set(LIBRARY.lists.codes(name))


@pytest.mark.parametrize("calendar", LIBRARY.calendars.values(), ids=lambda calendar: calendar.name)
def test_every_calendar_opens_on_an_ordinary_week(calendar: CalendarDefinition) -> None:
    """Between thirty and forty-five hours a week, none of them on a public holiday."""
    layers = [LIBRARY.calendars["house"], calendar] if calendar.above else [calendar]
    clock = OpenTime.from_resolved(resolve(layers, date(2026, 1, 1), date(2026, 12, 31)))

    hours = clock.between(datetime(2026, 9, 14, tzinfo=UTC), datetime(2026, 9, 21, tzinfo=UTC)) / 3600

    assert 30 <= hours <= 45
    assert not clock.is_working_day(date(2026, 12, 25))


def test_the_day_before_a_public_holiday_is_shorter() -> None:
    """As the labour code has it."""
    clock = OpenTime.from_resolved(resolve([LIBRARY.calendars["house"]], date(2026, 1, 1), date(2027, 12, 31)))

    shortened = LIBRARY.calendars["house"].shortened_days
    for day in shortened:
        assert clock.is_working_day(day), day
        assert clock.between(clock.opening_of(day), clock.closing_of(day)) == 7 * 3600
