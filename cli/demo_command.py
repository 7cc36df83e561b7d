"""`taktas demo`: a sample brokerage in a house of its own, and one Monday in it, told as it happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from cli.demo_telling import Story

if TYPE_CHECKING:
    from intake.sample.brokerage import Sample

group = typer.Typer()


@group.command("demo")
def demo(
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The story's Monday is the one on or before it; today.")
    ] = None,
) -> None:
    """Build a sample brokerage and work through one Monday.

    Twelve people in three teams, two thousand clients, six thousand policies and half a year of worked renewals: all
    of it made up, always the same, in a house of its own called demo, which is built anew each time.

    Example: taktas demo
    """
    began = monotonic()
    with _in_house():
        story = Story(monday=_monday(as_of))
        sample = _build(story)
        _monday_morning(story, sample)
        _day_of_work(story, sample)
        _evening(story, sample)
        story.end(monotonic() - began)


@contextmanager
def _in_house() -> Iterator[None]:
    """The house of the demo, unless another of its kind is asked for; afterwards the settings are as before."""
    from core.settings import settings
    from intake.sample.house import DEMO, check_house
    from models import database

    before, wanted = os.environ.get("TAKTAS_HOUSE"), settings().house
    if before is not None and settings().database_url is None:
        check_house(wanted)
    os.environ["TAKTAS_HOUSE"] = wanted if before is not None else DEMO
    settings.cache_clear()
    database.forget_engine()
    try:
        yield
    finally:
        os.environ.pop("TAKTAS_HOUSE")
        if before is not None:
            os.environ["TAKTAS_HOUSE"] = before
        settings.cache_clear()
        database.forget_engine()


def _monday(written: str | None) -> date:
    from core.clock import now, parse_date, zone
    from core.settings import settings

    day = parse_date(written) if written else now().astimezone(zone(settings().zone)).date()
    return day - timedelta(days=day.weekday())


def _build(story: Story) -> Sample:
    """The house, its book, and the half year behind."""
    from core.settings import settings
    from intake.sample.brokerage import bring_book, bring_past, open_house, sample_of
    from intake.sample.house import make_room
    from models.database import begin
    from standards.definition_folder import read_definitions

    with story.stage("room", "Making room: an empty house with all tables"):
        make_room()
        sample = sample_of(story.monday, settings().data_dir / "demo")
    with (
        story.stage("published", "Publishing processes, standards, calendars and letters") as facts,
        begin() as db,
    ):
        definitions = read_definitions().checked()
        open_house(db, sample, definitions)
        facts["processes"] = len(definitions.processes)
    with story.stage("book", "Importing the book") as facts, begin() as db:
        facts.update(bring_book(db, sample))
    with story.stage("past", "Writing down half a year of renewals") as facts, begin() as db:
        facts["cases"] = bring_past(db, sample)
    story.tell_house(sample)
    return sample


def _monday_morning(story: Story, sample: Sample) -> None:
    """At six a look ahead and the run, at eight whatever else is due, and what the day brings."""
    from core.actor import Actor, Door
    from intake.sample.brokerage import PROCESS
    from notifications.sending.draining import drain
    from tasks.beat.ticking import tick
    from tasks.generation.running import run

    actor = Actor(door=Door.RUN)
    with story.stage("look_ahead", "Monday 06:00: looking ahead"):
        ahead = run(PROCESS, sample.now, actor=actor, dry_run=True)
    story.tell_look_ahead(ahead)
    with story.stage("run", "Monday 06:00: starting the renewals that come up"):
        done = run(PROCESS, sample.now, actor=actor, workers=1)
    story.tell_run(done)
    morning = sample.now + timedelta(hours=2)
    with story.stage("tick", "Monday 08:00: reminders, escalations, tasks whose moment has come"):
        report = tick(at=morning)
    story.tell_tick(report)
    with story.stage("told", "Monday 08:00: telling everybody what the day brings"):
        sent = drain(morning)
    story.tell_sent("told", sum(sent.counts.values()), sent.where, sent.problem)


def _day_of_work(story: Story, sample: Sample) -> None:
    """Everybody works down their list, each in a transaction of their own."""
    from intake.sample.day import people, work_a_day
    from models.database import begin

    days = []
    with story.stage("day", "A day of work"):
        for person in people():
            with begin() as db:
                days.append(work_a_day(db, sample, person))
    story.tell_day(days)


def _evening(story: Story, sample: Sample) -> None:
    """What leaves the house, and how well the half year went."""
    from core.settings import settings
    from models.database import read
    from notifications.sending.draining import drain
    from reports.assignment import Question
    from reports.dimension import By
    from reports.efficiency import efficiency
    from reports.period import Period
    from tasks.beat.ticking import tick

    evening = sample.now + timedelta(hours=12)
    with story.stage("sent", "Monday 18:00: sending what is due"):
        tick(at=evening)
        sent = drain(evening)
    story.tell_sent("sent", sum(sent.counts.values()), sent.where, sent.problem)
    first, last = sample.monday - timedelta(weeks=26), sample.monday
    period = Period(first=first, last=last, zone=settings().zone)
    with story.stage("figures", "Counting the figures of the half year"), read() as db:
        figures = efficiency(db, Question(period=period, by=(By.EMPLOYEE,), as_of=evening))
    story.tell_figures(figures, first, last)
