"""As whom the programs of the embedded PostgreSQL run, and running them."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import TaktasError


class EmbeddedServerError(TaktasError):
    """The embedded PostgreSQL cannot be set up, started or stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating system's user that runs the server."""

    uid: int
    gid: int

    def run(
        self, command: Sequence[str | Path], claim: int | None = None, folder: Path = Path("/")
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, cut off from our terminal and our PG* variables; `claim` is a file it inherits.

        Raises: OSError when it cannot be started.
        """
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            done = subprocess.run(  # noqa: S603 - a fixed list, no shell
                command,
                check=False,
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                umask=0o077,
                start_new_session=True,
                pass_fds=() if claim is None else (claim,),
                **self._as_this_user(),
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, stderr=said.read())

    def _as_this_user(self) -> dict[str, Any]:
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, program: Path) -> bool:
        """Whether this user may run the program: asked of the operating system itself, not computed."""
        return self._succeeds([program, "--version"])

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may enter the folder."""
        return self._succeeds(["/bin/sh", "-c", 'cd "$1"', "sh", folder])

    def _succeeds(self, command: Sequence[str | Path]) -> bool:
        try:
            return self.run(command).returncode == 0
        except OSError:
            return False


def account_for(folder: Path) -> Account:
    """Who runs the server: we ourselves; for root the owner of the folder, else postgres, else nobody.

    Raises: EmbeddedServerError.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    owner = folder.stat() if folder.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedServerError(
        "Root cannot run PostgreSQL itself, and this machine has neither a user postgres nor a user nobody to run it. "
        "Run taktas as an ordinary user."
    )
