"""What Alembic runs: the migrations on a given connection, or on the database of the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, MetaData
from sqlalchemy.types import TypeDecorator


def tables() -> MetaData:
    """The tables to compare with: those of the product, or those a test hands over."""
    given = context.config.attributes.get("metadata")
    if isinstance(given, MetaData):
        return given
    from models.schema import metadata

    return metadata


def render_plainly(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Write SQLAlchemy's own type for one of ours: a migration must not change when the product does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def run_on(connection: Connection) -> None:
    """All pending migrations in one transaction: a failing one leaves the database as it was."""
    context.configure(
        connection=connection,
        target_metadata=tables(),
        compare_type=True,
        compare_server_default=True,
        render_item=render_plainly,
    )
    with context.begin_transaction():
        context.run_migrations()


def run() -> None:
    """Called by Alembic, online only: the migrations ask the database what is there."""
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        run_on(given)
        return
    from models.database import engine

    with engine().begin() as connection:
        run_on(connection)


run()
