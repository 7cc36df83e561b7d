"""Which queued messages leave together: of one employee the digests as one, else everything by itself.

A reminder that could not wait for a digest, and escalations, are gathered too when several are due at one moment.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from models.outbox import MessageClass
from notifications.outbox.states import Queued
from notifications.wording.digests import OWN_DIGESTS

GATHERED = frozenset({"task_reminder", "task_escalated"})
"""Templates several of which make one message, unless the standard says at once (`at_once` among the facts)."""


def gathered(claimed: Iterable[Queued]) -> list[list[Queued]]:
    """Messages in groups that leave as one, in the order in which the first of each was due.

    What was tried before stays in the group it was sent in: it has that group's Message-ID.
    """
    groups: dict[Hashable, list[Queued]] = {}
    for message in claimed:
        groups.setdefault(_group_of(message), []).append(message)
    return [sorted(group, key=lambda message: (message.rendered is None, message.id)) for group in groups.values()]


def _group_of(message: Queued) -> Hashable:
    if message.message_id is not None:
        return message.message_id
    if message.message_class != MessageClass.STAFF:
        return message.id
    if message.template in OWN_DIGESTS:
        return message.employee_id, "digest"
    if message.template in GATHERED and not message.facts.get("at_once"):
        return message.employee_id, message.template
    return message.id


def key_of(group: list[Queued]) -> str:
    """What makes the group unique: of a digest the employee and its first message, else the message's own key."""
    first = group[0]
    return first.key if len(group) == 1 else f"digest:{first.employee_id}:{first.key}"
