"""`taktas happenings`: what befell clients, policies and the rest, and what it brought about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.actor import acting, anyone
from cli.output import Column, show
from cli.work_words import AsOf, answer, moment_of

if TYPE_CHECKING:
    from tasks.beat.happening_views import HappeningLine

group = typer.Typer()
happenings = typer.Typer(help="What befell clients and policies: list what was reported, report by hand.")
group.add_typer(happenings, name="happenings")

ROWS = (
    Column("id", "No.", is_number=True),
    Column("kind", "What happened"),
    Column("about", "About"),
    Column("client", "Client"),
    Column("at", "When"),
    Column("brought", "What it brought about"),
)
_About = Annotated[str | None, typer.Option(metavar="WHAT", help="Only about this: client:C-17, policy:P-1.")]


@happenings.command("list")
def list_command(
    *,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only of this kind: policy.cancelled.")] = None,
    about: _About = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what the beat has not come to yet.")] = False,
    troubled: Annotated[bool, typer.Option("--troubled", help="Only what could not be handled.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")] = 30,
) -> None:
    """List what was reported, the newest first, and the cases each brought about.

    Examples:
      taktas happenings list --about client:C-17
      taktas happenings list --kind complaint.received --waiting
    """
    from models.database import read
    from tasks.beat.happening import check_kind
    from tasks.beat.happening_views import HappeningFilter, list_happenings
    from tasks.facts.finding import find_subject

    if kind is not None:
        check_kind(kind)
    with read() as db:
        subject_type, subject_id = find_subject(db, about) if about else (None, None)
        wanted = HappeningFilter(
            kind=kind, subject_type=subject_type, subject_id=subject_id, is_waiting=waiting, is_troubled=troubled
        )
        rows = list_happenings(db, anyone(db), wanted=wanted, limit=limit)
    show([_line(row) for row in rows], ROWS, empty="Nothing was reported.")


def _line(row: HappeningLine) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "about": row.about.what,
        "client": row.about.client,
        "subject": f"{row.subject_type}:#{row.subject_id}",
        "at": row.at,
        "handled_at": row.handled_at,
        "brought": _brought(row),
        "heard_by_cases": list(row.heard),
        "started_cases": list(row.started),
        "problem": row.problem,
        "reported_by": row.reported_by,
        "key": row.key,
    }


def _brought(row: HappeningLine) -> str:
    if row.problem is not None:
        return f"could not be handled: {row.problem}"
    if row.handled_at is None:
        return "waits for the next tick"
    parts = [f"{_cases(row.heard)} heard it"] * bool(row.heard)
    parts += [f"{_cases(row.started)} began"] * bool(row.started)
    return ", ".join(parts) or "nothing"


def _cases(numbers: tuple[int, ...]) -> str:
    return f"case{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


@happenings.command("report")
def report_command(
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What happened, such as policy.cancelled.")],
    about: Annotated[str, typer.Option(metavar="WHAT", help="What it befell: policy:P-1, client:C-17.")],
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help="When it happened; now.")] = None,
    key: Annotated[str | None, typer.Option(metavar="TEXT", help="Your own mark of it: one key counts once.")] = None,
    as_of: AsOf = None,
) -> None:
    """Report by hand that something befell a client, a policy or whatever it was.

    The next tick lets the cases hear that listen, and begins those it starts. Saying the same twice counts once: the
    same key, or without one the same kind, subject and moment. docs/fields.md lists the kinds.

    Examples:
      taktas happenings report policy.cancelled --about policy:P-1
      taktas happenings report client.answered --about client:C-17 --at 2026-03-02T14:00 --key call-4711
    """
    from core.clock import parse_moment
    from core.settings import settings
    from models.database import begin
    from tasks.beat.hand_reporting import report_by_hand
    from tasks.facts.finding import find_subject

    now = moment_of(as_of)
    with begin() as db:
        subject_type, subject_id = find_subject(db, about)
        told = report_by_hand(
            db,
            acting(db),
            kind=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            at=parse_moment(at, settings().zone) if at else now,
            now=now,
            key=key,
        )
    sentence = (
        f"Happening {told.id} is reported. The next tick lets everybody hear it."
        if told.is_new
        else f"That was reported already, as happening {told.id}. Nothing was changed."
    )
    answer([sentence], {"happening": told.id, "is_new": told.is_new})
