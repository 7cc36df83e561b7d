"""How an answer looks: a table for people, JSON for machines; moments in the reader's zone."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cli.choices import choices

WIDTH_WITHOUT_TERMINAL = 120
TEXT_WIDTH = 16  # what a column of texts keeps when there is little room
SHORT_HEADING = 8  # a heading up to this long stays on one line
GAP = 3  # between two columns


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
    """Rows as text, as wide as the terminal: texts are wrapped, numbers stand whole on the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    measured = [_measured(column, [row[place] for row in cells]) for place, column in enumerate(columns)]
    for column, (heading, least) in zip(columns, measured, strict=True):
        drawn.add_column(
            Text(heading, justify="right" if column.is_number else "left"),
            justify="right" if column.is_number else "left",
            overflow="fold",
            no_wrap=column.is_number or column.is_whole,
            min_width=least,
        )
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    needed = sum(least for _, least in measured) + GAP * len(columns)  # a narrower terminal would cut digits off
    console = Console(width=max(_width(), needed), color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _measured(column: Column, cells: Sequence[str]) -> tuple[str, int]:
    """The heading, over narrow numbers one word a line, and the least width: numbers are never wrapped or cut."""
    widest = max(map(len, cells), default=0)
    if not column.is_number:
        least = max(widest, len(column.heading))
        return column.heading, least if column.is_whole else min(least, TEXT_WIDTH)
    is_long = len(column.heading) > max(widest, SHORT_HEADING)
    heading = column.heading.replace(" ", "\n") if is_long else column.heading
    return heading, max(widest, *map(len, heading.split("\n")))


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
