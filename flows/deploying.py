"""The table of schedules as Prefect deployments on a work pool: registered, updated and removed to match it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, select

from core.errors import TaktasError
from core.settings import settings
from flows.sharing import SHARDS_FLOW
from flows.triggers import as_cron
from models.timetable import schedules
from standards.working_time.schedule import parse_schedule

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

MISSED_EVERY = "*/15 * * * *"
TAG = "taktas"
NOTHING_TO_FETCH: list[dict[str, Any]] = [{"prefect.deployments.steps.set_working_directory": {"directory": "."}}]
"""taktas is installed where a worker runs; without a step that says so, Prefect copies the worker's whole folder."""


class NotOurPool(TaktasError):
    """The work pool is not one whose workers can do the work."""


class ChangeKind(StrEnum):
    """What happens to a deployment."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """One deployment as it should be. `cron` None: it waits to be called."""

    flow: str
    name: str
    entry: str
    description: str
    cron: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def fingerprint(self, pool: str) -> str:
        """The same as long as nothing about it changes."""
        facts = [self.flow, self.name, self.entry, self.description, self.cron, dict(self.parameters), pool]
        return hashlib.sha256(orjson.dumps([*facts, _environment(), NOTHING_TO_FETCH])).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What deploying does, or would do, about one deployment."""

    kind: ChangeKind
    name: str
    what: str


def wanted(db: Connection) -> list[Deployed]:
    """What is to be deployed: each schedule that rings, what was missed, and the helpers of a run."""
    rings = (~schedules.c.is_paused, schedules.c.retired_at.is_(None))
    rows = db.execute(select(schedules).where(*rings).order_by(schedules.c.code)).all()
    house = settings().house
    return [
        *(_of_schedule(row) for row in rows),
        Deployed(
            flow="what was missed",
            name=f"{house} missed",
            entry="flows.deployed.missed",
            description="what is due and nobody has rung for, every 15 minutes",
            cron=MISSED_EVERY,
        ),
        Deployed(
            flow=SHARDS_FLOW,
            name=house,
            entry="flows.deployed.generation_shards",
            description="help with a run until none of its shards is free; called by the run",
        ),
    ]


def _of_schedule(row: Any) -> Deployed:
    return Deployed(
        flow="scheduled work",
        name=f"{settings().house} {row.code}",
        entry="flows.deployed.scheduled",
        description=row.phrase,
        cron=as_cron(parse_schedule(row.phrase)),
        parameters={"code": row.code},
    )


def deploy(wanted_ones: Sequence[Deployed], pool: str, *, dry_run: bool = False) -> list[Change]:
    """Make Prefect's deployments of this house those that are wanted; a dry run only says what that would change.

    The pool is created when there is none of that name. Raises: NotOurPool, and what keeps Prefect from being reached.
    """
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        _check_pool(client, pool, create=not dry_run)
        there = {it.name: it for it in _there(client)}
        changes = [_change(it, there.get(it.name), pool) for it in wanted_ones]
        names = {it.name for it in wanted_ones}
        gone = [it for name, it in sorted(there.items()) if name not in names]
        if not dry_run:
            for deployed, change in zip(wanted_ones, changes, strict=True):
                if change.kind is not ChangeKind.UNCHANGED:
                    _register(client, deployed, pool)
            for it in gone:
                client.delete_deployment(it.id)
    removed = [Change(kind=ChangeKind.REMOVED, name=it.name, what=it.description or "") for it in gone]
    return [*changes, *removed]


def _check_pool(client: SyncPrefectClient, pool: str, *, create: bool) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        kind = client.read_work_pool(pool).type
    except ObjectNotFound:
        if create:
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(WorkPoolCreate(name=pool, type=ProcessWorker.type, base_job_template=template))
        return
    if kind != ProcessWorker.type:
        raise NotOurPool(
            f"The work pool {pool!r} is of the type {kind!r}, and taktas runs where it is installed: in a pool of the "
            f"type 'process'. Name another with --pool; it is created when there is none of that name."
        )


def _there(client: SyncPrefectClient) -> list[DeploymentResponse]:
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

    of_house = DeploymentFilter(tags=DeploymentFilterTags(all_=_tags()))
    found: list[DeploymentResponse] = []
    while page := client.read_deployments(deployment_filter=of_house, limit=100, offset=len(found)):
        found += page
    return found


def _change(deployed: Deployed, there: DeploymentResponse | None, pool: str) -> Change:
    if there is None:
        return Change(kind=ChangeKind.ADDED, name=deployed.name, what=deployed.description)
    is_same = there.version == deployed.fingerprint(pool) and _rings(there) == bool(deployed.cron)
    if is_same and not there.paused:
        return Change(kind=ChangeKind.UNCHANGED, name=deployed.name, what=deployed.description)
    before = there.description or ""
    what = deployed.description if before == deployed.description else f"{before} -> {deployed.description}"
    return Change(kind=ChangeKind.CHANGED, name=deployed.name, what=what)


def _rings(there: DeploymentResponse) -> bool:
    return any(schedule.active for schedule in there.schedules)


def _register(client: SyncPrefectClient, deployed: Deployed, pool: str) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    rings = []
    if deployed.cron is not None:
        cron = CronSchedule(cron=deployed.cron, timezone=settings().zone)
        rings = [DeploymentScheduleCreate(schedule=cron, active=True)]
    client.create_deployment(
        flow_id=client.create_flow_from_name(deployed.flow),
        name=deployed.name,
        version=deployed.fingerprint(pool),
        entrypoint=deployed.entry,
        pull_steps=NOTHING_TO_FETCH,
        description=deployed.description,
        schedules=rings,
        parameters=dict(deployed.parameters),
        work_pool_name=pool,
        tags=_tags(),
        job_variables={"env": _environment()},
        paused=False,
    )


def _tags() -> list[str]:
    return [TAG, f"{TAG}:{settings().house}"]


def _environment() -> dict[str, str]:
    """What must be the same wherever a schedule rings; the address of the database each machine knows itself."""
    return {"TAKTAS_HOUSE": settings().house, "TAKTAS_ZONE": settings().zone}
