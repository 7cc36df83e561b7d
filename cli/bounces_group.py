"""`taktas bounces`: mail that came back is read, addresses are marked, and what nobody understood is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.actor import acting, anyone
from cli.choices import choices
from cli.output import Column, say, show, show_json
from cli.progress import progress
from cli.work_words import AsOf, moment_of

if TYPE_CHECKING:
    from notifications.bounces.taking_in import BounceReport

group = typer.Typer()
bounces = typer.Typer(help="Mail that came back: read it, mark addresses, see what was not understood.")
group.add_typer(bounces, name="bounces")

ROWS = (
    Column("id", "Bounce", is_number=True),
    Column("read_at", "Read"),
    Column("kind", "Kind"),
    Column("message_id", "Message", is_number=True),
    Column("address", "Address"),
    Column("status", "Status"),
    Column("words", "Says"),
)
MARKED = (
    Column("number", "Client"),
    Column("name", "Name"),
    Column("address", "Address"),
    Column("since", "Since"),
    Column("reason", "Says"),
    Column("owner", "Looked after by"),
)
WORDS = {
    "bounced": "for good",
    "delayed": "delayed, to be tried again by the mail server",
    "reply": "automatic replies and receipts",
    "not_understood": "not understood, kept for a person",
}


@bounces.command("read")
def read_command(
    place: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Maildir folder or mbox file; else that of the settings."),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Read the mailbox bounces arrive in and mark the addresses that do not work. The mailbox itself is left as it is.

    A mail read before changes nothing.

    Example: taktas bounces read --from ~/Maildir/.bounces
    """
    from core.settings import settings
    from notifications.bounces.mailbox import mails
    from notifications.bounces.taking_in import take_in

    with progress("Reading bounces"):
        report = take_in(mails(place), settings().mail_bounces, at=moment_of(as_of))
    _tell(report)


def _tell(report: BounceReport) -> None:
    kinds = {kind.value: count for kind, count in sorted(report.kinds.items())}
    if choices().is_json:
        counts = {"known": report.known, "strange": report.strange, "spared": report.spared}
        show_json({"kinds": kinds, **counts, "marked": report.marked})
        return
    told = [f"{count} {WORDS[kind]}" for kind, count in kinds.items()]
    say(f"Came back: {'; '.join(told)}." if told else "Nothing new came back.")
    if report.known:
        say(f"{report.known} {'was' if report.known == 1 else 'were'} read before.")
    if report.strange:
        answer = "answers" if report.strange == 1 else "answer"
        say(f"{report.strange} {answer} no message of this house; nothing was marked for them.")
    if report.spared:
        say(f"{report.spared} came back for a reason that says nothing against the address; none was marked for them.")
    for address in report.marked:
        say(f"Marked as not working: {address}")
    if "not_understood" in kinds:
        say("`taktas bounces list --kind not_understood` shows what a person should look at.")


@bounces.command("list")
def list_command(
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only bounced, delayed, reply or not_understood.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
) -> None:
    """List what came back, the newest first.

    Example: taktas bounces list --kind bounced
    """
    from models.database import read
    from notifications.bounces.views import list_bounces

    with read() as db:
        rows = list_bounces(db, kind, limit=limit)
    if not choices().is_json:
        rows = [row | {"kind": row["kind"].replace("_", " ")} for row in rows]
    show(rows, ROWS, empty="Nothing came back.")


@bounces.command("marked")
def marked_command(
    as_of: AsOf = None, limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30
) -> None:
    """List the addresses nothing is sent to any more, because mail to them came back: those of your clients.

    Managers see all. A new address comes in with `taktas import clients`; one that works after all is trusted again
    with `taktas bounces trust`.

    Example: taktas bounces marked
    """
    from dataclasses import asdict

    from models.database import read
    from notifications.bounces.marks import list_marked

    with read() as db:
        found = list_marked(db, anyone(db), at=moment_of(as_of), limit=limit)
    show([asdict(one) for one in found], MARKED, empty="Every address works, as far as is known.")


@bounces.command("trust")
def trust_command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The e-mail address.")],
    reason: Annotated[str, typer.Option(help="How you know that it works; kept with the client.")] = "",
    as_of: AsOf = None,
) -> None:
    """Write to an address again that was marked as not working.

    Example: taktas bounces trust ona@example.lt --reason "she emptied her mailbox, and wrote from it today"
    """
    from models.database import begin
    from notifications.bounces.marks import trust

    with begin() as db:
        clients = trust(db, acting(db), address, reason=reason, at=moment_of(as_of))
    if choices().is_json:
        show_json({"address": address, "clients": len(clients)})
        return
    say(f"{address} is written to again. `taktas messages list --state failed` shows what could not be sent meanwhile.")
