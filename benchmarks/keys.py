"""What each foreign key and each index of the work tables costs a generated renewal: docs/decisions/0004 goes by it.

The same finished rows (case, task, ledger row) are inserted with everything as it is, then with one key or index less.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from generation import WRITTEN, empty, keep_rows, run
from scenery.house import outside_transaction, publish_library, throwaway_house, write_book
from sqlalchemy import text

from models.database import begin, read

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text = ANY(:names) AND contype = 'f' ORDER BY 1, 2
"""
INDEXES = """
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid::regclass::text = ANY(:names) AND NOT indisprimary ORDER BY 1, 2
"""


def processor_seconds() -> float:
    """What inserting the finished rows cost the server's processor; waiting for the disk is left out."""
    empty()
    with begin() as db:
        process = Path(f"/proc/{db.execute(text('SELECT pg_backend_pid()')).scalar_one()}/stat")
        before = _used(process)
        for name in WRITTEN:
            db.execute(text(f"INSERT INTO {name} SELECT * FROM finished_{name} ORDER BY id"))
        return _used(process) - before


def _used(process: Path) -> float:
    user, system = process.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def change(statement: str) -> None:
    """Change the tables."""
    with begin() as db:
        db.execute(text(statement))


def measure(rows: int, repeats: int) -> None:
    """Print the cost of every key and index, in microseconds a renewal."""
    with begin() as db:
        write_book(db, rows)
        publish_library(db)
    run(1)
    keep_rows()
    outside_transaction("VACUUM ANALYZE")
    with read() as db:
        keys = db.execute(text(CONSTRAINTS), {"names": list(WRITTEN)}).all()
        indexes = db.execute(text(INDEXES), {"names": list(WRITTEN)}).all()
    print(f"{rows:,} renewals; without each key or index, microseconds of processor time saved a renewal")
    for table, name, definition in keys:
        changed = f"ALTER TABLE {table}"
        _compare(
            name, repeats, rows, f"{changed} DROP CONSTRAINT {name}", f"{changed} ADD CONSTRAINT {name} {definition}"
        )
    for _, name, definition in indexes:
        _compare(name, repeats, rows, f"DROP INDEX {name}", definition)


def _compare(name: str, repeats: int, rows: int, drop: str, restore: str) -> None:
    """With and without by turns, so that a busy machine is busy for both; the best of each counts."""
    with_it, without = [], []
    for _ in range(repeats):
        with_it.append(processor_seconds())
        empty()
        change(drop)
        without.append(processor_seconds())
        empty()
        change(restore)
    saved = min(with_it) - min(without)
    print(f"   {name:<24} {saved / rows * 1e6:6.1f} µs of {min(with_it) / rows * 1e6:.1f}  {saved / min(with_it):6.1%}")


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=200_000)
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    with throwaway_house():
        measure(given.rows, given.repeats)


if __name__ == "__main__":
    main()
