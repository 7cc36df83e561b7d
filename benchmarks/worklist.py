"""How long `taktas tasks list` takes from the shell on a million open tasks, and what it loads to do so."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from scenery.house import AT, outside_transaction, publish_library, throwaway_house, write_book
from sqlalchemy import text

from core.actor import Actor, Door
from models.database import begin
from tasks.generation import running

TAKTAS = Path(sys.executable).with_name("taktas")
WHAT_IS_LOADED = """
import sys
from cli.app import run
code = run(["tasks", "list", "--as", "e1"])
heavy = [name for name in ("prefect", "pandas", "alembic", "jinja2") if name in sys.modules]
print("loaded beside it:", ", ".join(heavy) or "nothing heavy", file=sys.stderr)
sys.exit(code or bool({"prefect", "pandas"} & set(heavy)))
"""


def seconds_of(*words: str, repeats: int = 7) -> list[float]:
    """How long a command takes from the shell, each time."""
    took = []
    for _ in range(repeats):
        begun = time.perf_counter()
        subprocess.run([TAKTAS, *words], check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return sorted(took)


def measure(count: int) -> None:
    """Print how long the list of one person and that of somebody who sees the whole house take."""
    with begin() as db:
        write_book(db, count)
        publish_library(db)
        db.execute(text("UPDATE employees SET is_manager = true WHERE login = 'e100'"))
    running.run("renewal", AT, actor=Actor(door=Door.RUN), workers=2)
    outside_transaction("VACUUM ANALYZE")
    with begin() as db:
        tasks = db.execute(text("SELECT count(*) FROM tasks WHERE status = 'open'")).scalar_one()
    print(f"{tasks:,} open tasks")
    for who, login in (("one person's list", "e1"), ("the whole house", "e100")):
        took = seconds_of("tasks", "list", "--as", login)
        print(f"{who:<18} {took[0]:.2f} s at best, {took[len(took) // 2]:.2f} s in the middle")
    subprocess.run([sys.executable, "-c", WHAT_IS_LOADED], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", type=int, default=1_000_000)
    with throwaway_house():
        measure(asked.parse_args().tasks)


if __name__ == "__main__":
    main()
