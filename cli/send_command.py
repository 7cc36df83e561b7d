"""`taktas send`: what is due leaves the house, or becomes files where no mail server is set."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.choices import choices
from cli.errors import STOPPED
from cli.output import say, show_json, warn
from cli.progress import progress
from cli.stopping import stop_when_told
from cli.work_words import moment_of
from core.errors import TaktasError
from core.settings import settings

if TYPE_CHECKING:
    from notifications.sending.draining import DrainReport

BROKEN_OFF = (
    "Stopped at once. Nothing is lost: what was in hand is looked at again when its lease of {seconds} seconds is over."
)

group = typer.Typer()


class SendingStopped(TaktasError):
    """Not everything that is due could leave."""


@group.command("send")
def send(
    as_of: Annotated[str | None, typer.Option(metavar="MOMENT", help="Send what is due at that moment; now.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many messages.")] = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
) -> None:
    """Send the messages that are due.

    Without a mail server (TAKTAS_SMTP_HOST) each becomes an .eml file in the data directory, which any mail program
    opens. Reminders of one person leave as one message. Ctrl-C or SIGTERM stops it within seconds: what is under way
    is written down, what had not left waits for the next time.

    Example: taktas send
    """
    at = moment_of(as_of)
    try:
        report = _sent(at, limit, prefect=prefect)
    except KeyboardInterrupt:
        warn(BROKEN_OFF.format(seconds=settings().send_lease))
        raise typer.Exit(STOPPED) from None
    _tell(report)
    if report.problem:
        raise SendingStopped(report.problem)


def _sent(at: datetime, limit: int | None, *, prefect: bool) -> DrainReport:
    with progress("Sending") as step, stop_when_told() as stop:
        if prefect:
            from flows.entry import run_send

            return run_send(at, limit=limit, stop=stop)
        from notifications.sending.draining import drain

        return drain(at, limit=limit, step=step, stop=stop)


def _tell(report: DrainReport) -> None:
    """How many, where to, and what did not go."""
    counts = {outcome.value: count for outcome, count in report.counts.items()}
    if choices().is_json:
        refusals = [{"message": number, "reason": reason} for number, reason in report.refusals]
        show_json({**counts, "where": report.where, "refusals": refusals, "problem": report.problem})
        return
    words = {
        "sent": f"sent to {report.where}",
        "retry": "to be tried again",
        "failed": "failed",
        "unknown": "of unknown fate",
        "dropped": "dropped, because they had lost their point or their consent",
    }
    told = [f"{counts[outcome]} {what}" for outcome, what in words.items() if counts[outcome]]
    if told or not report.problem:
        say(f"Messages: {'; '.join(told)}." if told else "Nothing is due to be sent.")
    if counts["unknown"]:
        say("Of unknown fate: reminders go out once more by themselves; letters wait for `taktas messages release`.")
    for number, reason in report.refusals[:20]:
        warn(f"Message {number}: {reason}")
    if len(report.refusals) > 20:
        warn(f"… and {len(report.refusals) - 20} more.")
