"""The mailbox bounces arrive in: a folder in Maildir form, or one file in mbox form. Nothing is moved or deleted."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from pathlib import Path

from core.errors import TaktasError
from core.settings import settings

LARGEST = 10_000_000  # bytes that are read of one mail: what is larger is no bounce


class NoMailbox(TaktasError):
    """There is nothing to read bounces from."""


def mails(place: Path | None) -> Iterator[tuple[str, bytes]]:
    """Each mail with its place in the mailbox, one at a time. Raises: NoMailbox."""
    found = place or settings().bounce_mailbox
    if found is None:
        raise NoMailbox(
            "No mailbox for bounces is set. Name a Maildir folder or an mbox file with --from, or set "
            "TAKTAS_BOUNCE_MAILBOX."
        )
    if found.is_dir() and all((found / name).is_dir() for name in ("new", "cur")):
        yield from _of_folder(found)
    elif found.is_file() and _is_mbox(found):
        yield from _of_file(found)
    else:
        what = (
            "is neither a Maildir (a folder with new, cur and tmp) nor an mbox file"
            if found.exists()
            else "is not there"
        )
        raise NoMailbox(f"{found} {what}. Name the mailbox your mail server puts returned mail in.")


def _is_mbox(file: Path) -> bool:
    """Every mail in such a file begins with a line of its own; an empty file has none."""
    try:
        with file.open("rb") as reading:
            return reading.read(5) in {b"", b"From "}
    except OSError as error:
        raise NoMailbox(f"{file} cannot be read: {error.strerror}. Let this user read the mailbox.") from error


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for below in ("new", "cur"):
        for file in sorted((folder / below).iterdir()):
            if not file.is_file():
                continue  # a mail program moved it meanwhile, or keeps a folder of its own there
            try:
                with file.open("rb") as reading:
                    content = reading.read(LARGEST + 1)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise NoMailbox(f"{file} cannot be read: {error.strerror}. Let this user read the mailbox.") from error
            yield f"{below}/{file.name}", content


def _of_file(file: Path) -> Iterator[tuple[str, bytes]]:
    box = mailbox.mbox(file, create=False)
    try:
        for place, key in enumerate(box.iterkeys(), start=1):
            with box.get_file(key) as reading:
                yield f"mail {place}", reading.read(LARGEST + 1)
    finally:
        box.close()
