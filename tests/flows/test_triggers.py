"""What Prefect is told of a schedule: it calls at every ringing, and our own table decides about the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.triggers import as_cron
from standards.working_time.schedule import parse_schedule

VILNIUS = ZoneInfo("Europe/Vilnius")
PHRASES = {
    "every minute": "* * * * *",
    "every 15 minutes": "*/15 * * * *",
    "every 90 minutes": "*/30 * * * *",
    "every hour": "0 * * * *",
    "every 6 hours": "0 */6 * * *",
    "every 24 hours": "0 0 * * *",
    "every day at 06:00": "0 6 * * *",
    "every working day at 07:30": "30 7 * * *",
    "every monday and thursday at 06:05": "5 6 * * 1,4",
    "every sunday at 20:00": "0 20 * * 0",
    "every month on the 1st at 06:00": "0 6 1 * *",
    "every month on the 30th at 06:00": "0 6 28-30 * *",
    "every month on the last day at 06:00": "0 6 28-31 * *",
}


def calls_at(cron: str, moment: datetime) -> bool:
    """Whether those five fields name the moment: an own reading of cron, for the fields used here."""
    fields = (moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    return all(_names(field, value) for field, value in zip(cron.split(), fields, strict=True))


def _names(field: str, value: int) -> bool:
    if field.startswith("*"):
        return value % int(field.removeprefix("*").removeprefix("/") or 1) == 0
    spans = [part.split("-") for part in field.split(",")]
    return any(int(span[0]) <= value <= int(span[-1]) for span in spans)


@pytest.mark.parametrize(("phrase", "cron"), PHRASES.items(), ids=PHRASES)
def test_a_schedule_has_its_cron(phrase: str, cron: str) -> None:
    """Sunday is 0 there, and never 7."""
    assert as_cron(parse_schedule(phrase)) == cron


@pytest.mark.parametrize("phrase", PHRASES)
def test_prefect_is_called_at_every_ringing(phrase: str) -> None:
    """Through a year without the nights when the clocks change; those are caught up within 15 minutes."""
    schedule = parse_schedule(phrase)
    first = datetime(2026, 4, 1, tzinfo=VILNIUS)
    days = 5 if "minute" in phrase else 190

    rung = schedule.ringings(first, first + timedelta(days=days), VILNIUS, lambda day: day.weekday() < 5)

    assert rung
    assert all(calls_at(as_cron(schedule), ringing.astimezone(VILNIUS)) for ringing in rung)
