"""Keeping the database safe: a backup into one file, and a restore that happens whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen

from sqlalchemy import text

from core.errors import TaktasError
from core.settings import settings
from models.client_programs import ClientPrograms, client_programs
from models.database import address, engine, explained

CHUNK = 1024 * 1024  # bytes
HEAD = 4096  # bytes: the settings pg_restore begins with
TRANSACTION_TIMEOUT_SINCE = 170_000  # an older server does not know that setting
BEGIN = b"BEGIN;\n"
BEGIN_EMPTIED = b"""BEGIN;
SET LOCAL lock_timeout = '30s';
SET LOCAL client_min_messages = 'warning';
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""


class BackupFailed(TaktasError):
    """The backup could not be written."""


class RestoreFailed(TaktasError):
    """The backup could not be read back; the database is as it was."""


def backup(file: Path, *, overwrite: bool = False) -> int:
    """Write the whole database, as of one moment, into one file; its size in bytes.

    The file appears when it is complete. Only we can read it: it holds people's data.
    Raises: BackupFailed, ProgramsMissing, DatabaseUnreachable, DatabaseNotUsable, EmbeddedServerError.
    """
    if file.exists() and not overwrite:
        raise BackupFailed(f"{file} is already there. Name another file, or add --overwrite to replace it.")
    programs = _candidates(_server_version())[0]
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _make_private(unfinished)
        _dump(programs, unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise BackupFailed(
            f"Cannot write the backup {file}: {error.strerror}. Name a file in a folder you may write to."
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def _make_private(file: Path) -> None:
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _dump(programs: ClientPrograms, file: Path) -> None:
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}", f"--dbname={programs.target}"]
    done = _run(programs, "pg_dump", *options)
    if done.returncode != 0:
        raise BackupFailed(f"The backup was not made: {_last_words(done.stderr)}. Mend that and try again.")
    with file.open("rb") as written:
        os.fsync(written.fileno())


def restore(file: Path, *, overwrite: bool = False) -> None:
    """Fill the database from a backup, in one transaction: it succeeds whole or changes nothing.

    A database that holds tables is only replaced when asked (`overwrite`); then everything in it is dropped first.
    Raises: RestoreFailed, ProgramsMissing, DatabaseUnreachable, DatabaseNotUsable, EmbeddedServerError.
    """
    version = _server_version()
    programs = _that_read(file, _candidates(version))
    with explained(engine()), engine().connect() as db:
        tables = db.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    if tables and not overwrite:
        raise RestoreFailed(
            f"The database at {address(engine().url)} is not empty: it has {tables} tables. Restore into a new one, "
            "or add --overwrite to replace what is there."
        )
    _replay(programs, file, BEGIN_EMPTIED if tables else BEGIN, with_timeout=version >= TRANSACTION_TIMEOUT_SINCE)


def _that_read(file: Path, candidates: list[ClientPrograms]) -> ClientPrograms:
    """The first programs that can read the file: an older pg_restore refuses what a newer pg_dump wrote."""
    for programs in candidates:
        listed = _run(programs, "pg_restore", "--list", str(file))
        if listed.returncode == 0 and "alembic_version" in listed.stdout:
            return programs
    raise RestoreFailed(
        f"{file} is not a backup of taktas, or was made by a newer PostgreSQL than the programs on this machine. "
        "Name a file that `taktas db backup` has written."
    )


def _replay(programs: ClientPrograms, file: Path, begin: bytes, *, with_timeout: bool) -> None:
    """Let pg_restore turn the backup into SQL and psql run it."""
    read = programs.command("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file))
    run = programs.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={programs.target}")
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        Popen(read, env=programs.env, stdin=DEVNULL, stdout=PIPE, stderr=said) as reader,  # noqa: S603 - a fixed list
        Popen(run, env=programs.env, stdin=PIPE, stdout=DEVNULL, stderr=said) as writer,  # noqa: S603 - a fixed list
    ):
        _hand_over(reader, writer, begin, with_timeout=with_timeout)
        if writer.wait() or reader.wait():
            said.seek(0)
            raise RestoreFailed(
                f"The backup {file} was not restored: {_last_words(said.read())}. The database is as it was."
            )


def _hand_over(reader: Popen[bytes], writer: Popen[bytes], begin: bytes, *, with_timeout: bool) -> None:
    """COMMIT is said only when the backup was read whole; psql takes everything back when it is not said."""
    source, sink = reader.stdout, writer.stdin
    if source is None or sink is None:
        return
    with suppress(BrokenPipeError), sink:  # psql gives up at the first error, and says why
        sink.write(begin)
        head = source.read(HEAD)
        sink.write(head if with_timeout else head.replace(b"SET transaction_timeout = 0;\n", b"", 1))
        shutil.copyfileobj(source, sink, CHUNK)
        if reader.wait() == 0:
            sink.write(b"COMMIT;\n")
    source.close()


def _candidates(server_version: int) -> list[ClientPrograms]:
    return client_programs(engine(), server_version, bundled_first=settings().database_url is None)


def _server_version() -> int:
    with explained(engine()), engine().connect() as db:
        return int(db.scalar(text("SELECT current_setting('server_version_num')")) or 0)


def _run(programs: ClientPrograms, name: str, *options: str) -> CompletedProcess[str]:
    command = programs.command(name, *options)
    return subprocess.run(  # noqa: S603 - a fixed list, no shell
        command, check=False, env=programs.env, stdin=DEVNULL, capture_output=True, text=True, errors="replace"
    )


def _last_words(said: str) -> str:
    """The first error a program reported, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or "ERROR:" in line]
    return (errors[:1] or lines[-1:] or ["it gave no reason"])[0].rstrip(".")
