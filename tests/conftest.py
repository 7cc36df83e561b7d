"""What every test may ask for."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Connection, Engine, make_url, text

from core.settings import settings
from models import database
from models.embedded.account import account_for
from models.embedded.programs import programs_for
from models.embedded.server import EmbeddedServer
from models.upgrading import upgrade_tables

DATABASE_FIXTURES = {"server_url", "template_database", "new_database", "fresh_engine", "house", "db"}
FAST_AND_LOOSE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
}
hypothesis.settings.register_profile("house", deadline=None)  # machines are busy; laws do not depend on speed
hypothesis.settings.load_profile("house")
SESSION = pytest.StashKey[str]()
HELD = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The folder of a real data set by name; the test is skipped, with the reason, where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    base = Path(os.environ.get("TAKTAS_TEST_DATA", str(beside)))

    def folder(name: str) -> Path:
        found = base / name
        if not found.is_dir():
            pytest.skip(f"real data set {name!r} is not on this machine (set TAKTAS_TEST_DATA)")
        return found

    return folder


def pytest_configure(config: pytest.Config) -> None:
    """One embedded server per test run: the first process names its folder, the workers of xdist are told."""
    told = getattr(config, "workerinput", {}).get("taktas_session")
    if told is None:
        _sweep_up()
        told = tempfile.mkdtemp(prefix="taktas-test-", dir=_quick_place())
        Path(told).chmod(0o711)
        config.stash[HELD] = _hold(Path(told))
    config.stash[SESSION] = told


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by xdist for each worker."""
    node.workerinput["taktas_session"] = node.config.stash[SESSION]


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that named the folder stops the server and removes it."""
    held = config.stash.get(HELD, None)
    if held is not None:
        _remove(Path(config.stash[SESSION]))
        os.close(held)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the database is marked so."""
    for item in items:
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


def _quick_place() -> str:
    """Memory, where there is enough of it: a database is made there in a twentieth of the time."""
    memory = Path("/dev/shm")  # noqa: S108 - only throw-away folders with names of their own
    enough = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4_000_000_000
    return str(memory) if enough else tempfile.gettempdir()


def _hold(folder: Path) -> int:
    """The open, locked file that says that this run is alive; it gets its name when it is locked."""
    held = os.open(folder / "new", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    (folder / "new").rename(folder / "session")
    return held


def _sweep_up() -> None:
    """Remove what test runs left behind that were killed."""
    places = {Path(_quick_place()), Path(tempfile.gettempdir())}
    for left in (found for place in places for found in place.glob("taktas-test-*/session")):
        try:
            with left.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(left.parent)
        except OSError:
            continue  # in use, or somebody else's


def _remove(folder: Path) -> None:
    _embedded_in(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def _embedded_in(folder: Path) -> EmbeddedServer:
    return EmbeddedServer(data_dir=folder / "server", extra=FAST_AND_LOOSE)


@pytest.fixture(autouse=True, scope="session")
def _settings_of_nobody(pytestconfig: pytest.Config) -> Iterator[None]:
    """No test sees the settings or the data of the person who runs it; none starts a server by accident."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("TAKTAS_") and not name.startswith("TAKTAS_TEST_"):
                patch.delenv(name)
        patch.setenv("TAKTAS_DATA_DIR", str(Path(pytestconfig.stash[SESSION]) / "data"))
        patch.setenv("TAKTAS_DATABASE_URL", "postgresql:///none?host=/this-test-asked-for-no-database")
        settings.cache_clear()
        yield


@pytest.fixture
def open_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """An empty folder with a short name that every user of the machine may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(dir=pytestconfig.stash[SESSION]))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def restart() -> Callable[[EmbeddedServer, str], None]:
    """Restarts a server by hand: `fast` ends its connections with a word, `immediate` as a crash does."""
    return _restart


def _restart(server: EmbeddedServer, mode: str) -> None:
    place = server.place()
    assert place is not None
    account = account_for(place.data)
    command: list[str | Path] = [
        programs_for(account) / "pg_ctl",
        "restart",
        "-D",
        place.data,
        "-m",
        mode,
        "-w",
        "-s",
        "-t",
        "2",
    ]
    account.run(command)  # it may find that somebody else who needs the server was quicker to start it
    server.ensure_running()


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> str:
    """A PostgreSQL that may be filled with databases: TAKTAS_TEST_DATABASE_URL, else an embedded one of this run."""
    given = os.environ.get("TAKTAS_TEST_DATABASE_URL")
    return given or _embedded_in(Path(pytestconfig.stash[SESSION])).url("postgres")


@contextmanager
def _made_database(server_url: str, name: str, template: str | None = None) -> Iterator[str]:
    """Create a database, yield its address, drop it."""
    engine = database.new_engine(server_url)
    server = engine.execution_options(isolation_level="AUTOCOMMIT")
    copied = f"TEMPLATE {template} STRATEGY file_copy" if template else "TEMPLATE template0 ENCODING 'UTF8'"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {copied}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    """The name of a database with all tables, as the migrations build them; copied for each test that asks."""
    name = f"taktas_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{secrets.token_hex(4)}"
    with _made_database(server_url, name) as url:
        engine = database.new_engine(url)
        upgrade_tables(engine)
        engine.dispose()
        yield name


@pytest.fixture
def new_database(server_url: str, template_database: str) -> Iterator[str]:
    """The address of a database of this test's own, with all tables and no rows."""
    with _made_database(server_url, f"{template_database}_{secrets.token_hex(4)}", template_database) as url:
        yield url


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house for tests of the front doors: its database, its folder and the environment that names both."""

    url: str
    engine: Engine
    data_dir: Path
    env: dict[str, str]


@pytest.fixture
def house(new_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house of this test's own; this process's settings point at it, `env` makes other processes' do so."""
    ours = {"TAKTAS_DATABASE_URL": new_database, "TAKTAS_DATA_DIR": str(tmp_path / "data")}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    database.forget_engine()
    yield House(url=new_database, engine=database.engine(), data_dir=tmp_path / "data", env={**os.environ, **ours})
    database.forget_engine()
    settings.cache_clear()


@pytest.fixture
def fresh_engine(house: House) -> Engine:
    """The engine of a database of this test's own: for several connections, threads or processes."""
    return house.engine


@pytest.fixture(scope="session")
def _shared_engine(server_url: str, template_database: str) -> Iterator[Engine]:
    with _made_database(server_url, f"{template_database}_shared", template_database) as url:
        engine = database.new_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def db(_shared_engine: Engine) -> Iterator[Connection]:
    """One transaction on a shared database, taken back at the end: the cheapest way to have all tables, empty."""
    with _shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()
