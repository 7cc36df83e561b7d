"""Writing XES: imported cases as they came, own cases as the ledger tells them; one case in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from reports.event_log.chosen import Chosen, headers, ledger
from reports.event_log.transitions import activity_of, facts_of, transition_of
from tasks.record.log_attributes import Attribute, head_lines, trace_lines

_EXTENSIONS: tuple[dict[str, Any], ...] = tuple(
    {
        "tag": "extension",
        "told": {"name": name, "prefix": prefix, "uri": f"http://www.xes-standard.org/{prefix}.xesext"},
    }
    for name, prefix in (
        ("Concept", "concept"),
        ("Lifecycle", "lifecycle"),
        ("Organizational", "org"),
        ("Time", "time"),
    )
)
Told = Row[*tuple[Any, ...]]


def xes_lines(db: Connection, chosen: Chosen) -> Iterator[str]:
    """The log, piece by piece; a case ends with its line `</trace>`."""
    parts = headers(db, chosen)
    known = {part["told"]["prefix"] for part in parts if part["tag"] == "extension" and "prefix" in part["told"]}
    missing = [{**each, "holds": []} for each in _EXTENSIONS if each["told"]["prefix"] not in known]
    first = [part for part in parts if part["tag"] == "log"]
    yield from head_lines([*first, *missing, *(part for part in parts if part["tag"] != "log")])
    for _, rows in groupby(ledger(db, chosen), key=lambda row: row.case_id):
        yield from _trace(list(rows), chosen)
    yield "</log>\n"


def _trace(rows: list[Told], chosen: Chosen) -> Iterator[str]:
    first = rows[0]
    if first.imported_number is not None:
        kept = (row.attributes for row in rows if row.attributes is not None)
        return trace_lines(first.case_attributes or [["string", "concept:name", first.imported_number]], kept)
    return trace_lines(_case(first, chosen), (_event(row, chosen) for row in rows))


def _case(row: Told, chosen: Chosen) -> list[Attribute]:
    told = {
        "concept:name": str(row.case_id),
        "taktas:process": row.process,
        "taktas:subject": f"{row.subject_type}:{row.subject_id}",
        "taktas:client": row.client,
        "taktas:client_name": row.client_name if chosen.with_names else None,
        "taktas:end": row.end_code,
    }
    success = [["boolean", "taktas:success", str(row.is_success).lower()]] if row.is_success is not None else []
    return [["string", key, value] for key, value in told.items() if value is not None] + success


def _event(row: Told, chosen: Chosen) -> list[Attribute]:
    who = row.employee_name if chosen.with_names else row.login
    told = {
        "concept:name": activity_of(row.kind, row.step, row.data),
        "concept:instance": str(row.task_id) if row.task_id is not None else None,
        "lifecycle:transition": transition_of(row.kind, is_about_task=row.task_id is not None),
        "org:resource": who,
        "taktas:kind": row.kind,
        **{f"taktas:{name}": value for name, value in facts_of(row.data)},
    }
    strings: list[Attribute] = [["string", key, value] for key, value in told.items() if value is not None]
    return [*strings, ["date", "time:timestamp", row.at.isoformat(timespec="microseconds")]]
