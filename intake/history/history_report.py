"""What an import of an event log did, or in a dry run would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from intake.cells.problem import RowProblems
from intake.history.pairing import COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """What an import of a log did, or in a dry run would do.

    `unpaired`: (transition, activity) -> how many; `worked`: the activities that were begun and ended somewhere.
    """

    file: str
    process: str
    is_dry_run: bool
    cases: int = 0
    events: int = 0
    items: int = 0
    unchanged: int = 0
    refused: int = 0
    kept_unpaired: bool = False
    unpaired: Mapping[tuple[str, str], int] = field(default_factory=dict)
    worked: frozenset[str] = frozenset()
    made: tuple[str, ...] = ()
    problems: RowProblems = field(default_factory=RowProblems)
    notes: tuple[str, ...] = ()
    mend_file: Path | None = None
    import_id: int | None = None

    @property
    def read(self) -> int:
        """The cases of the file."""
        return self.cases + self.unchanged + self.refused

    @property
    def never_begun(self) -> int:
        """Completions without a beginning, of activities that elsewhere in the log have one."""
        told = (count for (what, name), count in self.unpaired.items() if what == COMPLETE and name in self.worked)
        return sum(told)

    @property
    def counts(self) -> dict[str, int]:
        """The figures, as they are kept."""
        return {
            "cases": self.cases,
            "events": self.events,
            "tasks": self.items,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }
