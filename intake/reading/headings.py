"""Finding the columns a mapping names among the headings of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.errors import TaktasError, did_you_mean
from intake.cells.formats import Formats, folded
from intake.import_kinds import ImportKind
from intake.mappings.checks import check
from intake.mappings.mapping import ColumnUse, Mapping
from intake.mappings.reading import MappingNotValid
from intake.reading.row_source import RowSource
from standards.problem import Problem

OTHER_DELIMITERS = (";", "\t", "|")


class HeadingsNotFields(TaktasError):
    """A file that came without a mapping is not in taktas' own layout."""

    def __init__(self, kind: ImportKind, file: str, reasons: Sequence[str]) -> None:
        """Tell every reason, and the two ways forward."""
        listed = "\n".join(reasons)
        super().__init__(
            f"Without a mapping the columns of {file} must be headed with the fields of {kind.name} "
            f"(`taktas import {kind.name} --fields` lists them). Rename them, or write a mapping and name it with "
            f"--map.\n{listed}"
        )


@dataclass(slots=True)
class Headings:
    """The headings of one file; what is not found is noted with the line that names it."""

    written: Sequence[str]
    file: str
    problems: list[Problem] = field(default_factory=list)

    def find(self, heading: str, line: int) -> int:
        """The place of a column: exactly as written, else without regard to case, blanks and underscores."""
        for alike in (str, folded):
            wanted = alike(heading)
            places = [place for place, written in enumerate(self.written) if alike(written) == wanted]
            if len(places) == 1:
                return places[0]
            if places:
                self._problem(line, f"the file has {len(places)} columns headed {heading!r}. Rename all but one.")
                return -1
        hint = did_you_mean(heading, [written for written in self.written if written]) or "."
        self._problem(line, f"the file has no column {heading!r}{hint}")
        return -1

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=line, message=message))

    def refuse(self) -> None:
        """Raises: MappingNotValid when something was not found."""
        if not self.problems:
            return
        if len(self.written) == 1:
            message = (
                f"the headings of the file are one single column ({self.written[0]!r}). "
                "If another sign stands between its columns, declare it: file: {delimiter: ';'}."
            )
            self.problems = [Problem(file=self.file, line=0, message=message)]
        raise MappingNotValid(self.file, self.problems)


def own_layout(kind: ImportKind, source: RowSource, zone: str) -> Mapping:
    """The mapping of a file whose headings are fields: `client.number`, or `expires_on` where only one is meant.

    Raises: HeadingsNotFields, for headings that are none and whatever else a mapping is checked for.
    """
    columns, unknown = _columns(kind, source.headings)
    if len(source.headings) == 1 and any(sign in source.headings[0] for sign in OTHER_DELIMITERS):
        unknown = ["Its headings are one single column: if another sign than a comma stands between them, declare it."]
    mapping = Mapping(kind=kind, formats=Formats(zone=zone), columns=tuple(columns), is_own_layout=True)
    found = unknown or [problem.message for problem in check(mapping)]
    if found:
        raise HeadingsNotFields(kind, source.path.name, found)
    return mapping


def _columns(kind: ImportKind, headings: Iterable[str]) -> tuple[list[ColumnUse], list[str]]:
    columns: list[ColumnUse] = []
    unknown: list[str] = []
    for heading in headings:
        word = heading.strip().lower().replace(" ", "_")
        named = [word] if kind.field(word) else kind.paths_named(word)
        if len(named) == 1:
            columns.append(ColumnUse(heading=heading, path=named[0]))
            continue
        hint = f"; it could be {' or '.join(named)}" if named else did_you_mean(word, kind.by_path)
        unknown.append(f"the column {heading!r} is none{hint}.")
    return columns, unknown
