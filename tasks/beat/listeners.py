"""Which published processes listen to which happenings."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from models.definitions import process_versions
from standards.process import Process
from tasks.handbooks import handbook


def heard_by(process: Process) -> Iterator[str]:
    """Every kind of happening a process listens to, somewhere."""
    for step in process.steps.values():
        yield from (trigger.happening for trigger in (*step.on, *step.wait_for) if trigger.happening)
    yield from (trigger.happening for trigger in process.on if trigger.happening)


def listening_versions(db: Connection, kind: str, *, all_versions: bool = False) -> dict[str, list[int]]:
    """By type of subject, the versions of processes that listen to such happenings; or all versions there are."""
    found: dict[str, list[int]] = {}
    for version_id in db.execute(select(process_versions.c.id)).scalars():
        process = handbook.process_version(db, version_id)
        if all_versions or kind in heard_by(process):
            found.setdefault(process.subject, []).append(version_id)
    return found
