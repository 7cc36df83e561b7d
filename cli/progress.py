"""A bar on standard error for what takes over a second; silent where no person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.choices import choices

Step = Callable[[int], None]


@contextmanager
def progress(what: str, *, total: int | None = None) -> Iterator[Step]:
    """Inside the block call the given function with how much more is done; without a total it only shows life."""
    if not sys.stderr.isatty() or choices().is_json:
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    name, time = TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    columns = (SpinnerColumn(), name, time) if total is None else (name, BarColumn(), MofNCompleteColumn(), time)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task(what, total=total)
        yield lambda done: bar.advance(shown, done)
