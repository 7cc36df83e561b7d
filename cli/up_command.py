"""`taktas up`: everything on this machine, kept up until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.choices import choices

if TYPE_CHECKING:
    from flows.ringer import Told

group = typer.Typer()


@group.command("up")
def up(
    without_prefect: Annotated[
        bool, typer.Option("--without-prefect", help="Do the work as plain calls; start no Prefect server.")
    ] = False,
) -> None:
    """Keep the house up: the database, one Prefect server, and the beat over the schedules.

    Says one line for each ringing. What was missed while it was down is caught up as each schedule declares
    (`taktas schedules list`). Ctrl-C or SIGTERM stops it within ten seconds; the database is left running.

    Examples:
      taktas up
      taktas up --without-prefect
    """
    from flows.upkeep import Upkeep

    upkeep = Upkeep(tell=_tell, with_prefect=not without_prefect)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_told: upkeep.stop.set())
    _tell(_greeting())
    is_clean = upkeep.run()
    _tell("Stopped." if is_clean else "Stopped; what was still at work is taken back and will be rung again.")
    _leave()


def _greeting() -> str:
    from core.settings import settings

    return f"The house {settings().house!r} is coming up. Ctrl-C stops it."


def _leave() -> None:
    """End now: a thread that still waits for an answer of Prefect would keep the process for half a minute."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _tell(told: Told) -> None:
    line = json.dumps(_as_json(told), ensure_ascii=False) if choices().is_json else _as_line(told)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _as_line(told: Told) -> str:
    from cli.output import moment, on_one_line
    from core.clock import now

    at = now()
    written = f"{moment(at)}:{at:%S}"
    if isinstance(told, str):
        return f"{written}  {on_one_line(told)}"
    late = "" if (at - told.due_at).total_seconds() - told.seconds < 60 else f", due {moment(told.due_at)}"
    mark = "!" if told.has_failed or told.has_trouble else " "
    return f"{written} {mark}{told.code}: {on_one_line(told.result)} ({told.seconds:.1f} s{late})"


def _as_json(told: Told) -> dict[str, Any]:
    from dataclasses import asdict

    from core.clock import now

    facts: dict[str, Any] = {"at": now().isoformat()}
    if isinstance(told, str):
        return facts | {"said": told}
    return facts | asdict(told) | {"due_at": told.due_at.isoformat(), "seconds": round(told.seconds, 3)}
