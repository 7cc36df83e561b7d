"""What can be wrong with one cell or one row of a file, and how many such problems one import bears."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import TaktasError

MOST_REFUSED = 100_000
KEPT_WARNINGS = 10_000


class CellRefused(TaktasError, ValueError):
    """A value cannot be taken as it is; the message is the reason, ready to stand behind row and column."""


class MappingDoesNotFit(TaktasError):
    """So many rows are refused that the file and its mapping do not belong together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One reason, with its place. `column` is the heading in the file, empty when the whole row is meant."""

    row: int
    column: str
    reason: str
    is_refusal: bool = True

    def __str__(self) -> str:
        """`row 12, Expires: '31/31/2011' is not a date …`."""
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.reason}"


@dataclass(slots=True)
class RowProblems:
    """What was found so far: each refused row with all its reasons, and the warnings about rows that went in."""

    refused: dict[int, list[RowProblem]] = field(default_factory=dict)
    warnings: list[RowProblem] = field(default_factory=list)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)  # (column, reason) of every warning

    def refuse(self, row: int, column: str, reason: str) -> None:
        """This row does not go in. Raises: MappingDoesNotFit when too many do not."""
        self.refused.setdefault(row, []).append(RowProblem(row=row, column=column, reason=reason))
        if len(self.refused) > MOST_REFUSED:
            first = next(iter(self.refused.values()))[0]
            raise MappingDoesNotFit(
                f"More than {MOST_REFUSED:,} rows were refused, the first one for this reason: {first}. "
                "Nothing was imported; mend the mapping first."
            )

    def warn(self, row: int, column: str, reason: str) -> None:
        """This row goes in, but somebody should know."""
        self.counted[column, reason] += 1
        if len(self.warnings) < KEPT_WARNINGS:
            self.warnings.append(RowProblem(row=row, column=column, reason=reason, is_refusal=False))

    def __iter__(self) -> Iterator[RowProblem]:
        """All problems in the order of the rows."""
        found = [problem for reasons in self.refused.values() for problem in reasons] + self.warnings
        return iter(sorted(found, key=lambda problem: (problem.row, not problem.is_refusal)))
