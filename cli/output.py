"""How an answer looks: a table for people, JSON for machines; moments in the reader's zone."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from cli.choices import choices

WIDTH_WITHOUT_TERMINAL = 120
TEXT_WIDTH = 16  # a word longer than this may be broken when there is little room
TALLEST = 10_000  # lines: a table is as long as it is, whatever the terminal
SHORT_HEADING = 8  # a heading up to this long stays on one line
GAP = 2  # between two columns
_NO_BREAK = "\u00a0"
_HELD = rf"\1{_NO_BREAK}"
_UNIT = re.compile(r"(\d) (?=(?:%|h|min|s)(?:\W|$))")  # the blank between a number and its unit


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the key in each row, its heading, whether it holds numbers, or words kept whole."""

    key: str
    heading: str
    is_number: bool = False
    is_whole: bool = False


def show(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, empty: str, title: str = "") -> None:
    """A list: as a table of `columns`, or under --json whole, as a list of objects."""
    listed = list(rows)
    if choices().is_json:
        show_json([dict(row) for row in listed])
    elif not listed:
        _write(f"{empty}\n")
    else:
        cells = [[shown(row.get(column.key)) for column in columns] for row in listed]
        _write(f"{title}\n" * bool(title) + table(columns, cells))


def show_one(facts: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """One thing: its labelled facts under one another, or under --json as an object with all of them."""
    if choices().is_json:
        show_json(dict(facts))
        return
    told = {label: shown(facts.get(key)) for key, label in labels.items()}
    width = max((len(label) for label in labels.values()), default=0)
    _write("".join(f"{label.ljust(width)}  {value}\n" for label, value in told.items() if value))


def show_json(data: Any) -> None:
    """The data as JSON for machines."""
    _write(f"{json_text(data)}\n")


def json_text(data: Any) -> str:
    """JSON: moments in UTC with their offset, amounts as text so that no cent is lost."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=_plain)


def write_bytes(content: bytes) -> None:
    """An answer that is a file, to standard output as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def write_file(path: Path, content: bytes) -> None:
    """The file is there whole or, when the disk is full, as it was before. What goes wrong is told of that file."""
    try:
        _write_beside(path, content)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _write_beside(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name[:80]}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            beside.chmod(0o666 & ~_umask())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def say(text: str) -> None:
    """A sentence for people; silent where a program reads the answer."""
    if not (choices().is_json or choices().is_file):
        _write(f"{text}\n")


def warn(text: str) -> None:
    """A remark beside the answer, on standard error."""
    sys.stderr.write(f"{text}\n")


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    if isinstance(value, str):
        return on_one_line(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(part)}" for name, part in value.items())
    if isinstance(value, Iterable):
        return ", ".join(shown(part) for part in value)
    return f"{value:.1f}" if isinstance(value, float) else str(_plain(value))


def moment(value: datetime) -> str:
    """A moment on the reader's wall clock: `Mon 2026-03-02 14:00`."""
    return f"{value.astimezone(reader_zone()):%a %Y-%m-%d %H:%M}"


def reader_zone() -> ZoneInfo:
    """The zone of the person who reads, else of the house."""
    from core.clock import zone

    if choices().zone is None:
        from core.settings import settings

        choices().zone = settings().zone
    return zone(choices().zone or "UTC")


def table(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> str:
    """Rows as text, as wide as the terminal: texts are wrapped between words, numbers stand on the right.

    A table that cannot be made as narrow as the terminal is wider, so that nothing is cut off.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    fitted = _fitting(columns, cells)
    for column, (heading, width) in zip(columns, fitted, strict=True):
        side: Literal["left", "right"] = "right" if column.is_number else "left"
        drawn.add_column(Text(heading, justify=side), justify=side, overflow="fold", width=width)
    for row in cells:
        drawn.add_row(*(Text(_in_lines(cell, width)) for cell, (_, width) in zip(row, fitted, strict=True)))
    needed = sum(width + GAP for _, width in fitted)
    console = Console(width=needed, height=TALLEST, color_system=None, legacy_windows=False)  # a height, or 80 is taken
    with console.capture() as captured:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _fitting(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """Each column's heading and width; the room that is left goes to the narrowest of those that could use it."""
    by_column = [[row[place] for row in cells] for place in range(len(columns))]
    room = _width() - GAP * (len(columns) - 1)
    for may_break in (False, True):
        measured = [_measured(*pair, may_break) for pair in zip(columns, by_column, strict=True)]
        widths = [least for _, least, _ in measured]
        if sum(widths) <= room:
            break
    for _ in range(room - sum(widths)):
        growing = [place for place, (_, _, most) in enumerate(measured) if widths[place] < most]
        if not growing:
            break
        widths[min(growing, key=widths.__getitem__)] += 1
    return [(heading, width) for (heading, _, _), width in zip(measured, widths, strict=True)]


def _measured(column: Column, cells: Sequence[str], may_break: bool) -> tuple[str, int, int]:
    """The heading, over narrow numbers one word a line; the least width; the most that is of use."""
    widest, word = max(map(len, cells), default=0), _longest_word(cells)
    if not column.is_number:
        most = max(widest, len(column.heading))
        least = max(word, _longest_word([column.heading]))
        return column.heading, most if column.is_whole else min(least, TEXT_WIDTH), most
    is_long = len(column.heading) > max(widest, SHORT_HEADING)
    heading = column.heading.replace(" ", "\n") if is_long else column.heading
    named = max(map(len, heading.split("\n")))
    least = max(word, (widest + 1) // 2) if may_break else widest  # `4/9 44 % (19-73)` on two lines, never 4-4
    return heading, max(least, named), max(widest, named)


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in _UNIT.sub(_HELD, cell).split(" ")), default=0)


def _in_lines(cell: str, width: int) -> str:
    """A cell too long for its column, in lines that keep a number and its unit together."""
    if len(cell) <= width:
        return cell
    lines = textwrap.wrap(_UNIT.sub(_HELD, cell), width, break_on_hyphens=False)
    return "\n".join(lines).replace(_NO_BREAK, " ")


def _width() -> int:
    if not sys.stdout.isatty():
        return WIDTH_WITHOUT_TERMINAL
    return shutil.get_terminal_size().columns


def on_one_line(text: str) -> str:
    """Control characters would move the cursor or hide text: they are shown, not obeyed."""
    return "".join(letter if letter.isprintable() else _named(letter) for letter in text)


def _named(letter: str) -> str:
    return " " if letter.isspace() else letter.encode("unicode_escape").decode("ascii")


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Enum():
            return value.value
        case Mapping():
            return dict(value)
        case Iterable():
            return list(value)
    return str(value)


def _write(text: str) -> None:
    sys.stdout.write(text)
