"""How fast a table of policies is imported, against a plain INSERT … SELECT of the same finished rows.

Each row brings its policy and term, every third row a new client: what a large house would send once. Then the same
file again, of which nothing has changed. Run with a number of rows, 1,000,000 by default.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from scenery.house import AT, outside_transaction, throwaway_house
from sqlalchemy import text

from core.actor import Actor, Door
from intake.import_kinds import KINDS
from intake.importing import ImportReport, import_file
from models.database import begin

TABLES = ("parties", "policies", "terms")
HEAD = ("Client", "Name", "Policy", "Insurer", "Line", "From", "To", "Premium")
MAPPING = """\
import: policies
dates: day.month.year
numbers: {decimal: ','}
premium: {period: year, currency: EUR}
insurers: {first: First, second: Second, third: Third, fourth: Fourth, fifth: Fifth}
product lines: {motor: Motor, property: Property, travel: Travel}
columns:
  Client: client.number
  Name: client.name
  Policy: policy.number
  Insurer: policy.insurer
  Line: policy.product_line
  From: term.starts_on
  To: term.expires_on
  Premium: term.premium_gross
constants: {client.kind: person, client.language: lt}
"""


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def rows_of(count: int) -> Iterator[tuple[str, ...]]:
    """The table, made up by counting."""
    insurers = ("First", "Second", "Third", "Fourth", "Fifth")
    for number in range(count):
        starts_on = date(2025, 3, 1) + timedelta(days=number % 365)
        yield (
            f"C{number // 3:07}",
            f"Žydrūnas Vardenis {number // 3}",
            f"P{number:08}",
            insurers[number % 5],
            ("motor", "property", "travel")[number % 3],
            f"{starts_on:%d.%m.%Y}",
            f"{starts_on + timedelta(days=365):%d.%m.%Y}",
            f"{50 + number % 900},{number % 100:02}",
        )


def write_table(folder: Path, count: int) -> tuple[Path, Path]:
    """The table and its mapping as files."""
    table, mapping = folder / "policies.csv", folder / "policies.map.yaml"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(rows_of(count))
    mapping.write_text(MAPPING, encoding="utf-8")
    return table, mapping


def bring(table: Path, mapping: Path) -> ImportReport:
    """One whole import, as `taktas import policies` does it."""
    with begin() as db:
        return import_file(db, Actor(door=Door.IMPORT), KINDS["policies"], table, at=AT, map_path=mapping)


def keep_rows() -> None:
    """Put the finished rows aside."""
    with begin() as db:
        for name in TABLES:
            db.execute(text(f"CREATE UNLOGGED TABLE finished_{name} AS SELECT * FROM {name} ORDER BY id"))


def insert_plainly() -> None:
    """The same rows into the same tables, with the same indexes and keys, in one transaction."""
    with begin() as db:
        for name in TABLES:
            db.execute(text(f"INSERT INTO {name} SELECT * FROM finished_{name} ORDER BY id"))


def empty() -> None:
    """The book is as good as new."""
    with begin() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))  # the ledgers of this house may be emptied
        db.execute(text(f"TRUNCATE {', '.join(TABLES)} CASCADE"))
    outside_transaction("CHECKPOINT")


def measure(count: int) -> None:
    """Print every figure of docs/performance.md about importing."""
    print(f"{count:,} policies")
    with tempfile.TemporaryDirectory() as folder:
        table, mapping = write_table(Path(folder), count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        first = seconds_of(lambda: bring(table, mapping))
        print(f"imported                 {first:7.2f} s  {count / first:9,.0f} rows/s")
        outside_transaction("VACUUM ANALYZE")
        again = seconds_of(lambda: bring(table, mapping))
        print(f"again, nothing changed   {again:7.2f} s  {count / again:9,.0f} rows/s")
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    keep_rows()
    empty()
    plain = seconds_of(insert_plainly)
    print(f"plain INSERT … SELECT    {plain:7.2f} s  {count / plain:9,.0f} rows/s")
    print(f"ratio                    {plain / first:7.2f} of the speed of the plain statement")
    print(f"Python held at most      {held:7.0f} MB, {held - before:.0f} MB of it for the import")


def main() -> None:
    """Measure in a house of its own."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("rows", type=int, nargs="?", default=1_000_000)
    with throwaway_house():
        measure(words.parse_args().rows)


if __name__ == "__main__":
    main()
