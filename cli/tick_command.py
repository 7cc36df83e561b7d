"""`taktas tick`: what is due is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import choices
from cli.output import say, show_json, warn
from cli.progress import progress
from cli.work_words import moment_of

if TYPE_CHECKING:
    from tasks.beat.ticking import TickReport

group = typer.Typer()


@group.command("tick")
def tick_command(
    as_of: Annotated[str | None, typer.Option(metavar="MOMENT", help="Do what is due at that moment; now.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many timers, happenings and tasks.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
) -> None:
    """Do what is due: timers, happenings, reminders, escalations.

    Safe at any time and as often as wanted: nothing is done twice, also when two beats run at once.

    Examples:
      taktas tick
      taktas tick --as-of 2026-03-02T14:00
    """
    at = moment_of(as_of)
    with progress("Doing what is due"):
        if prefect:
            from flows.entry import run_tick

            report = run_tick(at, limit=limit)
        else:
            from tasks.beat.ticking import tick

            report = tick(at=at, limit=limit)
    _tell(report)


def _tell(report: TickReport) -> None:
    if choices().is_json:
        show_json({"done": dict(report.counts), "digests": report.digests, "problems": report.problems})
        return
    say(f"Done: {report.words}." if report.words else "Nothing was due.")
    for problem in report.problems:
        warn(f"Put off until tomorrow: {problem}")
