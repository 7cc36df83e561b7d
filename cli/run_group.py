"""`taktas run` and `taktas runs`: start what is due, look ahead, propose, approve, prove that nothing is missing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.choices import choices
from cli.output import Column, say, show, show_json, show_one
from cli.progress import progress
from cli.run_telling import (
    show_approval,
    show_counted,
    show_counts,
    show_reconciliation,
    show_report,
    show_rows,
    what_is_wrong,
)
from cli.work_words import language, moment_of
from core.errors import TaktasError, UsageError

if TYPE_CHECKING:
    from tasks.generation.running import RunReport
    from tasks.generation.workers import Progress

group = typer.Typer()
runs = typer.Typer(help="Look at runs, approve proposals, prove that nothing is missing.")
group.add_typer(runs, name="runs")

AsOf = Annotated[str | None, typer.Option(metavar="MOMENT", help="As things stood or will stand then; now.")]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Processes that share the work; TAKTAS_WORKERS.")]
Campaign = Annotated[str | None, typer.Option(metavar="CODE", help="Only the list of this campaign.")]
RunNumber = Annotated[int, typer.Argument(metavar="RUN", help="The number of the run.")]


class SomethingIsMissing(TaktasError):
    """Reconciliation found what should not be."""


@group.command("run")
def run_command(
    *,
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="Which process, such as renewal.")],
    as_of: AsOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be started; write nothing.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Write it down for approval; start nothing.")] = False,
    workers: Workers = None,
    campaign: Campaign = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
    shared_by: Annotated[
        int | None, typer.Option(min=1, max=64, metavar="N", help="With --prefect: N of its workers share the run.")
    ] = None,
) -> None:
    """Start the cases of a process that are due, with their first tasks in the right hands.

    A run goes by the state of the book, not by what the last run did: repeating it, or missing one, does no harm.
    Nothing is started twice in one cycle, whatever happens in between.

    Examples:
      taktas run renewal --dry-run
      taktas run renewal --as-of 2026-03-02
      taktas run renewal --propose
    """
    if dry_run and propose:
        raise UsageError("--dry-run writes nothing and --propose writes a proposal. Choose one of them.")
    if shared_by and (dry_run or propose or not prefect):
        raise UsageError("--shared-by is for a run that starts cases as a Prefect flow. Use it with --prefect alone.")
    asked = {"dry_run": dry_run, "propose": propose, "workers": workers}
    asked |= {"shared_by": shared_by} if shared_by else {}
    with progress("Starting cases") as step:
        report = _run(process, moment_of(as_of), asked, campaign, prefect=prefect, tell=_told(step))
    show_report(report)


def _told(step: Any) -> Progress:
    """A bar is told how much more is done; a run knows how much is."""
    done_before = [0]

    def tell(done: int, _shards: int) -> None:
        step(done - done_before[0])
        done_before[0] = done

    return tell


def _run(
    process: str, as_of: datetime, asked: dict[str, Any], campaign: str | None, *, prefect: bool, tell: Progress
) -> RunReport:
    from cli.actor import anyone
    from models.database import read

    with read() as db:
        actor = anyone(db)
    if prefect:
        from flows.entry import run_generation

        return run_generation(process, as_of, actor=actor, campaign=campaign, **asked)
    from tasks.generation.running import run

    return run(process, as_of, actor=actor, campaign=campaign, tell=tell, **asked)


@runs.command("list")
def list_command(
    process: Annotated[str | None, typer.Option(help="Only runs of this process.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
) -> None:
    """List runs, the newest first.

    Example: taktas runs list --process renewal
    """
    from models.database import read
    from tasks.generation.views import list_runs

    with read() as db:
        found = list_runs(db, process=process, limit=limit)
    columns = [
        Column("id", "Run", is_number=True),
        Column("version", "Process"),
        Column("as_of", "As of"),
        Column("state", "State"),
        Column("shards", "Shards done"),
        Column("cases", "Cases", is_number=True),
        Column("tasks", "First tasks", is_number=True),
        Column("left_out", "Left out", is_number=True),
        Column("asked_by", "By"),
    ]
    show(found, columns, empty="There was no run yet. `taktas run renewal --dry-run` shows what one would do.")


@runs.command("show")
def show_command(
    run: RunNumber,
    left_out: Annotated[bool, typer.Option("--left-out", help="Of a proposal, the rows left out.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows of a proposal.")] = 30,
) -> None:
    """Show one run: how many, for whom, when, and what was left out; of a proposal also its rows.

    Example: taktas runs show 12
    """
    from models.database import read
    from tasks.generation.views import proposal_rows, show_run

    with read() as db:
        facts = show_run(db, run, language())
        rows = proposal_rows(db, run, left_out=left_out, limit=limit)
    if choices().is_json:
        show_json(facts | {"rows": rows})
        return
    labels = {"id": "Run", "version": "Process", "as_of": "As of", "state": "State", "asked_by": "Asked by"}
    labels |= {"approved_at": "Approved", "finished_at": "Finished", "shards": "Shards done"}
    labels |= {"cases": "Cases", "tasks": "First tasks", "known": "Had their case", "left_out": "Left out"}
    show_one(facts, labels)
    show_counts(facts["by"], facts["reasons"])
    if facts["became"]:
        show_counted("What became of what was proposed", facts["became"], "Subjects")
    show_rows(rows)


@runs.command("approve")
def approve_command(run: RunNumber, as_of: AsOf = None, workers: Workers = None) -> None:
    """Start what a proposal holds; each row is checked again, and what changed since is said.

    Example: taktas runs approve 12
    """
    from cli.actor import acting
    from core.settings import settings
    from models.database import read
    from tasks.generation.proposals import approve

    with read() as db:
        actor = acting(db)
    with progress("Starting cases") as step:
        found = approve(run, actor=actor, at=moment_of(as_of), workers=workers or settings().workers, tell=_told(step))
    show_approval(found)


@runs.command("refuse")
def refuse_command(run: RunNumber) -> None:
    """Let a proposal go: nothing of it is started.

    Example: taktas runs refuse 12
    """
    from cli.actor import acting
    from models.database import begin
    from tasks.generation.proposals import refuse

    with begin() as db:
        refuse(db, acting(db), run)
    if choices().is_json:
        show_json({"run": run, "state": "refused"})
    say(f"Run {run} is refused. Nothing was started.")


@runs.command("reconcile")
def reconcile_command(
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="Which process, such as renewal.")],
    as_of: AsOf = None,
    campaign: Campaign = None,
) -> None:
    """Prove that nothing is missing: every subject in the window has exactly one live case, or a stated reason.

    Example: taktas runs reconcile renewal
    """
    from tasks.generation.reconciliation import reconcile

    with progress("Looking at every subject"):
        found = reconcile(process, moment_of(as_of), campaign=campaign)
    show_reconciliation(found)
    if not found.is_whole:
        raise SomethingIsMissing(what_is_wrong(found, process))
