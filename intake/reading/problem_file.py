"""Everything an import found, row by row, as a table a person can sort: file, row, column, what became of it, why."""

from __future__ import annotations

import csv
from pathlib import Path

from core.errors import TaktasError
from intake.cells.problem import RowProblems
from intake.reading.csv_rows import escaped

HEADINGS = ("file", "row", "column", "what", "reason")
REFUSED, TAKEN = "refused", "went in"


class ProblemFileNotWritten(TaktasError):
    """The list of problems cannot be written."""


def problem_path(path: Path) -> Path:
    """`policies.csv` as `policies.problems.csv`."""
    return path.with_name(f"{path.stem.removesuffix('.to-mend')}.problems.csv")


def write_problem_file(problems: RowProblems, file: str, target: Path) -> None:
    """UTF-8 with its mark, so that a spreadsheet knows it; no cell is a formula. Raises: ProblemFileNotWritten."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(HEADINGS)
            for each in problems:
                what = REFUSED if each.row in problems.refused else TAKEN
                writer.writerow([escaped(file), each.row, escaped(each.column), what, escaped(each.reason)])
        beside.replace(target)
    except OSError as error:
        raise ProblemFileNotWritten(
            f"The list of problems cannot be written to {target}: {error.strerror or error}. "
            "Say with --problems where it may be written; importing the file again does no harm."
        ) from error
