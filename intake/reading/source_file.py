"""Opening a file to import by what it is: Excel or CSV."""

from __future__ import annotations

import hashlib
from pathlib import Path

from intake.mappings.mapping import FileLayout
from intake.reading.csv_rows import CsvRows
from intake.reading.row_source import FileNotReadable, RowSource
from intake.reading.workbook_rows import WorkbookRows

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")
PIECE = 1 << 20


def open_source(path: Path, layout: FileLayout) -> RowSource:
    """The rows of a file. Raises: FileNotReadable."""
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise FileNotReadable(f"{path} {what}. Name a file that ends in .csv or .xlsx.")
    try:
        if path.suffix.lower() in WORKBOOKS:
            return WorkbookRows(path, sheet=layout.sheet, heading_row=layout.heading_row)
        if path.suffix.lower() in TEXTS:
            return CsvRows(path, encoding=layout.encoding, delimiter=layout.delimiter, heading_row=layout.heading_row)
    except OSError as error:
        raise FileNotReadable(f"{path} cannot be read: {error.strerror or error}.") from error
    raise FileNotReadable(f"{path.name} is neither .csv nor .xlsx. Save it as one of them.")


def content_hash(path: Path) -> str:
    """What tells this content apart from all others (SHA-256)."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
