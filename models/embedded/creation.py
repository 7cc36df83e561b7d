"""Making a new embedded PostgreSQL cluster: whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from models.embedded.account import Account, EmbeddedServerError
from models.embedded.place import Place, make_folder

OWNER = "taktas"
STAGING = "new-"
OPTIONS = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--auth=scram-sha-256",
    f"--username={OWNER}",
    # the password has 256 random bits: stretching it would only slow down every connection
    "--set=scram_iterations=1",
    "--no-instructions",
)


def create(place: Place, account: Account, programs: Path, claim: int, *, durable: bool) -> None:
    """Make a cluster beside its final name, then rename it. What an earlier, killed attempt left is removed.

    Raises: EmbeddedServerError, OSError.
    """
    for leftover in place.home.glob(f"{STAGING}*"):
        shutil.rmtree(leftover)
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=place.home))
    staging.chmod(0o711)
    made = Place(home=staging)
    make_folder(made.cluster, 0o711)
    make_folder(made.data, 0o700)
    os.chown(made.data, account.uid, account.gid)
    password = secrets.token_urlsafe(32)
    write_private(made.password_file, password)
    handed = staging / "password"
    write_private(handed, password)
    os.chown(handed, account.uid, account.gid)  # initdb may run as another user, who must read it once
    _run_initdb(made.data, handed, account, programs, claim, durable=durable)
    _include_our_settings(made)
    _rename(made, place)


def _run_initdb(
    data: Path, password_file: Path, account: Account, programs: Path, claim: int, *, durable: bool
) -> None:
    options = [*OPTIONS, f"--pwfile={password_file}", *(() if durable else ("--no-sync",))]
    done = account.run([programs / "initdb", *options, data], claim)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error:" in line or "FATAL:" in line]
        reason = said[-1].removeprefix("initdb: error: ") if said else f"initdb ended with {done.returncode}"
        raise EmbeddedServerError(
            f"The embedded database cannot be created in {data.parents[2]}: {reason}. Mend that, or set "
            "TAKTAS_DATA_DIR to another folder."
        )


def _include_our_settings(made: Place) -> None:
    descriptor = os.open(made.data / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"\ninclude '../{made.settings_file.name}'\n")
        file.flush()
        os.fsync(file.fileno())


def _rename(made: Place, place: Place) -> None:
    sync_folder(made.cluster)
    made.cluster.rename(place.cluster)
    sync_folder(place.home)
    shutil.rmtree(made.home)


def sync_folder(folder: Path) -> None:
    """Write the names in the folder to the disk, as a power cut right after would lose them."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Write a new file that only we can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
