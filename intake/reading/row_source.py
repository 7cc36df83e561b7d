"""What reading a file yields, whatever its format: headings and rows with the numbers a spreadsheet shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from core.errors import TaktasError

ROW_HEADING = "taktas: row"
REASON_HEADING = "taktas: reason"

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class FileNotReadable(TaktasError):
    """A file as a whole cannot be read: missing, empty, of another format, or dangerous."""


class RawRow(NamedTuple):
    """One row as it stands in the file. `trouble` says why its cells could not be told apart."""

    number: int
    cells: list[Cell]
    trouble: str = ""


class RowSource(Protocol):
    """An opened file."""

    path: Path
    headings: tuple[str, ...]
    notes: list[str]

    def rows(self) -> Iterator[RawRow]:
        """The rows below the heading, from the first, each time it is asked; wholly empty rows are left out."""
        ...


class ErrorCell(str):
    """An error a spreadsheet shows in a cell, such as #DIV/0!."""

    __slots__ = ()


def read_nothing(path: Path) -> FileNotReadable:
    """The file has no heading. For both formats."""
    return FileNotReadable(f"{path.name} is empty. A file needs a row of headings and rows below it.")


def checked_headings(path: Path, row: int, cells: list[Cell]) -> list[str]:
    """The headings without blanks around them. Raises: FileNotReadable when there is none in that row."""
    headings = [" ".join(str("" if cell is None else cell).split()) for cell in cells]
    if not any(headings):
        raise FileNotReadable(
            f"Row {row} of {path.name}, where the headings should be, is empty. "
            "Say in the mapping where they are, for example: file: {heading row: 3}."
        )
    return headings


def without_our_columns(headings: list[str]) -> tuple[tuple[str, ...], list[int] | None]:
    """Headings of a file that taktas wrote to be mended, without its own two; None when it is somebody else's."""
    ours = [position for position, heading in enumerate(headings) if heading in {ROW_HEADING, REASON_HEADING}]
    if not ours:
        return tuple(headings), None
    kept = [position for position in range(len(headings)) if position not in ours]
    return tuple(headings[position] for position in kept), kept


def trimmed(number: int, cells: list[Cell], width: int) -> RawRow:
    """A row of exactly `width` cells, or one that says how many it has; empty cells too many are dropped."""
    while len(cells) > width and cells[-1] in {"", None}:
        cells.pop()
    if len(cells) == width:
        return RawRow(number, cells)
    return RawRow(number, cells, f"the row has {len(cells)} cells, the heading has {width}")
