"""`taktas deploy`: the schedules as deployments for Prefect's workers on many machines."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import choices
from cli.output import Column, say, show, show_json
from cli.progress import progress

group = typer.Typer()


@group.command("deploy")
def deploy(
    pool: Annotated[str, typer.Option(metavar="NAME", help="The work pool; created when there is none.")] = "taktas",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Register the schedules with a Prefect server, for its workers on many machines.

    PREFECT_API_URL names the server. Deploying again updates what changed and removes what is no longer declared.
    Each machine that works needs taktas, TAKTAS_DATABASE_URL, and `prefect worker start --pool NAME --type process`.
    Beside a `taktas up` nothing is done twice: both claim in the same table.

    Examples:
      taktas deploy --dry-run
      taktas deploy --pool taktas
    """
    from core.settings import settings
    from flows.deploying import ChangeKind
    from flows.entry import deploy as register

    with progress("Talking to Prefect"):
        changes = register(pool, dry_run=dry_run)
    if choices().is_json:
        told = [{"change": it.kind, "deployment": it.name, "what": it.what} for it in changes]
        show_json({"pool": pool, "is_dry_run": dry_run, "changes": told})
        return
    rows = [{"kind": it.kind.value, "name": it.name, "what": it.what} for it in changes]
    show(rows, [Column("name", "Deployment"), Column("kind", "Change"), Column("what", "What")], empty="Nothing.")
    changed = sum(it.kind is not ChangeKind.UNCHANGED for it in changes)
    would = "would change" if dry_run else "changed"
    say(f"\n{changed} of {len(changes)} deployments {would} on the work pool {pool}.")
    if not dry_run:
        say(f"On each machine that is to work: prefect worker start --pool {pool} --type process")
    if settings().database_url is None:
        say("The embedded database is reached from this machine only: for others set TAKTAS_DATABASE_URL on each.")
