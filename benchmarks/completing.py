"""How fast tasks are completed, each with its successor, against the same statements in plain psycopg2.

The statements the engine sends are written down in one copy of a house and played back in another, so that both do
the very same work: one transaction for each task, its answers, its ledger, its hold and the task that follows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

import psycopg2
import psycopg2.extensions
from scenery.house import AT, outside_transaction, publish_library, throwaway_house, write_book
from sqlalchemy import Engine, event, make_url, select

from core.actor import Actor, Door
from models import work
from models.database import begin, new_engine, prepared_engine
from tasks.desk import working
from tasks.generation import running

Statement = tuple[str, Any, bool]
LATER = AT + timedelta(hours=4)


def completed(engine: Engine, tasks: list[tuple[int, int]]) -> float:
    """Complete these tasks, each by whoever has it, in a transaction of its own. Returns the seconds it took."""
    begun = time.perf_counter()
    for task_id, assignee_id in tasks:
        with engine.begin() as db:
            actor = Actor(door=Door.COMMAND_LINE, employee_id=assignee_id)
            working.complete(db, actor, task_id=task_id, outcome="interested", at=LATER)
    return time.perf_counter() - begun


class WritesDown(psycopg2.extensions.cursor):
    """A cursor that remembers what it was told, whichever way the engine took to tell it."""

    said: ClassVar[list[Statement]] = []

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's word
        """Remember and do it."""
        self.said.append((query, vars, False))
        super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Remember and do it."""
        self.said.append((query, list(vars_list), True))
        super().executemany(query, vars_list)


def written_down(engine: Engine, tasks: list[tuple[int, int]]) -> list[list[Statement]]:
    """The statements of each completion, as they reach the driver."""
    event.listen(engine, "checkout", _write_down)
    said = []
    for one in tasks:
        WritesDown.said.clear()
        completed(engine, [one])
        said.append(list(WritesDown.said))
    return said


def _write_down(connection: Any, _record: object, _proxy: object) -> None:
    connection.cursor_factory = WritesDown


def played_back(engine: Engine, said: list[list[Statement]]) -> float:
    """The same statements in plain psycopg2. Returns the seconds it took."""
    connection = psycopg2.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    begun = time.perf_counter()
    for statements in said:
        with connection, connection.cursor() as cursor:
            for statement, parameters, is_many in statements:
                if is_many:
                    cursor.executemany(statement, parameters)
                else:
                    cursor.execute(statement, parameters)
                if cursor.description:
                    cursor.fetchall()
    took = time.perf_counter() - begun
    connection.close()
    return took


@contextmanager
def a_copy(name: str) -> Iterator[Engine]:
    """A copy of the house as it was before anything was completed."""
    outside_transaction(f"CREATE DATABASE {name} TEMPLATE house_before")
    engine = new_engine(make_url(prepared_engine().url).set(database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()
        outside_transaction(f"DROP DATABASE {name}")


def measure(count: int) -> None:
    """Print the rates and their ratio, each the best of three."""
    with begin() as db:
        write_book(db, count)
        publish_library(db)
    running.run("renewal", AT, actor=Actor(door=Door.RUN), workers=1)
    with begin() as db:
        found = db.execute(select(work.tasks.c.id, work.tasks.c.assignee_id).order_by(work.tasks.c.id))
        tasks = [(row.id, row.assignee_id) for row in found]
    outside_transaction("VACUUM ANALYZE")
    name = prepared_engine().url.database
    prepared_engine().dispose()
    with _postgres() as server:
        server.execute(f"CREATE DATABASE house_before TEMPLATE {name}")
    with a_copy("house_said") as engine:
        completed(engine, tasks[:5])  # whatever is worked out once for each house
        said = written_down(engine, tasks[5:])
    engine_took, plain_took = [], []
    for number in range(3):
        with a_copy(f"house_engine_{number}") as engine:
            completed(engine, tasks[:5])
            engine_took.append(completed(engine, tasks[5:]))
        with a_copy(f"house_plain_{number}") as engine:
            completed(engine, tasks[:5])
            plain_took.append(played_back(engine, said))
    statements = sum(map(len, said)) / len(said)
    print(f"{len(said):,} completions, each with its successor: {statements:.1f} statements and a commit")
    print(f"engine           {len(said) / min(engine_took):7.0f} a second")
    print(f"plain psycopg2   {len(said) / min(plain_took):7.0f} a second")
    print(f"ratio            {min(plain_took) / min(engine_took):7.2f}")


@contextmanager
def _postgres() -> Iterator[Any]:
    """A cursor beside the house, where a database can be copied that nobody is in."""
    url = prepared_engine().url.set(drivername="postgresql", database="postgres")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def main() -> None:
    """Measure in a throwaway house."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", type=int, default=2_000)
    with throwaway_house():
        measure(asked.parse_args().tasks)


if __name__ == "__main__":
    main()
