"""Importing a text as if it were a file, in the test's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.actor import Actor, Door
from intake.import_kinds import KINDS
from intake.importing import ImportReport, import_file

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(db: Connection, tmp_path: Path) -> Bring:
    """`bring("clients", csv_text, mapping=yaml_text)` imports it and returns the report."""

    def importing(
        kind: str,
        table: str | bytes,
        *,
        mapping: str | None = None,
        at: datetime = MONDAY,
        dry_run: bool = False,
        name: str = "table.csv",
    ) -> ImportReport:
        path, map_path = tmp_path / name, tmp_path / "table.map.yaml"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        if mapping is not None:
            map_path.write_text(mapping, encoding="utf-8")
        return import_file(
            db,
            Actor(door=Door.IMPORT),
            KINDS[kind],
            path,
            at=at,
            map_path=map_path if mapping is not None else None,
            dry_run=dry_run,
        )

    return importing
