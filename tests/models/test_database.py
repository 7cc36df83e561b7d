"""The engine, its transactions and what it says when there is no database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, make_url, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InternalError, ProgrammingError

from core.errors import TaktasError
from core.settings import settings
from models import database
from models.database import DatabaseGaveUp, DatabaseNotUsable, DatabaseUnreachable, begin, check_version, read
from models.embedded.server import EmbeddedServer

Configure = Callable[[str], None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Make an address the one of the settings."""

    def to(url: str) -> None:
        monkeypatch.setenv("TAKTAS_DATABASE_URL", url)
        settings.cache_clear()
        database.forget_engine()

    yield to
    monkeypatch.undo()
    settings.cache_clear()
    database.forget_engine()


def kill_connections(engine: Engine) -> None:
    """End all other connections to this database, as a restarted server would."""
    with engine.connect() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )


def place_of(engine: Engine) -> str:
    """How messages name the database of a test."""
    return database.address(engine.url)


def fail_in_a_transaction() -> None:
    """Write something, then fail."""
    with begin() as db:
        db.execute(text("CREATE TABLE lost (n int)"))
        raise ZeroDivisionError


def run_in_a_transaction(statement: str) -> None:
    """One statement in a transaction of its own."""
    with begin() as db:
        db.execute(text(statement))


def test_what_a_transaction_did_is_kept_when_its_block_ends(fresh_engine: Engine) -> None:
    """begin() commits at its end, once."""
    with begin() as db:
        db.execute(text("CREATE TABLE kept AS SELECT 1 AS n"))

    with fresh_engine.connect() as other:
        assert other.scalar(text("SELECT n FROM kept")) == 1


def test_what_a_transaction_did_is_taken_back_when_its_block_fails(fresh_engine: Engine) -> None:
    """begin() takes all back on any exception, and lets it through."""
    with pytest.raises(ZeroDivisionError):
        fail_in_a_transaction()

    with fresh_engine.connect() as other:
        assert other.scalar(text("SELECT to_regclass('lost')")) is None


@pytest.mark.usefixtures("fresh_engine")
def test_a_reader_sees_one_moment_only() -> None:
    """read() is a snapshot: what others commit meanwhile is not seen."""
    run_in_a_transaction("CREATE TABLE seen (n int)")

    with read() as reader:
        before = reader.scalar(text("SELECT count(*) FROM seen"))
        run_in_a_transaction("INSERT INTO seen VALUES (1)")
        after = reader.scalar(text("SELECT count(*) FROM seen"))

    assert (before, after) == (0, 0)


def test_a_writer_sees_what_others_have_committed(fresh_engine: Engine) -> None:
    """begin() is READ COMMITTED, whatever the database's default: claims are decided on fresh rows."""
    name = fresh_engine.url.database
    run_in_a_transaction(f"ALTER DATABASE {name} SET default_transaction_isolation TO 'serializable'")
    database.forget_engine()

    with begin() as db:
        found = db.scalar(text("SELECT current_setting('transaction_isolation')"))

    assert found == "read committed"


@pytest.mark.usefixtures("fresh_engine")
def test_a_reader_cannot_write() -> None:
    """read() is a READ ONLY transaction, whoever writes the statement."""
    with pytest.raises(InternalError, match="read-only transaction"), read() as db:
        db.execute(text("CREATE TABLE forbidden (n int)"))


@pytest.mark.usefixtures("fresh_engine")
def test_a_connection_that_read_can_write_again() -> None:
    """READ ONLY does not stick to the pooled connection."""
    asked = text("SELECT pg_backend_pid(), current_setting('transaction_read_only')")
    with read() as db:
        reading = db.execute(asked).one()

    with begin() as db:
        writing = db.execute(asked).one()

    assert (reading[1], writing[1], reading[0] == writing[0]) == ("on", "off", True)


