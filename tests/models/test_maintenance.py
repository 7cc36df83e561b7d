"""Backup and restore: whole or not at all, and no password where others could see it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, table, text

from core.settings import settings
from models import client_programs, database
from models.client_programs import ProgramsMissing
from models.database import address
from models.database_status import DatabaseStatus, database_status
from models.embedded.server import EmbeddedServer
from models.maintenance import BackupFailed, RestoreFailed, backup, restore
from models.upgrading import known_versions

WORDS = "SELECT n, md5(n::text) || ' Šiauliai ąčęėįšųūž' AS word FROM generate_series(1, 20000) AS n"


def run(engine: Engine, *statements: str) -> None:
    """Statements in one transaction."""
    with engine.begin() as db:
        for statement in statements:
            db.execute(text(statement))


def content(engine: Engine) -> list[tuple[object, ...]]:
    """Every table of the database with its number of rows, and the words in full."""
    with engine.connect() as db:
        names = db.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
        counts = [(name, db.scalar(select(func.count()).select_from(table(name)))) for name in names]
        words = db.scalar(text("SELECT md5(string_agg(word, ',' ORDER BY n)) FROM words")) if "words" in names else ""
    return [*counts, ("words", words)]


@pytest.fixture
def filled(fresh_engine: Engine) -> Engine:
    """A database with all tables and something to lose."""
    run(fresh_engine, f"CREATE TABLE words AS {WORDS}")
    return fresh_engine


@pytest.fixture
def embedded_settings(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedServer]:
    """Settings without an address: the embedded server of a new folder, stopped at the end."""
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(open_folder / "data"))
    monkeypatch.delenv("TAKTAS_DATABASE_URL", raising=False)
    settings.cache_clear()
    database.forget_engine()
    server = EmbeddedServer(data_dir=open_folder / "data", extra={"fsync": "off", "shared_buffers": "16MB"})
    yield server
    database.forget_engine()
    settings.cache_clear()
    server.stop()


def test_what_was_backed_up_comes_back(filled: Engine, tmp_path: Path) -> None:
    """Every table, row and letter, into the place of what came after, which is gone."""
    before = content(filled)
    size = backup(tmp_path / "monday.backup")
    run(filled, "DROP TABLE words", "CREATE TABLE later (n int)", "DROP TABLE alembic_version")

    restore(tmp_path / "monday.backup", overwrite=True)

    assert content(filled) == before
    assert size == (tmp_path / "monday.backup").stat().st_size > 100_000


def test_a_backup_goes_into_an_empty_database_unasked(filled: Engine, tmp_path: Path) -> None:
    """Nothing can be lost there."""
    before = content(filled)
    backup(tmp_path / "monday.backup")
    run(filled, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    restore(tmp_path / "monday.backup")

    assert content(filled) == before


def test_a_database_with_tables_is_not_replaced_unasked(filled: Engine, tmp_path: Path) -> None:
    """The sentence says how many there are."""
    backup(tmp_path / "monday.backup")
    before = content(filled)

    with pytest.raises(RestoreFailed) as refused:
        restore(tmp_path / "monday.backup")

    tables = len(before) - 1
    assert str(refused.value) == (
        f"The database at {address(filled.url)} is not empty: it has {tables} tables. Restore into a new one, or add "
        "--overwrite to replace what is there."
    )
    assert content(filled) == before


@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_a_damaged_backup_changes_nothing(filled: Engine, tmp_path: Path, part: float) -> None:
    """However far it was read: the transaction is not committed."""
    file = tmp_path / "monday.backup"
    backup(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    before = content(filled)

    with pytest.raises(RestoreFailed, match=r"was not restored: pg_restore: error:|is not a backup of taktas"):
        restore(file, overwrite=True)

    assert content(filled) == before


def test_a_restore_that_the_database_refuses_changes_nothing(filled: Engine, tmp_path: Path) -> None:
    """Its first error is in the sentence."""
    file = tmp_path / "monday.backup"
    backup(file)
    run(filled, "DROP SCHEMA public CASCADE")  # then nothing can be created in it

    with pytest.raises(RestoreFailed) as refused:
        restore(file)

    assert str(refused.value).startswith(f"The backup {file} was not restored: ")
    assert 'ERROR:  schema "public" does not exist' in str(refused.value)
    assert str(refused.value).endswith(". The database is as it was.")


def test_what_is_no_backup_is_refused(filled: Engine, tmp_path: Path) -> None:
    """Before anything is touched."""
    file = tmp_path / "policies.csv"
    file.write_text("policy,premium\n", encoding="utf-8")

    with pytest.raises(RestoreFailed) as refused:
        restore(file, overwrite=True)

    assert str(refused.value) == (
        f"{file} is not a backup of taktas, or was made by a newer PostgreSQL than the programs on this machine. "
        "Name a file that `taktas db backup` has written."
    )


def test_a_backup_is_for_our_eyes_only(filled: Engine, tmp_path: Path) -> None:
    """It holds people's data; and nothing half written stays beside it."""
    backup(tmp_path / "monday.backup")

    assert stat.S_IMODE((tmp_path / "monday.backup").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["monday.backup"]


def test_a_file_that_is_there_is_not_overwritten_unasked(filled: Engine, tmp_path: Path) -> None:
    """Last week's backup may be all somebody has."""
    file = tmp_path / "monday.backup"
    file.write_text("precious", encoding="utf-8")

    with pytest.raises(BackupFailed) as refused:
        backup(file)
    kept = file.read_text(encoding="utf-8")
    backup(file, overwrite=True)

    assert str(refused.value) == f"{file} is already there. Name another file, or add --overwrite to replace it."
    assert kept == "precious"
    assert file.stat().st_size > 100_000


def test_a_folder_that_is_absent_is_named(filled: Engine, tmp_path: Path) -> None:
    """No traceback."""
    with pytest.raises(BackupFailed) as refused:
        backup(tmp_path / "absent" / "monday.backup")

    assert str(refused.value) == (
        f"Cannot write the backup {tmp_path}/absent/monday.backup: No such file or directory. "
        "Name a file in a folder you may write to."
    )


def fake_programs(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs on the PATH that claim to be of the year 2100."""
    folder.mkdir()
    for name in client_programs.NEEDED:
        (folder / name).write_text(
            f"#!/bin/sh\n[ $1 = --version ] && echo '{name} (PostgreSQL) 99.1' && exit\n{script}"
        )
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_backup_that_fails_leaves_no_file(filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pg_dump complained about is in the sentence."""
    fake_programs(tmp_path / "bin", "echo 'pg_dump: error: the disk is tired' >&2; exit 1", monkeypatch)

    with pytest.raises(BackupFailed) as refused:
        backup(tmp_path / "monday.backup")

    assert str(refused.value) == (
        "The backup was not made: pg_dump: error: the disk is tired. Mend that and try again."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_no_password_stands_on_a_command_line(filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on the machine can read those; the environment only we can."""
    seen = tmp_path / "seen"
    fake_programs(tmp_path / "bin", f'echo "$@" > {seen}; echo "$PGPASSWORD" > {seen}.env', monkeypatch)
    password = str(filled.url.password or "")

    backup(tmp_path / "monday.backup")

    assert "--dbname=" in seen.read_text(encoding="utf-8")
    assert not password or password not in seen.read_text(encoding="utf-8")
    assert (tmp_path / "seen.env").read_text(encoding="utf-8").strip() == password


@pytest.mark.parametrize("bundled_first", [True, False])
def test_programs_older_than_the_server_are_refused(filled: Engine, bundled_first: bool) -> None:
    """An old pg_dump would leave out what it does not know."""
    with pytest.raises(ProgramsMissing, match=r"^The database server is PostgreSQL 99, and the newest pg_dump on "):
        client_programs.client_programs(filled, 990_001, bundled_first=bundled_first)


def test_absent_programs_are_named(filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("models.embedded.programs.find_spec", lambda _: None)

    with pytest.raises(ProgramsMissing) as refused:
        client_programs.client_programs(filled, 160_004, bundled_first=False)

    assert str(refused.value) == (
        "The database server is PostgreSQL 16, and there is no pg_dump on this machine. Install the PostgreSQL 16 "
        "client programs (Debian and Ubuntu: postgresql-client) and try again."
    )


def test_the_state_of_a_database_of_ones_own(filled: Engine) -> None:
    """Where it is, how large, which version of the tables."""
    found = database_status()

    assert (found.running, found.embedded, found.is_current) == (True, False, True)
    assert found.address == address(filled.url)
    assert found.schema_version == known_versions()[0]
    assert found.size is not None
    assert found.size > 1_000_000


def test_a_database_that_does_not_answer_has_a_state_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason, and without the password."""
    monkeypatch.setenv("TAKTAS_DATABASE_URL", "postgresql://ona:sesamas@127.0.0.1:1/brokers")
    settings.cache_clear()
    database.forget_engine()

    found = database_status()

    settings.cache_clear()
    database.forget_engine()
    assert (found.running, found.address, found.is_current) == (False, "127.0.0.1:1/brokers", False)
    assert "sesamas" not in str(found)
    assert "is it running?" in str(found.problem)


def test_asking_for_the_state_starts_no_server(embedded_settings: EmbeddedServer) -> None:
    """Not set up, running, stopped: each is told."""
    new = database_status()
    embedded_settings.ensure_running()
    running = database_status()
    database.forget_engine()
    embedded_settings.stop()
    stopped = database_status()

    home = embedded_settings.data_dir / "postgres"
    assert new == DatabaseStatus(
        embedded=True, running=False, address=str(embedded_settings.data_dir), problem="not set up yet"
    )
    assert (running.running, running.folder, str(running.server_version)[:3]) == (True, home, "18.")
    assert (stopped.running, stopped.address, embedded_settings.is_running()) == (False, str(home), False)


def test_a_house_can_move_from_the_embedded_server_to_another(
    embedded_settings: EmbeddedServer, new_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of the embedded PostgreSQL 18 goes into any server we support, also an older one."""
    embedded_settings.ensure_running()
    database.upgrade()
    run(database.engine(), f"CREATE TABLE words AS {WORDS}")
    before = content(database.engine())
    backup(tmp_path / "house.backup")
    monkeypatch.setenv("TAKTAS_DATABASE_URL", new_database)
    settings.cache_clear()
    database.forget_engine()

    restore(tmp_path / "house.backup", overwrite=True)

    assert content(database.engine()) == before
