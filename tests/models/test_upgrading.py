"""The migrations: they build exactly the tables, once, whoever asks, and refuse what they do not know."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, DateTime, Engine, Integer, MetaData, Table, TypeDecorator, text

from core.settings import settings
from models import database, upgrading
from models.database import begin, read
from models.embedded.server import EmbeddedServer
from models.upgrading import (
    SchemaAhead,
    SchemaBehind,
    alembic_config,
    is_current,
    known_versions,
    refuse_old_tables,
    schema_version,
    upgrade_tables,
)

FIRST = """
from alembic import op
revision: str = "first"
down_revision: str | None = None
def upgrade() -> None:
    op.execute("CREATE TABLE one (n int)")
def downgrade() -> None:
    op.execute("DROP TABLE one")
"""
SECOND = """
from alembic import op
revision = 'second'
down_revision = 'first'
def upgrade() -> None:
    op.execute("CREATE TABLE two (n int)")
    op.execute("SELECT pg_sleep(0.2)")
    op.execute("{statement}")
def downgrade() -> None:
    op.execute("DROP TABLE two")
"""


class Instant(TypeDecorator[object]):
    """A type of ours, as the product has some."""

    impl = DateTime(timezone=True)
    cache_ok = True


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A product with two migrations of its own; the folder of their files."""
    versions = tmp_path / "versions"
    versions.mkdir()
    for name in ("env.py", "script.py.mako"):
        (tmp_path / name).write_text((upgrading.MIGRATIONS / name).read_text(encoding="utf-8"), encoding="utf-8")
    (versions / "2026-01-01_first.py").write_text(FIRST, encoding="utf-8")
    (versions / "2026-02-01_second.py").write_text(SECOND.format(statement="SELECT 1"), encoding="utf-8")
    monkeypatch.setattr(upgrading, "MIGRATIONS", tmp_path)
    monkeypatch.setattr(upgrading, "known_versions", lambda: known_versions(versions))
    yield versions
    known_versions.cache_clear()


@pytest.fixture
def empty_engine(fresh_engine: Engine) -> Engine:
    """A database without any tables."""
    with fresh_engine.begin() as db:
        db.execute(text("DROP SCHEMA public CASCADE"))
        db.execute(text("CREATE SCHEMA public"))
    return fresh_engine


def version_in(engine: Engine) -> str | None:
    """The version of the tables, seen from another connection."""
    with engine.connect() as db:
        return schema_version(db)


def test_the_migrations_build_exactly_the_tables(db: Connection) -> None:
    """What the migrations built and what the product's tables say is the same, defaults and types included."""
    command.check(alembic_config(db))


def test_the_migrations_can_be_taken_back(empty_engine: Engine) -> None:
    """Down to nothing and up again."""
    upgrade_tables(empty_engine)

    with empty_engine.begin() as db:
        command.downgrade(alembic_config(db), "base")
    left = version_in(empty_engine)
    upgrade_tables(empty_engine)

    with empty_engine.connect() as db:
        assert left is None
        assert is_current(db)
        command.check(alembic_config(db))


def test_the_newest_version_is_found_without_alembic() -> None:
    """Our quick look at the files and Alembic's thorough one agree: one line, one newest version."""
    script = ScriptDirectory(str(upgrading.MIGRATIONS))

    newest, known = known_versions()

    assert [newest] == script.get_heads()
    assert known == {revision.revision for revision in script.walk_revisions()}


def test_the_names_of_migrations_begin_with_their_day() -> None:
    """So that a folder of them reads as a history."""
    names = [file.name for file in (upgrading.MIGRATIONS / "versions").glob("*.py")]

    assert all(name[:10].replace("-", "").isdigit() and name[10] == "_" for name in names)


@pytest.mark.usefixtures("migrations")
def test_several_who_upgrade_at_once_upgrade_once(empty_engine: Engine) -> None:
    """One works, the others wait and find it done."""
    with ThreadPoolExecutor(4) as pool:
        did = list(pool.map(upgrade_tables, [empty_engine] * 4))

    assert sorted(did) == [False, False, False, True]
    assert version_in(empty_engine) == "second"


