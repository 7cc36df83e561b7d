"""What OCEL 2.0 is told: events and the cases, tasks, people, clients and terms they are about, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, union

from models.contracts import policies, terms
from models.parties import parties
from models.people import employees
from models.work import cases, events, task_items, tasks
from reports.event_log.chosen import ROWS_AT_ONCE, Chosen, ledger
from reports.event_log.transitions import activity_of, facts_of, transition_of

ALWAYS = "1970-01-01T00:00:00Z"
"""As OCEL dates what never changes."""
_TOLD_ELSEWHERE = frozenset({"concept:name", "time:timestamp"})

Told = dict[str, Any]
"""One event or object, as OCEL's JSON has it."""


def told_events(db: Connection, chosen: Chosen) -> Iterator[Told]:
    """The events, case by case."""
    for row in ledger(db, chosen):
        is_imported = row.imported_number is not None
        if is_imported and row.attributes is None:
            continue
        told = _of_log(row) if is_imported else _of_house(row, chosen)
        yield {
            "id": f"event:{row.event_id}",
            "type": told.pop("concept:name"),
            "time": row.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "attributes": [{"name": name, "value": value} for name, value in told.items()],
            "relationships": _related(_about(row)),
        }


def _about(row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    """Readers drop objects no event is about, so it names client and term too."""
    about = {"case": f"case:{row.case_id}"}
    about |= {"task": f"task:{row.task_id}"} if row.task_id is not None else {}
    about |= {"done by": f"employee:{row.employee_id}"} if row.employee_id is not None else {}
    about |= {"client": f"client:{row.client_id}"} if row.client_id is not None else {}
    return about | ({"subject": f"term:{row.subject_id}"} if row.subject_type == "term" else {})


def _of_log(row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    told = {key: value for _, key, value, *_ in row.attributes if key is not None and value is not None}
    return {key: value for key, value in told.items() if key not in _TOLD_ELSEWHERE} | {
        "concept:name": told["concept:name"]
    }


def _of_house(row: Row[*tuple[Any, ...]], chosen: Chosen) -> dict[str, str]:
    told = {
        "concept:name": activity_of(row.kind, row.step, row.data),
        "lifecycle:transition": transition_of(row.kind, is_about_task=row.task_id is not None),
        "taktas:kind": row.kind,
        **{f"taktas:{name}": value for name, value in facts_of(row.data)},
    }
    who = row.employee_name if chosen.with_names else row.login
    return told | ({"org:resource": who} if who is not None else {})


def _related(about: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"objectId": number, "qualifier": qualifier} for qualifier, number in about.items()]


def told_objects(db: Connection, chosen: Chosen) -> Iterator[Told]:
    """The objects, kind by kind."""
    within = chosen.case_ids
    for row in _streamed(db, select(cases).where(cases.c.id.in_(within))):
        about = {"client": f"client:{row.client_id}"} if row.client_id is not None else {}
        about |= {"subject": f"term:{row.subject_id}"} if row.subject_type == "term" else {}
        yield _object("case", row.id, {"end": row.end_code, "subject": f"{row.subject_type}:{row.subject_id}"}, about)
    shared = select(task_items.c.task_id).where(task_items.c.case_id.in_(within))
    for row in _streamed(db, select(tasks).where(or_(tasks.c.case_id.in_(within), tasks.c.id.in_(shared)))):
        about = {"part of": f"case:{row.case_id}"} if row.case_id is not None else {}
        about |= {"assignee": f"employee:{row.assignee_id}"} if row.assignee_id is not None else {}
        yield _object("task", row.id, {"step": row.step, "status": row.status, "outcome": row.outcome}, about)
    people = union(
        select(tasks.c.assignee_id).where(tasks.c.case_id.in_(within), tasks.c.assignee_id.is_not(None)),
        select(tasks.c.assignee_id).where(tasks.c.id.in_(shared), tasks.c.assignee_id.is_not(None)),
        select(events.c.employee_id).where(events.c.case_id.in_(within), events.c.employee_id.is_not(None)),
    )
    for row in _streamed(db, select(employees).where(employees.c.id.in_(people))):
        yield _object("employee", row.id, {"login": row.login, "name": row.name if chosen.with_names else None}, {})
    yield from _of_book(db, chosen)


def _of_book(db: Connection, chosen: Chosen) -> Iterator[Told]:
    """Clients and terms the cases are about."""
    is_chosen = cases.c.id.in_(chosen.case_ids)
    subjects = select(cases.c.subject_id).where(is_chosen, cases.c.subject_type == "term")
    of_terms = select(policies.c.client_id).join(terms).where(terms.c.id.in_(subjects))
    clients = union(select(cases.c.client_id).where(is_chosen), of_terms)
    for row in _streamed(db, select(parties).where(parties.c.id.in_(clients))):
        yield _object("client", row.id, {"number": row.number, "name": row.name if chosen.with_names else None}, {})
    asked = select(terms.c.id, terms.c.expires_on, policies.c.number, policies.c.client_id).join(policies)
    for row in _streamed(db, asked.where(terms.c.id.in_(subjects))):
        facts = {"policy": row.number, "expires_on": str(row.expires_on)}
        about = {"policyholder": f"client:{row.client_id}"} if row.client_id is not None else {}
        yield _object("term", row.id, facts, about)


def _streamed(db: Connection, asked: Select[*tuple[Any, ...]]) -> Iterable[Row[*tuple[Any, ...]]]:
    return db.execute(asked, execution_options={"stream_results": True, "yield_per": ROWS_AT_ONCE})


def _object(kind: str, number: int, facts: Mapping[str, str | None], about: Mapping[str, str]) -> Told:
    return {
        "id": f"{kind}:{number}",
        "type": kind,
        "attributes": [
            {"name": name, "time": ALWAYS, "value": value} for name, value in facts.items() if value is not None
        ],
        "relationships": _related(about),
    }
