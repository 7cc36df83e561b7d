"""What a mapping file says, once it has been read: how a broker's own table becomes fields."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from intake.cells.formats import Formats
from intake.import_kinds import ImportKind, Key
from standards.working_time.duration import AnchoredMoment


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """Where in the file the table stands, and in what it is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    heading_row: int = 1
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUse:
    """One column that becomes one field. A column may have several uses.

    `values` translates what the file says; what it does not list is refused, or taken as it is where `keeps_others`.
    `clears`: an empty cell empties the field; otherwise it changes nothing.
    """

    heading: str
    path: str
    values: Pairs[str, str] | None = None
    keeps_others: bool = False
    clears: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same value in every row."""

    path: str
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A field put together from cells (`parts`: texts, and headings in the odd places) or counted from another date."""

    path: str
    parts: tuple[str, ...] = ()
    shift: AnchoredMoment | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping. `is_own_layout`: the headings are the fields themselves, and any optional cell may be empty."""

    kind: ImportKind
    file: str = ""
    layout: FileLayout = field(default_factory=FileLayout)
    formats: Formats = field(default_factory=Formats)
    columns: tuple[ColumnUse, ...] = ()
    constants: tuple[Constant, ...] = ()
    computed: tuple[Computed, ...] = ()
    key: Key = ()
    may_be_empty: Pairs[str, int] = field(default_factory=dict)  # heading -> line
    leave_out: Pairs[str, int] = field(default_factory=dict)
    name_when_empty: Pairs[str, int] = field(default_factory=dict)
    insurers: Pairs[str, str] = field(default_factory=dict)  # code -> name
    product_lines: Pairs[str, Pairs[str, str]] = field(default_factory=dict)  # code -> language -> label
    lines: Pairs[str, int] = field(default_factory=dict)  # key at the top of the file -> line
    is_own_layout: bool = False

    @property
    def paths(self) -> set[str]:
        """Every field it fills."""
        return {path for path, _ in self.filled}

    @property
    def filled(self) -> list[tuple[str, int]]:
        """Every field it fills, with the line that says so, as often as it is said."""
        columns = [(each.path, each.line) for each in self.columns]
        constants = [(each.path, each.line) for each in self.constants]
        return columns + constants + [(each.path, each.line) for each in self.computed]

    @property
    def business_key(self) -> Key:
        """What makes a row the same row again: as declared, else the first key whose fields are all filled."""
        paths = self.paths
        fitting = (key for key in self.kind.keys if paths.issuperset(key))
        return self.key or next(fitting, self.kind.keys[-1])
