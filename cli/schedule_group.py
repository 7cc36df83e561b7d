"""`taktas schedules`: what rings when, what it did, and what the house may change about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import choices
from cli.output import Column, moment, say, show, show_json
from cli.progress import progress
from core.errors import TaktasError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flows.ringer import Rung

group = typer.Typer()
schedules = typer.Typer(help="What runs by itself: when it rings, what it did, pause it, change it, ring it now.")
group.add_typer(schedules, name="schedules")

Code = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its code, such as tick or run:renewal:1.")]
CATCHES_UP = ("once", "each", "skip")


class RingingFailed(TaktasError):
    """What a schedule is to do could not be done."""


class AlreadyAtWork(TaktasError):
    """Somebody else is doing what the schedule is to do."""


@schedules.command("list")
def list_command() -> None:
    """List every schedule: when it rings, next and last, and what it did then.

    Moments are those of the house. `Missed` says what becomes of ringings that were missed: `once` (the latest serves
    for all), `each` (every one, in order) or `skip`.

    Example: taktas schedules list
    """
    from core.clock import now
    from core.settings import settings
    from models.database import begin
    from tasks.timetable.house_schedules import declare_house_schedules
    from tasks.timetable.overview import list_schedules

    with begin() as db:
        declare_house_schedules(db, now())
        rows = list_schedules(db, now())
    choices().zone = settings().zone
    columns = [
        Column("code", "Schedule", is_whole=True),
        Column("phrase", "Rings"),
        Column("catches_up", "Missed"),
        Column("next_at", "Next"),
        Column("last_at", "Last"),
        Column("state", "State"),
        Column("result", "What it did"),
    ]
    show(rows, columns, empty="Nothing rings here yet.")
    for row in rows:
        if row["not_here"]:
            say(f"{row['code']} does not ring here: {row['not_here']}.")


@schedules.command("show")
def show_command(
    schedule: Code,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines.")] = 20,
) -> None:
    """Say what a schedule did, the newest first; what came to the same several times in a row is one line.

    After a stop the line says since when nothing rang, and whether that was caught up.

    Example: taktas schedules show tick
    """
    from core.clock import now
    from core.settings import settings
    from models.database import begin
    from tasks.timetable.changing import find
    from tasks.timetable.house_schedules import declare_house_schedules
    from tasks.timetable.overview import list_ringings

    with begin() as db:
        declare_house_schedules(db, now())
        rows = list_ringings(db, find(db, schedule).id, limit)
    choices().zone = settings().zone
    columns = [
        Column("due_at", "Rung for"),
        Column("times", "Times", is_number=True),
        Column("first_at", "Since"),
        Column("state", "State"),
        Column("result", "What it did"),
    ]
    show(rows, columns, empty=f"{schedule} has not rung yet.")


@schedules.command("pause")
def pause_command(schedule: Code) -> None:
    """Let a schedule ring no more until it is resumed.

    Example: taktas schedules pause reconcile
    """
    from tasks.timetable.changing import pause

    with _changing() as db:
        is_changed = pause(db, schedule)
    _answer(schedule, f"{schedule} rings no more until `taktas schedules resume {schedule}`.", is_changed=is_changed)


@schedules.command("resume")
def resume_command(schedule: Code) -> None:
    """Let a paused schedule ring again, from now on: what it missed while paused is not caught up.

    Example: taktas schedules resume reconcile
    """
    from core.clock import now
    from tasks.timetable.changing import resume

    with _changing() as db:
        is_changed = resume(db, schedule, now())
    said = f"{schedule} rings again." if is_changed else f"{schedule} was not paused."
    _answer(schedule, said, is_changed=is_changed)


@schedules.command("set")
def set_command(
    schedule: Code,
    phrase: Annotated[str | None, typer.Option("--rings", metavar="PHRASE", help="When, in words.")] = None,
    missed: Annotated[str | None, typer.Option("--missed", metavar="HOW", help="once, each or skip.")] = None,
    shared_by: Annotated[
        int | None, typer.Option("--shared-by", min=0, max=64, help="Of a run: so many Prefect workers help; 0: none.")
    ] = None,
) -> None:
    """Change when a schedule rings, or what becomes of ringings it missed.

    When a process starts is said in its definition; the house's own schedules are set here. A new phrase counts from
    now on.

    Examples:
      taktas schedules set reconcile --rings "every friday at 18:00"
      taktas schedules set run:renewal:1 --missed skip
    """
    from core.clock import now
    from models.timetable import CatchUp
    from tasks.timetable.changing import change

    if phrase is None and missed is None and shared_by is None:
        raise UsageError("Say what to change: --rings, --missed or --shared-by.")
    if missed is not None and missed not in CATCHES_UP:
        raise UsageError(f"--missed takes {', '.join(CATCHES_UP[:-1])} or {CATCHES_UP[-1]}, not {missed!r}.")
    how = None if missed is None else CatchUp(missed)
    with _changing() as db:
        change(db, schedule, now(), phrase=phrase, catches_up=how, shared_by=shared_by)
        said = _as_it_is_now(db, schedule)
    _answer(schedule, said, is_changed=True)


_MISSED = {
    "once": "After a stop the latest ringing it missed serves for all of them.",
    "each": "After a stop every ringing it missed is done, in order.",
    "skip": "What it missed is not caught up.",
}


def _as_it_is_now(db: Connection, code: str) -> str:
    from core.clock import now
    from core.settings import settings
    from tasks.timetable.overview import list_schedules

    row = next(it for it in list_schedules(db, now()) if it["code"] == code)
    choices().zone = settings().zone
    never = f"not here: {row['not_here']}" if row["not_here"] else "never again"
    coming = "paused" if row["is_paused"] else f"next {moment(row['next_at'])}" if row["next_at"] else never
    shared = f", shared by {row['shared_by']} workers of Prefect" if row["shared_by"] else ""
    return f"{code} rings {row['phrase']} ({coming}{shared}). {_MISSED[row['catches_up']]}"


@schedules.command("ring")
def ring_command(schedule: Code) -> None:
    """Do now what a schedule does: for what it is to ring for already, else for this moment, also when it is paused.

    Example: taktas schedules ring reconcile
    """
    from core.clock import now
    from flows.ringer import Ringer, kept
    from tasks.timetable.claiming import claim_now
    from tasks.timetable.holder import own_holder

    with _changing() as db:
        claimed = claim_now(db, schedule, now(), own_holder())
    if claimed is None:
        raise AlreadyAtWork(f"Somebody is at {schedule} already. `taktas schedules list` shows what comes of it.")
    with progress(f"Doing {schedule}"), kept(Ringer(now, lambda _told: None)) as ringer:
        rung = ringer.ring(claimed)
    _tell_rung(rung)


def _tell_rung(rung: Rung) -> None:
    if choices().is_json:
        facts = {"schedule": rung.code, "due_at": rung.due_at, "result": rung.result, "has_failed": rung.has_failed}
        show_json(facts)
    if rung.has_failed:
        raise RingingFailed(f"{rung.code} {rung.result}")
    say(f"{rung.code} for {moment(rung.due_at)}: {rung.result}.")


@contextmanager
def _changing() -> Iterator[Connection]:
    """A transaction in which the house's own schedules stand in the table."""
    from core.clock import now
    from models.database import begin
    from tasks.timetable.house_schedules import declare_house_schedules

    with begin() as db:
        declare_house_schedules(db, now())
        yield db


def _answer(code: str, said: str, *, is_changed: bool) -> None:
    say(said)
    if choices().is_json:
        show_json({"schedule": code, "is_changed": is_changed})
