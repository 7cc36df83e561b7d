"""Papers of clients into the book: what was asked for, what came, until when it is good."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, literal, select

from intake.loading.cargo import Loading
from intake.loading.upserting import ORDER, Upsert, upsert
from models.parties import parties, requirements

NEVER = literal(datetime(1, 1, 1, tzinfo=UTC))


def load_documents(loading: Loading) -> None:
    """A paper of one type that came on another day is another paper."""
    staged = loading.staged
    loading.refuse_unknown("client_number", parties.c.number, "client with the number", "Import clients first.")
    loading.refuse_repeated(("client_number", "document_type", "document_received_at"), "document")
    is_reversed = staged.c.document_received_at < staged.c.document_asked_at
    loading.refuse_where(is_reversed, "document_received_at", "it would have come before it was asked for")
    rows = select(
        parties.c.id.label("party_id"),
        staged.c.document_type.label("type"),
        literal("party").label("on_type"),
        parties.c.id.label("on_id"),
        *(staged.c[f"document_{name}"].label(name) for name in ("asked_at", "received_at", "valid_until", "state")),
        staged.c.row.label(ORDER),
    ).select_from(staged.join(parties, parties.c.number == staged.c.client_number))
    upsert(
        loading,
        Upsert(
            name="documents",
            table=requirements,
            rows=rows,
            key=("type", "on_type", "on_id"),
            prefix="document",
            identity=lambda each: func.coalesce(each.c.received_at, NEVER),
        ),
    )
