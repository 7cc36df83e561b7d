"""What the people of the house are told: digests of their work, the manager's, and messages about single tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from notifications.outbox.states import Queued
from notifications.wording.digests import OWN_DIGESTS, own_digest
from notifications.wording.manager_digest import manager_content
from notifications.wording.receivers import Receiver
from notifications.wording.task_words import alone_content
from notifications.wording.writing import Content
from tasks.digests.making import MANAGER_DIGEST


def staff_content(db: Connection, group: Sequence[Queued], receiver: Receiver, *, at: datetime) -> Content:
    """What one message to somebody who works here says, as things stand now. Raises: NoSuchTemplate, NotWanted."""
    first = group[0]
    if first.template == MANAGER_DIGEST:
        return manager_content(db, first, receiver, at=at)
    if first.template in OWN_DIGESTS:
        return own_digest(db, group, receiver, at=at)
    return alone_content(db, group, receiver, at=at)
