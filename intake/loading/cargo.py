"""What an import carries from step to step: its rows, what it found wrong and what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    any_,
    delete,
    exists,
    func,
    literal,
    select,
)

from core.actor import Actor
from core.errors import did_you_mean
from intake.cells.problem import RowProblems
from intake.import_kinds import Key

MOST_SUGGESTIONS = 5_000

Rows = Select[*tuple[Any, ...]]
"""A question to the database, whatever its columns."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What happened to one kind of rows of the book; `fields`: how often each field changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    fields: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Loading:
    """One import at work. Nothing is written where `is_dry_run`, but everything is counted as if."""

    db: Connection
    actor: Actor
    staged: Table
    at: datetime
    today: date
    key: Key
    batch: str  # tells this import apart from all others
    language: str
    is_dry_run: bool = False
    headings_of: Mapping[str, str] = field(default_factory=dict)
    clears: frozenset[str] = frozenset()
    insurers: Mapping[str, str] = field(default_factory=dict)
    product_lines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: RowProblems = field(default_factory=RowProblems)
    tallies: dict[str, Tally] = field(default_factory=dict)

    def tally(self, name: str) -> Tally:
        """The tally of that kind of rows."""
        return self.tallies.setdefault(name, Tally())

    def heading(self, staged: str) -> str:
        """The heading a problem with that field is told under."""
        return self.headings_of.get(staged, staged.replace("_", ".", 1))

    def brings(self, staged: str) -> bool:
        """Whether any row says something about that field."""
        return bool(self.db.scalar(select(exists(select(1).where(self.staged.c[staged].is_not(None))))))

    def refuse_where(self, condition: ColumnElement[bool], staged: str, reason: str) -> None:
        """Rows that cannot be as they are do not go in."""
        rows = self.db.scalars(select(self.staged.c.row).where(condition).order_by(self.staged.c.row)).all()
        self.refuse(dict.fromkeys(rows, reason), staged)

    def refuse(self, reasons: Mapping[int, str], staged: str) -> None:
        """These rows do not go in, each for its reason."""
        if not reasons:
            return
        for row, reason in reasons.items():
            self.problems.refuse(row, self.heading(staged), reason)
        listed = literal(list(reasons), ARRAY(Integer))
        self.db.execute(delete(self.staged).where(self.staged.c.row == any_(listed)))

    def refuse_unknown(
        self, staged: str, known: Column[str], what: str, way_forward: str, *, also: Collection[str] = ()
    ) -> None:
        """Rows that name something the book does not have; `also`: what this import is about to add."""
        cell = self.staged.c[staged]
        missing = select(self.staged.c.row, cell).where(
            cell.is_not(None), cell.not_in(list(also)), ~exists(select(1).where(known == cell))
        )
        rows = self.db.execute(missing.order_by(self.staged.c.row)).all()
        suggest = self._suggestion([*also], known) if rows else str
        reasons = {row: f"there is no {what} {value!r}{suggest(value) or '.'} {way_forward}" for row, value in rows}
        self.refuse(reasons, staged)

    def _suggestion(self, also: list[str], known: Column[str]) -> Callable[[str], str]:
        names = [*also, *self.db.scalars(select(known).limit(MOST_SUGGESTIONS))]
        return lambda value: did_you_mean(value, names)

    def refuse_repeated(self, columns: tuple[str, ...], what: str) -> None:
        """Rows about something an earlier row of the file is about already."""
        first = func.min(self.staged.c.row).over(partition_by=[self.staged.c[name] for name in columns])
        seen = select(self.staged.c.row, first.label("first")).subquery()
        repeated = select(seen.c.row, seen.c.first).where(seen.c.row != seen.c.first).order_by(seen.c.row)
        rows = self.db.execute(repeated).all()
        self.refuse({row: f"row {first} is about the same {what} already" for row, first in rows}, columns[-1])
