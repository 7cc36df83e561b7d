"""Importing one file: read, check, stage, then add and change the book in sets; good rows go in, bad ones are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from core.actor import Actor
from core.clock import zone
from core.errors import TaktasError
from core.settings import settings
from intake.cells.problem import RowProblem, RowProblems
from intake.import_kinds import ImportKind
from intake.loading.campaigns import load_campaign_members, load_campaigns
from intake.loading.cargo import Loading, Tally
from intake.loading.contracts import load_policies, load_programme_file
from intake.loading.documents import load_documents
from intake.loading.interactions import load_interactions
from intake.loading.parties import load_client_file
from intake.loading.payments import load_payments
from intake.loading.people import load_absences, load_employees
from intake.loading.receivables import load_receivables
from intake.loading.reference import load_insurers, load_product_lines
from intake.loading.staging import copy_in, create, planned_terms_table, staged_table
from intake.mappings.mapping import FileLayout
from intake.mappings.mapping import Mapping as FieldMapping
from intake.mappings.reading import read_mapping
from intake.mappings.row_making import RowMaker
from intake.reading.headings import own_layout
from intake.reading.mend_file import mend_path, write_mend_file
from intake.reading.row_source import RawRow, RowSource
from intake.reading.source_file import content_hash, open_source
from models.imports import imports

IMPORT_LOCK = 7_482_583_102  # any number, the same in all versions of the product
LOADERS: Mapping[str, Callable[[Loading], None]] = {
    "employees": load_employees,
    "absences": load_absences,
    "clients": load_client_file,
    "insurers": load_insurers,
    "product_lines": load_product_lines,
    "programmes": load_programme_file,
    "invoices": load_receivables,
    "payments": load_payments,
    "documents": load_documents,
    "interactions": load_interactions,
    "campaigns": load_campaigns,
    "campaign_members": load_campaign_members,
}


class FileNotLoadable(TaktasError):
    """The database refused what every check let through; nothing was imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or in a dry run would do. `rows` are those below the heading that are not empty."""

    kind: str
    file: str
    is_dry_run: bool
    rows: int
    refused: int
    tallies: Mapping[str, Tally]
    problems: RowProblems
    notes: tuple[str, ...] = ()
    mend_file: Path | None = None
    import_id: int | None = None

    @property
    def imported(self) -> int:
        """How many rows went in."""
        return self.rows - self.refused

    @property
    def counts(self) -> dict[str, Any]:
        """The figures, as they are kept."""
        return {
            "rows": self.rows,
            "refused": self.refused,
            "warnings": self.problems.counted.total(),
            "tallies": {
                name: {
                    "added": tally.added,
                    "changed": tally.changed,
                    "unchanged": tally.unchanged,
                    "fields": dict(tally.fields),
                }
                for name, tally in self.tallies.items()
            },
        }

    def __iter__(self) -> Iterator[RowProblem]:
        """Every problem in the order of the rows."""
        return iter(self.problems)


@dataclass(slots=True)
class _Counted:
    """Rows passing by."""

    source: RowSource
    on_rows: Callable[[int], None]
    count: int = 0
    step: int = field(default=5_000)

    def __iter__(self) -> Iterator[RawRow]:
        for row in self.source.rows():
            self.count += 1
            if self.count % self.step == 0:
                self.on_rows(self.step)
            yield row
        self.on_rows(self.count % self.step)


def import_file(
    db: Connection,
    actor: Actor,
    kind: ImportKind,
    path: Path,
    *,
    at: datetime,
    map_path: Path | None = None,
    dry_run: bool = False,
    mend_to: Path | None = None,
    on_rows: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Import a file, in the caller's transaction, which must have changed nothing before when it is a dry run.

    A dry run makes its temporary tables, then forbids the transaction to write, and does everything else alike.
    Refused rows are written beside the file, or to `mend_to`. `on_rows` hears how many rows were read.
    Raises: FileNotReadable, MappingNotValid, MappingDoesNotFit, MendFileNotWritten, FileNotLoadable.
    """
    mapping, source = _opened(kind, path, map_path)
    maker = RowMaker(mapping, source.headings, language=settings().language)
    staged, planned = staged_table(kind.name), planned_terms_table()
    create(db, staged, planned)
    settle_transaction(db, dry_run=dry_run)
    import_id = None if dry_run else _begin_record(db, actor, kind, path, at)
    loading = _loading(db, actor, mapping, maker, staged, at=at, batch=f"import:{import_id}", dry_run=dry_run)
    counted = _Counted(source, on_rows)
    copy_in(db, staged, maker.staged, maker.rows(counted, loading.problems))
    _load(loading, kind, planned)
    mend_file = None if dry_run else _mend(source, loading.problems, mend_to or mend_path(path))
    notes = (*source.notes, *_notes(maker))
    report = _report(loading, kind, path.name, counted.count, notes, mend_file=mend_file, import_id=import_id)
    _complete_record(db, report)
    return report


def settle_transaction(db: Connection, *, dry_run: bool) -> None:
    """A dry run may not write any more; of several real imports one works at a time, so that each counts right."""
    if dry_run:
        db.execute(text("SET TRANSACTION READ ONLY"))
    else:
        db.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def _opened(kind: ImportKind, path: Path, map_path: Path | None) -> tuple[FieldMapping, RowSource]:
    zone_name = settings().zone
    if map_path is None:
        source = open_source(path, FileLayout())
        return own_layout(kind, source, zone_name), source
    mapping = read_mapping(map_path, kind=kind, zone=zone_name)
    return mapping, open_source(path, mapping.layout)


def _begin_record(db: Connection, actor: Actor, kind: ImportKind, path: Path, at: datetime) -> int:
    row = {
        "kind": kind.name,
        "file_name": path.name,
        "content_hash": content_hash(path),
        "at": at,
        "employee_id": actor.employee_id,
        "rows": 0,
        "counts": {},
    }
    made: int = db.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
    return made


def _report(
    loading: Loading,
    kind: ImportKind,
    file: str,
    rows: int,
    notes: tuple[str, ...],
    *,
    mend_file: Path | None,
    import_id: int | None,
) -> ImportReport:
    return ImportReport(
        kind=kind.name,
        file=file,
        is_dry_run=loading.is_dry_run,
        rows=rows,
        refused=len(loading.problems.refused),
        tallies=loading.tallies,
        problems=loading.problems,
        notes=notes,
        mend_file=mend_file,
        import_id=import_id,
    )


def _complete_record(db: Connection, report: ImportReport) -> None:
    if report.import_id is not None:
        values = {"rows": report.rows, "counts": report.counts}
        db.execute(update(imports).where(imports.c.id == report.import_id).values(values))


def _loading(
    db: Connection,
    actor: Actor,
    mapping: FieldMapping,
    maker: RowMaker,
    staged: Table,
    *,
    at: datetime,
    batch: str,
    dry_run: bool,
) -> Loading:
    return Loading(
        db=db,
        actor=actor,
        staged=staged,
        at=at,
        today=at.astimezone(zone(settings().zone)).date(),
        key=mapping.business_key,
        batch=batch,
        language=settings().language,
        is_dry_run=dry_run,
        headings_of=maker.headings_of,
        clears=maker.clears,
        insurers=mapping.insurers,
        product_lines=mapping.product_lines,
    )


def _load(loading: Loading, kind: ImportKind, planned: Table) -> None:
    try:
        if kind.name == "policies":
            load_policies(loading, planned)
        else:
            LOADERS[kind.name](loading)
    except (IntegrityError, DataError) as error:
        reason = " ".join(str(error.orig).split())
        raise FileNotLoadable(
            f"The database refused the file, so nothing was imported: {reason} "
            "Mend the row it speaks of, or report this: the import should have named it."
        ) from error


def _notes(maker: RowMaker) -> list[str]:
    unused = maker.unused()
    return [f"Columns the mapping says nothing about: {', '.join(unused)}."] if unused else []


def _mend(source: RowSource, problems: RowProblems, target: Path) -> Path | None:
    if not problems.refused:
        return None
    write_mend_file(source, problems.refused, target)
    return target
