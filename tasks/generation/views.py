"""Runs as people look at them: the list, one run with its figures in words, and the rows of a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, literal, select

from models import contracts, definitions, parties, people, runs
from models.runs import RunState
from tasks.generation.candidates import LEFT_OUT, START_ROW
from tasks.generation.records import NoSuchRun
from tasks.generation.shard import NO_EMPLOYEE
from tasks.generation.tally import Tally

Counted = tuple[tuple[str, int], ...]
"""What it is called, and how many; the most first, weeks in their order."""


def list_runs(db: Connection, *, process: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """The newest runs first: what, as of when, by whom, how far, and what came of it."""
    its_run, name = runs.runs.c, definitions.processes.c.name
    wanted = _overview().order_by(its_run.id.desc()).limit(limit)
    if process is not None:
        wanted = wanted.where(name == process)
    return [_listed(dict(row)) for row in db.execute(wanted).mappings()]


def show_run(db: Connection, run_id: int, language: str) -> dict[str, Any]:
    """One run with everything that was counted, in words. Raises: NoSuchRun."""
    row = db.execute(_overview().where(runs.runs.c.id == run_id)).mappings().first()
    if row is None:
        raise NoSuchRun(f"There is no run {run_id}. `taktas runs list` shows those there are.")
    tally = Tally.from_json(row["counts"] or {})
    return _listed(dict(row)) | {
        "approved_at": row["approved_at"],
        "finished_at": row["finished_at"],
        "known": tally.known + (row["facts"] or {}).get("known", 0),
        "reasons": left_out_in_words(tally),
        "by": in_words(db, tally, language),
        "became": _became(db, run_id),
    }


def _overview() -> Any:
    its_run, version, shard = runs.runs.c, definitions.process_versions.c, runs.run_shards.c
    of_run = select(func.count(shard.finished_at), func.count()).where(shard.run_id == its_run.id)
    done, all_of_them = (
        of_run.with_only_columns(column).scalar_subquery() for column in (func.count(shard.finished_at), func.count())
    )
    label = definitions.processes.c.name + literal("@") + cast(version.version, String)
    source = (
        runs.runs.join(definitions.processes, definitions.processes.c.id == its_run.process_id)
        .join(definitions.process_versions, version.id == its_run.version_id)
        .outerjoin(people.employees, people.employees.c.id == its_run.created_by)
    )
    return select(
        *(
            its_run[name]
            for name in ("id", "as_of", "state", "created_at", "approved_at", "finished_at", "counts", "facts")
        ),
        label.label("version"),
        people.employees.c.login.label("by"),
        done.label("shards_done"),
        all_of_them.label("shards"),
    ).select_from(source)


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    tally = Tally.from_json(row["counts"] or {})
    is_waiting = row["state"] in {RunState.PROPOSED, RunState.APPROVED, RunState.RUNNING}
    return {
        "id": row["id"],
        "version": row["version"],
        "as_of": row["as_of"],
        "state": row["state"],
        "asked_at": row["created_at"],
        "asked_by": row["by"],
        "cases": tally.cases,
        "tasks": tally.tasks,
        "left_out": sum(tally.left_out.values()),
        "shards": f"{row['shards_done']} of {row['shards']}" if is_waiting and row["shards"] else "",
    }


def left_out_in_words(tally: Tally) -> Counted:
    """Reasons as they are written, the most frequent first."""
    return _sorted({reason.replace("_", " "): count for reason, count in tally.left_out.items()})


def in_words(db: Connection, tally: Tally, language: str) -> dict[str, Counted]:
    """What is counted by product line, insurer, employee and week, under the names people know."""
    named = {kind: _names(db, kind, language) for kind in tally.by if kind != "week"}
    found: dict[str, Counted] = {}
    for kind, counts in tally.by.items():
        if kind == "week":
            found[kind] = tuple((value or "without a due time", counts[value]) for value in sorted(counts))
        else:
            found[kind] = _sorted({_name(kind, value, named[kind]): count for value, count in counts.items()})
    return found


def _sorted(counts: Mapping[str, int]) -> Counted:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _name(kind: str, value: str, names: Mapping[str, str]) -> str:
    if kind == "employee" and value.startswith(NO_EMPLOYEE):
        team = names.get(value)
        return f"queue of {team}" if team else "queue of the house"
    return names.get(value) or value.replace("_", " ") or "none"


def _names(db: Connection, kind: str, language: str) -> dict[str, str]:
    line, insurer, employee, team = (
        contracts.product_lines.c,
        contracts.insurers.c,
        people.employees.c,
        people.teams.c,
    )
    if kind == "employee":
        queue: ColumnElement[str] = func.concat(NO_EMPLOYEE, " ", team.id)
        return _pairs(db, select(cast(employee.id, String), employee.name)) | _pairs(db, select(queue, team.name))
    if kind == "insurer":
        return _pairs(db, select(insurer.code, insurer.name))
    label = func.coalesce(line.labels[language].astext, line.labels["en"].astext, line.code)
    return _pairs(db, select(line.code, label))


def _pairs(db: Connection, query: Select[str, str]) -> dict[str, str]:
    return {row[0]: row[1] for row in db.execute(query)}


def _became(db: Connection, run_id: int) -> Counted:
    """What became of the rows of an approved proposal."""
    row = runs.run_rows.c
    counted = select(row.result, func.count()).where(row.run_id == run_id, row.result.is_not(None))
    return _sorted({result.replace("_", " "): count for result, count in db.execute(counted.group_by(row.result))})


def proposal_rows(db: Connection, run_id: int, *, left_out: bool = False, limit: int = 50) -> list[dict[str, Any]]:
    """The subjects of a proposal: those to be started, or those left out and why."""
    row, client, employee = runs.run_rows.c, parties.parties.c, people.employees.c
    wanted = (
        select(
            row.subject_type.label("subject"),
            row.subject_id.label("number"),
            client.number.label("client"),
            func.replace(row.reason, "_", " ").label("reason"),
            employee.login.label("employee"),
            row.due_at,
            func.replace(row.result, "_", " ").label("result"),
        )
        .select_from(
            runs.run_rows.outerjoin(parties.parties, client.id == row.client_id).outerjoin(
                people.employees, employee.id == row.assignee_id
            )
        )
        .where(row.run_id == run_id, row.verdict == (LEFT_OUT if left_out else START_ROW))
        .order_by(row.due_at.nulls_last(), row.id)
        .limit(limit)
    )
    return [dict(found) for found in db.execute(wanted).mappings()]
