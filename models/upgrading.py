"""The version of the tables: which one a database has, which one this product needs, and the way between them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import TaktasError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine, MetaData

MIGRATIONS = Path(__file__).with_name("migrations")
UPGRADE_LOCK = 7_482_583_101  # any number, the same in all versions of the product
REVISION = re.compile(r"^(down_revision|revision)\b[^=\n]*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)


class SchemaBehind(TaktasError):
    """The tables are older than this version of the product."""


class SchemaAhead(TaktasError):
    """The tables were made by a newer version of the product."""


@cache
def known_versions(versions: Path = MIGRATIONS / "versions") -> tuple[str | None, frozenset[str]]:
    """The newest version of the tables, and all there ever were; read without loading Alembic (a tenth of a second)."""
    made: set[str] = set()
    replaced: set[str] = set()
    for file in versions.glob("*.py"):
        for what, version in REVISION.findall(file.read_text(encoding="utf-8")):
            (made if what == "revision" else replaced).add(version)
    newest = made - replaced
    return next(iter(newest), None), frozenset(made)


def schema_version(db: Connection) -> str | None:
    """The version of the tables in this database; None where there are none."""
    # asked of the catalogue's rows: to_regclass may answer from a cache older than a lock we just waited for
    there = (
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'alembic_version')"
    )
    if not db.exec_driver_sql(there).scalar():
        return None
    version: str | None = db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version


def is_current(db: Connection) -> bool:
    """Whether the tables are those this product needs. Raises: SchemaAhead."""
    newest, known = known_versions()
    found = schema_version(db)
    if found is not None and found not in known:
        raise SchemaAhead(
            f"The tables of this database have version {found!r}, which this taktas does not know: a newer one made "
            "them. Install the newer taktas."
        )
    return found == newest


def refuse_old_tables(db: Connection) -> None:
    """For a database of one's own, which is upgraded when its owner says so. Raises: SchemaBehind, SchemaAhead."""
    if is_current(db):
        return
    found = schema_version(db)
    what = "has no tables yet" if found is None else f"has tables of the older version {found!r}"
    raise SchemaBehind(f"The database {what}. Run `taktas db upgrade`.")


def upgrade_tables(engine: Engine) -> bool:
    """Bring the tables to the newest version, in one transaction; False when they already were.

    Several processes may ask at once: an advisory lock lets one work, the others find it done. Raises: SchemaAhead.
    """
    with engine.connect() as db:
        if is_current(db):
            return False
    with engine.begin() as db:
        db.exec_driver_sql("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": UPGRADE_LOCK})
        if is_current(db):
            return False
        from alembic import command  # loaded only when there is something to do

        command.upgrade(alembic_config(db), "head")
        return True


def alembic_config(db: Connection, metadata: MetaData | None = None) -> Config:
    """Alembic's configuration for work on this connection, independent of where the product is installed."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = db
    if metadata is not None:
        made.attributes["metadata"] = metadata
    return made
