"""Bounces as people look at them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from core.errors import UsageError, did_you_mean
from models.deliveries import BounceKind, bounces

_SHOWN = ("id", "read_at", "arrived_at", "kind", "message_id", "address", "status", "words", "place")


def list_bounces(db: Connection, kind: str | None, *, limit: int) -> list[dict[str, Any]]:
    """The newest first. Raises: UsageError for a kind there is not."""
    asked = select(*(bounces.c[name] for name in _SHOWN)).order_by(bounces.c.id.desc()).limit(limit)
    if kind is not None:
        known = [one.value for one in BounceKind]
        code = kind.strip().lower().replace(" ", "_")
        if code not in known:
            hint = did_you_mean(code, known) or "."
            raise UsageError(f"There is no kind {kind!r}{hint} Kinds: {', '.join(known)}.")
        asked = asked.where(bounces.c.kind == code)
    return [dict(row) for row in db.execute(asked).mappings()]
