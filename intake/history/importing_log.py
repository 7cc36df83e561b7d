"""Importing one event log: read, check, pair, write; whole cases go in or are named, and nothing goes in twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, text, update

from core.actor import Actor
from core.errors import UsageError
from core.settings import settings
from intake.cells.problem import RowProblems
from intake.history.batches import Batches
from intake.history.case_making import CaseMaker
from intake.history.history_mapping import HistoryMapping, Unpaired
from intake.history.history_report import HistoryReport
from intake.history.log_case import Log, LogNotReadable
from intake.history.mapping_reading import read_history_mapping
from intake.history.moments import ReadMoment, reader_of_moments
from intake.history.row_log import RowLog, rows_of_log
from intake.history.staff import Staff
from intake.history.xes_mending import XesMendFile
from intake.history.xes_reading import XesLog
from intake.importing import settle_transaction
from intake.loading.staging import create
from intake.reading.mend_file import mend_path, write_mend_file
from intake.reading.source_file import content_hash, open_source
from models.history import logs
from models.imports import imports
from standards.lists import code_of
from tasks.record.log_steps import known_steps, process_number, publish_steps

KIND = "history"
XES = (".xes", ".xes.gz")
_ENDING = r"(?i)\.xes(\.gz)?$"
WRITTEN = ("cases", "tasks", "events", "holds", "imported_cases", "imported_events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be imported. `process`: of which process its cases are; empty: as the mapping says, or the file."""

    path: Path
    at: datetime
    actor: Actor
    map_path: Path | None = None
    process: str = ""
    dry_run: bool = False
    mend_to: Path | None = None

    @property
    def is_xes(self) -> bool:
        """Whether the name says that the file is XES; else it is a table."""
        return self.path.name.lower().endswith(XES)

    @property
    def mend_path(self) -> Path:
        """Where refused cases are written: those of a packed log unpacked."""
        if self.mend_to is None and self.is_xes:
            return mend_path(self.path.with_name(f"{re.sub(_ENDING, '', self.path.name)}.xes"))
        return self.mend_to or mend_path(self.path)


def import_history(db: Connection, request: Request, on_cases: Callable[[int], None] = lambda _: None) -> HistoryReport:
    """Import a log, in the caller's transaction, which must have changed nothing before when it is a dry run.

    `on_cases` hears how many cases were read.
    Raises: LogNotReadable, FileNotReadable, MappingNotReadable, MappingNotValid, MappingDoesNotFit,
    ProcessNotForHistory, TooManyActivities, MendFileNotWritten, UsageError.
    """
    if not request.path.is_file():
        raise LogNotReadable(f"There is no file {request.path}. Nothing was imported; look at its name.")
    mapping = read_history_mapping(request.map_path, zone=settings().zone) if request.map_path else _plain()
    name = code_of(request.process) or mapping.process or _named_after(request.path)
    create(db, rows_of_log)
    settle_transaction(db, dry_run=request.dry_run)
    batches = _batches(db, request, mapping, name, on_cases)
    try:
        batches.run()
    except BaseException:
        if batches.mending is not None:
            batches.mending.drop()
        raise
    told = _report(batches, request, name)
    return told if request.dry_run else _completed(db, request, batches, told)


def _plain() -> HistoryMapping:
    """Without a mapping everybody must be known here, and what has no partner is left out."""
    return replace(HistoryMapping(), formats=replace(HistoryMapping().formats, zone=settings().zone))


def _named_after(path: Path) -> str:
    stem = path.name.split(".")[0]
    code = "_".join("".join(sign if sign.isalnum() else " " for sign in stem).lower().split())
    return code if code[:1].isalpha() else f"log_{code}"


def _batches(
    db: Connection, request: Request, mapping: HistoryMapping, name: str, on_cases: Callable[[int], None]
) -> Batches:
    may_write, problems, read = not request.dry_run, RowProblems(), reader_of_moments(mapping.formats)
    process_id = process_number(db, name, may_write=may_write)
    log: Log = XesLog(request.path) if request.is_xes else _table(db, request, mapping, read, problems)
    maker = CaseMaker(
        db=db,
        mapping=mapping,
        process=name,
        steps=known_steps(db, process_id),
        staff=Staff(db, mapping, at=request.at, language=settings().language, may_write=may_write),
        read_moment=read,
        may_write=may_write,
    )
    return Batches(
        db=db,
        log=log,
        maker=maker,
        process_id=process_id,
        log_id=_begin_log(db, process_id, request) if process_id is not None and may_write else None,
        problems=problems,
        mending=XesMendFile(request.mend_path) if request.is_xes and may_write else None,
        on_cases=on_cases,
    )


def _table(
    db: Connection, request: Request, mapping: HistoryMapping, read: ReadMoment, problems: RowProblems
) -> RowLog:
    source = open_source(request.path, mapping.layout)
    if mapping.columns is None and mapping.worked is None:
        raise UsageError(
            f"{request.path.name} is a table, and nothing says which of its columns is the case, the activity and the "
            "moment. Write a mapping with columns and name it with --map; docs/history.md shows one."
        )
    return RowLog(db, source, mapping, read, problems)


def _begin_log(db: Connection, process_id: int, request: Request) -> int:
    row = {
        "process_id": process_id,
        "file_name": request.path.name,
        "content_hash": content_hash(request.path),
        "header": {},
        "at": request.at,
    }
    return int(db.execute(insert(logs).values(row).returning(logs.c.id)).scalar_one())


def _completed(db: Connection, request: Request, batches: Batches, told: HistoryReport) -> HistoryReport:
    """What is known only at the end: the process with all its activities, the head of the log, when people left."""
    maker, at = batches.maker, request.at
    title, ends = maker.mapping.title, maker.mapping.ends
    publish_steps(db, request.actor, name=told.process, title=title, steps=maker.steps, ends=ends, at=at)
    maker.staff.leave()
    row = {
        "kind": KIND,
        "file_name": told.file,
        "content_hash": content_hash(request.path),
        "at": at,
        "employee_id": request.actor.employee_id,
        "rows": told.read,
        "counts": told.counts,
    }
    import_id = int(db.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one())
    header = {"parts": batches.log.header, "activities": maker.steps.named}
    db.execute(update(logs).where(logs.c.id == batches.log_id).values(header=header, import_id=import_id))
    for table in WRITTEN if told.cases else ():
        db.execute(text(f"ANALYZE {table}"))
    return replace(told, import_id=import_id, mend_file=_mended(request, batches))


def _mended(request: Request, batches: Batches) -> Path | None:
    if batches.mending is not None:
        return batches.mending.finish()
    if not batches.problems.refused or not isinstance(batches.log, RowLog):
        return None
    write_mend_file(batches.log.source, batches.problems.refused, request.mend_path)
    return request.mend_path


def _report(batches: Batches, request: Request, name: str) -> HistoryReport:
    maker = batches.maker
    return HistoryReport(
        file=request.path.name,
        process=name,
        is_dry_run=request.dry_run,
        cases=batches.written,
        events=maker.events,
        items=maker.items,
        unchanged=batches.unchanged,
        refused=batches.refused,
        kept_unpaired=maker.mapping.unpaired is Unpaired.KEEP,
        unpaired=dict(maker.unpaired.most_common()),
        worked=frozenset(maker.worked),
        made=tuple(maker.staff.made),
        problems=batches.problems,
        notes=tuple(batches.log.notes()),
    )
