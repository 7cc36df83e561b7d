"""The ledger in the words of event logs: which lifecycle transition each kind of event is, and with which facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TRANSITIONS = {
    "task.planned": "schedule",
    "task.opened": "assign",
    "task.reassigned": "reassign",
    "task.started": "start",
    "task.waited": "suspend",
    "task.resumed": "resume",
    "task.completed": "complete",
    "task.cancelled": "ate_abort",
    "task.expired": "pi_abort",
}
BEGINS_TASK = "case.started"
"""Mass generation writes one event for the case and its first task: with a task it opens it."""


def transition_of(kind: str, *, is_about_task: bool) -> str:
    """As the XES lifecycle extension calls it; what it does not know is `unknown`, what befalls a case `complete`."""
    if is_about_task:
        return "assign" if kind == BEGINS_TASK else TRANSITIONS.get(kind, "unknown")
    return "complete"


def activity_of(kind: str, step: str | None, data: Mapping[str, Any] | None) -> str:
    """The step of a task; of anything else the step it names, or the kind of event."""
    return step or str((data or {}).get("step") or kind)


def facts_of(data: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What an event remembers, as texts: codes, numbers, moments and amounts, never names."""
    for name, value in sorted((data or {}).items()):
        if isinstance(value, bool):
            yield name, str(value).lower()
        elif isinstance(value, str | int | float):
            yield name, str(value)