def test_moments_come_back_in_utc(house: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zone the server or PGTZ prefers."""
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    with begin() as db:
        found = db.scalar(text("SELECT CAST(:at AS timestamptz)"), {"at": noon})

    assert found == noon
    assert found.utcoffset().total_seconds() == 0


def test_names_come_back_as_they_went_in(house: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever encoding PGCLIENTENCODING prefers."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")

    with begin() as db:
        found = db.scalar(text("SELECT CAST(:name AS text)"), {"name": "Šarūnė Žąsytė 🦆"})

    assert found == "Šarūnė Žąsytė 🦆"


def test_json_comes_back_as_it_went_in(db: Connection) -> None:
    """Nested values, letters of all kinds, and moments as text."""
    table = Table("scribbles", MetaData(), Column("id", Integer, primary_key=True), Column("data", JSONB))
    table.create(db)
    data = {"name": "Ąžuolas", "list": [1, 2.5, None, True], "at": datetime(2026, 3, 2, tzinfo=UTC)}

    db.execute(table.insert().values(id=1, data=data))

    assert db.scalar(table.select().with_only_columns(table.c.data)) == {**data, "at": "2026-03-02T00:00:00+00:00"}


def test_a_connection_says_whose_it_is(db: Connection) -> None:
    """So that an administrator knows it in pg_stat_activity."""
    assert db.scalar(text("SELECT current_setting('application_name')")) == "taktas"


def test_connections_that_died_in_the_pool_are_replaced_unseen(fresh_engine: Engine) -> None:
    """A restarted server costs a living process nothing."""
    run_in_a_transaction("SELECT 1")
    other = database.new_engine(fresh_engine.url.render_as_string(hide_password=False))
    kill_connections(other)
    other.dispose()

    run_in_a_transaction("CREATE TABLE after AS SELECT 1 AS n")

    with fresh_engine.connect() as db:
        assert db.scalar(text("SELECT n FROM after")) == 1


def test_a_connection_that_breaks_in_the_middle_is_explained(fresh_engine: Engine) -> None:
    """The work is taken back, and the sentence says so."""
    other = database.new_engine(fresh_engine.url.render_as_string(hide_password=False))

    def break_off() -> None:
        with begin() as db:
            db.execute(text("SELECT 1"))
            kill_connections(other)
            db.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnreachable) as refused:
        break_off()

    other.dispose()
    assert str(refused.value) == (
        f"The connection to the database at {place_of(fresh_engine)} broke in the middle of the work. "
        "What was not finished is taken back; run the command again."
    )


def test_a_server_that_does_not_run_is_explained_without_the_password(configure: Configure) -> None:
    """Nothing listens there."""
    configure("postgresql://ona:sesamas@127.0.0.1:1/brokers")

    with pytest.raises(DatabaseUnreachable) as refused:
        run_in_a_transaction("SELECT 1")

    assert str(refused.value) == (
        "Cannot reach the database at 127.0.0.1:1/brokers; is it running? It said: connection to server at "
        '"127.0.0.1", port 1 failed: Connection refused Is the server running on that host and accepting TCP/IP '
        "connections?"
    )


def test_a_database_that_does_not_exist_is_explained(server_url: str, configure: Configure) -> None:
    """The server's own words follow ours."""
    configure(make_url(server_url).set(database="nowhere").render_as_string(hide_password=False))

    with pytest.raises(DatabaseUnreachable, match='FATAL: database "nowhere" does not exist'):
        run_in_a_transaction("SELECT 1")


def test_a_deadlock_is_explained(fresh_engine: Engine) -> None:
    """The one the server chose to end gets a sentence, the other its work done."""
    run_in_a_transaction("CREATE TABLE pair AS SELECT n, 0 AS seen FROM generate_series(1, 2) AS n")
    both = Barrier(2)
    refused: list[TaktasError] = []

    def cross(first: int, second: int) -> None:
        try:
            with begin() as db:
                db.execute(text("UPDATE pair SET seen = seen + 1 WHERE n = :n"), {"n": first})
                both.wait()
                db.execute(text("UPDATE pair SET seen = seen + 1 WHERE n = :n"), {"n": second})
        except TaktasError as error:
            refused.append(error)

    threads = [Thread(target=cross, args=(1, 2)), Thread(target=cross, args=(2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [type(error) for error in refused] == [DatabaseGaveUp]
    assert str(refused[0]) == (
        f"The database at {place_of(fresh_engine)} gave up: deadlock detected. Nothing of this step is kept; "
        "mend that if it is not passing, and run the command again."
    )


@pytest.mark.usefixtures("fresh_engine")
def test_a_mistake_of_ours_stays_visible() -> None:
    """A wrong statement is a programmer's error, not a sentence for the user."""
    with pytest.raises(ProgrammingError):
        run_in_a_transaction("SELECT wrong FROM nothing")


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("postgres://u:p@h:1/d", "postgresql+psycopg2://u:p@h:1/d"),
        ("postgresql://u:p@h:1/d", "postgresql+psycopg2://u:p@h:1/d"),
        ("postgresql+psycopg://u:p@h:1/d", "postgresql+psycopg2://u:p@h:1/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg2:///d?host=%2Frun%2Fpostgresql"),
    ],
)
def test_every_way_to_write_an_address_means_the_same_driver(given: str, seen: str) -> None:
    """SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3."""
    engine = database.new_engine(given)

    assert engine.url.render_as_string(hide_password=False) == seen


@pytest.mark.parametrize("url", ["brokers", "postgresql://h:port/d"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """And it is not shown: it may hold a password."""
    with pytest.raises(DatabaseNotUsable) as refused:
        database.new_engine(url)

    assert str(refused.value) == (
        "TAKTAS_DATABASE_URL is not the address of a database. Write it as postgresql://user:password@host/name."
    )


def test_another_kind_of_database_is_refused() -> None:
    """PostgreSQL is the only one."""
    with pytest.raises(DatabaseNotUsable) as refused:
        database.new_engine("mysql://u:p@h/d")

    assert str(refused.value) == (
        "TAKTAS_DATABASE_URL names a database of the kind 'mysql'; taktas works with PostgreSQL only. "
        "Write it as postgresql://user:password@host/name."
    )


def test_a_server_that_is_too_old_is_refused(fresh_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first connection, before anything is done."""
    monkeypatch.setattr(database, "OLDEST_SERVER", 99)
    database.forget_engine()

    with pytest.raises(DatabaseNotUsable, match="taktas needs 99 or newer"):
        run_in_a_transaction("SELECT 1")


@pytest.mark.parametrize("version", [90_624, 140_011])
def test_the_oldest_server_is_fifteen(version: int) -> None:
    """The sentence names both versions and the way out."""
    with pytest.raises(DatabaseNotUsable) as refused:
        check_version(version)

    assert str(refused.value) == (
        f"The database server is PostgreSQL {version // 10_000}; taktas needs 15 or newer. Upgrade it, or leave "
        "TAKTAS_DATABASE_URL empty to use the embedded one."
    )


@pytest.mark.parametrize("version", [150_000, 180_004, 190_001])
def test_newer_servers_are_welcome(version: int) -> None:
    """From 15 on."""
    check_version(version)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("postgresql://ona:sesamas@db.example:6543/brokers", "db.example:6543/brokers"),
        ("postgresql://ona:sesamas@db.example/brokers", "db.example:5432/brokers"),
        ("postgresql:///brokers?host=/run/postgresql&port=5433", "/run/postgresql:5433/brokers"),
        ("postgresql://", "localhost:5432/"),
    ],
)
def test_an_address_is_shown_without_user_and_password(url: str, seen: str) -> None:
    """In every message."""
    assert database.address(make_url(url)) == seen


def test_a_forked_child_opens_connections_of_its_own(fresh_engine: Engine, house: object) -> None:
    """Two processes on one connection would read each other's answers."""
    program = """
import os
from sqlalchemy import text
from models.database import begin, engine
def pid():
    with begin() as db:
        return db.scalar(text("SELECT pg_backend_pid()"))
ours = pid()
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.write(writer, str(pid()).encode())
    os._exit(0)
os.waitpid(child, 0)
theirs = int(os.read(reader, 20))
print(ours != theirs, ours == pid())
"""

    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=os.environ)

    assert said.stdout.strip() == "True True"


def test_the_embedded_server_starts_again_under_a_living_process(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any address in the settings: set up, tables built, stopped by somebody, started again unseen."""
    monkeypatch.setenv("TAKTAS_DATA_DIR", str(open_folder / "data"))
    monkeypatch.delenv("TAKTAS_DATABASE_URL", raising=False)
    settings.cache_clear()
    database.forget_engine()
    server = EmbeddedServer(data_dir=open_folder / "data", extra={"fsync": "off", "shared_buffers": "16MB"})
    server.ensure_running()
    run_in_a_transaction("CREATE TABLE kept AS SELECT 5 AS n")

    stopped = server.stop()
    with read() as db:
        found = db.execute(text("SELECT n, to_regclass('alembic_version') IS NOT NULL FROM kept")).one()

    database.forget_engine()
    settings.cache_clear()
    server.stop()
    assert (stopped, found.n, found[1]) == (True, 5, True)
