"""An event log as a file: whole or not at all, packed where its name says so."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from core.actor import Actor
from core.errors import UsageError
from reports.event_log.chosen import Chosen, LogNotWritten, check
from reports.event_log.ocel import ocel_pieces, ocel_xml_pieces
from reports.event_log.xes import xes_lines

FORMATS: Mapping[str, Callable[[Connection, Chosen], Iterator[str]]] = {
    ".xes": xes_lines,
    ".xes.gz": xes_lines,
    ".jsonocel": ocel_pieces,
    ".xmlocel": ocel_xml_pieces,
}


def write_log(
    db: Connection, actor: Actor, path: Path, chosen: Chosen, on_pieces: Callable[[int], None] = lambda _: None
) -> None:
    """Write the chosen cases as an event log in the form its name asks for.

    `on_pieces` hears how many lines or objects were written.
    Raises: UsageError for another name; LogNotWritten, then nothing is left behind.
    """
    form = next((end for end in FORMATS if path.name.lower().endswith(end)), None)
    if form is None:
        known = f"{', '.join(list(FORMATS)[:-1])} or {list(FORMATS)[-1]}"
        raise UsageError(f"{path.name} says neither XES nor OCEL. Name a file that ends in {known}.")
    check(db, actor, chosen)
    beside = path.with_name(f".{path.name}.part")
    try:
        with (
            gzip.open(beside, "wt", encoding="utf-8")
            if form.endswith(".gz")
            else beside.open("w", encoding="utf-8") as file
        ):
            for piece in FORMATS[form](db, chosen):
                file.write(piece)
                on_pieces(1)
        beside.replace(path)
    except OSError as error:
        raise LogNotWritten(f"{path} cannot be written: {error.strerror or error}. Name another place.") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