def test_a_failing_migration_leaves_the_database_as_it_was(migrations: Path, empty_engine: Engine) -> None:
    """All pending migrations are one transaction."""
    broken = SECOND.format(statement="SELECT 1/0")
    (migrations / "2026-02-01_second.py").write_text(broken, encoding="utf-8")

    with pytest.raises(Exception, match="division by zero"):
        upgrade_tables(empty_engine)

    with empty_engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0


@pytest.mark.usefixtures("migrations")
def test_older_tables_are_told_apart(empty_engine: Engine) -> None:
    """A database of one's own is upgraded when its owner says so."""
    with empty_engine.begin() as db:
        with pytest.raises(SchemaBehind) as without:
            refuse_old_tables(db)
        command.upgrade(alembic_config(db), "first")
        with pytest.raises(SchemaBehind) as older:
            refuse_old_tables(db)
        command.upgrade(alembic_config(db), "head")
        refuse_old_tables(db)

    assert str(without.value) == "The database has no tables yet. Run `taktas db upgrade`."
    assert str(older.value) == "The database has tables of the older version 'first'. Run `taktas db upgrade`."


def test_tables_of_a_newer_product_are_refused(fresh_engine: Engine) -> None:
    """By whoever opens a transaction, and by an upgrade."""
    with fresh_engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'tomorrow'"))
    database.forget_engine()

    with pytest.raises(SchemaAhead) as refused, read():
        pass
    with pytest.raises(SchemaAhead):
        database.upgrade()

    assert str(refused.value) == (
        "The tables of this database have version 'tomorrow', which this taktas does not know: a newer one made them. "
        "Install the newer taktas."
    )


def test_a_database_of_ones_own_is_upgraded_only_when_told(empty_engine: Engine) -> None:
    """A transaction is refused until `taktas db upgrade` was run; running it twice does no harm."""
    database.forget_engine()

    with pytest.raises(SchemaBehind), begin():
        pass
    did = (database.upgrade(), database.upgrade())
    with begin() as db:
        current = is_current(db)

    assert (did, current) == ((True, False), True)


def test_the_embedded_database_upgrades_itself(
    migrations: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who just wants to work is asked about versions of tables."""
    server = EmbeddedServer(data_dir=open_folder / "data", extra={"fsync": "off", "shared_buffers": "16MB"})
    server.ensure_running()
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(server.data_dir))
    monkeypatch.delenv("TAKTAS_DATABASE_URL")
    settings.cache_clear()
    database.forget_engine()
    newer = (migrations / "2026-02-01_second.py").rename(migrations / "later")
    with read() as db:
        before = schema_version(db)
    newer.rename(migrations / "2026-02-01_second.py")
    known_versions.cache_clear()
    database.forget_engine()

    with read() as db:
        after = schema_version(db)

    database.forget_engine()
    server.stop()
    settings.cache_clear()
    assert (before, after) == ("first", "second")


@pytest.mark.usefixtures("migrations")
def test_a_difference_between_tables_and_migrations_is_found(empty_engine: Engine) -> None:
    """The check is not blind."""
    metadata = MetaData()
    Table("forgotten", metadata, Column("id", Integer, primary_key=True))
    upgrade_tables(empty_engine)

    with empty_engine.connect() as db, pytest.raises(CommandError, match="forgotten"):
        command.check(alembic_config(db, metadata))


def test_a_written_migration_does_not_depend_on_the_product(migrations: Path, empty_engine: Engine) -> None:
    """Our own types are written as SQLAlchemy's: a migration must mean tomorrow what it means today."""
    metadata = MetaData()
    Table("moments", metadata, Column("at", Instant, nullable=False))
    upgrade_tables(empty_engine)

    with empty_engine.begin() as db:
        command.revision(alembic_config(db, metadata), "moments", rev_id="third", autogenerate=True)

    written = next(migrations.glob("third*.py")).read_text(encoding="utf-8")
    assert 'sa.Column("at", sa.DateTime(timezone=True), nullable=False)' in written.replace("'", '"')
    assert "Instant" not in written
